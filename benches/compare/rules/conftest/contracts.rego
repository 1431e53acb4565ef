package main

import rego.v1

columns contains {"i": i, "j": j, "column": column} if {
	some i, table in input.schema
	some j, column in table.properties
}

is_key(column) if column.primaryKey

has_place(column) if column.primaryKeyPosition >= 0

deny contains sprintf("key-position: %s", [entry.column.name]) if {
	some entry in columns
	is_key(entry.column)
	not has_place(entry.column)
}

deny contains sprintf("key-position: %s", [entry.column.name]) if {
	some entry in columns
	has_place(entry.column)
	not is_key(entry.column)
}

deny contains sprintf("duplicate-name: %s", [entry.column.name]) if {
	names := {[entry.i, entry.column.name] | some entry in columns}
	count(names) < count(columns)
	some entry in columns
	some other in columns
	other.i == entry.i
	other.j < entry.j
	other.column.name == entry.column.name
}

deny contains sprintf("not-snake-case: %s", [entry.column.name]) if {
	some entry in columns
	not regex.match(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`, entry.column.name)
}

described(column) if count(trim_space(column.description)) > 0

deny contains sprintf("undescribed-column: %s", [entry.column.name]) if {
	some entry in columns
	not described(entry.column)
}
