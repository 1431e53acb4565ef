# METADATA
# title: Standard is outdated
# description: A manifest follows a current version of its standard. Tools stop reading the old ones, and what they have no field for is not written down.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract]
#   help: Move the manifest to the current standard.
#   since: 0.1.0
#   options:
#     outdated:
#       odps 0: Open Data Product Standard 1
#       odcs2: Open Data Contract Standard 3
#       dcs: Open Data Contract Standard 3
#       entropy: Open Data Product Standard 1
#   option_docs: {outdated: "Formats, or a format and its major version, that are outdated, and what to use instead."}
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
		"%s follows version `%s` of `%s`, which `%s` has replaced",
		[say.entity(input.entity), version, input.format, instead],
	)
}
