# METADATA
# title: Column without a description
# description: Every column says what it means.
# custom:
#   severity: error
#   entities: [contract]
#   help: Describe it in a sentence.
package govcheck.contracts.undescribed_column

described(column) if count(trim_space(column.description)) > 0

deny contains {"message": sprintf("column `%s` has no description", [column.name]), "at": ["columns", i, "description"]} if {
	some i, column in input.columns
	not described(column)
}
