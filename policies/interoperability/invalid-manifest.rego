# METADATA
# title: Does not fit its format
# description: A manifest fits the version of the standard that it declares, so that catalogs, gateways and generators read it as it was meant. What they do not know they pass over, or they refuse the file.
# custom:
#   severity: error
#   scope: entity
#   entities: [document]
#   help: Write it as the standard has it, or declare the version that it is written in.
#   since: 0.1.0
#   options: {max_findings: 20}
#   option_docs: {max_findings: "How many findings of one document are reported, at least 1; the last says how many more there are."}
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

# Whether a violation is the last that is shown, with more behind it.
is_cut(i) if {
	i == most - 1
	count(input.violations) > most
}
