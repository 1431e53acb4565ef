# METADATA
# title: Removal with remaining readers
# description: A product or contract is removed once its last reader is gone, or after a deprecation that tells readers to move. Each reader left behind is a finding at its port.
# custom:
#   severity: error
#   scope: change
#   entities: [product, contract]
#   help: Restore it, deprecate it with an end date and a replacement, and remove it once its readers have moved.
#   since: 0.2.0
#   options: {announced: [deprecated, retired]}
#   option_docs: {announced: "Statuses that announce the end to readers, so that removal is allowed."}
package govcheck.lifecycle.removed_while_consumed

import data.govcheck.lib.say

is_removed if {
	input.base
	not input.head
	not object.get(input.base, "status", "active") in data.options["lifecycle/removed-while-consumed"].announced
}

# The contracts that the removal takes away: the contract itself, or those that only this product offered. A contract that
# is removed as well has its own finding.
gone contains contract if {
	input.kind == "contract"
	contract := substring(input.entity, count("contract:"), -1)
	not data.mesh.contracts[contract]
}

gone contains contract if {
	input.kind == "product"
	not still_there
	some port in input.base.outputs
	contract := port.contract
	not data.mesh.offers[contract]
	not is_removed_itself(contract)
}

# A product that was declared twice may have one declaration left.
still_there if {
	some id, _ in data.mesh.products
	id == substring(input.entity, count("product:"), -1)
}

is_removed_itself(contract) if {
	data.base.mesh.contracts[contract]
	not data.mesh.contracts[contract]
}

deny contains {"message": message, "entity": reader.entity, "at": reader.at, "key": input.entity} if {
	is_removed
	some contract in gone
	some reader in data.mesh.readers[contract]
	reader.entity != input.entity
	not object.get(reader, "status", "active") in {"retired"}
	message := sprintf("this change removes %s%s%s, which %s still reads", [say.entity(input.entity), owner, offered(contract), say.entity(reader.entity)])
}

# The contract that goes with a product.
offered(contract) := sprintf(" and with it contract `%s`", [contract]) if input.kind != "contract"

offered(_) := "" if input.kind == "contract"

owner := sprintf(" (owner: `%s`)", [input.base.owner.team]) if input.base.owner.team

owner := "" if not input.base.owner.team
