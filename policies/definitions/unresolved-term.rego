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

facts contains {"term": reference, "column": column, "at": ["columns", i, "terms", j]} if {
	some [i, j, reference] in data.govcheck.lib.terms.references
	ours(reference)
	column := object.filter(input.columns[i], ["path", "table"])
}

facts contains {"term": link.url, "at": ["docs", i, "url"]} if {
	input.kind == "kpi"
	some i, link in input.docs
	link.type in options.link_types
	ours(link.url)
}

ours(reference) if not contains(reference, "://")

ours(reference) if terms.host(reference) in options.hosts

registered := [id | some id, _ in data.mesh.terms]

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": id, "among": registered}} if {
	count(registered) > 0
	some fact in input.facts
	id := terms.id(fact.term)
	not data.mesh.terms[id]
	message := sprintf("%s refers to term `%s`, which is not registered", [holder(fact), id])
}

holder(fact) := say.column(fact.column) if fact.column

holder(fact) := say.entity(fact.entity) if not fact.column
