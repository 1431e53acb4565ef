# METADATA
# title: Unmarked or overexposed personal data
# description: A column with personal data is marked as such, and has a tier that protects it. Requests for access or deletion, and every mask, rely on the mark.
# custom:
#   severity: error
#   scope: entity
#   entities: [contract]
#   help: Mark the column as personal data and classify it as `confidential` or higher, or mark it as not personal.
#   since: 0.1.0
#   options:
#     english:
#       - 'email|e_mail|email_address|mail_address|phone|phone_number|telephone|mobile_number|mobile_phone'
#       - 'cell_phone|fax_number|first_name|last_name|full_name|given_name|family_name|middle_name|maiden_name'
#       - 'surname|birth_date|birthdate|date_of_birth|dob|birthday|birth_place|birthplace|ssn|social_security'
#       - 'social_security_number|national_id|passport|passport_number|driver_license|drivers_license'
#       - 'driving_licence|tax_id|health_insurance_number|iban|credit_card|card_number|bank_account|account_holder'
#       - 'ip_address|street|street_address|home_address|postal_address|house_number'
#     german:
#       - 'email_adresse|mailadresse|geburtsdatum|geburtstag|geburtsort|geburtsname|vorname|nachname|familienname'
#       - 'strasse|straße|hausnummer|anschrift|telefon|telefonnummer|handynummer|mobilnummer|rufnummer|steuer_id'
#       - 'steuernummer|sozialversicherungsnummer|personalausweis|ausweisnummer|reisepass|kontoinhaber'
#       - 'bankverbindung|krankenversicherungsnummer'
#     french:
#       - 'prenom|prénom|nom_de_famille|date_naissance|date_de_naissance|lieu_naissance|lieu_de_naissance|courriel'
#       - 'adresse_email|adresse_mail|adresse_postale|téléphone|numero_telephone|numero_de_telephone'
#       - 'numero_securite_sociale|passeport'
#     spanish:
#       - 'apellido|apellidos|nombre_completo|fecha_nacimiento|fecha_de_nacimiento|lugar_nacimiento'
#       - 'lugar_de_nacimiento|correo_electronico|correo_electrónico|telefono|teléfono|telefono_movil'
#       - 'direccion_postal|domicilio|numero_dni|numero_nie|pasaporte|numero_seguridad_social'
#     italian:
#       - 'cognome|nome_completo|data_nascita|data_di_nascita|luogo_nascita|luogo_di_nascita|codice_fiscale'
#       - 'cellulare|numero_telefono|indirizzo_email|indirizzo_residenza|passaporto'
#     dutch:
#       - 'voornaam|achternaam|geboortedatum|geboorteplaats|telefoonnummer|mobielnummer|emailadres|e_mailadres'
#       - 'straat|huisnummer|woonadres|bsn|burgerservicenummer|paspoort|rekeninghouder'
#     portuguese:
#       - 'primeiro_nome|sobrenome|nome_completo|data_nascimento|data_de_nascimento|local_nascimento|cpf|telefone'
#       - 'numero_telefone|telemovel|telemóvel|celular|endereco_residencial|endereço_residencial|morada|passaporte'
#     polish:
#       - 'imie|imię|nazwisko|pesel|data_urodzenia|miejsce_urodzenia|numer_telefonu|adres_email|adres_zamieszkania'
#       - 'ulica|numer_dowodu|paszport'
#     swedish:
#       - 'personnummer|fornamn|förnamn|efternamn|fodelsedatum|födelsedatum|telefonnummer|mobilnummer|epost|e_post'
#       - 'epostadress|gatuadress|hemadress'
#     danish: ['cpr|cpr_nummer|fornavn|efternavn|foedselsdato|fødselsdato|telefonnummer|mobilnummer|vejnavn|pasnummer']
#     norwegian:
#       - 'fodselsnummer|fødselsnummer|fornavn|etternavn|fodselsdato|fødselsdato|mobilnummer|epostadresse'
#       - 'gateadresse'
#     finnish:
#       - 'etunimi|sukunimi|henkilotunnus|henkilötunnus|syntymaaika|syntymäaika|puhelinnumero|sahkoposti|sähköposti'
#       - 'katuosoite|kotiosoite'
#     czech:
#       - 'krestni_jmeno|křestní_jméno|prijmeni|příjmení|rodne_cislo|rodné_číslo|datum_narozeni|datum_narození'
#       - 'telefonni_cislo|ulice'
#     romanian: ['prenume|nume_familie|nume_de_familie|cnp|data_nasterii|data_nașterii|numar_telefon|adresa_email']
#     hungarian:
#       - 'vezeteknev|vezetéknév|keresztnev|keresztnév|szuletesi_datum|születési_dátum|telefonszam|telefonszám'
#       - 'taj_szam|lakcim|lakcím'
#     extra_names: []
#     harmless: [id, ids, key, count, sent, verified, confirmed, at, on, by, ts, date, status, state, type, kind, template, subject, consent, optin, flag, valid, hash, domain, provider, channel, source, campaign, rate, score, opened, clicked, bounced, enabled, required, present, exists, format, length, version, preference, language]
#     things: [campaign, template, newsletter, product, server, host, gateway, router, store, shop, branch, warehouse, site, plant, depot, office, company, organisation, organization, firm, department, hotline, support, brand]
#     tiers: [public, internal, confidential, restricted]
#     at_least: confidential
#   option_docs:
#     english: "English column names, joined by `|`."
#     german: "German column names, joined by `|`."
#     french: "French column names, joined by `|`."
#     spanish: "Spanish column names, joined by `|`."
#     italian: "Italian column names, joined by `|`."
#     dutch: "Dutch column names, joined by `|`."
#     portuguese: "Portuguese column names, joined by `|`."
#     polish: "Polish column names, joined by `|`."
#     swedish: "Swedish column names, joined by `|`."
#     danish: "Danish column names, joined by `|`."
#     norwegian: "Norwegian column names, joined by `|`."
#     finnish: "Finnish column names, joined by `|`."
#     czech: "Czech column names, joined by `|`."
#     romanian: "Romanian column names, joined by `|`."
#     hungarian: "Hungarian column names, joined by `|`."
#     extra_names: "Additional column names: words in lower case, joined by `_`. `kunden_nr` matches `KundenNr` and `alte_kunden_nr`."
#     harmless: "Words after such a name that make it harmless: `email_verified`, `phone_type`."
#     things: "Words in a name that show it is not about a person: `store_street`, `server_ip_address`."
#     tiers: "Tiers from the least to the most sensitive."
#     at_least: "Lowest of these tiers that personal data may have."
package govcheck.security.unmarked_personal_data

