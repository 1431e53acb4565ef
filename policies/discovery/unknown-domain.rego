# METADATA
# title: Unregistered domain
# description: Every product and contract belongs to a registered domain. Searches and reports by domain miss everything under an unregistered name.
# custom:
#   severity: error
#   scope: mesh
#   entities: [product, contract]
#   needs: [domain]
#   help: Name a registered domain, or add the domain to the register.
#   since: 0.1.0
package govcheck.discovery.unknown_domain

import data.govcheck.lib.say
import data.govcheck.lib.words

facts contains {"domain": input.domain, "at": ["domain"]} if input.domain

registered := [id | some id, _ in data.mesh.domains]

# `Customer Care`, `customer-care` and `customer_care` name the same domain, by its id or its title.
known := {words.snake(name) |
	some id, domain in data.mesh.domains
	some name in {id, object.get(domain, "name", id)}
}

deny contains {"fact": fact, "message": message, "did_you_mean": {"got": fact.domain, "among": registered}} if {
	count(registered) > 0
	some fact in input.facts
	not words.snake(fact.domain) in known
	message := sprintf("%s names domain `%s`, which is not registered", [say.entity(fact.entity), fact.domain])
}
