# Names of columns as words.
package govcheck.lib.names

import data.govcheck.lib.words

# The names of all columns as words, in their order: `birthDate` is birth_date. One pass over all names at once. Read it
# by its full path, so that all rules share one answer.
columns := names if {
	names := split(words.snake(concat("\n", own)), "\n")
	count(names) == count(own)
}

# A line break in a name, which nobody has but to confuse.
columns := [words.snake(name) | some name in own] if contains(concat("", own), "\n")

own := [object.get(column, "name", "") | some column in input.columns]
