# METADATA
# title: Loosened promise
# description: A promise is lowered or dropped only with the consent of its readers. Freshness and latency must not grow, retention and availability must not shrink, and no quality check may disappear while its table or column stays. Amounts are converted before they are compared; `trust/vague-freshness` reports values that are not amounts.
# custom:
#   severity: warning
#   scope: change
#   entities: [contract]
#   help: Keep the promise, or agree on the change with its readers and record the approval in a waiver.
#   since: 0.2.0
#   options:
#     not_yet: [proposed, draft]
#     less_is_better: [freshness, latency, timeliness, frequency, updatefrequency, interval, responsetime, response_time, timetodetect, timetonotify, timetorepair, errorrate, error_rate]
#     more_is_better: [retention, availability, uptime, throughput, completeness, accuracy]
#   option_docs:
#     not_yet: "Statuses in which nothing is promised yet."
#     less_is_better: "Promises, in lower case, that are weaker with a higher value."
#     more_is_better: "Promises, in lower case, that are weaker with a lower value."
package govcheck.trust.promise_loosened

import data.govcheck.lib.amounts
import data.govcheck.lib.facts as of
import data.govcheck.lib.say

options := data.options["trust/promise-loosened"]

is_promised if {
	input.base
	input.head
	not object.get(input.base, "status", "active") in options.not_yet
}

key(promise) := concat("\n", [lower(object.get(promise, "property", "")), object.get(promise, "element", "")])

now := of.first([[key(promise), i] | some i, promise in input.head.sla])

name(promise) := promise.property if not promise.element

name(promise) := sprintf("%s for `%s`", [promise.property, promise.element]) if promise.element

text(promise) := trim_space(sprintf("%v %s", [promise.value, object.get(promise, "unit", "")]))

amount(promise) := amounts.measure(promise.value, object.get(promise, "unit", ""))

is_weaker(property, was, is) if {
	lower(property) in options.less_is_better
	is > was
}

is_weaker(property, was, is) if {
	lower(property) in options.more_is_better
	is < was
}

deny contains {"message": message, "at": ["sla", j, "value"]} if {
	is_promised
	some promise in input.base.sla
	j := now[key(promise)]
	was := amount(promise)
	is := amount(input.head.sla[j])
	was[0] == is[0]
	is_weaker(promise.property, was[1], is[1])
	message := sprintf("%s loosened %s from `%s` to `%s`", [say.entity(input.entity), name(promise), text(promise), text(input.head.sla[j])])
}

deny contains {"message": message, "at": ["sla"], "base_at": ["sla", i]} if {
	is_promised
	some i, promise in input.base.sla
	promise.property
	not is_there(promise)
	message := sprintf("%s no longer promises %s of `%s`", [say.entity(input.entity), name(promise), text(promise)])
}

is_there(promise) if now[key(promise)] >= 0

# Formats that state retention in a field of its own, not as a promise.
deny contains {"message": message, "at": ["retention"]} if {
	is_promised
	not "retention" in {lower(promise.property) | some promise in input.base.sla}
	was := amounts.measure(input.base.retention, "")
	is := amounts.measure(input.head.retention, "")
	was[0] == is[0]
	is_weaker("retention", was[1], is[1])
	message := sprintf("%s loosened retention from `%s` to `%s`", [say.entity(input.entity), input.base.retention, input.head.retention])
}

check_name(check) := object.get(check, "name", object.get(check, "metric", object.get(check, "type", "")))

checks(of) := {check_name(check) | some check in of.checks}

# Tables and columns of both revisions: [field, index before, index now, name].
checked contains ["tables", i, j, sprintf("table `%s`", [title])] if {
	some title, i in data.govcheck.lib.columns.base_tables
	j := data.govcheck.lib.columns.head_tables[title]
	input.base.tables[i].checks[0]
}

checked contains ["columns", pair[0], pair[1], say.column(input.head.columns[pair[1]])] if {
	some pair in data.govcheck.lib.columns.kept
	input.base.columns[pair[0]].checks[0]
}

deny contains {"message": message, "at": [part[0], part[2]], "base_at": [part[0], part[1], "checks", k]} if {
	is_promised
	some part in checked
	left := checks(input.head[part[0]][part[2]])
	some k, check in input.base[part[0]][part[1]].checks
	not check_name(check) in left
	message := sprintf("%s is no longer checked by `%s`", [part[3], check_name(check)])
}
