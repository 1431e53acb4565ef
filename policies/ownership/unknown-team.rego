# METADATA
# title: Owner team is not registered
# description: Every owner is a team of the register. A name that nobody registered is a typo or a team that is gone, and reaches nobody.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract, kpi, domain]
#   help: Register the team, or name one that is registered.
#   since: 0.1.0
package govcheck.ownership.unknown_team

import data.govcheck.lib.say

facts contains {"team": input.owner.team, "at": ["owner", "team"]} if input.owner.team

# A group that a tool keeps for itself is a team, but holds no other owner to itself.
registered := [id | some id, team in data.mesh.teams; object.get(team, "registered", true)]

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.team, "among": registered}} if {
	count(registered) > 0
	some fact in input.facts
	not data.mesh.teams[fact.team]
	not contains(fact.team, "{{")
	message := sprintf("%s names team `%s`, which is not registered", [say.entity(fact.entity), fact.team])
}
