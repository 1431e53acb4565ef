# Names of columns as words.
package govcheck.lib.names

import data.govcheck.lib.words

# The names of all columns as words, in their order: `birthDate` is birth_date. Read it by its full path, so that all
# rules share one answer.
columns := split(data.govcheck.lib.names.joined, "\n")

# The same as one text, a line each, made in one pass: to ask of all names at once whether any is of interest. None
# without columns.
joined := words.snake(concat("\n", own)) if {
	count(own) > 0
	not broken
}

# A line break in a name, which nobody has but to confuse.
joined := concat("\n", [replace(words.snake(name), "\n", " ") | some name in own]) if broken

broken if contains(concat("", own), "\n")

own := [object.get(column, "name", "") | some column in input.columns]
