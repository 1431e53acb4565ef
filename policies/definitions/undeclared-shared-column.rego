# METADATA
# title: Shared column without a term
# description: A column that many products have is defined in the glossary. Otherwise each product describes it in its own words, until two of them no longer mean the same.
# custom:
#   severity: note
#   scope: mesh
#   entities: [contract]
#   needs: [term]
#   help: Register a term for the column, and refer to the term in each contract.
#   since: 0.1.0
#   counts: {of: names, per: product, except: defined, at_least: min_products, places: 6}
#   options:
#     min_products: 3
#     at_most: 25
#     ignore: [id, key, uid, uuid, name, title, description, type, status, state, kind, code, value, amount, count, quantity, version, source, comment, comments, note, notes, remarks, url, date, time, timestamp, year, month, day, created, updated, created_at, created_on, created_by, updated_at, updated_on, updated_by, modified_at, modified_by, changed_at, deleted_at, deleted, inserted_at, loaded_at, load_date, load_ts, ingested_at, valid_from, valid_to, is_active, is_deleted, active, row_id, batch_id, hash, metadata]
#   option_docs:
#     min_products: "Number of products that a column must appear in to be reported."
#     at_most: "Maximum number of columns reported at once, most frequent first."
#     ignore: "Column names too generic to define: words in lower case, joined by `_`."
package govcheck.definitions.undeclared_shared_column

import data.govcheck.lib.words

options := data.options["definitions/undeclared-shared-column"]

# One fact per contract, with the names that other rules have computed already: one fact per column would dominate the
# memory of a large mesh.
facts contains {"names": names, "defined": defined, "product": product, "at": ["columns"]} if {
	names := data.govcheck.lib.names.columns
	defined := [i | some i, column in input.columns; column.terms]
	product := object.get(input, "product", object.get(input.place, "product", input.entity))
}

# Names that the option ignores or a term defines.
exempt := {name | some name in options.ignore} | {words.snake(alias) |
	some id, term in data.mesh.terms
	some alias in array.concat([id], object.get(term, "synonyms", []))
}

# Most frequent first.
candidates := sort([[0 - shared.count, shared.value, shared.places] |
	some shared in input.counts
	not shared.value in exempt
])

deny contains {"fact": {"ref": first}, "at": ["columns", column, "name"], "key": name, "message": message, "related": related} if {
	some n, [fewer, name, places] in array.slice(candidates, 0, options.at_most)
	[first, column] := places[0]
	message := sprintf("column `%s` appears in %d products, but no term defines it%s", [name, 0 - fewer, rest(n)])
	related := [{"fact": {"ref": place[0]}, "at": ["columns", place[1], "name"], "message": "also here"} |
		some place in array.slice(places, 1, count(places))
	]
}

# The last finding says how many columns are not shown.
rest(n) := sprintf(" (not shown: %d more)", [count(candidates) - options.at_most]) if {
	n == options.at_most - 1
	count(candidates) > options.at_most
}

rest(n) := "" if n < options.at_most - 1

rest(n) := "" if {
	n == options.at_most - 1
	count(candidates) <= options.at_most
}
