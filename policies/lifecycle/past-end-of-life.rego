# METADATA
# title: End of life in the past
# description: A product or contract that has reached its end-of-life date is retired, or gets a new date. Until then, its readers run on data that nobody maintains.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Set the status to `retired`, or state a new end-of-life date.
#   since: 0.1.0
package govcheck.lifecycle.past_end_of_life

import data.govcheck.lib.dates
import data.govcheck.lib.say

deny contains {"message": message, "at": ["end_of_life"]} if {
	dates.past(input.end_of_life)
	object.get(input, "status", "") != "retired"
	message := sprintf("%s reached its end of life on `%s`, but %s", [say.entity(input.entity), input.end_of_life, status])
}

status := sprintf("its status is `%s`", [input.status]) if input.status

status := "states no status" if not input.status
