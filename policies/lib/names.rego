# Names of columns as words.
package govcheck.lib.names

import data.govcheck.lib.words

# The names of all columns as words, in their order: `birthDate` is birth_date. One pass over all names at once. Read it
# by its full path, so that all rules share one answer.
columns := split(words.snake(concat("\n", own)), "\n")

own := [replace(object.get(column, "name", ""), "\n", " ") | some column in input.columns]
