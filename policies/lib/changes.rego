# Differences between two revisions of an entity, and the version that they require. `interoperability/breaking-change` and
# `interoperability/unversioned-change` share it, so that both agree; read it by its full path, which is evaluated once.
#
# A difference is {"part", "what", "at"}, with "base_at" if it concerns something that was removed. Its part of the version:
# - major: readers lose something that they rely on: tables, columns, keys, uniqueness, values that are never null, ports;
#   types, units and physical names change. For a contract that others deliver, also new demands on the supplier.
# - minor: additions and other promises: tables, columns, ports, wider types, allowed values, classification, SLA, checks,
#   servers, and parts of the manifest that the common model does not cover.
# - patch: everything else: descriptions, tags, links, people.
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

# The most significant part; undefined unless something differs.
part := parts[max([versions.weight[difference.part] | some difference in data.govcheck.lib.changes.differences])]

parts := ["patch", "minor", "major"]

# A column has its most specific differences only. Parts outside the common model count only where nothing else differs, and
# changed texts only where those parts do not.
differences := specific | general if {
	both
	count(specific | general) > 0
}

differences := {{"part": "minor", "what": sprintf("`%s`%s changed", [input.unmodelled[0], and_more(count(input.unmodelled) - 1)]), "at": []}} if {
	both
	count(specific | general) == 0
	count(input.unmodelled) > 0
}

differences := {{"part": "patch", "what": "descriptions or other texts changed", "at": []}} if {
	both
	count(specific | general) == 0
	count(input.unmodelled) == 0
	input.changed
}

from := versions.read(input.base.version)

to := versions.read(input.head.version)

asked := versions.asked(from, part)

is_raised if versions.rose(from, to, asked)

# Undefined where either version is malformed.
is_stepped if versions.step(from, to)

suggested := to.text if is_raised

suggested := versions.following(from, asked) if not is_raised

reasons := [reason[1] | some reason in sort([[2 - versions.weight[difference.part], difference.what] | some difference in data.govcheck.lib.changes.differences])]

# A planned entity promises nothing yet.
is_promised if not is_planned

is_planned if object.get(input.base, "status", "active") in options.not_yet

# A contract that others deliver to this mesh: products here read it, and none offers it.
is_delivered if input.base.access == "external"

is_delivered if {
	input.kind == "contract"
	id := substring(input.entity, count("contract:"), -1)
	data.mesh.readers[id]
	not data.mesh.offers[id]
}

# --- contracts ---

specific contains {"part": "major", "what": sprintf("table `%s` was removed", [name]), "at": ["tables"], "base_at": ["tables", i]} if {
	both
	some name in data.govcheck.lib.columns.gone_tables
	i := data.govcheck.lib.columns.base_tables[name]
}

specific contains {"part": "minor", "what": sprintf("table `%s` was added", [name]), "at": ["tables", i]} if {
	both
	some name in data.govcheck.lib.columns.new_tables
	i := data.govcheck.lib.columns.head_tables[name]
}

specific contains {"part": "major", "what": what, "at": ["tables", j, "physical_name"]} if {
	both
	some name, i in data.govcheck.lib.columns.base_tables
	j := data.govcheck.lib.columns.head_tables[name]
	was := input.base.tables[i].physical_name
	is := input.head.tables[j].physical_name
	was != is
	what := sprintf("table `%s` changed its physical name from `%s` to `%s`", [name, was, is])
}

specific contains {"part": "major", "what": what, "at": columns.home(column), "base_at": ["columns", i]} if {
	both
	some key in data.govcheck.lib.columns.gone
	i := data.govcheck.lib.columns.base[key]
	column := input.base.columns[i]
	not columns.is_covered(column)
	what := sprintf("%s was removed%s", [say.column(column), columns.renamed_to(key)])
}

specific contains {"part": new_part(column), "what": sprintf("%s was added%s", [say.column(column), new_what(column)]), "at": ["columns", j]} if {
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

new_what(column) := " and must be delivered" if is_demanded(column)

new_what(column) := " to the primary key" if {
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

# `differing` holds [column before, column now, its index now].
specific contains {"part": "major", "what": what, "at": ["columns", change[2], "type"]} if {
	some change in data.govcheck.lib.columns.differing
	states_type(change)
	not types.keeps(change[0].type, change[1].type)
	what := sprintf("%s changed type from `%s` to `%s`", [say.column(change[1]), change[0].type, change[1].type])
}

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "physical_type"]} if {
	some change in data.govcheck.lib.columns.differing
	not change[1].nested
	keeps_type(change)
	states_physical_type(change)
	not types.keeps(change[0].physical_type, change[1].physical_type)
	what := sprintf("%s changed physical type from `%s` to `%s`", [say.column(change[1]), change[0].physical_type, change[1].physical_type])
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

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "required"]} if {
	some change in data.govcheck.lib.columns.differing
	change[0].required
	not change[1].required
	what := sprintf("%s may now be null", [say.column(change[1])])
}

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "required"]} if {
	some change in data.govcheck.lib.columns.differing
	is_demanded(change[1])
	not change[0].required
	what := sprintf("%s is now required of the supplier", [say.column(change[1])])
}

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "unique"]} if {
	some change in data.govcheck.lib.columns.differing
	change[0].unique
	not change[1].unique
	what := sprintf("%s is no longer unique", [say.column(change[1])])
}

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "primary_key"]} if {
	some change in data.govcheck.lib.columns.differing
	change[0].primary_key
	not change[1].primary_key
	what := sprintf("%s is no longer part of the primary key", [say.column(change[1])])
}

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "primary_key"]} if {
	some change in data.govcheck.lib.columns.differing
	not change[0].primary_key
	extends_key(change[1])
	what := sprintf("%s is now part of the primary key", [say.column(change[1])])
}

