# METADATA
# title: Identifier with a conflicting name or type
# description: A key shared across domains has one name and one type. A second name hides the join, and a second type breaks it, for example by dropping leading zeros.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [contract]
#   needs: [term]
#   help: Rename the column or change its type to match the shared identifier, or refer to the term that it stands for.
#   since: 0.1.0
#   options:
#     last_words: [id, ids, no, nr, num, nbr, number, nummer, key, code, uuid, guid, ident, identifier, sku, ref, kennung, schluessel, numero, codigo, codice, clave, cle, kod, numer]
#     types:
#       string: [text, varchar, char, keyword, uuid]
#       integer: [int, long, bigint, smallint]
#       number: [numeric, decimal, float, double, real]
#   option_docs:
#     last_words: "Last words of column names that may be identifiers."
#     types: "Type names that mean the same type."
package govcheck.definitions.conflicting_identifier

import data.govcheck.lib.facts as of
import data.govcheck.lib.say
import data.govcheck.lib.words

options := data.options["definitions/conflicting-identifier"]

last_words := {word | some word in options.last_words}

# `definitions/conflicting-term` covers columns that refer to a term.
facts contains {"name": name, "column": column, "at": ["columns", i]} if {
	some i, name in data.govcheck.lib.names.columns
	array.reverse(split(name, "_"))[0] in last_words
	not input.columns[i].terms
	not input.columns[i].nested
	column := object.filter(input.columns[i], ["path", "table", "type"])
}

# Registered identifiers by each of their names. A name that two identifiers share is ambiguous and ignored.
meant := of.group([[words.snake(alias), id] |
	some id, term in data.mesh.terms
	term.identifier
	some alias in array.concat([id], object.get(term, "synonyms", []))
])

same_as := {alias: name | some name, aliases in options.types; some alias in aliases}

plain(type) := object.get(same_as, lower(type), lower(type))

deny contains {"fact": fact, "at": at, "message": message, "related": related} if {
	some fact in input.facts
	ids := meant[fact.name]
	count(ids) == 1
	id := ids[0]
	term := data.mesh.terms[id]
	[field, differs] := difference(fact, id, term)
	at := array.concat(fact.at, [field])
	message := sprintf("%s is the shared identifier `%s`, but %s", [say.column(fact.column), id, differs])
	related := [{"entity": term.entity, "at": ["id"], "message": "registered here"}]
}

difference(fact, id, term) := ["name", sprintf("has a different name and type (`%s` instead of `%s`)", [fact.column.type, term.type])] if {
	words.snake(id) != fact.name
	plain(fact.column.type) != plain(term.type)
}

difference(fact, id, term) := ["name", "has a different name"] if {
	words.snake(id) != fact.name
	not other_type(fact, term)
}

difference(fact, id, term) := ["type", sprintf("has type `%s` instead of `%s`", [fact.column.type, term.type])] if {
	words.snake(id) == fact.name
	plain(fact.column.type) != plain(term.type)
}

other_type(fact, term) if plain(fact.column.type) != plain(term.type)
