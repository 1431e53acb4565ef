# METADATA
# title: Removed while others read it
# description: A product or contract is removed once nobody reads it any more, or after it was deprecated, which tells its readers to move. Each reader that is left behind is a finding at its port.
# custom:
#   severity: error
#   scope: change
#   entities: [product, contract]
#   help: Bring it back, mark it as deprecated with an end date and a replacement, and remove it once its readers have moved.
#   since: 0.2.0
#   options: {announced: [deprecated, retired]}
#   option_docs: {announced: "Statuses that have told readers of the end, so that removal is in order."}
package govcheck.lifecycle.removed_while_consumed

import data.govcheck.lib.say

is_removed if {
	input.base
	not input.head
	not object.get(input.base, "status", "active") in data.options["lifecycle/removed-while-consumed"].announced
}

# The contracts that are gone with it: itself, or what only this product offered. Where the contract itself is removed
# too, that is said of the contract.
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

# Of a product that was declared twice one is left.
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
	message := sprintf("%s reads contract `%s`, but this change removes %s%s", [say.entity(reader.entity), contract, what, owned])
}

what := "it" if input.kind == "contract"

what := say.entity(input.entity) if input.kind != "contract"

owned := sprintf(" of team `%s`", [input.base.owner.team]) if input.base.owner.team

owned := "" if not input.base.owner.team
