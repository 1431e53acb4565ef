# METADATA
# title: Untracked known issue
# description: A known issue of the data has an owner, a ticket and a due date. A bare sentence warns readers, but stays forever.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Add the issue's owner, ticket and due date.
#   since: 0.1.0
#   options: {require: [owner, ticket, due], closed: [closed, done, resolved, fixed, rejected, "won't fix", wontfix]}
#   option_docs:
#     require: "Fields that an issue must state: `owner`, `ticket`, `due`."
#     closed: "Statuses, in lower case, in which an issue is closed."
package govcheck.issues.untracked

import data.govcheck.lib.say

options := data.options["issues/untracked"]

closed(issue) if lower(issue.status) in options.closed

missing(issue) := [field |
	some field in options.require
	input.expresses[sprintf("issues.%s", [field])]
	object.get(issue, field, "") == ""
]

name := {"owner": "owner", "ticket": "ticket", "due": "due date"}

deny contains {"message": message, "at": ["issues", i]} if {
	some i, issue in input.issues
	not closed(issue)
	absent := missing(issue)
	count(absent) > 0
	message := sprintf("%s has no %s", [say.thing("known issue", object.get(issue, "title", "")), say.any_of([name[field] | some field in absent])])
}
