# METADATA
# title: KPI is not registered
# description: Every KPI is in the register, where others find and reuse it. One that only its own manifest knows is soon defined a second time elsewhere.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [kpi]
#   help: Add the KPI to the register, or use the registered one.
#   since: 0.1.0
package govcheck.kpi.unregistered

facts contains {"name": input.name, "local": local, "at": ["name"]} if {
	local := object.get(input, "registered", false) != true
}

registered := {lower(fact.name) | some fact in input.facts; not fact.local}

# As an array once, not for each finding.
names := [name | some name in registered]

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.name, "among": names}} if {
	count(registered) > 0
	some fact in input.facts
	fact.local
	not lower(fact.name) in registered
	message := sprintf("kpi `%s` is not in the register", [fact.name])
}
