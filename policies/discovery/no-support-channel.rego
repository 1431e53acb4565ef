# METADATA
# title: Missing support channel
# description: A product says where to ask questions, with a link that opens the channel. Otherwise questions reach a few people by chance, and their answers help nobody else.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product]
#   help: "Add a support channel with its URL: a chat room, a ticket queue, a `mailto:` address."
#   since: 0.1.0
package govcheck.discovery.no_support_channel

import data.govcheck.lib.say

with_url := [i | some i, channel in input.support; channel.url]

deny contains {"message": message, "at": ["support"]} if {
	input.expresses["support.url"]
	count(with_url) == 0
	message := sprintf("%s %s", [say.entity(input.entity), lack])
}

lack := "has no support channel" if not input.support[0]

lack := "has no support channel with a URL" if input.support[0]
