# METADATA
# title: Under-classified product
# description: A product's classification is at least that of each column it offers. Access is granted by the product's tier, so a lower tier opens columns to readers who must not see them.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract]
#   help: Raise the classification of the product, or remove the column from its contract.
#   since: 0.1.0
#   together: {by: [id, contracts], with: contracts}
#   options: {unclassified_counts: false}
#   option_docs: {unclassified_counts: "Whether a column without a classification counts as the most sensitive tier."}
package govcheck.security.under_classified_product

import data.govcheck.lib.facts as of
import data.govcheck.lib.say
import data.govcheck.lib.tiers

facts contains {"tier": input.classification, "contracts": contracts, "at": ["classification"]} if {
	input.kind == "product"
	contracts := {port.contract | some port in input.outputs}
	count(contracts) > 0
	input.classification
}

facts contains fact if some fact in data.govcheck.lib.tiers.stated

facts contains {"unclassified": true, "column": say.column_name(input.columns[first]), "at": ["columns", first, "classification"]} if {
	data.options["security/under-classified-product"].unclassified_counts
	first := min([i | some i, column in input.columns; not column.classification; not column.nested])
}

most_sensitive := max({tier.rank | some tier in data.mesh.classifications})

rank(fact) := tiers.rank(fact.tier) if fact.tier

rank(fact) := most_sensitive if fact.unclassified

# The classified columns of each contract, least sensitive first: [rank, index of the fact].
columns_of := of.group([[fact.id, [rank(fact), i]] |
	some i, fact in input.facts
	fact.kind == "contract"
	rank(fact)
])

deny contains {"fact": product, "message": message, "related": related} if {
	some product in input.facts
	product.kind == "product"
	offered := max({pair | some contract in product.contracts; some pair in columns_of[contract]})
	offered[0] > rank(product)
	column := input.facts[offered[1]]
	message := sprintf(
		"%s is `%s`, but %s in its %s is %s",
		[say.entity(product.entity), product.tier, say.column(column.column), say.entity(column.entity), stated(column)],
	)
	related := [{"fact": column, "message": sprintf("%s here", [stated(column)])}]
}

stated(fact) := sprintf("`%s`", [fact.tier]) if fact.tier

stated(fact) := "unclassified" if fact.unclassified
