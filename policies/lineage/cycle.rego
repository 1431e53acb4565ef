# METADATA
# title: Products read each other in a ring
# description: Data flows one way. In a ring of products nobody can say which is the source, a mistake feeds itself, and no order of loading is right.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product]
#   help: Break the ring, for instance by a product that both read.
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

# Who reads whom, each with the first fact that says so.
edges := of.group([[[fact.id, source], i] |
	some i, fact in input.facts
	some source in offered_by[fact.reads]
])

# What reads nothing that is left is in no ring: each round drops one such layer, so that of a mesh without rings
# hardly anything is left for the search below, which looks from each product on its own.
drop_layer(reads) := {product: left |
	some product, sources in reads
	left := [source | some source in sources; reads[source]]
	count(left) > 0
}

drop_layers(reads) := drop_layer(drop_layer(drop_layer(drop_layer(reads))))

reads := drop_layers(drop_layers(drop_layers(of.group([pair | some pair, _ in edges]))))

behind := {product: graph.reachable(reads, sources) | some product, sources in reads}

rings := {ring |
	some product, upstream in behind
	product in upstream
	ring := {other | some other in upstream; product in behind[other]}
}

# The way round from the first product: the shortest, or all members where rings are tangled beyond a quick search.
# What a product reads of itself is a way round only where there is no other.
way(ring) := min({[count(path), path] |
	inner := {product: [source | some source in reads[product]; source in ring; source != product] | some product in ring}
	searchable(inner)
	some path in graph.reachable_paths(inner, [min(ring)])
	min(ring) in reads[path[count(path) - 1]]
})[1]

searchable(inner) if count(inner) <= 6

searchable(inner) if {
	every sources in inner {
		count(sources) == 1
	}
}

deny contains {"fact": steps[0].fact, "key": way(ring)[0], "message": message, "related": related} if {
	some ring in rings
	round := array.concat(way(ring), [min(ring)])
	steps := [step |
		some i, product in array.slice(round, 0, count(round) - 1)
		step := {
			"fact": input.facts[edges[[product, round[i + 1]]][0]],
			"message": sprintf("`%s` reads `%s` here", [product, round[i + 1]]),
		}
	]
	message := sprintf("products read each other in a ring: `%s`", [concat("` → `", round)])
	related := array.slice(steps, 1, count(steps))
}

deny contains {"fact": input.facts[index], "key": first, "message": message} if {
	some ring in rings
	not way(ring)
	first := min(ring)
	index := min({i | some pair, indexes in edges; pair[0] == first; pair[1] in ring; some i in indexes})
	message := sprintf("products read each other in several rings: `%s`", [concat("`, `", ring)])
}
