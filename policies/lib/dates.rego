# Dates as manifests write them.
package govcheck.lib.dates

# `2026-03-31`, also at the start of a timestamp.
is_day(text) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`, text)

past(text) if {
	is_day(text)
	substring(text, 0, 10) < data.run.today
}
