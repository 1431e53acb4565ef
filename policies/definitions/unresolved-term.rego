# METADATA
# title: Term is not in the glossary
# description: A term that a column or KPI refers to is in the register. A reference to nothing looks like an agreed meaning, and is none.
# custom:
#   severity: error
#   scope: mesh
#   entities: [contract, kpi]
#   help: Refer to a term of the register, or register the term.
#   since: 0.1.0
#   options: {hosts: [], link_types: [businessDefinition, definition, term]}
#   option_docs:
#     hosts: "Hosts of the glossary: a web link to one of them must name a term, links elsewhere are left alone."
#     link_types: "Types of a KPI's links that mean a term."
package govcheck.definitions.unresolved_term

import data.govcheck.lib.say
import data.govcheck.lib.terms

options := data.options["definitions/unresolved-term"]

facts contains fact if {
	some fact in data.govcheck.lib.terms.stated
	ours(input.columns[fact.at[1]].terms[fact.at[3]])
}

facts contains {"term": terms.id(link.url), "at": ["docs", i, "url"]} if {
	input.kind == "kpi"
	some i, link in input.docs
	link.type in options.link_types
	ours(link.url)
}

ours(reference) if not contains(reference, "://")

ours(reference) if terms.host(reference) in options.hosts

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.term, "kind": "term"}} if {
	count(data.mesh.terms) > 0
	some fact in input.facts
	not data.mesh.terms[fact.term]
	message := sprintf("%s refers to term `%s`, which is not registered", [holder(fact), fact.term])
}

holder(fact) := say.column(fact.column) if fact.column

holder(fact) := say.entity(fact.entity) if not fact.column
