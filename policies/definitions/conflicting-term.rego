# METADATA
# title: Column that contradicts its term
# description: A column that refers to a term has the type and unit of that term. Otherwise columns of one term are joined and summed even where they differ, for example cents and euros.
# custom:
#   severity: error
#   scope: mesh
#   entities: [contract]
#   help: Write the term's type and unit on the column, or refer to a different term.
#   since: 0.1.0
#   options:
#     types:
#       string: [text, varchar, char, keyword]
#       integer: [int, long, bigint, smallint]
#       number: [numeric, decimal, float, double, real]
#       boolean: [bool]
#       timestamp: [datetime]
#   option_docs: {types: "Type names that mean the same type."}
package govcheck.definitions.conflicting_term

import data.govcheck.lib.say

facts contains fact if some fact in data.govcheck.lib.terms.stated

deny contains {"fact": fact, "at": at, "key": fact.term, "message": message, "related": related} if {
	some fact in input.facts
	term := data.mesh.terms[fact.term]
	is_written_differently(fact.column, term)
	some field in ["type", "unit"]
	plain(term[field]) != plain(fact.column[field])
	at := array.concat(array.slice(fact.at, 0, 2), [field])
	message := sprintf(
		"%s has %s `%s`, but its term `%s` has %s `%s`",
		[say.column(fact.column), field, fact.column[field], fact.term, field, term[field]],
	)
	related := [{"entity": term.entity, "at": [field], "message": sprintf("registered as `%s` here", [term[field]])}]
}

# A quick check first: nearly all columns match their term letter for letter.
is_written_differently(column, term) if column.type != term.type

is_written_differently(column, term) if column.unit != term.unit

same_as := {alias: name | some name, aliases in data.options["definitions/conflicting-term"].types; some alias in aliases}

plain(word) := object.get(same_as, lower(word), lower(word))
