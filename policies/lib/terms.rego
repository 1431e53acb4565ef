# References of columns and KPIs to terms of the glossary.
package govcheck.lib.terms

# All references of columns: [index of the column, index of the reference, reference].
# Read it by its full path, which is evaluated once for all rules.
references := [[i, j, reference] |
	some i, column in input.columns
	column.terms
	some j, reference in column.terms
]

# One fact for each reference: the id that it names, and the fields of its column that rules on terms read. Read it by its
# full path as well.
stated := [fact |
	some [i, j, reference] in data.govcheck.lib.terms.references
	fact := {
		"term": id(reference),
		"column": object.filter(input.columns[i], ["path", "table", "type", "unit"]),
		"at": ["columns", i, "terms", j],
	}
]

# The id that a reference names: the reference itself, or the fragment or last segment of a link.
# `https://wiki.example/glossary#customer`, `glossary/customer/` and `customer` all name `customer`.
id(reference) := reference if not regex.match(`[/#?]`, reference)

id(reference) := split(last, "?")[0] if {
	regex.match(`[/#?]`, reference)
	last := array.reverse(split(trim_right(replace(reference, "#", "/"), "/"), "/"))[0]
}

# The host of a link: `wiki.example`.
host(reference) := split(split(reference, "://")[1], "/")[0]
