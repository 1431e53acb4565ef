# METADATA
# title: Reference to an unregistered term
# description: Every term that a column or KPI refers to is in the register. A dangling reference looks like an agreed meaning, but has none behind it.
# custom:
#   severity: error
#   scope: mesh
#   entities: [contract, kpi]
#   help: Refer to a registered term, or add the term to the register.
#   since: 0.1.0
#   options: {hosts: [], link_types: [businessDefinition, definition, term]}
#   option_docs:
#     hosts: "Hosts of the glossary. A link to one of them must name a registered term; links to other hosts are ignored."
#     link_types: "Types of KPI links that refer to a term."
package govcheck.definitions.unresolved_term

import data.govcheck.lib.say
import data.govcheck.lib.terms

options := data.options["definitions/unresolved-term"]

facts contains fact if {
	some fact in data.govcheck.lib.terms.stated
	in_glossary(input.columns[fact.at[1]].terms[fact.at[3]])
}

facts contains {"term": terms.id(link.url), "at": ["docs", i, "url"]} if {
	input.kind == "kpi"
	some i, link in input.docs
	link.type in options.link_types
	in_glossary(link.url)
}

in_glossary(reference) if not contains(reference, "://")

in_glossary(reference) if terms.host(reference) in options.hosts

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.term, "kind": "term"}} if {
	count(data.mesh.terms) > 0
	some fact in input.facts
	not data.mesh.terms[fact.term]
	message := sprintf("%s refers to term `%s`, which is not registered", [holder(fact), fact.term])
}

holder(fact) := say.column(fact.column) if fact.column

holder(fact) := say.entity(fact.entity) if not fact.column
