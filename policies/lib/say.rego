# How messages name things: by the names that people use, never by an index.
package govcheck.lib.say

# Names an entity by its key: `contract:orders` becomes "contract `orders`".
entity(key) := sprintf("%s `%s`", [object.get(abbreviations, kind, kind), substring(key, count(kind) + 1, -1)]) if {
	kind := split(key, ":")[0]
}

abbreviations := {"kpi": "KPI"}

# Names a column, given whole or as the part that facts keep: see `column_name`.
column(c) := sprintf("column `%s` of table `%s`", [object.get(c, "path", ""), c.table]) if c.table

column(c) := sprintf("column `%s`", [object.get(c, "path", "")]) if not c.table

# The part of a column that facts keep, enough for `column` to name it in a finding.
column_name(c) := object.filter(c, ["path", "table"])

# Names a thing that may have no name: "role `reader`", or "a role".
thing(kind, name) := sprintf("%s `%s`", [kind, name]) if name != ""

thing(kind, "") := sprintf("a %s", [kind])

# Joins words: `["unit", "formula", "grain"]` becomes "unit, formula or grain".
any_of(words) := joined(words, "or")

# Joins words: `["unit", "formula", "grain"]` becomes "unit, formula and grain".
all_of(words) := joined(words, "and")

joined(words, _) := words[0] if count(words) == 1

joined(words, conjunction) := sprintf("%s %s %s", [concat(", ", array.slice(words, 0, last)), conjunction, words[last]]) if {
	last := count(words) - 1
	last > 0
}
