# METADATA
# title: Known issue is overdue
# description: A known problem is solved by its day, or planned anew. Readers have planned with that day.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract]
#   help: Close the issue, or agree on a new day with those who wait for it.
#   since: 0.1.0
#   options: {closed: [closed, done, resolved, fixed, rejected, "won't fix", wontfix]}
#   option_docs: {closed: "States, in lower case, in which an issue is no longer open."}
package govcheck.issues.overdue

import data.govcheck.lib.dates

closed(issue) if lower(issue.status) in data.options["issues/overdue"].closed

deny contains {"message": message, "at": ["issues", i, "due"]} if {
	some i, issue in input.issues
	not closed(issue)
	dates.past(issue.due)
	message := sprintf("known issue `%s` was due on `%s`, and is open", [object.get(issue, "title", ""), issue.due])
}
