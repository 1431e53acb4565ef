# METADATA
# title: Unregistered classification
# description: Every classification is a registered tier. Access rules exist for registered tiers alone, so an invented tier protects nothing.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract]
#   help: Use a registered tier, or add the tier with its rank to the register.
#   since: 0.1.0
package govcheck.security.unknown_classification

import data.govcheck.lib.say
import data.govcheck.lib.template

facts contains {"tier": input.classification, "at": ["classification"]} if {
	input.classification
	not filled_in(input.classification)
}

# One fact and one finding for each tier, at the first column that states it: a misspelt tier is one mistake.
facts contains fact if {
	some fact in data.govcheck.lib.tiers.stated
	not filled_in(fact.tier)
}

# A tool fills in the value before anybody reads it.
filled_in(tier) if {
	input.format in template.formats
	template.placeholder(tier)
}

registered := [id | some id, _ in data.mesh.classifications]

deny contains {"fact": fact, "key": fact.tier, "message": message, "related": related, "did_you_mean": guess} if {
	count(registered) > 0
	some fact in input.facts
	not data.mesh.classifications[fact.tier]
	message := sprintf("%s has classification `%s`, which is not registered", [holder(fact), fact.tier])
	related := [{"fact": fact, "at": ["columns", i, "classification"], "message": "also here"} |
		some i in object.get(fact, "others", [])
	]
	guess := {"got": fact.tier, "among": registered}
}

holder(fact) := say.column(fact.column) if fact.column

holder(fact) := say.entity(fact.entity) if not fact.column
