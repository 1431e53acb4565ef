# METADATA
# title: Unregistered owner team
# description: Every owner is a registered team. An unregistered name is a typo or a team that no longer exists, and reaches nobody.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract, kpi, domain]
#   help: Name a registered team, or add the team to the register.
#   since: 0.1.0
package govcheck.ownership.unknown_team

import data.govcheck.lib.say
import data.govcheck.lib.template

facts contains {"team": input.owner.team, "at": ["owner", "team"]} if {
	input.owner.team
	not filled_in
}

# Jinja names a team only once dbt has run. Elsewhere braces are part of a name.
filled_in if {
	input.format in template.formats
	template.placeholder(input.owner.team)
}

# Groups of a tool such as dbt are teams, but owners elsewhere need not be among them.
registered := [id | some id, team in data.mesh.teams; object.get(team, "registered", true)]

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.team, "among": registered}} if {
	count(registered) > 0
	some fact in input.facts
	not data.mesh.teams[fact.team]
	message := sprintf("%s names team `%s`, which is not registered", [say.entity(fact.entity), fact.team])
}
