# METADATA
# title: Retention is not stated
# description: A contract says how long its data is kept. Reports over years, and requests to delete, rely on a number that otherwise somebody guesses.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: "State how far back the data goes: `retention` of `3` `y`."
#   since: 0.1.0
package govcheck.trust.no_retention

import data.govcheck.lib.say

# Where a contract promises nothing at all, `trust/vague-freshness` is the place to begin.
deny contains {"message": message, "at": ["sla"]} if {
	input.expresses.retention
	object.get(input, "retention", "") == ""
	count(object.get(input, "sla", [])) > 0
	input.status == "active"
	message := sprintf("%s does not say how long its data is kept", [say.entity(input.entity)])
}
