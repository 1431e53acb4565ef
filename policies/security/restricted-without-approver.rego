# METADATA
# title: Restricted data without an approver
# description: Every role that grants access to restricted columns names an approver. Without one, requests are granted by nobody, or by anybody.
# custom:
#   severity: error
#   scope: entity
#   entities: [contract]
#   help: Name an approver of access requests for the role.
#   since: 0.1.0
#   options: {tiers: [restricted, secret, top secret, highly confidential, strictly confidential]}
#   option_docs: {tiers: "Tiers, in lower case, whose columns require an approver."}
package govcheck.security.restricted_without_approver

import data.govcheck.lib.say

tiers := {tier | some tier in data.options["security/restricted-without-approver"].tiers}

restricted := {i |
	some tier, indexes in data.govcheck.lib.tiers.positions
	lower(tier) in tiers
	some i in indexes
}

first := min(restricted)

opened := sprintf("%s is `%s`", [say.column(input.columns[first]), input.columns[first].classification])

related := [{"at": ["columns", first, "classification"], "message": opened}]

deny contains {"message": message, "at": ["roles"], "related": related} if {
	input.expresses["roles.approvers"]
	count(restricted) > 0
	count(object.get(input, "roles", [])) == 0
	message := sprintf("%s has no role with an approver, but %s", [say.entity(input.entity), opened])
}

deny contains {"message": message, "at": ["roles", i, "approvers"], "related": related} if {
	input.expresses["roles.approvers"]
	count(restricted) > 0
	some i, role in input.roles
	count(object.get(role, "approvers", [])) == 0
	message := sprintf("%s has no approver, but %s", [say.thing("role", object.get(role, "name", "")), opened])
}
