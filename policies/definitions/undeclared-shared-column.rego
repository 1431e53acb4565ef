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
#   options:
#     min_products: 3
#     ignore: [id, key, uid, uuid, name, title, description, type, status, state, kind, code, value, amount, count, quantity, version, source, comment, comments, note, notes, remarks, url, date, time, timestamp, year, month, day, created, updated, created_at, created_on, created_by, updated_at, updated_on, updated_by, modified_at, modified_by, changed_at, deleted_at, deleted, inserted_at, loaded_at, load_date, load_ts, ingested_at, valid_from, valid_to, is_active, is_deleted, active, row_id, batch_id, hash, metadata]
#   option_docs:
#     min_products: "In how many products a column has to be."
#     ignore: "Names of columns that say too little to be defined, in lower case, joined by `_`."
package govcheck.definitions.undeclared_shared_column

import data.govcheck.lib.facts as of
import data.govcheck.lib.words

options := data.options["definitions/undeclared-shared-column"]

ignored := {name | some name in options.ignore}

# One fact a contract: a fact for each column of the mesh would be most of what is kept of it.
facts contains {"names": names, "product": product, "at": ["columns"]} if {
	names := {name: i |
		some i, name in data.govcheck.lib.names.columns
		not name in ignored
		not input.columns[i].terms
		not input.columns[i].nested
	}
	product := object.get(input, "product", object.get(input.place, "product", input.entity))
}

defined := {words.snake(alias) |
	some id, term in data.mesh.terms
	some alias in array.concat([id], object.get(term, "synonyms", []))
}

shared := of.group([[name, [i, column]] |
	some i, fact in input.facts
	some name, column in fact.names
	not name in defined
])

deny contains {"fact": first, "at": ["columns", places[0][1], "name"], "key": name, "message": message, "related": related} if {
	count(data.mesh.terms) > 0
	some name, places in shared
	count(places) >= options.min_products
	products := {input.facts[place[0]].product | some place in places}
	count(products) >= options.min_products
	first := input.facts[places[0][0]]
	message := sprintf("column `%s` is in %d products, but no term defines it", [name, count(products)])
	related := [{"fact": input.facts[place[0]], "at": ["columns", place[1], "name"], "message": "also here"} |
		some place in array.slice(places, 1, 6)
	]
}
