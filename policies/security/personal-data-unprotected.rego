# METADATA
# title: Personal data in plain text
# description: A column that is marked as personal data says how it is protected. Without encryption, masking or a policy tag, everybody who may read the table reads the person.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: Name the encrypted column, the masking or the policy tag.
#   since: 0.1.0
package govcheck.security.personal_data_unprotected

import data.govcheck.lib.say

personal := [i |
	some i in data.govcheck.lib.personal.marked
	not input.columns[i].nested
]

plain := [i | some i in personal; not input.columns[i].protected]

# Where nothing is protected one finding says it, and the columns are its places.
nothing_is if {
	count(plain) > 1
	count(plain) == count(personal)
}

deny contains {"message": message, "at": ["columns", i]} if {
	input.expresses["columns.protected"]
	not nothing_is
	some i in plain
	message := sprintf("%s holds personal data, but not how it is protected", [say.column(input.columns[i])])
}

deny contains {"message": message, "at": ["columns"], "related": related, "covers": covers} if {
	input.expresses["columns.protected"]
	nothing_is
	message := sprintf(
		"%s has %d columns with personal data, but says of none how it is protected",
		[say.entity(input.entity), count(plain)],
	)
	related := [{"at": ["columns", i], "message": sprintf("%s", [say.column(input.columns[i])])} | some i in plain]
	covers := [["columns", i] | some i in plain]
}
