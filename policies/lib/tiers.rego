# Handling tiers: which ones the columns of a contract state, and how tiers compare by the register.
package govcheck.lib.tiers

# One fact for each tier that columns state: the first such column with its place, and the indexes of the others. Read
# it by its full path, so that all rules share one answer: by an imported name of this package the engine evaluates the
# package anew.
stated := [fact |
	some tier, indexes in data.govcheck.lib.tiers.positions
	first := min(object.keys(indexes))
	fact := {
		"tier": tier,
		"column": object.filter(input.columns[first], ["path", "table"]),
		"others": object.keys(indexes) - {first},
		"at": ["columns", first, "classification"],
	}
]

# Tiers with the indexes of their columns as keys. One pass and one `union_n`: a search of the columns for each tier takes four times as long.
positions := object.union_n([{column.classification: {i: true}} |
	some i, column in input.columns
	column.classification
])

# How many columns state one.
classified := sum([count(indexes) | some _, indexes in data.govcheck.lib.tiers.positions])

# The rank of a tier in the register; none if the register does not know it.
rank(tier) := data.mesh.classifications[tier].rank
