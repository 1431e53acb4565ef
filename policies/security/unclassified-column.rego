# METADATA
# title: Unclassified column
# description: Every column states its classification. Consumers cannot tell whether an unclassified column may be shared, so they share it anyway or avoid it.
# custom:
#   severity: error
#   scope: entity
#   entities: [contract]
#   help: Add a classification to each column.
#   since: 0.1.0
#   options: {inherit: false}
#   option_docs: {inherit: "Whether the classification of the contract applies to columns that state none."}
package govcheck.security.unclassified_column

import data.govcheck.lib.say

inherited if {
	data.options["security/unclassified-column"].inherit
	input.classification
}

asked := [i | some i, column in input.columns; not column.nested]

# A quick check first: most contracts classify all columns.
some_lack_it if data.govcheck.lib.tiers.classified < count(input.columns)

some_lack_it if data.govcheck.lib.tiers.positions[""]

unclassified := [i | some_lack_it; some i in asked; object.get(input.columns[i], "classification", "") == ""]

# Where nothing is classified, a single finding reports it: hundreds would bury the others.
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