specific contains {"part": "major", "what": what, "at": ["columns", change[2], "unit"]} if {
	some change in data.govcheck.lib.columns.differing
	was := change[0].unit
	is := change[1].unit
	was != is
	what := sprintf("%s changed unit from `%s` to `%s`", [say.column(change[1]), was, is])
}

specific contains {"part": enum_part("added"), "what": what, "at": ["columns", change[2], "enum"]} if {
	some change in data.govcheck.lib.columns.differing
	more := {value | some value in change[1].enum} - {value | some value in change[0].enum}
	count(more) > 0
	change[0].enum
	what := sprintf("%s now also allows `%s`", [say.column(change[1]), concat("`, `", more)])
}

specific contains {"part": enum_part("removed"), "what": what, "at": ["columns", change[2], "enum"]} if {
	some change in data.govcheck.lib.columns.differing
	fewer := {value | some value in change[0].enum} - {value | some value in change[1].enum}
	count(fewer) > 0
	change[1].enum
	what := sprintf("%s no longer allows `%s`", [say.column(change[1]), concat("`, `", fewer)])
}

# Fewer allowed values break the supplier; more break only readers who rely on a complete list.
enum_part("added") := "major" if {
	options.more_values_break
	not is_delivered
}

enum_part("added") := "minor" if not options.more_values_break

enum_part("added") := "minor" if is_delivered

enum_part("removed") := "major" if is_delivered

enum_part("removed") := "minor" if not is_delivered

has_specific := {difference.at[1] | some difference in specific; difference.at[0] == "columns"}

# Everything that readers see of a column.
visible := ["type", "physical_type", "required", "unique", "primary_key", "enum", "unit", "classification", "personal_data", "protected", "checks"]

general contains {"part": "minor", "what": what, "at": ["columns", change[2]]} if {
	some change in data.govcheck.lib.columns.differing
	not change[2] in has_specific
	fields := [field | some field in visible; unordered(object.get(change[0], field, null)) != unordered(object.get(change[1], field, null))]
	count(fields) > 0
	what := sprintf("%s changed its %s", [say.column(change[1]), replace(say.all_of(fields), "_", " ")])
}

specific contains {"part": "minor", "what": sprintf("the %s changed", [phrase]), "at": [field]} if {
	both
	some field, phrase in {"sla": "SLA", "servers": "servers", "classification": "classification", "retention": "retention", "deidentified": "de-identification"}
	unordered(object.get(input.base, field, null)) != unordered(object.get(input.head, field, null))
}

specific contains {"part": "minor", "what": sprintf("the checks of table `%s` changed", [name]), "at": ["tables", j]} if {
	both
	some name, i in data.govcheck.lib.columns.base_tables
	j := data.govcheck.lib.columns.head_tables[name]
	unordered(object.get(input.base.tables[i], "checks", [])) != unordered(object.get(input.head.tables[j], "checks", []))
}

and_more(0) := ""

and_more(rest) := sprintf(" and %d more", [rest]) if rest > 0

# Lists have no order here: their items have names.
unordered(value) := {item | some item in value} if is_array(value)

unordered(value) := value if not is_array(value)

# --- products ---

port_name(port) := object.get(port, "name", object.get(port, "contract", ""))

# Ports of different major versions are different ports.
port_key(port) := concat("\n", [port_name(port), major(object.get(port, "version", ""))])

major(version) := number if {
	number := sprintf("%d", [versions.read(version).numbers[0]])
} else := ""

base_ports := of.first([[port_key(port), i] | some i, port in input.base.outputs])

head_ports := of.first([[port_key(port), i] | some i, port in input.head.outputs])

specific contains {"part": "major", "what": what, "at": ["outputs"], "base_at": ["outputs", i]} if {
	both
	some key in object.keys(base_ports) - object.keys(head_ports)
	i := base_ports[key]
	what := sprintf("output port `%s`%s was removed", [port_name(input.base.outputs[i]), of_version(input.base.outputs[i])])
}

of_version(port) := sprintf(" of version `%s`", [port.version]) if port.version

of_version(port) := "" if not port.version

specific contains {"part": "minor", "what": what, "at": ["outputs", j]} if {
	both
	some key in object.keys(head_ports) - object.keys(base_ports)
	j := head_ports[key]
	what := sprintf("output port `%s`%s was added", [port_name(input.head.outputs[j]), of_version(input.head.outputs[j])])
}

specific contains {"part": "major", "what": what, "at": ["outputs", j, "contract"]} if {
	both
	some key, i in base_ports
	j := head_ports[key]
	was := input.base.outputs[i].contract
	is := input.head.outputs[j].contract
	was != is
	what := sprintf("output port `%s` changed its contract from `%s` to `%s`", [port_name(input.head.outputs[j]), was, is])
}
