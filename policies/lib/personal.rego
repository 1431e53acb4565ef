# Personal data: which columns are marked as holding it.
package govcheck.lib.personal

# Indexes of the columns that are marked. Read it by its full path, so that all rules share one answer.
marked := [i | some i, column in input.columns; column.personal_data]
