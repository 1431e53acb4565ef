# METADATA
# title: Nowhere to ask
# description: A product says where to ask, with a link that opens the place. Questions that find no place go to whomever somebody knows, and the answers help nobody else.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product]
#   help: "Name a channel with its URL: a chat room, a ticket queue, a `mailto:` address."
#   since: 0.1.0
package govcheck.discovery.no_support_channel

import data.govcheck.lib.say

with_url := [i | some i, channel in input.support; channel.url]

deny contains {"message": message, "at": ["support"]} if {
	input.expresses["support.url"]
	count(with_url) == 0
	message := sprintf("%s %s", [say.entity(input.entity), lack])
}

lack := "names no channel to ask in" if not input.support[0]

lack := "names no channel with a URL" if input.support[0]
