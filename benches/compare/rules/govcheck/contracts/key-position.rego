# METADATA
# title: Key and position differ
# description: A column of the primary key says which place it has there, and only such a column does.
# custom:
#   severity: error
#   entities: [contract]
#   help: State both `primaryKey` and `primaryKeyPosition`, or neither.
package govcheck.contracts.key_position

is_key(column) if column.primary_key

has_place(column) if column.key_position >= 0

deny contains {"message": sprintf("key `%s` has no position", [column.name]), "at": ["columns", i]} if {
	some i, column in input.columns
	is_key(column)
	not has_place(column)
}

deny contains {"message": sprintf("column `%s` has a key position, but is no key", [column.name]), "at": ["columns", i, "key_position"]} if {
	some i, column in input.columns
	has_place(column)
	not is_key(column)
}
