# Handling tiers: which ones the columns of a contract state, and how tiers compare by the register.
package govcheck.lib.tiers

# Of each tier the indexes of the columns that state it, as keys. One pass and one `union_n`: a search of the columns
# for each tier takes four times as long. Read it by its full path, so that all rules share one answer: by an imported
# name of this package the engine evaluates the package anew.
stated := object.union_n([{column.classification: {i: true}} |
	some i, column in input.columns
	column.classification
])

first(indexes) := min(object.keys(indexes))

# The rank of a tier in the register; none if the register does not know it.
rank(tier) := data.mesh.classifications[tier].rank
