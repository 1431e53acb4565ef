# METADATA
# title: KPI name breaks the naming rules
# description: A KPI's name is lower case words that say what is measured, in which unit and for which time. Dashboards show the name alone, and a name that says less is misread.
# custom:
#   severity: error
#   scope: entity
#   entities: [kpi]
#   help: "Name it by what it measures, unit and grain: `net_revenue_eur_daily`."
#   since: 0.1.0
#   options:
#     pattern: '^[a-z]+(_[a-z0-9]+)*$'
#     max_length: 60
#     forbidden: [kpi, metric, measure, old, final, temp, tmp, test, misc, foo]
#     units: {eur: EUR, usd: USD, gbp: GBP, chf: CHF, cents: cents, hours: hours, days: days}
#     grains: {hourly: hour, daily: day, weekly: week, monthly: month, quarterly: quarter, yearly: year}
#     require: []
#   option_docs:
#     pattern: "Regular expression that a name matches."
#     max_length: "Characters that a name has at most."
#     forbidden: "Words that a name does not hold."
#     units: "Words of a name that state a unit, and the unit."
#     grains: "Words of a name that state a grain, and the grain."
#     require: "What a name must state where the KPI does: `unit`, `grain`."
package govcheck.kpi.bad_name

import data.govcheck.lib.words

options := data.options["kpi/bad-name"]

stated := {"unit": options.units, "grain": options.grains}

name_words := split(words.snake(input.name), "_")

reasons contains sprintf("does not match `%s`", [options.pattern]) if {
	name := input.name
	not regex.match(options.pattern, name)
}

reasons contains sprintf("has %d characters, %d at most are allowed", [length, options.max_length]) if {
	length := count(input.name)
	length > options.max_length
}

reasons contains sprintf("holds the word `%s`", [word]) if {
	some word in name_words
	word in options.forbidden
}

reasons contains sprintf("says `%s`, but its %s is `%s`", [word, field, input[field]]) if {
	some field, meaning in stated
	some word in name_words
	meaning[word]
	input[field]
	not agree(meaning[word], word, input[field])
}

reasons contains sprintf("does not say its %s `%s`", [field, input[field]]) if {
	some field in options.require
	input[field]
	meaning := stated[field]
	count([word | some word in name_words; agree(meaning[word], word, input[field])]) == 0
}

agree(meaning, _, value) if lower(value) == lower(meaning)

agree(_, word, value) if lower(value) == word

deny contains {"message": message, "at": ["name"]} if {
	count(reasons) > 0
	message := sprintf("kpi name `%s` %s", [input.name, concat(", and ", reasons)])
}
