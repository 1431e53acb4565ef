# METADATA
# title: Missing owner
# description: A product, contract or KPI names an owning team, or a person who is still there. Without an owner, questions, incidents and findings reach nobody.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract, kpi]
#   help: Name the owning team, or a person who currently answers for it.
#   since: 0.1.0
package govcheck.ownership.missing_owner

import data.govcheck.lib.say

deny contains {"message": message, "at": ["owner", "team"]} if {
	not has_team
	not has_current_person
	object.get(input, "access", "") != "external"
	message := sprintf("%s has no owner%s", [say.entity(input.entity), people_left])
}

has_team if trim_space(input.owner.team) != ""

has_current_person if {
	some person in input.owner.people
	person.name != ""
	not has_left(person)
}

has_left(person) if person.until < data.run.today

people_left := ": everyone listed has left" if input.owner.people[0].name

people_left := "" if not input.owner.people[0].name
