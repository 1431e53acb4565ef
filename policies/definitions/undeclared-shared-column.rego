# METADATA
# title: Shared column that no term defines
# description: A column that many products have is in the glossary. Each product describes it in its own words otherwise, until two of them no longer mean the same.
# custom:
#   severity: note
#   scope: mesh
#   entities: [contract]
#   needs: [term]
#   help: Register a term for it, and refer to the term.
#   since: 0.1.0
#   counts: {of: names, per: product, except: defined, at_least: min_products, places: 6}
#   options:
#     min_products: 3
#     at_most: 25
#     ignore: [id, key, uid, uuid, name, title, description, type, status, state, kind, code, value, amount, count, quantity, version, source, comment, comments, note, notes, remarks, url, date, time, timestamp, year, month, day, created, updated, created_at, created_on, created_by, updated_at, updated_on, updated_by, modified_at, modified_by, changed_at, deleted_at, deleted, inserted_at, loaded_at, load_date, load_ts, ingested_at, valid_from, valid_to, is_active, is_deleted, active, row_id, batch_id, hash, metadata]
#   option_docs:
#     min_products: "In how many products a column has to be."
#     at_most: "How many columns are reported at once, the most frequent first."
#     ignore: "Names of columns that say too little to be defined, in lower case, joined by `_`."
package govcheck.definitions.undeclared_shared_column

import data.govcheck.lib.words

options := data.options["definitions/undeclared-shared-column"]

# One fact a contract, with the names that other rules have made already: a fact for each column of the mesh would be most
# of what is kept of it.
facts contains {"names": names, "defined": defined, "product": product, "at": ["columns"]} if {
	names := data.govcheck.lib.names.columns
	defined := [i | some i, column in input.columns; column.terms]
	product := object.get(input, "product", object.get(input.place, "product", input.entity))
}

# Names that need no term, or have one.
passed := {name | some name in options.ignore} | {words.snake(alias) |
	some id, term in data.mesh.terms
	some alias in array.concat([id], object.get(term, "synonyms", []))
}

# The most frequent first.
candidates := sort([[0 - shared.count, shared.value, shared.places] |
	some shared in input.counts
	not shared.value in passed
])

deny contains {"fact": {"ref": first}, "at": ["columns", column, "name"], "key": name, "message": message, "related": related} if {
	some n, [fewer, name, places] in array.slice(candidates, 0, options.at_most)
	[first, column] := places[0]
	message := sprintf("column `%s` is in %d products, but no term defines it%s", [name, 0 - fewer, rest(n)])
	related := [{"fact": {"ref": place[0]}, "at": ["columns", place[1], "name"], "message": "also here"} |
		some place in array.slice(places, 1, count(places))
	]
}

# The last of the list says how many are left out.
rest(n) := sprintf("; %d more columns are like it", [count(candidates) - options.at_most]) if {
	n == options.at_most - 1
	count(candidates) > options.at_most
}

rest(n) := "" if n < options.at_most - 1

rest(n) := "" if {
	n == options.at_most - 1
	count(candidates) <= options.at_most
}
