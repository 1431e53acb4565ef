# METADATA
# title: Duplicate KPI definition
# description: A KPI is defined once and reused. Two definitions of one name give two numbers for one question, and readers cannot tell them apart.
# custom:
#   severity: error
#   scope: mesh
#   entities: [kpi]
#   help: Reuse the existing definition, or rename this KPI.
#   since: 0.1.0
package govcheck.kpi.duplicate

import data.govcheck.lib.facts as of

facts contains {"name": input.name, "local": local, "formula": formula, "parts": parts, "at": ["name"]} if {
	local := object.get(input, "registered", false) != true
	formula := object.get(input, "formula", "")
	parts := object.get(input, "parts", {})
}

# The definition of the register comes first.
same := of.group([[lower(fact.name), [fact.local, i]] | some i, fact in input.facts])

deny contains {"fact": again, "message": message, "related": [{"fact": first, "message": "first defined here"}]} if {
	some members in same
	first := input.facts[members[0][1]]
	some member in array.slice(members, 1, count(members))
	again := input.facts[member[1]]
	formulas := compared(first, again)
	not reuse(first, again, formulas)
	message := sprintf("KPI `%s` is already defined in `%s`, with %s", [again.name, first.file, formulas])
}

# A manifest that repeats a registered KPI with its formula reuses it.
reuse(first, again, formulas) if {
	not first.local
	again.local
	formulas != "a different formula"
}

compared(first, again) := "the same formula" if {
	plain(first.formula) == plain(again.formula)
	not differ(first, again)
}

compared(first, again) := "a different formula" if {
	plain(first.formula) == plain(again.formula)
	differ(first, again)
}

# A register states the expression alone.
differ(first, again) if {
	count(first.parts) > 0
	count(again.parts) > 0
	plain(json.marshal(first.parts)) != plain(json.marshal(again.parts))
}

compared(first, again) := "no formula to compare" if {
	plain(first.formula) != plain(again.formula)
	"" in {first.formula, again.formula}
}

compared(first, again) := "a different formula" if {
	plain(first.formula) != plain(again.formula)
	not "" in {first.formula, again.formula}
}

plain(formula) := lower(regex.replace(formula, `[\t\n\v\f\r\p{Z}]+`, ""))
