# METADATA
# title: Breaks readers without a major version
# description: >-
#   A change that takes from readers what they rely on comes with a major version, and the old one stays until they have moved.
#   Major is what is gone or means something else: a table, column (nested ones too), key, port, a type that is not wider, another unit, a value that may be null now.
#   Of a contract that others deliver (no product here offers it), also what they have to add. Before 1.0.0 a minor version will do.
# custom:
#   severity: error
#   scope: change
#   entities: [contract, product]
#   help: Raise the version as the message says and keep a port of the old one until its readers have moved, or take the change back.
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
#     not_yet: "Statuses in which nothing has been promised yet, so that nothing breaks."
#     more_values_break: "Whether a further allowed value breaks readers that count on knowing all."
#     same_types: "Names of types that mean the same, in lower case."
#     widenings: "Types that can be read as before when they take the place of another: from, to."
package govcheck.interoperability.breaking_change

import data.govcheck.lib.say
import data.govcheck.lib.versions

deny contains object.union({"message": message}, object.filter(difference, ["at", "base_at"])) if {
	some difference in data.govcheck.lib.changes.breaks
	data.govcheck.lib.changes.is_promised
	not data.govcheck.lib.changes.is_raised
	not input.base.access == "private"
	message := sprintf("%s; this breaks %s%s", [difference.what, whom, therefore])
}

default whom := "its readers"

whom := "its readers or those who deliver it" if data.govcheck.lib.changes.is_delivered

therefore := sprintf(", so %s becomes %s, a %s version, not %s", [say.entity(input.entity), data.govcheck.lib.changes.suggested, data.govcheck.lib.changes.asked, data.govcheck.lib.changes.to.text])

therefore := sprintf(", and %s states no version that tells them", [say.entity(input.entity)]) if not data.govcheck.lib.changes.suggested

# The version is right, but whoever reads the old one has nothing to read any more.
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
	message := sprintf("%s is %s now, and no port keeps version %d, which %s", [say.entity(input.entity), input.head.version, old, said_of(names)])
	related := [{"entity": port.entity, "at": port.at, "message": "read here"} | some port in readers]
}

said_of(names) := sprintf("%s reads", [concat("", names)]) if count(names) == 1

said_of(names) := sprintf("%s read", [concat(", ", names)]) if count(names) > 1

id := substring(input.entity, count("contract:"), -1)

# Readers that name the old version, and those that name none and have read it before.
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
