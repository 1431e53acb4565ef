# Amounts of promises: a number with a unit, comparable with others.
package govcheck.lib.amounts

# In seconds, or in percent. `m` is minutes, as in every standard that has both; months are `mo`.
units := {
	"ms": ["time", 0.001],
	"s": ["time", 1], "sec": ["time", 1], "second": ["time", 1],
	"m": ["time", 60], "min": ["time", 60], "minute": ["time", 60],
	"h": ["time", 3600], "hr": ["time", 3600], "hour": ["time", 3600],
	"d": ["time", 86400], "day": ["time", 86400],
	"w": ["time", 604800], "week": ["time", 604800],
	"mo": ["time", 2629800], "month": ["time", 2629800],
	"q": ["time", 7889400], "quarter": ["time", 7889400],
	"y": ["time", 31557600], "yr": ["time", 31557600], "year": ["time", 31557600],
	"%": ["share", 1], "percent": ["share", 1], "pct": ["share", 1],
}

words := {"hourly": "1 h", "daily": "1 d", "weekly": "1 w", "monthly": "1 mo", "quarterly": "1 q", "yearly": "1 y", "annually": "1 y"}

# [what it measures, how much]: `4 h` is ["time", 14400]. Undefined for values that are not amounts.
measure(value, unit) := [base, number * factor] if {
	text := stated(value, unit)
	parts := regex.find_all_string_submatch_n(`^([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([a-z%]+)$`, text, 1)[0]
	number := to_number(parts[1])
	[base, factor] := units[singular(parts[2])]
}

# A bare number, or a number with an unknown unit, compares only with its like.
measure(value, unit) := [sprintf("of %s", [name]), to_number(parts[1])] if {
	text := stated(value, unit)
	parts := regex.find_all_string_submatch_n(`^([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([a-z_/]*)$`, text, 1)[0]
	name := parts[2]
	not units[singular(name)]
}

# `P1DT12H`.
measure(value, unit) := ["time", sum(seconds)] if {
	text := stated(value, unit)
	regex.match(`^p(?:[0-9]{1,9}[ymwd])*(?:t(?:[0-9]{1,9}[hms])+)?$`, text)
	count(text) > 1
	halves := split(text, "t")
	days := [seconds_of(part[1], {"y": "y", "m": "mo", "w": "w", "d": "d"}[part[2]]) |
		some part in regex.find_all_string_submatch_n("([0-9]+)([ymwd])", halves[0], 9)
	]
	clock := [seconds_of(part[1], part[2]) |
		some half in array.slice(halves, 1, 2)
		some part in regex.find_all_string_submatch_n("([0-9]+)([hms])", half, 9)
	]
	seconds := array.concat(days, clock)
}

seconds_of(number, unit) := to_number(number) * units[unit][1]

stated(value, unit) := object.get(words, text, text) if text := trim_space(lower(sprintf("%v %s", [value, unit])))

singular(unit) := trim_right(unit, "s") if count(unit) > 2

singular(unit) := unit if count(unit) <= 2
