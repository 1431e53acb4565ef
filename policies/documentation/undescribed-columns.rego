# METADATA
# title: Columns without a description
# description: Most columns of a contract are described. A name alone leaves readers to guess at units, codes and time zones, and two readers guess differently.
# custom:
#   severity: warning
#   scope: entity
#   entities: [contract]
#   help: Describe the columns, first of all those whose name leaves a doubt.
#   since: 0.1.0
#   options: {min_coverage: 80}
#   option_docs: {min_coverage: "Percent of the columns that have a description at least."}
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
		"%s describes %d of %d columns, at least %d%% are wanted",
		[say.entity(input.entity), described, total, min_coverage],
	)
	related := [place |
		some i in undescribed
		place := {"at": ["columns", i], "message": sprintf("%s has no description", [say.column(input.columns[i])])}
	]
}
