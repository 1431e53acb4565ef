# METADATA
# title: Synonym of two KPIs
# description: A synonym leads to one KPI. Where a word means revenue to some and stock turnover to others, people agree in a meeting on different numbers.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [kpi]
#   help: Keep the synonym on one of the two KPIs, and remove it from the other.
#   since: 0.1.0
package govcheck.kpi.synonym_clash

import data.govcheck.lib.facts as of

facts contains {"word": synonym, "kpi": lower(input.name), "rank": 1, "at": ["synonyms", i]} if some i, synonym in input.synonyms

# The name of a KPI is reserved like a synonym.
facts contains {"word": input.name, "kpi": lower(input.name), "rank": 0, "at": ["name"]} if input.name

plain(word) := lower(trim_space(word))

used := of.group([[plain(fact.word), [fact.rank, i]] | some i, fact in input.facts])

deny contains {"fact": again, "key": word, "message": message, "related": related} if {
	some word, places in used
	count(places) > 1
	first := input.facts[places[0][1]]
	others := of.group([[input.facts[place[1]].kpi, place[1]] | some place in places])
	some other, indexes in others
	other != first.kpi
	again := input.facts[indexes[0]]
	again.rank == 1
	message := sprintf("`%s` stands for both KPI `%s` and KPI `%s`", [again.word, first.kpi, other])
	related := [{"fact": first, "message": sprintf("stands for KPI `%s` here", [first.kpi])}]
}
