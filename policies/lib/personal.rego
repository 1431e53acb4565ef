# Columns that are marked as personal data.
package govcheck.lib.personal

# Indexes of the marked columns. Read it by its full path, which is evaluated once for all rules.
marked := [i | some i, column in input.columns; column.personal_data]
