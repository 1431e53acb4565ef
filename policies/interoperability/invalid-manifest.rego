# METADATA
# title: Invalid manifest
# description: A manifest conforms to the version of the standard that it declares. Catalogs, gateways and generators ignore keys that they do not know, or refuse the file.
# custom:
#   severity: error
#   scope: entity
#   entities: [document]
#   help: Correct the value as the standard requires, or declare the version that the manifest is written in.
#   since: 0.1.0
#   options: {max_findings: 20}
#   option_docs: {max_findings: "Maximum number of findings in one document, at least 1. The last one says how many are not shown."}
package govcheck.interoperability.invalid_manifest

options := data.options["interoperability/invalid-manifest"]

most := max([options.max_findings, 1])

deny contains violation if {
	some i, violation in input.violations
	i < most
	not is_cut(i)
}

deny contains object.union(violation, {"message": message}) if {
	is_cut(most - 1)
	violation := input.violations[most - 1]
	message := sprintf("%s (not shown: %d more)", [violation.message, count(input.violations) - most])
}

# Whether violation `i` is the last one shown, with more after it.
is_cut(i) if {
	i == most - 1
	count(input.violations) > most
}
