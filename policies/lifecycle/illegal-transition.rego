# METADATA
# title: Illegal status transition
# description: A product or contract moves through its statuses step by step. Readers then learn of an end before it comes, and a retired product is reviewed before it is offered again.
# custom:
#   severity: error
#   scope: change
#   entities: [product, contract]
#   help: Change the status to one that the message allows, and take further steps in later changes.
#   since: 0.2.0
#   options:
#     transitions:
#       proposed: [draft, active, retired]
#       draft: [proposed, active, retired]
#       active: [deprecated]
#       deprecated: [active, retired]
#       retired: [draft]
#   option_docs: {transitions: "Statuses that may follow each status. A status that is not listed here may change to any other."}
package govcheck.lifecycle.illegal_transition

import data.govcheck.lib.say

transitions := data.options["lifecycle/illegal-transition"].transitions

deny contains {"message": message, "at": ["status"]} if {
	was := input.base.status
	is := input.head.status
	was != is
	allowed := transitions[was]
	transitions[is]
	not is in allowed
	message := sprintf("the status of %s changed from `%s` to `%s`; %s", [say.entity(input.entity), was, is, onward(was, allowed)])
}

onward(was, allowed) := sprintf("`%s` is final", [was]) if count(allowed) == 0

onward(was, allowed) := sprintf("`%s` allows only `%s`", [was, concat("` or `", allowed)]) if count(allowed) > 0
