# METADATA
# title: Lowered classification
# description: A classification, or the mark of personal data, is lowered or removed only with approval. One line in a pull request opens protected data to new readers; a waiver records who approved it, and until when. A renamed column is compared with its old name.
# custom:
#   severity: error
#   scope: change
#   entities: [product, contract]
#   help: Restore the classification or mark, or record the approval of the change in a waiver.
#   since: 0.2.0
package govcheck.security.classification_lowered

import data.govcheck.lib.say

# The register of the base decides, so that a change cannot lower a tier and its rank at once.
rank(tier) := data.base.mesh.classifications[tier].rank

rank(tier) := data.mesh.classifications[tier].rank if not data.base.mesh.classifications[tier]

# The parts of the entity that both revisions have: the entity itself, and its columns.
parts contains {"before": input.base, "now": input.head, "at": [], "name": say.entity(input.entity)}

parts contains {"before": before, "now": now, "at": ["columns", pair[1]], "name": say.column(now)} if {
	some pair in data.govcheck.lib.columns.kept
	before := input.base.columns[pair[0]]
	now := input.head.columns[pair[1]]
	loses(before, now)
}

# Only these columns need a name, which is costly for many.
loses(before, now) if object.get(before, "classification", "") != object.get(now, "classification", "")

loses(before, now) if object.get(before, "personal_data", false) != object.get(now, "personal_data", false)

deny contains {"message": message, "at": array.concat(part.at, ["classification"])} if {
	some part in parts
	rank(part.now.classification) < rank(part.before.classification)
	message := sprintf("the classification of %s was lowered from `%s` to `%s`", [part.name, part.before.classification, part.now.classification])
}

deny contains {"message": message, "at": array.concat(part.at, ["classification"])} if {
	some part in parts
	part.before.classification
	not part.now.classification
	message := sprintf("the classification of %s was removed (it was `%s`)", [part.name, part.before.classification])
}

deny contains {"message": message, "at": array.concat(part.at, ["personal_data"])} if {
	some part in parts
	part.before.personal_data
	not part.now.personal_data
	message := sprintf("%s is no longer marked as personal data", [part.name])
}
