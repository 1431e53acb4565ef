# METADATA
# title: Undescribed columns
# description: Most columns of a contract are described. A name alone leaves readers guessing at units, codes and time zones, and two readers guess differently.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: Describe the columns, starting with those whose names are ambiguous.
#   since: 0.1.0
#   options: {min_coverage: 80}
#   option_docs: {min_coverage: "Minimum share of columns with a description, in percent."}
package govcheck.documentation.undescribed_columns

import data.govcheck.lib.say

min_coverage := data.options["documentation/undescribed-columns"].min_coverage

all_described if {
	every column in input.columns {
		column.description != ""
	}
}

undescribed := [i | some i, column in input.columns; object.get(column, "description", "") == ""]

deny contains {"message": message, "at": ["columns"], "related": related} if {
	not all_described
	total := count(input.columns)
	described := total - count(undescribed)
	100 * described < min_coverage * total
	message := sprintf(
		"%s describes %d of %d columns; the minimum is %d%%",
		[say.entity(input.entity), described, total, min_coverage],
	)
	related := [place |
		some i in undescribed
		place := {"at": ["columns", i], "message": sprintf("%s has no description", [say.column(input.columns[i])])}
	]
}
