# METADATA
# title: Nobody knows where to ask
# description: A product names a channel for questions. Without one they go to whoever is known, or nowhere.
# custom:
#   severity: note
#   scope: entity
#   entities: [product]
#   help: Name a channel under `support`.
#   since: 0.1.0
#   options: {min_channels: 1}
#   option_docs: {min_channels: "How many channels a product names at least."}
package govcheck.house.missing_support

# A rule of your own. What it reads of a manifest, `govcheck model <file>` shows with the place of every value, whatever the format.
# `at` names what is wrong: the finding is drawn there, or at the nearest thing around it that is there.
deny contains {"message": message, "at": ["support"]} if {
	channels := object.get(input, "support", [])
	least := data.options["house/missing-support"].min_channels
	count(channels) < least
	message := sprintf("product `%s` names %d of %d support channels", [input.name, count(channels), least])
}
