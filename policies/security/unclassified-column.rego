# METADATA
# title: Column without a classification
# description: Every column states its handling tier. Nobody can tell whether an unclassified column may be shared, so consumers share it or nobody uses it.
# custom:
#   severity: error
#   scope: entity
#   entities: [contract]
#   help: Give the column a classification.
#   since: 0.1.0
#   options: {inherit: false}
#   option_docs: {inherit: "Whether a classification of the whole contract holds for its columns."}
package govcheck.security.unclassified_column

import data.govcheck.lib.say

inherited if {
	data.options["security/unclassified-column"].inherit
	input.classification
}

all_classified if {
	every column in input.columns {
		column.classification != ""
	}
}

deny contains {"message": message, "at": ["columns", i, "classification"]} if {
	not all_classified
	not inherited
	some i, column in input.columns
	object.get(column, "classification", "") == ""
	not column.nested
	message := sprintf("%s has no classification", [say.column(column)])
}
