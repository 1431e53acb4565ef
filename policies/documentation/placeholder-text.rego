# METADATA
# title: Placeholder instead of a description
# description: A description says something, and more than the name. A placeholder counts as documented in every report, and helps nobody.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract, kpi, term, team, domain, classification, tag]
#   help: Write what it means, or leave the description out until somebody knows.
#   since: 0.1.0
#   options:
#     english: [todo, to do, tbd, tba, to be defined, to be described, to be completed, fixme, xxx, xxxx, "n/a", "na", "none",
#       "null", "nil", unknown, undefined, missing, description, desc, a description, the description, text, some text, test,
#       foo, bar, asdf, placeholder, change me, changeme, no description, blah, add description, add a description,
#       add a description here, add description here, insert description, insert description here, enter description,
#       description, your description here, description goes here]
#     german: [beschreibung, platzhalter, folgt, zu ergänzen, noch zu ergänzen, noch offen, wird nachgereicht,
#       keine beschreibung, unbekannt, fehlt]
#     french: [description à venir, à compléter, a compléter, a completer, à définir, a définir, à renseigner, sans description,
#       non renseigné, inconnu]
#     spanish: [pendiente, por definir, por completar, descripción, descripcion, sin descripción, sin descripcion, desconocido]
#     italian: [da completare, da definire, descrizione, nessuna descrizione, sconosciuto]
#     dutch: [in te vullen, nog in te vullen, omschrijving, beschrijving, nader te bepalen, geen beschrijving, onbekend]
#     portuguese: [a preencher, por preencher, a definir, descrição, descricao, sem descrição, desconhecido]
#     polish: [do uzupełnienia, do uzupelnienia, opis, brak opisu, brak, nieznany]
#     swedish: [att göra, beskrivning, beskrivning saknas, saknas, okänd]
#     danish: [beskrivelse, ingen beskrivelse, mangler, ukendt, udfyldes senere]
#     norwegian: [beskrivelse mangler, fylles ut, ukjent]
#     finnish: [kuvaus, kuvaus puuttuu, puuttuu, täydennetään, ei kuvausta]
#     czech: [popis, bez popisu, doplnit, doplnit popis, chybí, neznámý]
#     romanian: [descriere, fără descriere, de completat, necunoscut]
#     hungarian: [leírás, nincs leírás, kitöltendő, hiányzik, ismeretlen]
#     marks: ["-", "--", "---", "…", '\.\.', '\?', '\?\?\?']
#     extra_texts: []
#     patterns: [TODO, "[Tt]odo:", TBD, FIXME, "DESCRIPTION_MISSING", "[Ll]orem ipsum", "LOREM IPSUM"]
#   option_docs:
#     english: "English placeholders: whole lines, in lower case."
#     german: "German placeholders: whole lines, in lower case."
#     french: "French placeholders: whole lines, in lower case."
#     spanish: "Spanish placeholders: whole lines, in lower case."
#     italian: "Italian placeholders: whole lines, in lower case."
#     dutch: "Dutch placeholders: whole lines, in lower case."
#     portuguese: "Portuguese placeholders: whole lines, in lower case."
#     polish: "Polish placeholders: whole lines, in lower case."
#     swedish: "Swedish placeholders: whole lines, in lower case."
#     danish: "Danish placeholders: whole lines, in lower case."
#     norwegian: "Norwegian placeholders: whole lines, in lower case."
#     finnish: "Finnish placeholders: whole lines, in lower case."
#     czech: "Czech placeholders: whole lines, in lower case."
#     romanian: "Romanian placeholders: whole lines, in lower case."
#     hungarian: "Hungarian placeholders: whole lines, in lower case."
#     marks: "Regular expressions for lines of marks that are placeholders."
#     extra_texts: "Placeholders of your own: whole lines, in lower case."
#     patterns: "Regular expressions for what makes a text a placeholder wherever it stands. Plain words are the fastest."
package govcheck.documentation.placeholder_text

import data.govcheck.lib.say

options := data.options["documentation/placeholder-text"]

lists := [
	options.english, options.german, options.french, options.spanish, options.italian, options.dutch, options.portuguese, options.polish,
	options.swedish, options.danish, options.norwegian, options.finnish, options.czech, options.romanian, options.hungarian, options.marks,
]

# An alternation of plain words is searched for at once; anchors in its stead make the search ten times as slow.
whole_line := concat("", ["\n", concat("\n|\n", [concat("\n|\n", list) | some list in lists; count(list) > 0]), "\n"])

extra_line := concat("", ["\n", concat("\n|\n", options.extra_texts), "\n"])

anywhere := concat("|", options.patterns)

placeholder(text) if regex.match(anywhere, text)

placeholder(text) if regex.match(whole_line, lines(text))

placeholder(text) if {
	count(options.extra_texts) > 0
	regex.match(extra_line, lines(text))
}

lines(text) := replace(replace(replace(concat("", ["\n", lower(text), "\n"]), ".\n", "\n"), ":\n", "\n"), "!\n", "\n")

# One search over all texts: most entities have no placeholder, and need no look at each text.
some_placeholder if {
	of_columns := [column.description | some column in input.columns; column.description]
	of_tables := [table.description | some table in input.tables; table.description]
	own := [object.get(input, "description", "")]
	placeholder(concat("\n", array.concat(array.concat(own, of_tables), of_columns)))
}

repeats(text, name) if plain(text) == plain(name)

plain(text) := replace(replace(lower(text), "_", " "), "-", " ")

deny contains {"message": message, "at": ["description"]} if {
	some_placeholder
	placeholder(input.description)
	message := sprintf("the description of %s is a placeholder", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["description"]} if {
	repeats(input.description, input.name)
	message := sprintf("the description of %s repeats its name", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["tables", i, "description"]} if {
	some_placeholder
	some i, table in input.tables
	placeholder(table.description)
	message := sprintf("the description of table `%s` is a placeholder", [table.name])
}

deny contains {"message": message, "at": ["tables", i, "description"]} if {
	some i, table in input.tables
	repeats(table.description, table.name)
	message := sprintf("the description of table `%s` repeats its name", [table.name])
}

deny contains {"message": message, "at": ["columns", i, "description"]} if {
	some_placeholder
	some i, column in input.columns
	placeholder(column.description)
	message := sprintf("the description of %s is a placeholder", [say.column(column)])
}

# Texts of another length than the name need no closer look.
none_repeats if {
	every column in input.columns {
		not count(column.description) == count(column.name)
	}
}

deny contains {"message": message, "at": ["columns", i, "description"]} if {
	not none_repeats
	some i, column in input.columns
	repeats(column.description, column.name)
	message := sprintf("the description of %s repeats its name", [say.column(column)])
}
