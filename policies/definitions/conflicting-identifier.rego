# METADATA
# title: Identifier under another name or type
# description: A key that domains share has one name and one type. Under another name nobody finds the join, and with another type leading zeros are lost in it.
# custom:
#   severity: warning
#   scope: mesh
#   entities: [contract]
#   needs: [term]
#   help: Give the column the name and type of the shared identifier, or refer to the term that it means.
#   since: 0.1.0
#   options:
#     last_words: [id, ids, no, nr, num, nbr, number, nummer, key, code, uuid, guid, ident, identifier, sku, ref, kennung, schluessel, numero, codigo, codice, clave, cle, kod, numer]
#     types:
#       string: [text, varchar, char, keyword, uuid]
#       integer: [int, long, bigint, smallint]
#       number: [numeric, decimal, float, double, real]
#   option_docs:
#     last_words: "Last words of the names of columns that may be identifiers."
#     types: "Names of types that mean the same."
package govcheck.definitions.conflicting_identifier

import data.govcheck.lib.facts as of
import data.govcheck.lib.say
import data.govcheck.lib.words

options := data.options["definitions/conflicting-identifier"]

last_words := {word | some word in options.last_words}

# Columns that refer to a term are held to it by `definitions/conflicting-term`.
facts contains {"name": name, "column": column, "at": ["columns", i]} if {
	some i, name in data.govcheck.lib.names.columns
	array.reverse(split(name, "_"))[0] in last_words
	not input.columns[i].terms
	not input.columns[i].nested
	column := object.filter(input.columns[i], ["path", "table", "type"])
}

# The identifiers of the register by each of their names; a name of two identifiers says nothing.
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

difference(fact, id, term) := ["name", sprintf("has another name and type: `%s` instead of `%s`", [fact.column.type, term.type])] if {
	words.snake(id) != fact.name
	plain(fact.column.type) != plain(term.type)
}

difference(fact, id, term) := ["name", "has another name"] if {
	words.snake(id) != fact.name
	not other_type(fact, term)
}

difference(fact, id, term) := ["type", sprintf("has type `%s` instead of `%s`", [fact.column.type, term.type])] if {
	words.snake(id) == fact.name
	plain(fact.column.type) != plain(term.type)
}

other_type(fact, term) if plain(fact.column.type) != plain(term.type)