import data.govcheck.lib.say
import data.govcheck.lib.words

options := data.options["security/unmarked-personal-data"]

# Three searches: a single expression for all languages exceeds what the engine compiles.
western := spelled(array.concat(array.concat(array.concat(array.concat(options.english, options.german), options.french), options.spanish), options.italian))

northern := spelled(array.concat(array.concat(array.concat(array.concat(array.concat(options.dutch, options.portuguese), options.polish), options.swedish), options.danish), options.norwegian))

eastern := spelled(array.concat(array.concat(array.concat(array.concat(options.finnish, options.czech), options.romanian), options.hungarian), options.extra_names))

# Words are delimited by `_`: an alternation of plain words is one fast search, while with anchors it takes ten times as long.
spelled(names) := concat("", ["_", replace(concat("|", names), "|", "_|_"), "_"])

all_names := delimited(replace(data.govcheck.lib.names.joined, "\n", "_\n_"))

delimited(names) := concat("", ["_", names, "_"])

# The delimited name of each column.
names := split(all_names, "\n")

# The expressions that match any name at all: most contracts have none, so their names are not searched one by one.
telling := [found | some found in [western, northern, eastern]; found != "__"; regex.match(found, all_names)]

deny contains {"message": message, "at": ["columns", i, "name"]} if {
	some found in telling
	some i, name in names
	regex.match(found, name)
	object.get(input.columns[i], "personal_data", "unsaid") == "unsaid"
	not harmless(name, found)
	not of_a_thing(input.columns[i])
	message := sprintf("%s looks like personal data, but is not marked as such", [say.column(input.columns[i])])
}

harmless(name, _) if regex.match(`^_(?:is|has|num|count|number_of|count_of)_`, name)

# The last word counts unless it is part of the match: `email_campaign_id` is harmless, `tax_id` is not.
harmless(name, found) if {
	rest := split(trim_right(regex.replace(name, found, "\n_"), "_"), "_")
	rest[count(rest) - 1] in options.harmless
}

of_a_thing(column) if {
	some word in split(words.snake(object.get(column, "path", "")), "_")
	word in options.things
}

too_open := {tier |
	some lowest, named in options.tiers
	named == options.at_least
	some tier in array.slice(options.tiers, 0, lowest)
}

deny contains {"message": message, "at": ["columns", i, "classification"]} if {
	some i in data.govcheck.lib.personal.marked
	column := input.columns[i]
	column.classification in too_open
	message := sprintf(
		"%s holds personal data, but is classified as `%s`; the minimum is `%s`",
		[say.column(column), column.classification, options.at_least],
	)
}
