# METADATA
# title: Outdated standard
# description: A manifest follows a current version of its standard. Tools drop support for outdated versions, which also lack fields for newer information.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Migrate the manifest to the standard that the message names.
#   since: 0.1.0
#   options:
#     outdated:
#       odps 0: Open Data Product Standard 1
#       odcs2: Open Data Contract Standard 3
#       dcs: Open Data Contract Standard 3
#       entropy: Open Data Product Standard 1
#   option_docs: {outdated: "Outdated formats, or a format with its major version, and the standard to use instead."}
package govcheck.interoperability.outdated_standard

import data.govcheck.lib.say

outdated := data.options["interoperability/outdated-standard"].outdated

major := split(trim_left(object.get(input, "standard", ""), "vV"), ".")[0]

instead := outdated[sprintf("%s %s", [input.format, major])]

instead := outdated[input.format] if not outdated[sprintf("%s %s", [input.format, major])]

deny contains {"message": message, "at": ["standard"]} if {
	instead
	version := object.get(input, "standard", "unknown")
	message := sprintf(
		"%s follows `%s` version `%s`, which is outdated; use %s",
		[say.entity(input.entity), input.format, version, instead],
	)
}
