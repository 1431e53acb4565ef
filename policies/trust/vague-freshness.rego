# METADATA
# title: Missing or vague promise of freshness
# description: A contract promises how fresh its data is, as a number with a unit. From "daily-ish" or silence, readers cannot derive a deadline, and a monitor cannot tell late from normal.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: Promise a number with a unit, for example `freshness` of `4` `h`.
#   since: 0.1.0
#   options:
#     properties: [freshness, latency, timeliness, frequency, updatefrequency, update_frequency, refreshfrequency, refresh_frequency, interval]
#     measure: '^(?:p(?:[0-9.]+[ymwd])+|p(?:[0-9.]+[ymwd])*t(?:[0-9.]+[hms])+|[0-9]+(?:\.[0-9]+)? ?(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|mo|months?|q|quarters?|y|yr|yrs|years?)|hourly|daily|weekly|monthly|quarterly|yearly|annually|(?:[0-9*/,-]+ ){4,5}[0-9a-z*/,#?-]+)$'
#     required: true
#   option_docs:
#     properties: "Promises, in lower case, that state freshness."
#     measure: "Regular expression that a promise with its unit must match, in lower case: `4 h`, `PT4H`, `daily`, `0 5 * * *`."
#     required: "Whether an active contract must promise freshness."
package govcheck.trust.vague_freshness

import data.govcheck.lib.say

options := data.options["trust/vague-freshness"]

promises := [i |
	some i, promise in input.sla
	promise.property
	lower(promise.property) in options.properties
]

stated(promise) := trim_space(lower(sprintf("%v %s", [object.get(promise, "value", ""), object.get(promise, "unit", "")])))

deny contains {"message": message, "at": ["sla", i, "value"]} if {
	some i in promises
	promise := input.sla[i]
	not regex.match(options.measure, stated(promise))
	message := sprintf("%s promises %s of `%s`, which is not a number with a unit", [say.entity(input.entity), promise.property, stated(promise)])
}

# Only active contracts must promise freshness: drafts, deprecated contracts and contracts without a status need not.
deny contains {"message": message, "at": ["sla"]} if {
	count(promises) == 0
	options.required
	input.expresses["sla.property"]
	input.status == "active"
	message := sprintf("%s does not promise how fresh its data is", [say.entity(input.entity)])
}
