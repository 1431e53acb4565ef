# METADATA
# title: Incomplete KPI definition
# description: A KPI states its description, unit, formula and grain. Readers guess each missing field, and every reader guesses differently.
# custom:
#   severity: warning
#   scope: entity
#   entities: [kpi]
#   help: Add the fields that the message names.
#   since: 0.1.0
#   options: {fields: [description, unit, formula, grain]}
#   option_docs: {fields: "Fields that a KPI must state. `ownership/missing-owner` asks for the owner."}
package govcheck.kpi.incomplete

import data.govcheck.lib.say

missing := [field |
	some field in data.options["kpi/incomplete"].fields
	input.expresses[field]
	object.get(input, field, "") in ["", {}]
]

deny contains {"message": message, "at": [missing[0]]} if {
	count(missing) > 0
	message := sprintf("%s does not state its %s", [say.entity(input.entity), say.any_of(missing)])
}
