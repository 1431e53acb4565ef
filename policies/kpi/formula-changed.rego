# METADATA
# title: Changed formula under the same name
# description: A KPI whose formula changes gets a new name or a higher version. Under the old name, two reports show two numbers, and readers cannot tell which formula produced which. Whitespace is ignored. A denominator, filter, window or type that changes counts, too.
# custom:
#   severity: error
#   scope: change
#   entities: [kpi]
#   help: Rename the KPI or raise its version, or record the approval of the change in a waiver.
#   since: 0.2.0
#   options: {parts: [type, type_params, filter, filters, agg, agg_params, numerator, denominator, window, offset, measure, expr, sql, calculation_method]}
#   option_docs: {parts: "Keys of the manifest, outside the common model, that belong to the formula."}
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

# The expression is the same, but another part of the formula is not.
deny contains {"message": message, "at": ["formula"]} if {
	count(changed_parts) > 0
	same_expression
	not is_raised
	message := sprintf("the formula of %s changed in `%s`%s", [say.entity(input.entity), concat("`, `", changed_parts), version])
}

deny contains {"message": message, "at": at} if {
	count(changed_parts) == 0
	count(differing) > 0
	same_expression
	not is_raised
	message := sprintf("the formula of %s changed in `%s`%s", [say.entity(input.entity), concat("`, `", [route[count(route) - 1] | some route in differing]), version])
}

# The first part that the head has, or the expression.
at := array.concat(["parts"], stated[0]) if count(stated) > 0

at := ["formula"] if count(stated) == 0

stated := [route | some route in sort(differing); object.get(input.head, array.concat(["parts"], route), null) != null]

# Paths of the parts that differ; those of parameters one level deeper.
differing contains [part] if {
	some part in names(["parts"])
	part != "parameters"
	differs(["parts", part])
}

differing contains ["parameters", part] if {
	some part in names(["parts", "parameters"])
	differs(["parts", "parameters", part])
}

differing contains ["parameters"] if {
	not are_mappings
	differs(["parts", "parameters"])
}

are_mappings if {
	every revision in [input.base, input.head] {
		is_object(object.get(revision, ["parts", "parameters"], {}))
	}
}

names(path) := object.keys(object.get(input.base, path, {})) | object.keys(object.get(input.head, path, {})) if {
	is_object(object.get(input.base, path, {}))
	is_object(object.get(input.head, path, {}))
}

differs(path) if text(input.base, path) != text(input.head, path)

text(revision, path) := plain(json.marshal(object.get(revision, path, null)))

same_expression if plain(input.base.formula) == plain(input.head.formula)

same_expression if {
	not input.base.formula
	not input.head.formula
}

changed_parts contains route if {
	some route in input.unmodelled
	some part in data.options["kpi/formula-changed"].parts
	is_below(route, part)
}

is_below(route, part) if route == part

is_below(route, part) if startswith(route, sprintf("%s.", [part]))

is_below(route, part) if startswith(route, sprintf("%s[", [part]))

is_raised if versions.step(versions.read(input.base.version), versions.read(input.head.version))

# Stating a version for the first time counts as raising it.
is_raised if {
	not input.base.version
	versions.read(input.head.version)
}

version := sprintf(", but its version is still `%s`", [input.head.version]) if input.base.version == input.head.version

version := "" if not same_version

same_version if input.base.version == input.head.version
