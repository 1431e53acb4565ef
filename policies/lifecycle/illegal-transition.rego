# METADATA
# title: Status leaps
# description: A product or contract goes from one status to the next, so that readers hear of an end before it comes, and what was retired is looked at anew before it is offered again.
# custom:
#   severity: error
#   scope: change
#   entities: [product, contract]
#   help: Take the step that comes first, in a change of its own.
#   since: 0.2.0
#   options:
#     transitions:
#       proposed: [draft, active, retired]
#       draft: [proposed, active, retired]
#       active: [deprecated]
#       deprecated: [active, retired]
#       retired: [draft]
#   option_docs: {transitions: "Statuses, and which ones may follow each. A status that is not named here may become anything."}
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
	message := sprintf("%s goes from %s to %s; from %s it goes %s", [say.entity(input.entity), was, is, was, onward(allowed)])
}

onward(allowed) := "nowhere" if count(allowed) == 0

onward(allowed) := sprintf("to %s", [concat(" or ", allowed)]) if count(allowed) > 0
