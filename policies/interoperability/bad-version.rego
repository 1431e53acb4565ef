# METADATA
# title: Version is no version
# description: A version is numbers joined by dots, the first of which rises when readers have to change something. From `final` or `latest` nobody can tell whether it still fits.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: "Write the version as `2.0.0`."
#   since: 0.1.0
#   options: {pattern: '^[vV]?[0-9]+(?:\.[0-9]+){0,2}(?:[-+][0-9A-Za-z.+-]+)?$'}
#   option_docs: {pattern: "Regular expression that a version matches."}
package govcheck.interoperability.bad_version

import data.govcheck.lib.say

# What a template leaves to fill in is no version yet.
deny contains {"message": message, "at": ["version"]} if {
	input.version != ""
	not contains(input.version, "{{")
	not regex.match(data.options["interoperability/bad-version"].pattern, input.version)
	message := sprintf("%s has version `%s`, which does not read like `2.0.0`", [say.entity(input.entity), input.version])
}
