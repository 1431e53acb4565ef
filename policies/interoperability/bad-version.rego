# METADATA
# title: Malformed version
# description: A version is numbers joined by dots, and the first number rises when consumers have to adapt. From `final` or `latest`, a consumer cannot tell whether it still fits.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Write the version as `MAJOR.MINOR.PATCH`, for example `2.0.0`.
#   since: 0.1.0
#   options: {pattern: '^[vV]?[0-9]+(?:\.[0-9]+){0,2}(?:[-+][0-9A-Za-z.+-]+)?$'}
#   option_docs: {pattern: "Regular expression that a version must match."}
package govcheck.interoperability.bad_version

import data.govcheck.lib.say
import data.govcheck.lib.template

# A template placeholder, `{{ version }}`, is not a version yet.
deny contains {"message": message, "at": ["version"]} if {
	input.version != ""
	not template.placeholder(input.version)
	not regex.match(data.options["interoperability/bad-version"].pattern, input.version)
	message := sprintf("%s has version `%s`, which is not a version like `2.0.0`", [say.entity(input.entity), input.version])
}
