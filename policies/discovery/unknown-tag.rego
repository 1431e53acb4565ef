# METADATA
# title: Unregistered tag
# description: Products and contracts carry registered tags. A tag that one team made up finds only the data of that team, and hides it from a search for the agreed tag.
# custom:
#   severity: note
#   scope: mesh
#   entities: [product, contract]
#   needs: [tag]
#   help: Use a registered tag, or add the tag to the register.
#   since: 0.1.0
#   options: {extra_tags: []}
#   option_docs: {extra_tags: "Tags that are allowed without being registered."}
package govcheck.discovery.unknown_tag

import data.govcheck.lib.say

facts contains {"tag": tag, "at": ["tags", i]} if some i, tag in input.tags

registered := [id | some id, _ in data.mesh.tags]

known := {lower(id) | some id in array.concat(registered, data.options["discovery/unknown-tag"].extra_tags)}

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.tag, "among": registered}} if {
	count(registered) > 0
	some fact in input.facts
	not lower(fact.tag) in known
	message := sprintf("%s has tag `%s`, which is not registered", [say.entity(fact.entity), fact.tag])
}
