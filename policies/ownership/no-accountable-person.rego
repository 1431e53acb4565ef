# METADATA
# title: Missing accountable person
# description: One of the people that a product or contract lists currently has an owner's role. Without such a person nobody decides, and an owner who left still gets the questions.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: List a current person with an owner's role, for example `owner`.
#   since: 0.1.0
#   options:
#     roles: [owner, dpo, accountable, responsible, lead, head, verantwortlich, eigentümer, inhaber, propriétaire, proprietaire, responsable, propietario, proprietario, responsabile, responsável, eigenaar, verantwoordelijk, właściciel, odpowiedzialn, ägare, ansvarig, ejer, ansvarlig, eier, omistaja]
#     team_suffices: true
#   option_docs:
#     roles: "Words, in lower case, that make a role an owner's role: `Data Product Owner` contains `owner`."
#     team_suffices: "Whether a team is enough where no person is listed."
package govcheck.ownership.no_accountable_person

import data.govcheck.lib.say

options := data.options["ownership/no-accountable-person"]

# A person without a role may be the owner.
accountable(person) if not person.role

accountable(person) if {
	some word in options.roles
	contains(lower(person.role), word)
}

has_left(person) if person.until < data.run.today

people := [[i, person] |
	some i, person in input.owner.people
	person.name
]

current := [person |
	some [_, person] in people
	not has_left(person)
]

nobody_accountable if count([person | some person in current; accountable(person)]) == 0

left := [i |
	some [i, person] in people
	person.role
	accountable(person)
	has_left(person)
]

# Otherwise `ownership/missing-owner` reports it.
owned if input.owner.team

owned if count(current) > 0

deny contains {"message": message, "at": ["owner", "people", last, "until"]} if {
	owned
	nobody_accountable
	count(left) > 0
	last := left[count(left) - 1]
	message := sprintf(
		"`%s`, %s of %s, has left without a successor",
		[input.owner.people[last].name, lower(input.owner.people[last].role), say.entity(input.entity)],
	)
}

deny contains {"message": message, "at": ["owner", "people"]} if {
	input.expresses["owner.people.role"]
	count(people) > 0
	owned
	nobody_accountable
	count(left) == 0
	message := sprintf("%s lists no current person with an owner's role", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["owner", "people"]} if {
	not options.team_suffices
	input.expresses["owner.people.name"]
	count(people) == 0
	owned
	message := sprintf("%s names a team, but no accountable person", [say.entity(input.entity)])
}
