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
#       - 'ip_address|client_ip|browser_ip|customer_ip|user_ip|purchase_ip|street|street_address|home_address|postal_address'
#       - 'house_number|address_line|addressline|address_line1|address_line2|addressline1|addressline2|address_1|address_2'
#       - 'billing_address|shipping_address|emails|emailaddress|firstname|lastname|middlename|fullname|phonenumber|phone_numbers'
#       - 'customer_name|contact_name|sender_name|recipient_name|receiver_name|employee_name|patient_name|owner_name'
#       - 'reviewer_name|reviewername|assistant_name|cardholder_name|card_holder|card_name|cardnumber|nationalidnumber'
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
#     qualifiers:
#       - 'address|addr|number|numbers|no|nr|num|text|value|string|raw|clean|cleaned|original|old|new|current|previous|last'
#       - 'primary|secondary|main|alternate|alternative|backup|other|additional|work|home|business|personal|private|mobile'
#       - 'cell|day|evening|line|line1|line2|one|two|c|pc|kana|kanji|latin|local|full|plain|plaintext|encrypted|enc|masked'
#       - 'lower|upper|normalized|normalised|formatted|e164|intl|initial|initials|legal|preferred|year|name|and|of'
#       - 'customer|client|user|contact|person|employee|patient|member|subscriber|guest|applicant|student|owner|holder'
#       - 'author|sender|recipient|receiver|buyer|seller|driver|passenger|lead|kunde|kunden|client|cliente|klant'
#     switches: [is, has, isdefault, num, count, total, enable, enabled, allow, allows, can, show, hide, send, use, uses, require, requires, notify, should, must, accepts, wants, receives]
#     things: [campaign, template, newsletter, product, server, host, gateway, router, store, shop, branch, warehouse, site, plant, depot, office, company, organisation, organization, firm, department, hotline, support, brand, repo, repository, mode, file, project, package, module, function, method, dataset, job, task, pipeline, workflow, resource, asset, app, application, service, system, model, group, role, queue, topic, cluster, node, instance, container, network, agency, station, stop, airport, venue, hotel, restaurant, school, hospital, clinic, pharmacy]
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
#     qualifiers: "Words after such a name that leave it personal, joined by `|`: `phone_work`, `email_address`. Any other word makes it harmless: `email_verified`, `street_robbery`."
#     switches: "First words of a name that make it a switch or a count: `enable_email`."
#     things: "Words in a name, or last words of the table's name, that show it is not about a person: `store_street`, `repo_full_name`."
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
	not impersonal(input.columns[i])
	message := sprintf("%s looks like personal data, but is not marked as such", [say.column(input.columns[i])])
}

qualifiers := {word | some line in options.qualifiers; some word in split(line, "|")}

harmless(name, _) if split(name, "_")[1] in options.switches

harmless(name, _) if regex.match(`^_(?:number_of|count_of|no_of)_`, name)

# What follows the match says what the column is about: `email_campaign_id` is harmless, `email_address_2` is not.
harmless(name, found) if {
	once := regex.replace(name, found, "_\n_")

	# Of two names side by side, the first takes the line between them.
	parts := split(regex.replace(once, found, "_\n_"), "\n")
	some word in split(parts[count(parts) - 1], "_")
	word != ""
	not word in qualifiers
	not regex.match(`^[0-9]+$`, word)
}

impersonal(column) if {
	some word in split(words.snake(object.get(column, "path", "")), "_")
	word in options.things
}

impersonal(column) if {
	table := split(words.snake(object.get(column, "table", "")), "_")
	last := table[count(table) - 1]
	some thing in options.things
	last in {thing, concat("", [thing, "s"])}
}

# A truth value is about a person, but tells nothing that identifies one.
impersonal(column) if lower(object.get(column, "type", object.get(column, "physical_type", ""))) in {"boolean", "bool"}

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
