# METADATA
# title: Column name is not in snake case
# description: Names of columns are lower case words joined by underscores.
# custom:
#   severity: error
#   entities: [contract]
#   help: Write `net_amount`, not `netAmount`.
package govcheck.contracts.not_snake_case

deny contains {"message": sprintf("column `%s` is not in snake case", [column.name]), "at": ["columns", i, "name"]} if {
	some i, column in input.columns
	not regex.match(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`, column.name)
}
