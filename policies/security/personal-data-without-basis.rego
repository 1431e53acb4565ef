# METADATA
# title: Personal data without a legal basis
# description: Who holds personal data states why, on which legal basis and for how long. The record of processing that the GDPR asks for is made from that, and so is the answer to a person who asks.
# related_resources: [{ref: "https://eur-lex.europa.eu/eli/reg/2016/679/oj", description: "GDPR, articles 5, 6 and 30"}]
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: State what is missing.
#   since: 0.1.0
#   options:
#     require: [tag, legal_basis, retention]
#     tags: [gdpr, uk-gdpr, dsgvo, rgpd, avg, rodo, lgpd, pii, personal-data, personal_data]
#   option_docs:
#     require: "What is to be stated: `tag`, `legal_basis`, `purpose`, `retention`. `documentation/missing-purpose` asks for the purpose already."
#     tags: "Tags, in lower case, of which one marks personal data."
package govcheck.security.personal_data_without_basis

import data.govcheck.lib.say

options := data.options["security/personal-data-without-basis"]

personal if input.personal_data

personal if count(data.govcheck.lib.personal.marked) > 0

field := {"tag": "tags", "legal_basis": "legal_basis", "purpose": "description", "retention": "retention"}

name := {"tag": sprintf("tag `%s`", [options.tags[0]]), "legal_basis": "legal basis", "purpose": "purpose", "retention": "retention"}

allowed := {tag | some tag in options.tags}

tagged if {
	some tag in input.tags
	lower(tag) in allowed
}

stated(what) if {
	what == "tag"
	tagged
}

stated(what) if {
	what != "tag"
	input[field[what]] != ""
}

missing := [what |
	some what in options.require
	input.expresses[field[what]]
	not stated(what)
]

deny contains {"message": message, "at": [field[missing[0]]]} if {
	personal
	count(missing) > 0
	message := sprintf("%s holds personal data, but states no %s", [say.entity(input.entity), concat(", no ", [name[what] | some what in missing])])
}
