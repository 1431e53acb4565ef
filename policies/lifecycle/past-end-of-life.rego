# METADATA
# title: Past its end of life
# description: What has reached the day of its end is retired, or got another day. Readers of something that ended run on data that nobody looks after.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Retire it, or state a new day.
#   since: 0.1.0
package govcheck.lifecycle.past_end_of_life

import data.govcheck.lib.dates
import data.govcheck.lib.say

deny contains {"message": message, "at": ["end_of_life"]} if {
	dates.past(input.end_of_life)
	status := object.get(input, "status", "not retired")
	status != "retired"
	message := sprintf("%s ended on `%s`, but is %s", [say.entity(input.entity), input.end_of_life, status])
}
