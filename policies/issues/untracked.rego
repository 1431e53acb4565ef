# METADATA
# title: Known issue that nobody tracks
# description: A known problem of the data has an owner, a ticket and a day. As a bare sentence it is a warning to readers, and stays for ever.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: State who mends it, the ticket, and until when.
#   since: 0.1.0
#   options: {require: [owner, ticket, due], closed: [closed, done, resolved, fixed, rejected, "won't fix", wontfix]}
#   option_docs:
#     require: "What an issue states: `owner`, `ticket`, `due`."
#     closed: "States, in lower case, in which an issue needs nothing."
package govcheck.issues.untracked

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
	lacks := missing(issue)
	count(lacks) > 0
	message := sprintf("known issue `%s` has no %s", [object.get(issue, "title", ""), concat(", no ", [name[field] | some field in lacks])])
}
