# METADATA
# title: Overdue known issue
# description: A known issue is resolved by its due date, or gets a new one. Readers plan with that date.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract]
#   help: Close the issue, or agree on a new due date with the readers who wait for it.
#   since: 0.1.0
#   options: {closed: [closed, done, resolved, fixed, rejected, "won't fix", wontfix]}
#   option_docs: {closed: "Statuses, in lower case, in which an issue is closed."}
package govcheck.issues.overdue

import data.govcheck.lib.dates
import data.govcheck.lib.say

closed(issue) if lower(issue.status) in data.options["issues/overdue"].closed

deny contains {"message": message, "at": ["issues", i, "due"]} if {
	some i, issue in input.issues
	not closed(issue)
	dates.past(issue.due)
	message := sprintf("%s was due on `%s` and is still open", [say.thing("known issue", object.get(issue, "title", "")), issue.due])
}
