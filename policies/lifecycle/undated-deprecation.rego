# METADATA
# title: Deprecation without end date or replacement
# description: A deprecated product or contract states when it ends and what replaces it. Readers move once they know by when, and to what.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: State the end-of-life date and the replacement.
#   since: 0.1.0
#   options: {require: [end_of_life, replacement]}
#   option_docs: {require: "Fields that must be stated: `end_of_life`, `replacement`."}
package govcheck.lifecycle.undated_deprecation

import data.govcheck.lib.dates
import data.govcheck.lib.say

name := {"end_of_life": "end of life", "replacement": "replacement"}

missing := [field |
	some field in data.options["lifecycle/undated-deprecation"].require
	input.expresses[field]
	is_missing(field)
]

is_missing(field) if not input[field]

is_missing(field) if input[field] == ""

deny contains {"message": message, "at": [missing[0]]} if {
	input.status == "deprecated"
	count(missing) > 0
	message := sprintf("%s is deprecated, but does not state its %s", [say.entity(input.entity), say.any_of([name[field] | some field in missing])])
}

deny contains {"message": message, "at": ["end_of_life"]} if {
	input.status == "deprecated"
	input.end_of_life
	not dates.is_day(input.end_of_life)
	message := sprintf("the end of life of %s is `%s`, which is not a date like `2030-12-31`", [say.entity(input.entity), input.end_of_life])
}
