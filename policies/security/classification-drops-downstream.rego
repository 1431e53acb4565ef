# METADATA
# title: Classification that drops downstream
# description: A product made from sensitive data keeps its classification, unless it declares how it removes the sensitive part. Otherwise the copy opens to everyone what its source protects.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract]
#   help: Raise the classification, or declare the de-identification that makes the data less sensitive.
#   since: 0.1.0
#   together: {by: [id, contracts], with: contracts}
package govcheck.security.classification_drops_downstream

import data.govcheck.lib.facts as of
import data.govcheck.lib.say
import data.govcheck.lib.tiers

# An output is made from the inputs that it names; from all inputs if it names none.
facts contains {"tier": object.get(input, "classification", ""), "inputs": inputs, "outputs": outputs, "contracts": contracts, "at": ["classification"]} if {
	input.kind == "product"
	not input.deidentified
	inputs := {port.contract | some port in input.inputs}
	outputs := [output |
		some i, port in input.outputs
		port.contract
		output := {"port": i, "contract": port.contract, "inputs": object.get(port, "inputs", [])}
	]
	contracts := (inputs | {output.contract | some output in outputs}) | {contract | some output in outputs; some contract in output.inputs}
	count(contracts) > 0
}

facts contains fact if some fact in data.govcheck.lib.tiers.stated

columns_of := of.group([[fact.id, [tiers.rank(fact.tier), i]] |
	some i, fact in input.facts
	fact.kind == "contract"
	tiers.rank(fact.tier)
])

# The most sensitive column of the given contracts: [rank, index of its fact].
most(contracts) := max({pair | some contract in contracts; some pair in columns_of[contract]})

drops contains {"fact": product, "at": ["classification"], "is": sprintf("%s is `%s`", [say.entity(product.entity), product.tier]), "read": read} if {
	some product in input.facts
	product.kind == "product"
	read := most(product.inputs)
	read[0] > tiers.rank(product.tier)
}

drops contains {"fact": product, "at": ["outputs", output.port, "contract"], "is": is, "read": read} if {
	some product in input.facts
	product.kind == "product"
	some output in product.outputs
	read := most(sources(product, output))
	not product_drops(product, read)
	offered := most({output.contract})
	read[0] > offered[0]
	is := sprintf(
		"%s offers contract `%s`, which is at most `%s`",
		[say.entity(product.entity), output.contract, input.facts[offered[1]].tier],
	)
}

# The finding on the product's own classification covers its outputs.
product_drops(product, read) if read[0] > tiers.rank(product.tier)

sources(_, output) := output.inputs if count(output.inputs) > 0

sources(product, output) := product.inputs if count(output.inputs) == 0

deny contains {"fact": drop.fact, "at": drop.at, "message": message, "related": related} if {
	some drop in drops
	source := input.facts[drop.read[1]]
	message := sprintf(
		"%s, but reads `%s` data (%s in %s) and declares no de-identification",
		[drop.is, source.tier, say.column(source.column), say.entity(source.entity)],
	)
	related := [{"fact": source, "message": sprintf("classified as `%s` here", [source.tier])}]
}
