# Classifications of columns, and their rank in the register.
package govcheck.lib.tiers

import data.govcheck.lib.facts as of

# One fact for each tier that columns state: the first such column with its place, and the indexes of the others. Read it
# by its full path, which is evaluated once for all rules; through an import, the engine would evaluate the package again.
stated := [fact |
	some tier, indexes in data.govcheck.lib.tiers.positions
	fact := {
		"tier": tier,
		"column": object.filter(input.columns[indexes[0]], ["path", "table"]),
		"others": array.slice(indexes, 1, count(indexes)),
		"at": ["columns", indexes[0], "classification"],
	}
]

# The tier of each column; `false` where it states none.
own := [object.get(column, "classification", false) | some column in input.columns]

all := {tier | some tier in own; tier != false}

# Tiers with the indexes of their columns, in order. Reading all columns once for each tier is the fastest way for the few
# tiers that a contract should have.
positions := {tier: indexes |
	some tier in all
	indexes := [i | some i, its in own; its == tier]
} if {
	count(all) <= 20
}

positions := of.group([[tier, i] | some i, tier in own; tier != false]) if count(all) > 20

# Number of columns that state a tier.
classified := count([tier | some tier in own; tier != false])

# The rank of a tier; undefined if the register does not have it.
rank(tier) := data.mesh.classifications[tier].rank
