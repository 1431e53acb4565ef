# METADATA
# title: No link to documentation
# description: A product links to its documentation. A manifest holds a few sentences; how the data comes about, with pictures and examples, is on a page that readers have to find.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product]
#   help: Link to the page that documents the product.
#   since: 0.1.0
#   options: {hosts: []}
#   option_docs: {hosts: "Hosts of which a link has to name one; any will do if there are none."}
package govcheck.documentation.missing_wiki_link

import data.govcheck.lib.say
import data.govcheck.lib.terms

hosts := data.options["documentation/missing-wiki-link"].hosts

links := [link.url | some link in input.docs; link.url]

deny contains {"message": message, "at": ["docs"]} if {
	input.expresses.docs
	count(links) == 0
	message := sprintf("%s links to no documentation", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["docs"]} if {
	count(links) > 0
	count(hosts) > 0
	count([url | some url in links; terms.host(url) in hosts]) == 0
	message := sprintf("no link of %s leads to `%s`", [say.entity(input.entity), concat("`, `", hosts)])
}
