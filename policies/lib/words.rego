# Names of columns and KPIs as words.
package govcheck.lib.words

# `birthDate`, `birth-date` and `Birth Date` become `birth_date`. Takes one name, or many joined by line breaks.
snake(name) := joined(name) if name == lower(name)

snake(name) := joined(lower(regex.replace(name, `([a-z0-9])([A-Z])`, "${1}_${2}"))) if name != lower(name)

joined(name) := replace(replace(replace(name, "-", "_"), " ", "_"), ".", "_")
