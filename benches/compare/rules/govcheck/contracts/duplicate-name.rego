# METADATA
# title: Two columns of one name
# description: A column's name is its own within a table.
# custom:
#   severity: error
#   entities: [contract]
#   help: Rename one of the two.
package govcheck.contracts.duplicate_name

deny contains {"message": sprintf("column `%s` is there already", [column.name]), "at": ["columns", i, "name"]} if {
	paths := {[column.table, column.path] | some column in input.columns}
	count(paths) < count(input.columns)
	some i, column in input.columns
	some j, other in input.columns
	j < i
	other.table == column.table
	other.path == column.path
}
