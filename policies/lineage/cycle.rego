# METADATA
# title: Products that read each other in a cycle
# description: Data flows one way. A cycle of products has no source, errors feed back into themselves, and no load order works.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product]
#   help: Break the cycle, for example with a third product that both read.
#   since: 0.1.0
#   together: {by: [id, reads, offers], with: reads}
package govcheck.lineage.cycle

import data.govcheck.lib.facts as of

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

offered_by := of.group([[fact.offers, fact.id] | some fact in input.facts])

# Pairs of reader and source, each with the first fact that states it.
edges := of.group([[[fact.id, source], i] |
	some i, fact in input.facts
	some source in offered_by[fact.reads]
])

# A product without remaining sources is in no cycle. Each step drops one layer of such products, so that the search below,
# which starts from each product, has little left to do.
drop_layer(reads) := {product: left |
	some product, sources in reads
	left := [source | some source in sources; reads[source]]
	count(left) > 0
}

drop_layers(reads) := drop_layer(drop_layer(drop_layer(drop_layer(reads))))

reads := drop_layers(drop_layers(drop_layers(of.group([pair | some pair, _ in edges]))))

behind := {product: graph.reachable(reads, sources) | some product, sources in reads}

cycles := {cycle |
	some product, upstream in behind
	product in upstream
	cycle := {other | some other in upstream; product in behind[other]}
}

# The shortest way round from the first product; undefined where cycles are too entangled for a quick search. A product that
# reads itself counts only where there is no other way round.
way(cycle) := min({[count(path), path] |
	inner := {product: [source | some source in reads[product]; source in cycle; source != product] | some product in cycle}
	searchable(inner)
	some path in graph.reachable_paths(inner, [min(cycle)])
	min(cycle) in reads[path[count(path) - 1]]
})[1]

searchable(inner) if count(inner) <= 6

searchable(inner) if {
	every sources in inner {
		count(sources) == 1
	}
}

deny contains {"fact": steps[0].fact, "key": way(cycle)[0], "message": message, "related": related} if {
	some cycle in cycles
	round := array.concat(way(cycle), [min(cycle)])
	steps := [step |
		some i, product in array.slice(round, 0, count(round) - 1)
		step := {
			"fact": input.facts[edges[[product, round[i + 1]]][0]],
			"message": sprintf("`%s` reads `%s` here", [product, round[i + 1]]),
		}
	]
	message := sprintf("products read each other in a cycle: `%s`", [concat("` → `", round)])
	related := array.slice(steps, 1, count(steps))
}

deny contains {"fact": input.facts[index], "key": first, "message": message} if {
	some cycle in cycles
	not way(cycle)
	first := min(cycle)
	index := min({i | some pair, indexes in edges; pair[0] == first; pair[1] in cycle; some i in indexes})
	message := sprintf("products read each other in several cycles: `%s`", [concat("`, `", cycle)])
}
