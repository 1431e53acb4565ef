# METADATA
# title: Id is not well formed
# description: An id follows one scheme. Ids stand in links, paths and commands, where a space or an umlaut is written in three ways, of which two find nothing.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: "Use a UUID, or letters and digits joined by `-`, `_`, `.`, `:` or `/`."
#   since: 0.1.0
#   options: {pattern: '^[A-Za-z0-9](?:[A-Za-z0-9._:/-]*[A-Za-z0-9])?$'}
#   option_docs: {pattern: "Regular expression that an id matches."}
package govcheck.discovery.malformed_id

import data.govcheck.lib.say

pattern := data.options["discovery/malformed-id"].pattern

# What a template leaves to fill in is no id yet.
deny contains {"message": message, "at": ["id"]} if {
	input.id != ""
	not contains(input.id, "{")
	not regex.match(pattern, input.id)
	message := sprintf("the id of %s does not match `%s`", [say.entity(input.entity), pattern])
}
