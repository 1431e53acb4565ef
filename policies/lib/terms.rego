# Terms of the glossary: how columns and KPIs refer to them.
package govcheck.lib.terms

# All references of columns: [index of the column, index of the reference, reference].
# Read it by its full path, so that all rules share one answer.
references := [[i, j, reference] |
	some i, column in input.columns
	column.terms
	some j, reference in column.terms
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
