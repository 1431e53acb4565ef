# METADATA
# title: Missing retention period
# description: A contract states how long its data is kept. Reports over years and deletion requests otherwise rely on a guess.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: State how far back the data goes, for example `retention` of `3` `y`.
#   since: 0.1.0
package govcheck.trust.no_retention

import data.govcheck.lib.say

# Where a contract promises nothing at all, `trust/vague-freshness` comes first.
deny contains {"message": message, "at": ["sla"]} if {
	input.expresses.retention
	object.get(input, "retention", "") == ""
	count(object.get(input, "sla", [])) > 0
	input.status == "active"
	message := sprintf("%s does not state how long its data is kept", [say.entity(input.entity)])
}
