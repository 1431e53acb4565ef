# Semantic versions: which part rose, and which one comes next.
package govcheck.lib.versions

weight := {"patch": 0, "minor": 1, "major": 2}

# [1, 2, 0] of `v1.2`; none of what is no version.
numbers(version) := array.concat(stated, array.slice([0, 0, 0], count(stated), 3)) if {
	regex.match(`^[vV]?[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:[-+][0-9A-Za-z.+-]+)?$`, version)
	stated := [to_number(number) | some number in split(core(version), ".")]
}

core(version) := split(split(trim_left(version, "vV"), "-")[0], "+")[0]

# `2.0.0-rc.1` promises nothing yet.
is_preview(version) if contains(split(version, "+")[0], "-")

# The part that rose from one version to another; none if none did.
step(from, to) := "major" if numbers(to)[0] > numbers(from)[0]

step(from, to) := "minor" if {
	numbers(to)[0] == numbers(from)[0]
	numbers(to)[1] > numbers(from)[1]
}

step(from, to) := "patch" if {
	array.slice(numbers(to), 0, 2) == array.slice(numbers(from), 0, 2)
	numbers(to)[2] > numbers(from)[2]
}

step(from, to) := "patch" if {
	is_preview(from)
	from != to
	numbers(to) == numbers(from)
}

# The part of this version that a change asks for: before 1.0.0 a break takes a minor one, and more a patch.
asked(from, part) := "patch" if is_preview(from)

asked(from, part) := part if {
	not is_preview(from)
	numbers(from)[0] > 0
}

asked(from, part) := {"major": "minor", "minor": "patch", "patch": "patch"}[part] if {
	not is_preview(from)
	numbers(from)[0] == 0
}

# Whether a version rose by this part at least.
rose(from, to, part) if weight[step(from, to)] >= weight[part]

# The next version by a part, written like the one before: `v1.2` and minor is `v1.3`.
following(from, part) := sprintf("%s%s", [prefix(from), concat(".", shown)]) if {
	now := numbers(from)
	risen := raised(from, now, part)
	parts := max([count(split(core(from), ".")), weight_parts[part]])
	shown := [sprintf("%d", [number]) | some number in array.slice(risen, 0, parts)]
}

weight_parts := {"major": 1, "minor": 2, "patch": 3}

raised(from, now, part) := now if is_preview(from)

raised(from, now, "major") := [now[0] + 1, 0, 0] if not is_preview(from)

raised(from, now, "minor") := [now[0], now[1] + 1, 0] if not is_preview(from)

raised(from, now, "patch") := [now[0], now[1], now[2] + 1] if not is_preview(from)

prefix(version) := substring(version, 0, 1) if regex.match("^[vV]", version)

prefix(version) := "" if not regex.match("^[vV]", version)
