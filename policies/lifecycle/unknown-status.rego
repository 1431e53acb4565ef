# METADATA
# title: Unknown status
# description: A status is one that the standard has. Rules on what is active, deprecated or retired see nothing in a misspelt status, and neither do readers.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [product, contract]
#   help: Write one of the statuses that the message names.
#   since: 0.3.0
#   options:
#     statuses: [proposed, draft, active, deprecated, retired]
#     free_formats: [backstage, dbt]
#   option_docs:
#     statuses: "Statuses that the model has; a format maps those of its standard to them."
#     free_formats: "Formats whose standard leaves the status to its users."
package govcheck.lifecycle.unknown_status

import data.govcheck.lib.say
import data.govcheck.lib.template

options := data.options["lifecycle/unknown-status"]

facts contains {"status": input.status, "at": ["status"]} if {
	input.status
	not input.status in options.statuses
	not input.format in options.free_formats
	not template.placeholder(input.status)
}

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.status, "among": options.statuses}} if {
	some fact in input.facts
	message := sprintf("the status of %s is `%s`; the statuses are `%s`", [say.entity(fact.entity), fact.status, concat("`, `", options.statuses)])
}
