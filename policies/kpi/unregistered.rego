# METADATA
# title: Unregistered KPI
# description: Every KPI is in the register, where others find and reuse it. A KPI that only its own manifest states is soon defined again elsewhere.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [kpi]
#   help: Add the KPI to the register, or use a registered one.
#   since: 0.1.0
package govcheck.kpi.unregistered

facts contains {"name": input.name, "local": local, "at": ["name"]} if {
	local := object.get(input, "registered", false) != true
}

registered := {lower(fact.name) | some fact in input.facts; not fact.local}

# An array, computed once and not for each finding.
names := [name | some name in registered]

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.name, "among": names}} if {
	count(registered) > 0
	some fact in input.facts
	fact.local
	not lower(fact.name) in registered
	message := sprintf("KPI `%s` is not registered", [fact.name])
}
