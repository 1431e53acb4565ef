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

# Tiers with the indexes of their columns, in their order.
positions := of.group([[column.classification, i] |
	some i, column in input.columns
	column.classification
])

# How many columns state one.
classified := sum([count(indexes) | some _, indexes in data.govcheck.lib.tiers.positions])

# The rank of a tier in the register; none if the register does not know it.
rank(tier) := data.mesh.classifications[tier].rank
