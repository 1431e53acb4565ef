# METADATA
# title: Key and position differ
# description: A column of the primary key says which place it has there, and only such a column does.
# custom:
#   severity: error
#   entities: [contract]
#   help: State both `primaryKey` and `primaryKeyPosition`, or neither.
package govcheck.contracts.key_position

is_key(column) if column.primaryKey

has_place(column) if column.primaryKeyPosition >= 0

deny contains {"message": sprintf("key `%s` has no position", [column.name]), "at": ["document", "schema", i, "properties", j]} if {
	some i, table in input.document.schema
	some j, column in table.properties
	is_key(column)
	not has_place(column)
}

deny contains {"message": sprintf("column `%s` has a key position, but is no key", [column.name]), "at": ["document", "schema", i, "properties", j, "primaryKeyPosition"]} if {
	some i, table in input.document.schema
	some j, column in table.properties
	has_place(column)
	not is_key(column)
}
