# METADATA
# title: KPI name that breaks the naming rules
# description: A KPI name says in lower-case words what is measured, in which unit and over which period. Dashboards show the name alone, so a vague name is misread.
# custom:
#   severity: error
#   scope: entity
#   entities: [kpi]
#   help: Name the KPI by measure, unit and grain, for example `net_revenue_eur_daily`.
#   since: 0.1.0
#   options:
#     pattern: '^[a-z]+(_[a-z0-9]+)*$'
#     max_length: 60
#     forbidden: [kpi, metric, measure, old, final, temp, tmp, test, misc, foo]
#     units: {eur: EUR, usd: USD, gbp: GBP, chf: CHF, cents: cents, hours: hours, days: days}
#     grains: {hourly: hour, daily: day, weekly: week, monthly: month, quarterly: quarter, yearly: year}
#     require: []
#   option_docs:
#     pattern: "Regular expression that a name must match."
#     max_length: "Maximum length of a name, in characters."
#     forbidden: "Words that a name must not contain."
#     units: "Words in a name that state a unit, and that unit."
#     grains: "Words in a name that state a grain, and that grain."
#     require: "Parts that a name must state where the KPI states them: `unit`, `grain`."
package govcheck.kpi.bad_name

import data.govcheck.lib.words

options := data.options["kpi/bad-name"]

stated := {"unit": options.units, "grain": options.grains}

name_words := split(words.snake(input.name), "_")

reasons contains sprintf("does not match `%s`", [options.pattern]) if {
	name := input.name
	not regex.match(options.pattern, name)
}

reasons contains sprintf("has %d characters (maximum %d)", [length, options.max_length]) if {
	length := count(input.name)
	length > options.max_length
}

reasons contains sprintf("contains the word `%s`", [word]) if {
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

reasons contains sprintf("does not state its %s `%s`", [field, input[field]]) if {
	some field in options.require
	input[field]
	meaning := stated[field]
	count([word | some word in name_words; agree(meaning[word], word, input[field])]) == 0
}

agree(meaning, _, value) if lower(value) == lower(meaning)

agree(_, word, value) if lower(value) == word

deny contains {"message": message, "at": ["name"]} if {
	count(reasons) > 0
	message := sprintf("KPI name `%s` %s", [input.name, concat("; it ", reasons)])
}
