# METADATA
# title: Missing usage or limitations
# description: A product or contract states what it should be used for, and what it should not. Readers who know only its name expect more of it than it holds.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: "State what the data is suited for, and its limitations: what is missing, late or inexact."
#   since: 0.1.0
#   options: {fields: [usage, limitations]}
#   option_docs: {fields: "Fields that must be stated: `usage`, `limitations`."}
package govcheck.documentation.missing_usage_or_limits

import data.govcheck.lib.say

missing := [field |
	some field in data.options["documentation/missing-usage-or-limits"].fields
	input.expresses[field]
	is_missing(field)
]

is_missing(field) if not input[field]

is_missing(field) if trim_space(input[field]) == ""

# Where there is no description at all, `documentation/missing-purpose` comes first.
deny contains {"message": message, "at": [missing[0]]} if {
	count(missing) > 0
	input.description
	message := sprintf("%s does not state its %s", [say.entity(input.entity), say.any_of(missing)])
}
