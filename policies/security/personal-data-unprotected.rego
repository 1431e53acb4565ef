# METADATA
# title: Unprotected personal data
# description: A column marked as personal data states how it is protected. Without encryption, masking or a policy tag, anyone who may read the table can read a person's data.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: State the encrypted name, the masking or the policy tag of the column.
#   since: 0.1.0
package govcheck.security.personal_data_unprotected

import data.govcheck.lib.say

personal := [i |
	some i in data.govcheck.lib.personal.marked
	not input.columns[i].nested
]

plain := [i | some i in personal; not input.columns[i].protected]

# Where nothing is protected, a single finding lists the columns as its places.
nothing_is if {
	count(plain) > 1
	count(plain) == count(personal)
}

deny contains {"message": message, "at": ["columns", i]} if {
	input.expresses["columns.protected"]
	not nothing_is
	some i in plain
	message := sprintf("%s holds personal data, but does not state how it is protected", [say.column(input.columns[i])])
}

deny contains {"message": message, "at": ["columns"], "related": related, "covers": covers} if {
	input.expresses["columns.protected"]
	nothing_is
	message := sprintf(
		"%s has %d columns with personal data, but does not state how any of them is protected",
		[say.entity(input.entity), count(plain)],
	)
	related := [{"at": ["columns", i], "message": say.column(input.columns[i])} | some i in plain]
	covers := [["columns", i] | some i in plain]
}
