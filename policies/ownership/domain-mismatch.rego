# METADATA
# title: Domain that differs from the folder
# description: A manifest names the domain whose folder it is in. Where the two differ, one of them routes ownership and reviews to the wrong people.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract]
#   help: Write the domain of the folder, or move the file to its domain's folder.
#   since: 0.1.0
package govcheck.ownership.domain_mismatch

import data.govcheck.lib.say

deny contains {"message": message, "at": ["domain"], "fix": input.place.domain} if {
	plain(input.domain) != plain(input.place.domain)
	message := sprintf(
		"%s names domain `%s`, but is in the folder of domain `%s`",
		[say.entity(input.entity), input.domain, input.place.domain],
	)
}

# `Customer Care`, `customer-care` and `customer_care` name the same domain.
plain(name) := replace(replace(lower(name), "-", "_"), " ", "_")
