# METADATA
# title: KPI definition is incomplete
# description: A KPI states its owner, definition, unit, formula and grain. Each that is missing is filled in by the reader, and every reader fills in another.
# custom:
#   severity: warning
#   scope: entity
#   entities: [kpi]
#   help: State what is missing.
#   since: 0.1.0
#   options: {fields: [owner, description, unit, formula, grain]}
#   option_docs: {fields: "What a KPI states."}
package govcheck.kpi.incomplete

import data.govcheck.lib.say

missing := [field |
	some field in data.options["kpi/incomplete"].fields
	object.get(input, field, "") in ["", {}]
]

deny contains {"message": message, "at": [missing[0]]} if {
	count(missing) > 0
	message := sprintf("%s states no %s", [say.entity(input.entity), concat(", ", missing)])
}
