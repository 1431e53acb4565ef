# Column names as words.
package govcheck.lib.names

import data.govcheck.lib.words

# The names of all columns as words, in order: `birthDate` is `birth_date`. Read it by its full path, which is evaluated
# once for all rules.
columns := split(data.govcheck.lib.names.joined, "\n")

# The same as one text with a line for each name, so that one search covers all names. Undefined without columns.
joined := words.snake(concat("\n", own)) if {
	count(own) > 0
	not broken
}

# A line break in a name would shift the lines, so it becomes a space.
joined := concat("\n", [replace(words.snake(name), "\n", " ") | some name in own]) if broken

broken if contains(concat("", own), "\n")

own := [object.get(column, "name", "") | some column in input.columns]
