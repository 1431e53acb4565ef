# What a change means to readers, and which version it asks for: shared by `interoperability/breaking-change` and
# `interoperability/unversioned-change`, so that both say the same. Read it by its full path, so that both share one answer.
#
# A difference is {"part", "what", "at"}, and has "base_at" if it is about what is gone. Its part of a version:
# - major: something that readers rely on is gone. Tables, columns, keys, uniqueness, values never null, ports; other types,
#   units, names in storage. For a contract that others deliver, also what they have to add.
# - minor: more than there was, or another promise: new tables, columns and ports, wider types, allowed values, classification, SLA, checks, servers.
# - patch: all else: descriptions, tags, links, people.
package govcheck.lib.changes

import data.govcheck.lib.columns
import data.govcheck.lib.facts as of
import data.govcheck.lib.say
import data.govcheck.lib.types
import data.govcheck.lib.versions

options := data.options["interoperability/breaking-change"]

both if {
	input.base
	input.head
}

breaks contains difference if {
	some difference in data.govcheck.lib.changes.differences
	difference.part == "major"
}

# The weightiest part, where anything differs.
part := parts[max([versions.weight[difference.part] | some difference in data.govcheck.lib.changes.differences])]

parts := ["patch", "minor", "major"]

# Of a column that something is said of already nothing more is said, and of texts only where there is nothing else.
differences := told | more if {
	both
	count(told | more) > 0
}

differences := {{"part": "patch", "what": "descriptions or other texts changed", "at": []}} if {
	both
	count(told | more) == 0
	object.remove(input.base, host) != object.remove(input.head, host)
}

from := versions.read(input.base.version)

to := versions.read(input.head.version)

asked := versions.asked(from, part)

is_raised if versions.rose(from, to, asked)

# A version that is none is no step from one that is.
is_stepped if versions.step(from, to)

suggested := to.text if is_raised

suggested := versions.following(from, asked) if not is_raised

reasons := [reason[1] | some reason in sort([[2 - versions.weight[difference.part], difference.what] | some difference in data.govcheck.lib.changes.differences])]

# What is only planned has been promised to nobody.
is_promised if not is_planned

is_planned if object.get(input.base, "status", "active") in options.not_yet

# A contract that others deliver to this mesh: it is read, and no product here offers it.
is_delivered if input.base.access == "external"

is_delivered if {
	input.kind == "contract"
	id := substring(input.entity, count("contract:"), -1)
	data.mesh.readers[id]
	not data.mesh.offers[id]
}

# --- contracts ---

told contains {"part": "major", "what": sprintf("table `%s` is gone", [name]), "at": ["tables"], "base_at": ["tables", i]} if {
	both
	some name in data.govcheck.lib.columns.gone_tables
	i := data.govcheck.lib.columns.base_tables[name]
}

told contains {"part": "minor", "what": sprintf("table `%s` is new", [name]), "at": ["tables", i]} if {
	both
	some name in data.govcheck.lib.columns.new_tables
	i := data.govcheck.lib.columns.head_tables[name]
}

told contains {"part": "major", "what": what, "at": ["tables", j, "physical_name"]} if {
	both
	some name, i in data.govcheck.lib.columns.base_tables
	j := data.govcheck.lib.columns.head_tables[name]
	was := input.base.tables[i].physical_name
	is := input.head.tables[j].physical_name
	was != is
	what := sprintf("table `%s` is stored as `%s`, no longer as `%s`", [name, is, was])
}

told contains {"part": "major", "what": what, "at": columns.home(column), "base_at": ["columns", i]} if {
	both
	some key in data.govcheck.lib.columns.gone
	i := data.govcheck.lib.columns.base[key]
	column := input.base.columns[i]
	not columns.is_told(column)
	what := sprintf("%s is gone%s", [say.column(column), columns.renamed_to(key)])
}

told contains {"part": new_part(column), "what": sprintf("%s is new%s", [say.column(column), new_what(column)]), "at": ["columns", j]} if {
	both
	some key in data.govcheck.lib.columns.added
	j := data.govcheck.lib.columns.head[key]
	column := input.head.columns[j]
	not object.get(column, "table", "") in data.govcheck.lib.columns.new_tables
}

new_part(column) := "major" if is_demanded(column)

new_part(column) := "major" if extends_key(column)

new_part(column) := "minor" if {
	not is_demanded(column)
	not extends_key(column)
}

new_what(column) := ", and required of those who deliver it" if is_demanded(column)

new_what(column) := ", and part of the primary key" if {
	not is_demanded(column)
	extends_key(column)
}

new_what(column) := "" if new_part(column) == "minor"

is_demanded(column) if {
	is_delivered
	column.required
}

extends_key(column) if {
	column.primary_key
	object.get(column, "table", "") in keyed
}

# Tables whose primary key the base states.
keyed contains object.get(column, "table", "") if {
	some column in input.base.columns
	column.primary_key
}

# Of `differing`: [column before, column now, its index now].
told contains {"part": "major", "what": what, "at": ["columns", change[2], "type"]} if {
	some change in data.govcheck.lib.columns.differing
	states_type(change)
	not types.keeps(change[0].type, change[1].type)
	what := sprintf("%s has type `%s`, no longer `%s`", [say.column(change[1]), change[1].type, change[0].type])
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "physical_type"]} if {
	some change in data.govcheck.lib.columns.differing
	not change[1].nested
	keeps_type(change)
	states_physical_type(change)
	not types.keeps(change[0].physical_type, change[1].physical_type)
	what := sprintf("%s is stored as `%s`, no longer as `%s`", [say.column(change[1]), change[1].physical_type, change[0].physical_type])
}

keeps_type(change) if {
	states_type(change)
	types.keeps(change[0].type, change[1].type)
}

