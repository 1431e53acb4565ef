# METADATA
# title: Unlinked contract or output port
# description: Every contract is named by a port of a product, and every output port names its contract. A contract that no product offers promises data that nobody delivers.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [product, contract]
#   needs: [product]
#   help: Name the contract at a port of the product, or remove the unused contract or port.
#   since: 0.1.0
#   together: {by: [id, names]}
package govcheck.lineage.orphan_contract

import data.govcheck.lib.say

# No product offers contracts that are internal to their project or made elsewhere.
facts contains {"contract": true, "at": ["id"]} if {
	input.kind == "contract"
	object.get(input, "access", "public") == "public"
}

facts contains {"names": contracts, "at": ["outputs"]} if {
	input.kind == "product"
	own := {port.contract | some port in array.concat(object.get(input, "inputs", []), object.get(input, "outputs", [])); port.contract}
	made_from := {contract | some port in input.outputs; some contract in port.inputs}
	contracts := own | made_from
}

facts contains {"port": object.get(port, "name", ""), "at": ["outputs", i, "contract"]} if {
	input.expresses["outputs.contract"]
	some i, port in input.outputs
	not port.contract
}

named := {contract | some fact in input.facts; some contract in fact.names}

deny contains {"fact": fact, "message": message} if {
	some fact in input.facts
	fact.contract
	not fact.id in named
	message := sprintf("no port of a product names %s", [say.entity(fact.entity)])
}

deny contains {"fact": fact, "message": message} if {
	some fact in input.facts
	port := fact.port
	port
	message := sprintf("%s of %s names no contract", [port_label(port), say.entity(fact.entity)])
}

port_label("") := "an output port"

port_label(name) := sprintf("output port `%s`", [name]) if name != ""
