# METADATA
# title: Breaking change without a major version
# description: >-
#   A change that breaks readers comes with a major version, and the old version stays available until they have moved.
#   Breaking changes are: a removed table, column (nested ones too), key or port; a type that is not wider; another unit; a column that may now be null.
#   For a contract that others deliver (no product here offers it), new demands on the supplier are breaking too. Before `1.0.0`, a minor version is enough.
# custom:
#   severity: error
#   scope: change
#   entities: [contract, product]
#   help: Set the version that the message names and keep a port on the old version until its readers have moved, or revert the change.
#   since: 0.2.0
#   options:
#     not_yet: [proposed, draft]
#     more_values_break: false
#     same_types:
#       string: [text, varchar, varchar2, nvarchar, char, nchar, character, character varying, clob]
#       tinyint: [byte]
#       smallint: [short, int2, int16]
#       int: [integer, int4, int32]
#       bigint: [long, int8, int64]
#       float: [real, float4, float32]
#       double: [float8, float64, double precision]
#       number: [numeric, decimal, dec, bignumeric, bigdecimal]
#       boolean: [bool]
#       timestamp: [datetime, timestamp_ntz, timestamp without time zone]
#       timestamptz: [timestamp_tz, timestamp with time zone]
#       object: [struct, record, row]
#       bytes: [binary, varbinary, bytea, blob]
#     widenings:
#       tinyint: [smallint, int, bigint, float, double, number]
#       smallint: [int, bigint, float, double, number]
#       int: [bigint, double, number]
#       bigint: [number]
#       float: [double]
#   option_docs:
#     not_yet: "Statuses in which nothing is promised yet, so nothing can break."
#     more_values_break: "Whether an added allowed value breaks readers, who may rely on a complete list."
#     same_types: "Type names that mean the same type, in lower case."
#     widenings: "Types that may replace another without breaking readers, by the type that they replace."
package govcheck.interoperability.breaking_change

import data.govcheck.lib.say
import data.govcheck.lib.versions

deny contains object.union({"message": message}, object.filter(difference, ["at", "base_at"])) if {
	some difference in data.govcheck.lib.changes.breaks
	data.govcheck.lib.changes.is_promised
	not data.govcheck.lib.changes.is_raised
	not input.base.access == "private"
	message := sprintf("%s, which breaks %s; %s", [difference.what, whom, therefore])
}

default whom := "readers"

whom := "readers or the supplier" if data.govcheck.lib.changes.is_delivered

therefore := sprintf("%s needs version `%s` (%s), but has %s", [
	say.entity(input.entity),
	data.govcheck.lib.changes.suggested,
	data.govcheck.lib.changes.asked,
	stated,
])

default stated := "none"

stated := sprintf("`%s`", [input.head.version]) if input.head.version

therefore := sprintf("%s has no version to announce it", [say.entity(input.entity)]) if not data.govcheck.lib.changes.suggested

# The version is right, but readers of the old version have no port left.
deny contains {"message": message, "at": ["version"], "related": related} if {
	input.kind == "contract"
	old := data.govcheck.lib.changes.from.numbers[0]
	data.govcheck.lib.changes.to.numbers[0] > old
	old > 0
	data.govcheck.lib.changes.is_promised
	readers := left_behind(old)
	count(readers) > 0
	not is_kept(old)
	names := {say.entity(port.entity) | some port in readers}
	message := sprintf("%s moves to version `%s`, but no port keeps version `%d`, which %s", [say.entity(input.entity), input.head.version, old, reading(names)])
	related := [{"entity": port.entity, "at": port.at, "message": "read here"} | some port in readers]
}

reading(names) := sprintf("%s still reads", [concat("", names)]) if count(names) == 1

reading(names) := sprintf("%s still read", [concat(", ", names)]) if count(names) > 1

id := substring(input.entity, count("contract:"), -1)

# Readers that name the old version, and earlier readers that name no version.
left_behind(old) := [port |
	some port in data.mesh.readers[id]
	not is_beyond(port, old)
]

is_beyond(port, old) if versions.read(port.version).numbers[0] != old

is_beyond(port, _) if {
	not port.version
	not port.entity in {before.entity | some before in data.base.mesh.readers[id]}
}

is_kept(old) if {
	some port in data.mesh.offers[id]
	versions.read(port.version).numbers[0] == old
}
