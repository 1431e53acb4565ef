# Changes of column types that keep every value readable. The tables of type names are options of
# `interoperability/breaking-change`.
package govcheck.lib.types

import data.govcheck.lib.facts as of

options := data.options["interoperability/breaking-change"]

same_as := of.first([[alias, name] | some name, aliases in options.same_types; some alias in aliases])

# Decimal digits of the integer types.
digits := {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}

# `VARCHAR(20)` is a string.
plain(type) := object.get(same_as, name, name) if name := trim_space(split(lower(type), "(")[0])

# [[whole match, "10", "2"]] for `decimal(10, 2)`; empty where no size is stated.
size(type) := regex.find_all_string_submatch_n(`\([\t ]*([0-9]{1,9})[\t ]*(?:,[\t ]*([0-9]{1,9})[\t ]*)?\)`, type, 1)

precision(type) := to_number(size(type)[0][1])

scale(type) := to_number(size(type)[0][2]) if size(type)[0][2] != ""

scale(type) := 0 if size(type)[0][2] == ""

# Whether readers of the one type can read values of the other.
keeps(from, to) if lower(from) == lower(to)

keeps(from, to) if {
	plain(from) == plain(to)
	not is_narrower(from, to)
}

keeps(from, to) if {
	plain(to) in options.widenings[plain(from)]
	not is_too_small(from, to)
}

is_narrower(from, to) if {
	count(size(from)) == 0
	count(size(to)) == 1
}

is_narrower(from, to) if precision(to) < precision(from)

is_narrower(from, to) if scale(to) < scale(from)

is_narrower(from, to) if precision(to) - scale(to) < precision(from) - scale(from)

is_too_small(from, to) if precision(to) - scale(to) < digits[plain(from)]
