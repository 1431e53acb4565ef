# METADATA
# title: Missing link to documentation
# description: A product links to its documentation. A manifest holds a few sentences; how the data is produced, with diagrams and examples, is on a page that readers need to find.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product]
#   help: Add a link to the page that documents the product.
#   since: 0.1.0
#   options: {hosts: []}
#   option_docs: {hosts: "Hosts that count as documentation: one link must lead to one of them. Empty: any link counts."}
package govcheck.documentation.missing_wiki_link

import data.govcheck.lib.say
import data.govcheck.lib.terms

hosts := data.options["documentation/missing-wiki-link"].hosts

links := [link.url | some link in input.docs; link.url]

deny contains {"message": message, "at": ["docs"]} if {
	input.expresses.docs
	count(links) == 0
	message := sprintf("%s does not link to its documentation", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["docs"]} if {
	count(links) > 0
	count(hosts) > 0
	count([url | some url in links; terms.host(url) in hosts]) == 0
	message := sprintf("no link of %s leads to `%s`", [say.entity(input.entity), concat("`, `", hosts)])
}
