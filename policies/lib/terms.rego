# Terms of the glossary: how columns and KPIs refer to them.
package govcheck.lib.terms

# All references of columns: [index of the column, index of the reference, reference].
# Read it by its full path, so that all rules share one answer.
references := [[i, j, reference] |
	some i, column in input.columns
	column.terms
	some j, reference in column.terms
]

# One fact for each reference: the id that it names, and as much of its column as rules on terms look at. Read it by its full
# path, too.
stated := [fact |
	some [i, j, reference] in data.govcheck.lib.terms.references
	fact := {
		"term": id(reference),
		"column": object.filter(input.columns[i], ["path", "table", "type", "unit"]),
		"at": ["columns", i, "terms", j],
	}
]

# The id that a reference names: itself, or of a link the fragment or last segment.
# `https://wiki.example/glossary#customer`, `glossary/customer/` and `customer` name `customer`.
id(reference) := reference if not regex.match(`[/#?]`, reference)

id(reference) := split(last, "?")[0] if {
	regex.match(`[/#?]`, reference)
	last := array.reverse(split(trim_right(replace(reference, "#", "/"), "/"), "/"))[0]
}

# The host of a link: `wiki.example`.
host(reference) := split(split(reference, "://")[1], "/")[0]
