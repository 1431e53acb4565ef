# METADATA
# title: Table without a quality check
# description: Every table has a check, at least that its key is present and unique. A primary key, a required and a unique column count. Otherwise readers are the first to notice a load that duplicates or empties the table.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: Add a quality check, for example that the key is unique and never null.
#   since: 0.1.0
package govcheck.trust.no_quality_rule

import data.govcheck.lib.say

checked contains table.name if {
	some table in input.tables
	table.checks[0]
}

checked contains column.table if {
	some column in input.columns
	column.checks[0]
}

# A key, and a constraint that a value is there or unique, is a check.
checked contains column.table if {
	some column in input.columns
	is_constrained(column)
}

is_constrained(column) if column.primary_key

is_constrained(column) if column.unique

is_constrained(column) if column.required

unchecked := [i | some i, table in input.tables; not is_checked(table)]

is_checked(table) if table.name in checked

expressed if input.expresses["tables.checks.name"]

expressed if input.expresses["columns.checks.name"]

none_checked if {
	count(unchecked) > 1
	count(unchecked) == count(input.tables)
}

deny contains {"message": message, "at": ["tables", i]} if {
	expressed
	not none_checked
	some i in unchecked
	table := input.tables[i]
	message := sprintf("%s has no quality check", [say.thing("table", object.get(table, "name", object.get(table, "physical_name", "")))])
}

deny contains {"message": message, "at": ["tables"]} if {
	expressed
	none_checked
	message := sprintf("none of the %d tables of %s has a quality check", [count(unchecked), say.entity(input.entity)])
}
