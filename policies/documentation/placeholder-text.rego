# METADATA
# title: Placeholder instead of a description
# description: A description says more than the name does. A placeholder counts as documentation in every report, but helps nobody.
# custom:
#   severity: warning
#   scope: entity
#   entities: [product, contract, kpi, term, team, domain, classification, tag]
#   help: Describe what it means, or remove the description until someone can.
#   since: 0.1.0
#   options:
#     english:
#       - 'todo|to do|tbd|tba|to be defined|to be described|to be completed|fixme|xxx|xxxx|n/a|na|none|null|nil'
#       - 'unknown|undefined|missing|description|desc|a description|the description|text|some text|test|foo|bar|asdf'
#       - 'placeholder|change me|changeme|no description|blah|add description|add a description'
#       - 'add a description here|add description here|insert description|insert description here|enter description'
#       - 'description|your description here|description goes here'
#     german:
#       - 'beschreibung|platzhalter|folgt|zu ergänzen|noch zu ergänzen|noch offen|wird nachgereicht'
#       - 'keine beschreibung|unbekannt|fehlt'
#     french:
#       - 'description à venir|à compléter|a compléter|a completer|à définir|a définir|à renseigner|sans description'
#       - 'non renseigné|inconnu'
#     spanish: ['pendiente|por definir|por completar|descripción|descripcion|sin descripción|sin descripcion|desconocido']
#     italian: ['da completare|da definire|descrizione|nessuna descrizione|sconosciuto']
#     dutch: ['in te vullen|nog in te vullen|omschrijving|beschrijving|nader te bepalen|geen beschrijving|onbekend']
#     portuguese: ['a preencher|por preencher|a definir|descrição|descricao|sem descrição|desconhecido']
#     polish: ['do uzupełnienia|do uzupelnienia|opis|brak opisu|brak|nieznany']
#     swedish: ['att göra|beskrivning|beskrivning saknas|saknas|okänd']
#     danish: ['beskrivelse|ingen beskrivelse|mangler|ukendt|udfyldes senere']
#     norwegian: ['beskrivelse mangler|fylles ut|ukjent']
#     finnish: ['kuvaus|kuvaus puuttuu|puuttuu|täydennetään|ei kuvausta']
#     czech: ['popis|bez popisu|doplnit|doplnit popis|chybí|neznámý']
#     romanian: ['descriere|fără descriere|de completat|necunoscut']
#     hungarian: ['leírás|nincs leírás|kitöltendő|hiányzik|ismeretlen']
#     marks: ["-", "--", "---", "…", '\.\.', '\?', '\?\?\?']
#     extra_texts: []
#     words: 4
#     patterns: [TODO, "[Tt]odo:", TBD, FIXME, "DESCRIPTION_MISSING", "[Ll]orem ipsum", "LOREM IPSUM"]
#   option_docs:
#     english: "English placeholders: whole lines in lower case, joined by `|`."
#     german: "German placeholders: whole lines in lower case, joined by `|`."
#     french: "French placeholders: whole lines in lower case, joined by `|`."
#     spanish: "Spanish placeholders: whole lines in lower case, joined by `|`."
#     italian: "Italian placeholders: whole lines in lower case, joined by `|`."
#     dutch: "Dutch placeholders: whole lines in lower case, joined by `|`."
#     portuguese: "Portuguese placeholders: whole lines in lower case, joined by `|`."
#     polish: "Polish placeholders: whole lines in lower case, joined by `|`."
#     swedish: "Swedish placeholders: whole lines in lower case, joined by `|`."
#     danish: "Danish placeholders: whole lines in lower case, joined by `|`."
#     norwegian: "Norwegian placeholders: whole lines in lower case, joined by `|`."
#     finnish: "Finnish placeholders: whole lines in lower case, joined by `|`."
#     czech: "Czech placeholders: whole lines in lower case, joined by `|`."
#     romanian: "Romanian placeholders: whole lines in lower case, joined by `|`."
#     hungarian: "Hungarian placeholders: whole lines in lower case, joined by `|`."
#     marks: "Regular expressions for lines of punctuation that count as placeholders."
#     extra_texts: "Additional placeholders: whole lines in lower case."
#     words: "Words of a line from which on the other lines of a text count as a description."
#     patterns: "Regular expressions that mark a text as a placeholder wherever they match. Plain words are the fastest."
package govcheck.documentation.placeholder_text

