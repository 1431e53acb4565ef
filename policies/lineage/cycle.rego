# METADATA
# title: Products that read each other in a cycle
# description: Data flows one way. A cycle of products has no source, errors feed back into themselves, and no load order works.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product]
#   help: Break the cycle, for example with a third product that both read.
#   since: 0.1.0
#   cycles: {of: id, reads: reads, offers: offers}
package govcheck.lineage.cycle

facts contains {"reads": port.contract, "at": ["inputs", i, "contract"]} if {
	some i, port in input.inputs
	port.contract
}

facts contains {"reads": contract, "at": ["outputs", i, "inputs", j]} if {
	some i, port in input.outputs
	some j, contract in port.inputs
}

facts contains {"offers": port.contract, "at": ["outputs", i, "contract"]} if {
	some i, port in input.outputs
	port.contract
}

# The shortest way round stands for all of a cycle that is a ring, or small.
is_one_way(cycle) if cycle.is_ring

is_one_way(cycle) if count(cycle.members) <= 6

deny contains {"fact": steps[0].fact, "key": cycle.members[0], "message": message, "related": related} if {
	some cycle in input.cycles
	is_one_way(cycle)
	round := array.concat([step.from | some step in cycle.steps], [cycle.members[0]])
	message := sprintf("products read each other in a cycle: `%s`", [concat("` → `", round)])
	steps := [{"fact": {"ref": step.ref}, "message": sprintf("`%s` reads `%s` here", [step.from, step.to])} |
		some step in cycle.steps
	]
	related := array.slice(steps, 1, count(steps))
}

deny contains {"fact": {"ref": cycle.ref}, "key": cycle.members[0], "message": message} if {
	some cycle in input.cycles
	not is_one_way(cycle)
	message := sprintf("products read each other in several cycles: `%s`", [concat("`, `", cycle.members)])
}
