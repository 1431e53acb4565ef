# METADATA
# title: Missing purpose
# description: A product or contract states its purpose in a sentence. Anyone who searches the mesh decides by that sentence whether to read on.
# custom:
#   severity: error
#   scope: entity
#   entities: [product, contract]
#   help: Write a sentence that says what the data is and what it is for.
#   since: 0.1.0
#   options: {min_length: 20}
#   option_docs: {min_length: "Minimum length of a description, in characters."}
package govcheck.documentation.missing_purpose

import data.govcheck.lib.say

min_length := data.options["documentation/missing-purpose"].min_length

purpose := trim_space(object.get(input, "description", ""))

deny contains {"message": message, "at": ["description"]} if {
	purpose == ""
	object.get(input, "access", "") != "external"
	message := sprintf("%s does not describe its purpose", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["description"]} if {
	length := count(purpose)
	length > 0
	length < min_length
	message := sprintf(
		"the description of %s is too short: %d of at least %d characters",
		[say.entity(input.entity), length, min_length],
	)
}
