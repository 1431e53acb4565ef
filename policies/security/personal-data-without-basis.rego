# METADATA
# title: Personal data without a legal basis
# description: A product or contract with personal data states why it holds the data, on which legal basis, and for how long. The GDPR's record of processing and the answers to data subjects are built from this.
# related_resources: [{ref: "https://eur-lex.europa.eu/eli/reg/2016/679/oj", description: "GDPR, articles 5, 6 and 30"}]
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Add the tag, legal basis or retention that the message names.
#   since: 0.1.0
#   options:
#     require: [tag, legal_basis, retention]
#     tags: [gdpr, uk-gdpr, dsgvo, rgpd, avg, rodo, lgpd, pii, personal-data, personal_data]
#   option_docs:
#     require: "What must be stated: `tag`, `legal_basis`, `purpose`, `retention`. `documentation/missing-purpose` already asks for the purpose."
#     tags: "Tags, in lower case, any of which marks personal data."
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

stated(part) if {
	part == "tag"
	tagged
}

stated(part) if {
	part != "tag"
	input[field[part]] != ""
}

missing := [part |
	some part in options.require
	input.expresses[field[part]]
	not stated(part)
]

deny contains {"message": message, "at": [field[missing[0]]]} if {
	personal
	count(missing) > 0
	message := sprintf("%s holds personal data, but has no %s", [say.entity(input.entity), say.any_of([name[part] | some part in missing])])
}
