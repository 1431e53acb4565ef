# Handling tiers: which ones the columns of a contract state, and how tiers compare by the register.
package govcheck.lib.tiers

import data.govcheck.lib.facts as of

# One fact for each tier that columns state: the first such column with its place, and the indexes of the others. Read
# it by its full path, so that all rules share one answer: by an imported name of this package the engine evaluates the
# package anew.
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

# Tiers with the indexes of their columns, in their order. All columns are looked at for each tier, where there are as few as
# there should be.
positions := {tier: indexes |
	some tier in all
	indexes := [i | some i, its in own; its == tier]
} if {
	count(all) <= 20
}

positions := of.group([[tier, i] | some i, tier in own; tier != false]) if count(all) > 20

# How many columns state one.
classified := count([tier | some tier in own; tier != false])

# The rank of a tier in the register; none if the register does not know it.
rank(tier) := data.mesh.classifications[tier].rank
