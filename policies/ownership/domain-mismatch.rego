# METADATA
# title: Domain and folder disagree
# description: A manifest names the domain in whose folder it lies. Where the two disagree, one of them gives the wrong people the ownership and the review.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract]
#   help: Name the domain of the folder, or move the file to the folder of its domain.
#   since: 0.1.0
package govcheck.ownership.domain_mismatch

import data.govcheck.lib.say

deny contains {"message": message, "at": ["domain"], "fix": input.place.domain} if {
	plain(input.domain) != plain(input.place.domain)
	message := sprintf(
		"%s names domain `%s`, but lies in the folder of `%s`",
		[say.entity(input.entity), input.domain, input.place.domain],
	)
}

# `Customer Care`, `customer-care` and `customer_care` are one domain.
plain(name) := replace(replace(lower(name), "-", "_"), " ", "_")
