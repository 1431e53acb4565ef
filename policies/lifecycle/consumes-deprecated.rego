# METADATA
# title: Deprecated input
# description: An active product reads from active sources. A deprecated source will end, and everything made from it ends the same day.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [product]
#   help: Read from the replacement that the deprecated source names.
#   since: 0.1.0
package govcheck.lifecycle.consumes_deprecated

import data.govcheck.lib.facts as of
import data.govcheck.lib.say

ending := {"deprecated", "retired"}

facts contains {"reads": port.contract, "at": ["inputs", i, "contract"]} if {
	not object.get(input, "status", "active") in ending
	some i, port in input.inputs
	port.contract
}

# Contracts that an output is made from, unless an input port names them already.
facts contains {"reads": contract, "at": ["outputs", i, "inputs", j]} if {
	not object.get(input, "status", "active") in ending
	some i, port in input.outputs
	some j, contract in port.inputs
	not contract in {own | some read in input.inputs; own := read.contract; own}
}

# Products by the contract that they offer, with whether they end. A contract is safe while one of its products stays.
offers := of.group([[port.contract, [object.get(product, "status", "active") in ending, id]] |
	some id, product in data.mesh.products
	some port in product.outputs
	port.contract
])

deny contains {"fact": fact, "message": message, "related": related} if {
	some fact in input.facts
	contract := data.mesh.contracts[fact.reads]
	contract.status in ending
	message := sprintf("%s reads %s, which is %s", [say.entity(fact.entity), say.entity(contract.entity), contract.status])
	related := [{"entity": contract.entity, "at": ["status"], "message": sprintf("%s here", [contract.status])}]
}

deny contains {"fact": fact, "message": message, "related": related} if {
	some fact in input.facts
	not contract_ends(fact.reads)
	# Sorted, so that a product that stays comes first.
	offered := offers[fact.reads]
	offered[0][0]
	product := data.mesh.products[offered[0][1]]
	message := sprintf("%s reads contract `%s` of %s, which is %s", [say.entity(fact.entity), fact.reads, say.entity(product.entity), product.status])
	related := [{"entity": product.entity, "at": ["status"], "message": sprintf("%s here", [product.status])}]
}

contract_ends(id) if data.mesh.contracts[id].status in ending
