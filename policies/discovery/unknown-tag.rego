# METADATA
# title: Tag is not registered
# description: Products and contracts carry the tags of the register. A tag that one team made up leads to one team's data, and hides it from the search for the agreed one.
# custom:
#   severity: note
#   scope: mesh
#   entities: [product, contract]
#   needs: [tag]
#   help: Use a tag of the register, or register the tag.
#   since: 0.1.0
#   options: {extra_tags: []}
#   option_docs: {extra_tags: "Tags that are in no register, and allowed."}
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
