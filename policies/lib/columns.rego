# The columns and tables of a contract in two revisions, matched by name. Lookups are by key, since contracts have thousands
# of columns. Read it by its full path, which is evaluated once for all rules.
package govcheck.lib.columns

import data.govcheck.lib.facts as of

key(column) := concat("\n", [object.get(column, "table", ""), object.get(column, "path", "")])

# Indexes by key.
base := of.first([[key(column), i] | some i, column in input.base.columns])

head := of.first([[key(column), i] | some i, column in input.head.columns])

base_tables := of.first([[object.get(table, "name", ""), i] | some i, table in input.base.tables])

head_tables := of.first([[object.get(table, "name", ""), i] | some i, table in input.head.tables])

gone := object.keys(base) - object.keys(head)

added := object.keys(head) - object.keys(base)

gone_tables := object.keys(base_tables) - object.keys(head_tables)

new_tables := object.keys(head_tables) - object.keys(base_tables)

# [column before, column now, its index now], for columns of both revisions that differ.
differing := [[was, is, j] |
	some name, i in base
	j := head[name]
	was := input.base.columns[i]
	is := input.head.columns[j]
	was != is
]

# The key of the column around a nested column; undefined for other columns.
parent(column) := concat("\n", [object.get(column, "table", ""), concat(".", array.slice(names, 0, count(names) - 1))]) if {
	names := split(object.get(column, "path", ""), ".")
	count(names) > 1
}

# Whether the table or column around it was removed too, which covers it.
is_covered(column) if object.get(column, "table", "") in gone_tables

is_covered(column) if parent(column) in gone

# Where a removed column would be in the head: in its parent, its table or the contract.
home(column) := ["columns", head[parent(column)]] if is_in_kept_column(column)

home(column) := ["tables", head_tables[column.table]] if {
	not is_in_kept_column(column)
	is_in_kept_table(column)
}

home(column) := ["columns"] if {
	not is_in_kept_column(column)
	not is_in_kept_table(column)
}

is_in_kept_column(column) if head[parent(column)]

is_in_kept_table(column) if head_tables[column.table]

# A removed and an added column of the same place and type are a rename, if there is exactly one of each.
likeness(column) := concat("\n", [object.get(column, "table", ""), around, type]) if {
	names := split(object.get(column, "path", ""), ".")
	around := concat(".", array.slice(names, 0, count(names) - 1))
	type := lower(concat("\n", [object.get(column, "type", ""), object.get(column, "physical_type", "")]))
	type != "\n"
}

alike_gone := of.group([[likeness(input.base.columns[base[name]]), name] | some name in gone])

alike_new := of.group([[likeness(input.head.columns[head[name]]), name] | some name in added])

# Key in the head by key in the base.
renamed := {names[0]: others[0] |
	some like, names in alike_gone
	others := alike_new[like]
	count(names) == 1
	count(others) == 1
}

renamed_to(name) := sprintf(" (possibly renamed to `%s`, added with the same type)", [object.get(column, "path", "")]) if {
	column := input.head.columns[head[renamed[name]]]
}

renamed_to(name) := "" if not renamed[name]

# [index before, index now] of the columns that both revisions have, renamed ones included.
kept := array.concat(
	[[i, j] | some name, i in base; j := head[name]],
	[[base[name], head[other]] | some name, other in renamed],
)
