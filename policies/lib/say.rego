# How messages name things: by what people call them, never by an index.
package govcheck.lib.say

# "contract:orders" becomes: contract `orders`.
entity(key) := sprintf("%s `%s`", [kind, substring(key, count(kind) + 1, -1)]) if {
	kind := split(key, ":")[0]
}

# Takes a column, or as much of it as facts keep: see `column_name`.
column(c) := sprintf("column `%s` of table `%s`", [object.get(c, "path", ""), c.table]) if c.table

column(c) := sprintf("column `%s`", [object.get(c, "path", "")]) if not c.table

# What facts keep of a column, to name it once a finding is made.
column_name(c) := object.filter(c, ["path", "table"])
