# METADATA
# title: Changed formula under the same name
# description: A KPI whose formula changes gets a new name or a higher version. Under the old name, two reports show two numbers, and readers cannot tell which formula produced which. Whitespace is ignored.
# custom:
#   severity: error
#   scope: change
#   entities: [kpi]
#   help: Rename the KPI or raise its version, or record the approval of the change in a waiver.
#   since: 0.2.0
package govcheck.kpi.formula_changed

import data.govcheck.lib.say
import data.govcheck.lib.versions

# The formula without whitespace around operators, and with single spaces elsewhere.
plain(formula) := regex.replace(regex.replace(trim_space(formula), `[\t\n\v\f\r\p{Z}]+`, " "), ` ?([^\p{L}\p{M}\p{N}\p{Pc}\t\n\v\f\r\p{Z}'"]) ?`, "$1")

deny contains {"message": message, "at": ["formula"]} if {
	input.base.formula != input.head.formula
	plain(input.base.formula) != plain(input.head.formula)
	not is_raised
	message := sprintf("the formula of %s changed from `%s` to `%s`%s", [say.entity(input.entity), plain(input.base.formula), plain(input.head.formula), version])
}

deny contains {"message": message, "at": ["formula"]} if {
	input.head
	not input.head.formula
	not is_raised
	message := sprintf("%s no longer states its formula `%s`", [say.entity(input.entity), plain(input.base.formula)])
}

is_raised if versions.step(versions.read(input.base.version), versions.read(input.head.version))

# Stating a version for the first time counts as raising it.
is_raised if {
	not input.base.version
	versions.read(input.head.version)
}

version := sprintf(", but its version is still `%s`", [input.head.version]) if input.base.version == input.head.version

version := "" if not same_version

same_version if input.base.version == input.head.version
