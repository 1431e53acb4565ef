# METADATA
# title: Port with an unresolved contract
# description: A port names a contract of the mesh, in a version that exists. Lineage, access and every promise of the contract depend on this link.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract]
#   needs: [contract]
#   help: Write the id of an existing contract, and a version that it has.
#   since: 0.1.0
#   together: {by: [id, port], with: port}
package govcheck.lineage.unresolved_port

import data.govcheck.lib.facts as of
import data.govcheck.lib.say

facts contains {"version": object.get(input, "version", ""), "at": ["version"]} if input.kind == "contract"

facts contains {"port": port.contract, "version": version, "at": ["inputs", i, "contract"], "version_at": ["inputs", i, "version"]} if {
	some i, port in input.inputs
	version := object.get(port, "version", "")
	port.contract
	not port.resolved_by
}

facts contains {"port": port.contract, "version": version, "at": ["outputs", i, "contract"], "version_at": ["outputs", i, "version"]} if {
	some i, port in input.outputs
	version := object.get(port, "version", "")
	port.contract
	not port.resolved_by
}

facts contains {"port": contract, "version": "", "at": ["outputs", i, "inputs", j]} if {
	some i, port in input.outputs
	some j, contract in port.inputs
}

versions := of.group([[fact.id, [fact.version, i]] | some i, fact in input.facts; not fact.port])

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.port, "kind": "contract"}} if {
	some fact in input.facts
	fact.port
	not versions[fact.port]
	message := sprintf("%s names contract `%s`, which is not in the mesh", [say.entity(fact.entity), fact.port])
}

deny contains {"fact": fact, "at": fact.version_at, "message": message, "related": related} if {
	some fact in input.facts
	versions[fact.port]
	there := versions[fact.port]
	wanted := major(fact.version)
	every version in there {
		major(version[0]) != wanted
	}
	stated := concat("`, `", [version[0] | some version in there])
	message := sprintf(
		"%s names version `%s` of contract `%s`, but the mesh has `%s`",
		[say.entity(fact.entity), fact.version, fact.port, stated],
	)
	related := [{"fact": input.facts[version[1]], "message": sprintf("version `%s` here", [version[0]])} | some version in there]
}

# The major number: `2` for `v2` and `2.1.0`. Undefined for other texts, which are not compared.
major(version) := regex.find_n(`[0-9]+`, version, 1)[0] if regex.match(`^[vV]?[0-9]+(\.|$)`, version)
