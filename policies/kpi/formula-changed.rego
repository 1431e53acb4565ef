# METADATA
# title: Formula changed under the same name
# description: A KPI whose formula changes gets a new name or a higher version. Under the old one two reports show two numbers, and nobody can tell which formula made which. White space does not count.
# custom:
#   severity: error
#   scope: change
#   entities: [kpi]
#   help: Give the new formula a new name or a higher version, or have a waiver approve the change.
#   since: 0.2.0
package govcheck.kpi.formula_changed

import data.govcheck.lib.say
import data.govcheck.lib.versions

# Without the white space that separates nothing.
plain(formula) := regex.replace(regex.replace(trim_space(formula), `[\t\n\v\f\r\p{Z}]+`, " "), ` ?([^\p{L}\p{M}\p{N}\p{Pc}\t\n\v\f\r\p{Z}'"]) ?`, "$1")

deny contains {"message": message, "at": ["formula"]} if {
	input.base.formula != input.head.formula
	plain(input.base.formula) != plain(input.head.formula)
	not is_raised
	message := sprintf("%s is computed as `%s` now, and was as `%s`%s", [say.entity(input.entity), plain(input.head.formula), plain(input.base.formula), version])
}

deny contains {"message": message, "at": ["formula"]} if {
	input.head
	not input.head.formula
	not is_raised
	message := sprintf("%s does not say any more how it is computed: `%s`", [say.entity(input.entity), plain(input.base.formula)])
}

is_raised if versions.step(versions.read(input.base.version), versions.read(input.head.version))

# A first version comes with a new formula.
is_raised if {
	not input.base.version
	versions.read(input.head.version)
}

version := sprintf(", both in version %s", [input.head.version]) if input.base.version == input.head.version

version := "" if not same_version

same_version if input.base.version == input.head.version
