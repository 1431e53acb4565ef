# METADATA
# title: Personal data that is not marked or too open
# description: A column that holds personal data says so, and has a tier that protects it. Requests to show or delete a person's data, and every mask, rely on the mark.
# custom:
#   severity: error
#   scope: entity
#   entities: [contract]
#   help: Mark the column as personal data and classify it as confidential or higher, or mark it as not personal.
#   since: 0.1.0
#   options:
#     names:
#       - email|e_mail|email_address|e_mail_address|phone|phone_number|telephone|mobile_number|mobile_phone|cell_phone|fax_number
#       - first_name|last_name|full_name|given_name|family_name|middle_name|maiden_name|surname|birth_date|birthdate|date_of_birth|dob|birthday|birth_place|birthplace
#       - ssn|social_security|social_security_number|national_id|passport|passport_number|driver_license|drivers_license|driving_licence|tax_id|health_insurance_number
#       - iban|credit_card|card_number|bank_account|account_holder|ip_address|street|street_address|home_address|postal_address|house_number
#       - geburtsdatum|geburtstag|geburtsort|geburtsname|vorname|nachname|familienname|strasse|straße|hausnummer|anschrift|telefon|telefonnummer|handynummer|mobilnummer
#       - steuer_id|steuernummer|sozialversicherungsnummer|personalausweis|ausweisnummer|reisepass|kontoinhaber|kontonummer|krankenversicherungsnummer
#       - prenom|prénom|nom_de_famille|date_naissance|date_de_naissance|lieu_naissance|lieu_de_naissance|courriel|téléphone|adresse_postale|numero_securite_sociale|passeport
#       - apellido|apellidos|nombre_completo|fecha_nacimiento|fecha_de_nacimiento|correo|correo_electronico|telefono|teléfono|direccion|dirección|dni|nie|pasaporte
#       - cognome|data_nascita|data_di_nascita|luogo_nascita|luogo_di_nascita|codice_fiscale|cellulare|indirizzo|passaporto
#       - voornaam|achternaam|geboortedatum|geboorteplaats|telefoonnummer|mobiel|emailadres|e_mailadres|straat|huisnummer|bsn|burgerservicenummer|paspoort|rekeningnummer
#     harmless: [count, sent, verified, at, status, type, template, consent, flag, valid, hash]
#     tiers: [public, internal, confidential, restricted]
#     at_least: confidential
#   option_docs:
#     names: "Words of a column's name that mean personal data: in lower case, joined by `_`, with `|` between them."
#     harmless: "Last words that make a name harmless: `email_verified`."
#     tiers: "Tiers from the least to the most sensitive."
#     at_least: "The lowest of these tiers that personal data may have."
package govcheck.security.unmarked_personal_data

import data.govcheck.lib.say
import data.govcheck.lib.words

options := data.options["security/unmarked-personal-data"]

# Names are searched for with `_` around all words. An alternation of plain words is found at once; with anchors
# in their stead the search takes ten times as long.
pattern := concat("", ["_", replace(concat("|", options.names), "|", "_|_"), "_"])

harmless := sprintf(`^(?:is|has)_|_(?:%s)$`, [concat("|", options.harmless)])

not_marked := [column.name | some column in input.columns; not column.personal_data; column.name]

# One search over all names that could be unmarked: most contracts need no look at each.
some_name_tells if regex.match(pattern, apart(concat("_\n_", not_marked)))

apart(names) := concat("", ["_", words.snake(names), "_"])

deny contains {"message": message, "at": ["columns", i, "name"]} if {
	some_name_tells
	some i, column in input.columns
	object.get(column, "personal_data", "unsaid") == "unsaid"
	regex.match(pattern, apart(column.name))
	not regex.match(harmless, words.snake(column.name))
	message := sprintf("%s looks like personal data, but is not marked as such", [say.column(column)])
}

too_open := {tier |
	some lowest, named in options.tiers
	named == options.at_least
	some tier in array.slice(options.tiers, 0, lowest)
}

deny contains {"message": message, "at": ["columns", i, "classification"]} if {
	count(not_marked) < count(input.columns)
	some i, column in input.columns
	column.personal_data
	column.classification in too_open
	message := sprintf(
		"%s holds personal data, but is `%s`, which is less than `%s`",
		[say.column(column), column.classification, options.at_least],
	)
}
