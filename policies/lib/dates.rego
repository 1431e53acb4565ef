# Days as manifests write them.
package govcheck.lib.dates

# `2026-03-31`, also as the start of a point in time. Text that is no day compares to nothing.
is_day(text) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`, text)

past(text) if {
	is_day(text)
	substring(text, 0, 10) < data.run.today
}
