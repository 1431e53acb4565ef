# METADATA
# title: Change without a new version
# description: >-
#   What readers see changes only with the version. A new column, a wider type, a changed promise or a changed check needs a minor version,
#   and so does any part of the manifest that the common model does not cover. The order of lists does not count.
#   Changed descriptions, tags, links and people need a patch version, which is reported only if `least` is `patch`.
#   `interoperability/breaking-change` covers changes that need a major version.
# custom:
#   severity: warning
#   scope: change
#   entities: [contract, product]
#   help: Set the version that the message names.
#   since: 0.2.0
#   options: {least: minor}
#   option_docs: {least: "Smallest change to report: `minor` or `patch`."}
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
		"%s changed, but its version %s instead of `%s`: %s%s",
		[say.entity(input.entity), stood, data.govcheck.lib.changes.suggested, reasons[0], more(count(reasons) - 1)],
	)
}

stood := sprintf("is still `%s`", [input.head.version]) if input.base.version == input.head.version

stood := sprintf("went from `%s` to `%s`", [input.base.version, input.head.version]) if input.base.version != input.head.version

stood := "is missing" if {
	input.base.version
	not input.head.version
}

more(0) := ""

more(rest) := sprintf(" (and %d more)", [rest]) if rest > 0

# The next version of each changed entity, which govcheck reports whether or not this rule has a finding.
advice contains {
	"from": data.govcheck.lib.changes.from.text,
	"to": data.govcheck.lib.changes.to.text,
	"part": data.govcheck.lib.changes.asked,
	"suggested": data.govcheck.lib.changes.suggested,
	"reasons": data.govcheck.lib.changes.reasons,
} if {
	data.govcheck.lib.changes.part
}
