# METADATA
# title: Usage or limitations not stated
# description: A product or contract says what it should be used for, and what it should not. Whoever finds it by its name takes it for more than it is.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: "Say what it is good for, and what it is not: what is missing, late or inexact."
#   since: 0.1.0
#   options: {fields: [usage, limitations]}
#   option_docs: {fields: "What is to be stated."}
package govcheck.documentation.missing_usage_or_limits

import data.govcheck.lib.say

missing := [field |
	some field in data.options["documentation/missing-usage-or-limits"].fields
	input.expresses[field]
	is_missing(field)
]

is_missing(field) if not input[field]

is_missing(field) if trim_space(input[field]) == ""

# Without any description `documentation/missing-purpose` says the first thing to do.
deny contains {"message": message, "at": [missing[0]]} if {
	count(missing) > 0
	input.description
	message := sprintf("%s states no %s", [say.entity(input.entity), concat(" and no ", missing)])
}
