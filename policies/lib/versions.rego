# Semantic versions: which part rose, and which version comes next. Functions take parsed versions, the result of `read`, so
# that each version is parsed once; without `regex`, which would cost more than everything else here.
package govcheck.lib.versions

weight := {"patch": 0, "minor": 1, "major": 2}

digits := "0123456789"

# `v1.2` is {"text": "v1.2", "numbers": [1, 2, 0], "parts": 2, "prefix": "v", "is_preview": false}. Undefined for other texts.
read(version) := {
	"text": version,
	"numbers": array.concat(numbers, array.slice([0, 0, 0], count(numbers), 3)),
	"parts": count(numbers),
	"prefix": prefix(version),
	"is_preview": is_preview(version),
} if {
	parts := split(core(version), ".")
	count(parts) <= 3
	every part in parts {
		is_number_text(part)
	}
	numbers := [to_number(part) | some part in parts]
}

core(version) := split(split(substring(version, count(prefix(version)), -1), "-")[0], "+")[0]

is_number_text(part) if {
	trim_left(part, digits) == ""
	count(part) > 0
	count(part) < 10
}

prefix(version) := substring(version, 0, 1) if lower(substring(version, 0, 1)) == "v"

prefix(version) := "" if lower(substring(version, 0, 1)) != "v"

# `2.0.0-rc.1` is a preview, which promises nothing yet.
is_preview(version) := contains(split(version, "+")[0], "-")

# The part that rose from one version to another; undefined if none did.
step(from, to) := "major" if to.numbers[0] > from.numbers[0]

step(from, to) := "minor" if {
	to.numbers[0] == from.numbers[0]
	to.numbers[1] > from.numbers[1]
}

step(from, to) := "patch" if {
	array.slice(to.numbers, 0, 2) == array.slice(from.numbers, 0, 2)
	to.numbers[2] > from.numbers[2]
}

step(from, to) := "patch" if {
	from.is_preview
	from.text != to.text
	to.numbers == from.numbers
}

# The part to raise for a change. Before `1.0.0`, a break takes a minor version, and an addition a patch version.
asked(from, _) := "patch" if from.is_preview

asked(from, part) := part if {
	not from.is_preview
	from.numbers[0] > 0
}

asked(from, part) := {"major": "minor", "minor": "patch", "patch": "patch"}[part] if {
	not from.is_preview
	from.numbers[0] == 0
}

# Whether a version rose by at least this part.
rose(from, to, part) if weight[step(from, to)] >= weight[part]

# The next version by a part, in the notation of the old one: the minor version after `v1.2` is `v1.3`.
following(from, part) := sprintf("%s%s", [from.prefix, concat(".", shown)]) if {
	parts := max([from.parts, {"major": 1, "minor": 2, "patch": 3}[part]])
	shown := [sprintf("%d", [number]) | some number in array.slice(raised(from, part), 0, parts)]
}

raised(from, _) := from.numbers if from.is_preview

raised(from, part) := {
	"major": [from.numbers[0] + 1, 0, 0],
	"minor": [from.numbers[0], from.numbers[1] + 1, 0],
	"patch": [from.numbers[0], from.numbers[1], from.numbers[2] + 1],
}[part] if {
	not from.is_preview
}
