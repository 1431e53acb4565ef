# METADATA
# title: Column without a classification
# description: Every column states its handling tier. Nobody can tell whether an unclassified column may be shared, so consumers share it or nobody uses it.
# custom:
#   severity: error
#   scope: entity
#   entities: [contract]
#   help: Give each column a classification.
#   since: 0.1.0
#   options: {inherit: false}
#   option_docs: {inherit: "Whether a classification of the whole contract holds for its columns."}
package govcheck.security.unclassified_column

import data.govcheck.lib.say

inherited if {
	data.options["security/unclassified-column"].inherit
	input.classification
}

asked := [i | some i, column in input.columns; not column.nested]

# Most contracts say it of all columns.
some_lack_it if data.govcheck.lib.tiers.classified < count(input.columns)

some_lack_it if data.govcheck.lib.tiers.positions[""]

unclassified := [i | some_lack_it; some i in asked; object.get(input.columns[i], "classification", "") == ""]

# Where nothing is classified, one finding says it: hundreds would bury all others.
nothing_is if {
	count(unclassified) > 1
	count(unclassified) == count(asked)
}

deny contains {"message": message, "at": ["columns", i, "classification"]} if {
	input.expresses["columns.classification"]
	not nothing_is
	not inherited
	some i in unclassified
	message := sprintf("%s has no classification", [say.column(input.columns[i])])
}

deny contains {"message": message, "at": ["columns"], "covers": covers} if {
	input.expresses["columns.classification"]
	nothing_is
	not inherited
	covers := [["columns", i, "classification"] | some i in asked]
	message := sprintf("none of the %d columns of %s has a classification", [count(asked), say.entity(input.entity)])
}
