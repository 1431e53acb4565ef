# METADATA
# title: Changed under the same version
# description: >-
#   What readers see does not change under a version that they know. A new column, a wider type, another promise or check asks for a minor version.
#   Descriptions, tags, links and people ask for a patch, which is advised, but reported only if `least` says so.
#   What asks for a major version is `interoperability/breaking-change`'s to report.
# custom:
#   severity: warning
#   scope: change
#   entities: [contract, product]
#   help: Raise the version as the message says.
#   since: 0.2.0
#   options: {least: minor}
#   option_docs: {least: "The least part of a version that a change must ask for to be reported: `minor` or `patch`."}
package govcheck.interoperability.unversioned_change

import data.govcheck.lib.say
import data.govcheck.lib.versions

deny contains {"message": message, "at": ["version"]} if {
	part := data.govcheck.lib.changes.part
	part != "major"
	versions.weight[part] >= versions.weight[data.options["interoperability/unversioned-change"].least]
	data.govcheck.lib.changes.is_promised
	not data.govcheck.lib.changes.is_stepped
	reasons := data.govcheck.lib.changes.reasons
	message := sprintf(
		"%s changed, but its version %s; %s would be right: %s%s",
		[say.entity(input.entity), stood, data.govcheck.lib.changes.suggested, reasons[0], more(count(reasons) - 1)],
	)
}

stood := sprintf("is still %s", [input.head.version]) if input.base.version == input.head.version

stood := sprintf("went from %s to %s", [input.base.version, input.head.version]) if input.base.version != input.head.version

more(0) := ""

more(rest) := sprintf(", and %d more", [rest]) if rest > 0

# The version that would be right: what govcheck reports of every changed entity, whether the rule finds something or not.
advice contains {
	"from": data.govcheck.lib.changes.from.text,
	"to": data.govcheck.lib.changes.to.text,
	"part": data.govcheck.lib.changes.asked,
	"suggested": data.govcheck.lib.changes.suggested,
	"reasons": data.govcheck.lib.changes.reasons,
} if {
	data.govcheck.lib.changes.part
}
