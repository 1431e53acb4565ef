# METADATA
# title: Duplicate id
# description: An id belongs to one product or contract. Ports, catalogs and consumers look things up by id, and a duplicate id may lead to either of the two.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract]
#   help: Give one of the two a new id, or delete it.
#   since: 0.1.0
#   together: {by: [entity], at_least: 2}
#   options: {across_major_versions: false}
#   option_docs: {across_major_versions: "Whether two major versions side by side count as duplicates."}
package govcheck.discovery.duplicate_id

import data.govcheck.lib.facts as of
import data.govcheck.lib.say
import data.govcheck.lib.template

options := data.options["discovery/duplicate-id"]

facts contains {"major": major, "at": ["id"]} if {
	input.id != ""
	not is_template
	major := split(trim_left(object.get(input, "version", ""), "vV"), ".")[0]
}

# The tool that fills in the id gives each its own.
is_template if {
	input.format in template.formats
	template.unfilled(input.id)
}

same := of.group([[identity(fact), i] | some i, fact in input.facts])

identity(fact) := fact.entity if options.across_major_versions

identity(fact) := [fact.entity, fact.major] if not options.across_major_versions

deny contains {"fact": again, "message": message, "related": [{"fact": first, "message": "first declared here"}]} if {
	some members in same
	first := input.facts[members[0]]
	some member in array.slice(members, 1, count(members))
	again := input.facts[member]
	message := sprintf("%s is already declared in `%s`", [say.entity(again.entity), first.file])
}
