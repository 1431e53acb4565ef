# METADATA
# title: Table without a description
# description: A contract says what one row of each table stands for. Without that, two readers count the same rows as different things.
# custom:
#   severity: note
#   scope: entity
#   entities: [contract]
#   help: "Say what one row stands for: `One row per order line, cancelled orders included`."
#   options: {exempt: []}
#   option_docs: {exempt: "Tables that need no description, as patterns: `tmp_*`."}
package govcheck.house.undescribed_table

# This is your first rule. Change it, or write your own beside it. `govcheck model <file>` shows what a rule reads of a
# manifest, and `govcheck policy test` runs the examples beside this file.
deny contains {"message": message, "at": ["tables", i, "description"]} if {
	# Ask only for what the format of the manifest has a field for: nobody can state anything else.
	input.expresses["tables.description"]

	# Without any description, `documentation/missing-purpose` reports the contract. One cause, one finding.
	input.description

	some i, table in input.tables
	name := object.get(table, "name", "without a name")
	not table.description
	not is_exempt(name)

	# `at` above is the place of the finding. The table itself is marked where it has no description.
	message := sprintf("table `%s` of contract `%s` has no description", [name, input.name])
}

# `rules: {house/undescribed-table: {options: {exempt: ["tmp_*"]}}}` in `govcheck.yaml` sets the option.
is_exempt(name) if {
	some pattern in data.options["house/undescribed-table"].exempt
	glob.match(pattern, [], name)
}
