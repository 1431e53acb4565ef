# METADATA
# title: Less protected than before
# description: A classification is not lowered or removed, nor the mark of personal data, without somebody who answers for it. What was closed to readers opens to them with one line in a pull request; a waiver names who approved it, and until when. A renamed column is held to what it was.
# custom:
#   severity: error
#   scope: change
#   entities: [product, contract]
#   help: Take the classification or mark back, or have a waiver approve that it goes.
#   since: 0.2.0
package govcheck.security.classification_lowered

import data.govcheck.lib.say

# By the register of the base, so that no change lowers a tier and its rank at once.
rank(tier) := data.base.mesh.classifications[tier].rank

rank(tier) := data.mesh.classifications[tier].rank if not data.base.mesh.classifications[tier]

# A part of the entity in both revisions: the entity itself, and each column that is still there.
parts contains {"before": input.base, "now": input.head, "at": [], "name": say.entity(input.entity)}

parts contains {"before": before, "now": now, "at": ["columns", pair[1]], "name": say.column(now)} if {
	some pair in data.govcheck.lib.columns.kept
	before := input.base.columns[pair[0]]
	now := input.head.columns[pair[1]]
	loses(before, now)
}

# Not all of the columns need a name.
loses(before, now) if object.get(before, "classification", "") != object.get(now, "classification", "")

loses(before, now) if object.get(before, "personal_data", false) != object.get(now, "personal_data", false)

deny contains {"message": message, "at": array.concat(part.at, ["classification"])} if {
	some part in parts
	rank(part.now.classification) < rank(part.before.classification)
	message := sprintf("%s is `%s` now, and was `%s`", [part.name, part.now.classification, part.before.classification])
}

deny contains {"message": message, "at": array.concat(part.at, ["classification"])} if {
	some part in parts
	part.before.classification
	not part.now.classification
	message := sprintf("%s has no classification any more, and was `%s`", [part.name, part.before.classification])
}

deny contains {"message": message, "at": array.concat(part.at, ["personal_data"])} if {
	some part in parts
	part.before.personal_data
	not part.now.personal_data
	message := sprintf("%s is not marked as personal data any more", [part.name])
}