import data.govcheck.lib.say

options := data.options["documentation/placeholder-text"]

of_the_west := array.concat(array.concat(array.concat(array.concat(options.english, options.german), options.french), options.spanish), options.italian)

of_the_north := array.concat(array.concat(array.concat(array.concat(array.concat(options.dutch, options.portuguese), options.polish), options.swedish), options.danish), options.norwegian)

of_the_east := array.concat(array.concat(array.concat(array.concat(options.finnish, options.czech), options.romanian), options.hungarian), options.marks)

texts := array.concat(array.concat(of_the_west, of_the_north), of_the_east)

# An alternation of plain words is one fast search; with anchors the search takes ten times as long.
# `\n+` matches the same lines as `\n`, but stops the engine from treating the whole pattern as a list of texts, which it
# would search for character by character.
whole_line := concat("", ["\n+(?:", concat("|", texts), ")\n"])

extra_line := concat("", ["\n", concat("\n|\n", options.extra_texts), "\n"])

anywhere := concat("|", options.patterns)

placeholder(text) if regex.match(anywhere, text)

placeholder(text) if regex.match(whole_line, lines(text))

placeholder(text) if {
	count(options.extra_texts) > 0
	regex.match(extra_line, lines(text))
}

lines(text) := replace(replace(replace(concat("", ["\n", lower(text), "\n"]), ".\n", "\n"), ":\n", "\n"), "!\n", "\n")

# One search over all texts: most entities have no placeholder, so their texts are not searched one by one.
some_placeholder if {
	of_columns := [column.description | some column in input.columns; column.description]
	of_tables := [table.description | some table in input.tables; table.description]
	own := [object.get(input, "description", "")]
	placeholder(concat("\n", array.concat(array.concat(own, of_tables), of_columns)))
}

repeats(text, name) if plain(text) == plain(name)

plain(text) := replace(replace(lower(text), "_", " "), "-", " ")

# A mark such as TODO in a text that says more: the text is a description, but not a finished one.
verdict(text) := "is a placeholder" if {
	placeholder(text)
	not says_more(text)
}

verdict(text) := "has a line that is still to be written" if {
	placeholder(text)
	says_more(text)
}

says_more(text) if {
	some line in split(text, "\n")
	count(split(trim_space(line), " ")) >= options.words
	not placeholder(line)
}

deny contains {"message": message, "at": ["description"]} if {
	some_placeholder
	placeholder(input.description)
	message := sprintf("the description of %s %s", [say.entity(input.entity), verdict(input.description)])
}

# In dbt the contract is its only table, with one text.
is_own(table) if table.description == input.description

deny contains {"message": message, "at": ["description"]} if {
	repeats(input.description, input.name)
	message := sprintf("the description of %s repeats its name", [say.entity(input.entity)])
}

deny contains {"message": message, "at": ["tables", i, "description"]} if {
	some_placeholder
	some i, table in input.tables
	placeholder(table.description)
	not is_own(table)
	message := sprintf("the description of table `%s` %s", [table.name, verdict(table.description)])
}

deny contains {"message": message, "at": ["tables", i, "description"]} if {
	some i, table in input.tables
	repeats(table.description, table.name)
	not is_own(table)
	message := sprintf("the description of table `%s` repeats its name", [table.name])
}

deny contains {"message": message, "at": ["columns", i, "description"]} if {
	some_placeholder
	some i, column in input.columns
	placeholder(column.description)
	message := sprintf("the description of %s %s", [say.column(column), verdict(column.description)])
}

# A description whose length differs from that of the name cannot repeat it.
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