keeps_type(change) if not states_type(change)

states_type(change) if {
	change[0].type
	change[1].type
}

states_physical_type(change) if {
	change[0].physical_type
	change[1].physical_type
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "required"]} if {
	some change in data.govcheck.lib.columns.differing
	change[0].required
	not change[1].required
	what := sprintf("%s may be null now", [say.column(change[1])])
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "required"]} if {
	some change in data.govcheck.lib.columns.differing
	is_demanded(change[1])
	not change[0].required
	what := sprintf("%s is required now of those who deliver it", [say.column(change[1])])
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "unique"]} if {
	some change in data.govcheck.lib.columns.differing
	change[0].unique
	not change[1].unique
	what := sprintf("%s is no longer unique", [say.column(change[1])])
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "primary_key"]} if {
	some change in data.govcheck.lib.columns.differing
	change[0].primary_key
	not change[1].primary_key
	what := sprintf("%s is no longer part of the primary key", [say.column(change[1])])
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "primary_key"]} if {
	some change in data.govcheck.lib.columns.differing
	not change[0].primary_key
	extends_key(change[1])
	what := sprintf("%s is part of the primary key now", [say.column(change[1])])
}

told contains {"part": "major", "what": what, "at": ["columns", change[2], "unit"]} if {
	some change in data.govcheck.lib.columns.differing
	was := change[0].unit
	is := change[1].unit
	was != is
	what := sprintf("%s is in `%s`, no longer in `%s`", [say.column(change[1]), is, was])
}

told contains {"part": enum_part("added"), "what": what, "at": ["columns", change[2], "enum"]} if {
	some change in data.govcheck.lib.columns.differing
	more := {value | some value in change[1].enum} - {value | some value in change[0].enum}
	count(more) > 0
	change[0].enum
	what := sprintf("%s allows `%s` too", [say.column(change[1]), concat("`, `", more)])
}

told contains {"part": enum_part("removed"), "what": what, "at": ["columns", change[2], "enum"]} if {
	some change in data.govcheck.lib.columns.differing
	fewer := {value | some value in change[0].enum} - {value | some value in change[1].enum}
	count(fewer) > 0
	change[1].enum
	what := sprintf("%s allows `%s` no longer", [say.column(change[1]), concat("`, `", fewer)])
}

# Fewer values break those who deliver them; more only readers that count on knowing all.
enum_part("added") := "major" if {
	options.more_values_break
	not is_delivered
}

enum_part("added") := "minor" if not options.more_values_break

enum_part("added") := "minor" if is_delivered

enum_part("removed") := "major" if is_delivered

enum_part("removed") := "minor" if not is_delivered

said_of := {difference.at[1] | some difference in told; difference.at[0] == "columns"}

# Whatever else readers see of a column.
seen := ["type", "physical_type", "required", "unique", "primary_key", "enum", "unit", "classification", "personal_data", "protected", "checks"]

more contains {"part": "minor", "what": what, "at": ["columns", change[2]]} if {
	some change in data.govcheck.lib.columns.differing
	not change[2] in said_of
	fields := [field | some field in seen; object.get(change[0], field, null) != object.get(change[1], field, null)]
	count(fields) > 0
	what := sprintf("%s states another %s", [say.column(change[1]), replace(concat(", ", fields), "_", " ")])
}

told contains {"part": "minor", "what": sprintf("another %s is stated", [phrase]), "at": [field]} if {
	both
	some field, phrase in {"sla": "SLA", "servers": "server", "classification": "classification", "retention": "retention", "deidentified": "de-identification"}
	object.get(input.base, field, null) != object.get(input.head, field, null)
}

told contains {"part": "minor", "what": sprintf("table `%s` has other checks", [name]), "at": ["tables", j]} if {
	both
	some name, i in data.govcheck.lib.columns.base_tables
	j := data.govcheck.lib.columns.head_tables[name]
	object.get(input.base.tables[i], "checks", []) != object.get(input.head.tables[j], "checks", [])
}

# --- products ---

port_name(port) := object.get(port, "name", object.get(port, "contract", ""))

# A port of another major version is another port.
port_key(port) := concat("\n", [port_name(port), major(object.get(port, "version", ""))])

major(version) := number if {
	number := sprintf("%d", [versions.read(version).numbers[0]])
} else := ""

base_ports := of.first([[port_key(port), i] | some i, port in input.base.outputs])

head_ports := of.first([[port_key(port), i] | some i, port in input.head.outputs])

told contains {"part": "major", "what": what, "at": ["outputs"], "base_at": ["outputs", i]} if {
	both
	some key in object.keys(base_ports) - object.keys(head_ports)
	i := base_ports[key]
	what := sprintf("output port `%s`%s is gone", [port_name(input.base.outputs[i]), of_version(input.base.outputs[i])])
}

of_version(port) := sprintf(" of version %s", [port.version]) if port.version

of_version(port) := "" if not port.version

told contains {"part": "minor", "what": what, "at": ["outputs", j]} if {
	both
	some key in object.keys(head_ports) - object.keys(base_ports)
	j := head_ports[key]
	what := sprintf("output port `%s`%s is new", [port_name(input.head.outputs[j]), of_version(input.head.outputs[j])])
}

told contains {"part": "major", "what": what, "at": ["outputs", j, "contract"]} if {
	both
	some key, i in base_ports
	j := head_ports[key]
	was := input.base.outputs[i].contract
	is := input.head.outputs[j].contract
	was != is
	what := sprintf("output port `%s` honours contract `%s`, no longer `%s`", [port_name(input.head.outputs[j]), is, was])
}

# What is no content, or is judged by itself.
host := ["version", "standard", "status", "entity", "kind", "format", "file", "place", "expresses", "document", "text"]
