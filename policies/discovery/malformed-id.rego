# METADATA
# title: Malformed id
# description: Ids follow one scheme. They appear in links, paths and commands, where a space or an umlaut is encoded in several ways and lookups fail.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Write a UUID, or letters and digits joined by `-`, `_`, `.`, `:` or `/`.
#   since: 0.1.0
#   options: {pattern: '^[A-Za-z0-9](?:[A-Za-z0-9._:/-]*[A-Za-z0-9])?$'}
#   option_docs: {pattern: "Regular expression that an id must match."}
package govcheck.discovery.malformed_id

import data.govcheck.lib.say
import data.govcheck.lib.template

pattern := data.options["discovery/malformed-id"].pattern

is_template if {
	input.format in template.formats
	template.unfilled(input.id)
}

# A template placeholder, `{{ id }}`, is not an id yet.
deny contains {"message": message, "at": ["id"]} if {
	input.id != ""
	not template.placeholder(input.id)
	not is_template
	not regex.match(pattern, input.id)
	message := sprintf("the id of %s does not match `%s`", [say.entity(input.entity), pattern])
}
