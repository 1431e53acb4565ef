# METADATA
# title: One KPI, two definitions
# description: A KPI is defined once and reused. Two definitions of one name give two numbers for one question, and nobody sees which is which.
# custom:
#   severity: error
#   scope: mesh
#   entities: [kpi]
#   help: Reuse the definition that is there, or give this one a name of its own.
#   since: 0.1.0
package govcheck.kpi.duplicate

import data.govcheck.lib.facts as of

facts contains {"name": input.name, "local": local, "formula": formula, "at": ["name"]} if {
	local := object.get(input, "registered", false) != true
	formula := object.get(input, "formula", "")
}

# The register's own definition goes first.
same := of.group([[lower(fact.name), [fact.local, i]] | some i, fact in input.facts])

deny contains {"fact": again, "message": message, "related": [{"fact": first, "message": "defined here first"}]} if {
	some members in same
	first := input.facts[members[0][1]]
	some member in array.slice(members, 1, count(members))
	again := input.facts[member[1]]
	formulas := compared(first, again)
	not reuse(first, again, formulas)
	message := sprintf("kpi `%s` is already defined in `%s`, with %s", [again.name, first.file, formulas])
}

# A manifest that states the register's KPI by its name and formula reuses it.
reuse(first, again, formulas) if {
	not first.local
	again.local
	formulas != "another formula"
}

compared(first, again) := "the same formula" if plain(first.formula) == plain(again.formula)

compared(first, again) := "no formula to compare" if {
	plain(first.formula) != plain(again.formula)
	"" in {first.formula, again.formula}
}

compared(first, again) := "another formula" if {
	plain(first.formula) != plain(again.formula)
	not "" in {first.formula, again.formula}
}

plain(formula) := lower(regex.replace(formula, `[\t\n\v\f\r\p{Z}]+`, ""))
