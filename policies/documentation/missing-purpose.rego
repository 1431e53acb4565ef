# METADATA
# title: Purpose is not described
# description: A product or contract says in a sentence what it is for. Who searches the mesh decides by it whether to read on.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract]
#   help: Say in a sentence what the data is and what it is for.
#   since: 0.1.0
#   options: {min_length: 20}
#   option_docs: {min_length: "Characters that a description has at least."}
package govcheck.documentation.missing_purpose

import data.govcheck.lib.say

min_length := data.options["documentation/missing-purpose"].min_length

purpose := trim_space(object.get(input, "description", ""))

deny contains {"message": message, "at": ["description"]} if {
	purpose == ""
	object.get(input, "access", "") != "external"
	message := sprintf("%s has no description of its purpose", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["description"]} if {
	length := count(purpose)
	length > 0
	length < min_length
	message := sprintf(
		"the description of %s has %d characters, at least %d are wanted",
		[say.entity(input.entity), length, min_length],
	)
}
