//! The texts of contracts, products and registers. Writes no file.

use std::fmt::{Error, Write as _};

use crate::words::{
    ASPECTS, CLAUSES, DOMAINS, PERSONAL, Random, SUBJECTS, TERMS, TYPES, capital, domain,
    product_name, sentence, term_name, term_type,
};

/// What is wrong with a contract, if anything.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    UnknownTeam,
    MissingPurpose,
    UnknownTier,
    UnclassifiedColumn,
    UnmarkedPersonalData,
    UndescribedColumns,
    UnresolvedTerm,
}

/// What is wrong with a column, if anything: what linters of single contracts look for.
#[derive(Clone, Copy, PartialEq)]
enum ColumnMistake {
    None,
    DuplicateName,
    CamelCase,
    PositionWithoutKey,
}

const COLUMN_MISTAKES: [ColumnMistake; 3] = [
    ColumnMistake::DuplicateName,
    ColumnMistake::CamelCase,
    ColumnMistake::PositionWithoutKey,
];

const MISTAKES: [Mistake; 7] = [
    Mistake::UnknownTeam,
    Mistake::MissingPurpose,
    Mistake::UnknownTier,
    Mistake::UnclassifiedColumn,
    Mistake::UnmarkedPersonalData,
    Mistake::UndescribedColumns,
    Mistake::UnresolvedTerm,
];

/// Writes one manifest after the other; the order is part of what the seed gives.
pub(crate) struct Manifests {
    pub(crate) random: Random,
    /// Columns of a contract.
    pub(crate) columns: usize,
    /// Of a million contracts, so many have a mistake.
    pub(crate) bad_per_million: u64,
    /// Numbers of its own, so that mistakes in columns change nothing else.
    pub(crate) column_random: Random,
    /// Of a million contracts, so many have a mistake in a column.
    pub(crate) column_mistakes_per_million: u64,
}

impl Manifests {
    pub(crate) fn contract(&mut self, number: usize) -> Result<String, Error> {
        let is_bad = self.random.next() % 1_000_000 < self.bad_per_million;
        let mistake = if is_bad {
            MISTAKES[self.random.below(MISTAKES.len())]
        } else {
            Mistake::None
        };
        let in_columns = self.column_random.next() % 1_000_000 < self.column_mistakes_per_million;
        let in_columns = if in_columns {
            COLUMN_MISTAKES[self.column_random.below(COLUMN_MISTAKES.len())]
        } else {
            ColumnMistake::None
        };
        let (domain, name) = (domain(number), product_name(number));
        let team = if mistake == Mistake::UnknownTeam {
            format!("{domain}-tema")
        } else {
            format!("{domain}-team")
        };
        let mut text = String::with_capacity(16 * 1024);
        writeln!(
            text,
            "apiVersion: v3.1.0\nkind: DataContract\nid: dc-{name}\nname: {} {number}",
            capital(self.random.pick(&SUBJECTS))
        )?;
        writeln!(
            text,
            "version: 1.{}.0\nstatus: active\ndomain: {domain}\ndataProduct: dp-{name}\ntags: [gold]\n\ndescription:",
            number % 7
        )?;
        if mistake != Mistake::MissingPurpose {
            writeln!(
                text,
                "  purpose: >-\n    {}, {}.",
                sentence(&mut self.random),
                self.random.pick(&CLAUSES)
            )?;
        }
        writeln!(
            text,
            "  usage: {}.\n  limitations: Not for {} reports.\n",
            sentence(&mut self.random),
            self.random.pick(&ASPECTS)
        )?;
        writeln!(
            text,
            "team:\n  name: {team}\n  members:\n    - username: user{}\n      role: owner\n",
            self.random.below(500)
        )?;
        writeln!(
            text,
            "servers:\n  - server: production\n    type: bigquery\n    environment: prod\n    project: {domain}-prod\n    dataset: {name}\n"
        )?;
        writeln!(
            text,
            "roles:\n  - role: {domain}_reader\n    access: read\n    firstLevelApprovers: user{}\n",
            self.random.below(500)
        )?;
        text.push_str("slaProperties:\n  - property: freshness\n    value: 4\n    unit: h\n  - property: retention\n    value: 3\n    unit: y\n");
        writeln!(
            text,
            "\nschema:\n  - name: main\n    physicalName: {name}\n    description: {}.\n    properties:",
            sentence(&mut self.random)
        )?;
        for index in 0..self.columns {
            self.column(&mut text, number, index, (mistake, in_columns))?;
        }
        Ok(text)
    }

    fn column(
        &mut self,
        text: &mut String,
        number: usize,
        index: usize,
        (mistake, in_columns): (Mistake, ColumnMistake),
    ) -> Result<(), Error> {
        // Every twelfth column is personal, every third other one has a term, whose type it shares.
        let is_personal = index % 12 == 5;
        let term = (index + number) % TERMS;
        let has_term = !is_personal && index % 3 == 1;
        let name = match (is_personal, has_term) {
            (true, _) => format!("{}_{}", PERSONAL[(index / 12) % PERSONAL.len()], index),
            (false, true) => format!("{}_{index}", term_name(term)),
            (false, false) => format!(
                "{}_{}_{index}",
                self.random.pick(&SUBJECTS),
                self.random.pick(&ASPECTS)
            ),
        };
        let name = match in_columns {
            ColumnMistake::CamelCase if index == 2 => "netAmount".to_owned(),
            ColumnMistake::DuplicateName if index == 2 || index == 3 => "twice".to_owned(),
            _ => name,
        };
        let (logical, physical) = match (is_personal, has_term) {
            (true, _) => TYPES[0],
            (false, true) => term_type(term),
            (false, false) => TYPES[self.random.below(TYPES.len())],
        };
        writeln!(
            text,
            "      - name: {name}\n        logicalType: {logical}\n        physicalType: {physical}"
        )?;
        if index == 0 {
            text.push_str(
                "        primaryKey: true\n        required: true\n        unique: true\n",
            );
            // Without it linters of contracts would find something in every contract.
            if self.column_mistakes_per_million > 0 {
                text.push_str("        primaryKeyPosition: 1\n");
            }
        }
        if in_columns == ColumnMistake::PositionWithoutKey && index == 3 {
            text.push_str("        primaryKeyPosition: 2\n");
        }
        if mistake != Mistake::UndescribedColumns || index.is_multiple_of(2) {
            writeln!(
                text,
                "        description: >-\n          {}, {};",
                sentence(&mut self.random),
                self.random.pick(&CLAUSES)
            )?;
            writeln!(text, "          {}.", self.random.pick(&CLAUSES))?;
        }
        match mistake {
            Mistake::UnclassifiedColumn if index % 8 == 3 => {}
            Mistake::UnknownTier if index == 3 => {
                text.push_str("        classification: secretive\n")
            }
            _ if is_personal => text.push_str("        classification: confidential\n"),
            _ => text.push_str("        classification: internal\n"),
        }
        if is_personal {
            writeln!(text, "        encryptedName: {name}_enc")?;
            if mistake != Mistake::UnmarkedPersonalData {
                text.push_str("        customProperties:\n          - property: pii\n            value: true\n");
            }
        }
        if has_term {
            let term = if mistake == Mistake::UnresolvedTerm && index == 1 {
                "no_such_term".to_owned()
            } else {
                term_name(term)
            };
            writeln!(
                text,
                "        customProperties:\n          - property: term\n            value: {term}"
            )?;
        }
        if index.is_multiple_of(6) {
            text.push_str("        quality:\n          - type: library\n            metric: nullValues\n            mustBe: 0\n");
        }
        Ok(())
    }

    /// A product reads up to three products with a lower number, so that there is no cycle.
    pub(crate) fn product(&mut self, number: usize) -> Result<String, Error> {
        let (domain, name) = (domain(number), product_name(number));
        let mut text = String::with_capacity(2 * 1024);
        writeln!(
            text,
            "apiVersion: v1.0.0\nkind: DataProduct\nid: dp-{name}\nname: {} {number}",
            capital(self.random.pick(&SUBJECTS))
        )?;
        writeln!(
            text,
            "version: 1.{}.0\nstatus: active\ndomain: {domain}\ntags: [gold]\ndescription:",
            number % 7
        )?;
        writeln!(
            text,
            "  purpose: {}, {}.\n  usage: Reports and models of {domain}.",
            sentence(&mut self.random),
            self.random.pick(&CLAUSES)
        )?;
        writeln!(
            text,
            "  limitations: {}.\nteam:\n  name: {domain}-team\n  members:",
            sentence(&mut self.random)
        )?;
        writeln!(
            text,
            "    - username: user{}\n      role: owner",
            self.random.below(500)
        )?;
        writeln!(
            text,
            "support:\n  - channel: \"#{domain}\"\n    url: https://chat.example.org/{domain}"
        )?;
        writeln!(
            text,
            "authoritativeDefinitions:\n  - type: wiki\n    url: https://wiki.example.org/{name}"
        )?;
        let sources = if number == 0 { 0 } else { self.random.below(4) };
        if sources > 0 {
            text.push_str("inputPorts:\n");
        }
        for port in 0..sources {
            let source = self.random.below(number);
            writeln!(
                text,
                "  - name: input{port}\n    version: 1.{}.0\n    contractId: dc-{}",
                source % 7,
                product_name(source)
            )?;
        }
        writeln!(
            text,
            "outputPorts:\n  - name: main\n    type: tables\n    version: 1.{}.0\n    contractId: dc-{name}",
            number % 7
        )?;
        text.push_str("customProperties:\n  - property: classification\n    value: confidential\n");
        Ok(text)
    }
}

pub(crate) fn teams() -> Result<String, Error> {
    let mut text = String::from("apiVersion: govcheck/v1\nkind: Register\nclassifications:\n");
    for (rank, tier) in ["public", "internal", "confidential", "restricted"]
        .iter()
        .enumerate()
    {
        writeln!(text, "  - {{name: {tier}, rank: {rank}}}")?;
    }
    text.push_str("tags: [gold]\ndomains:\n");
    for domain in DOMAINS {
        writeln!(
            text,
            "  - {{name: {domain}, description: All data of {domain}., owner: {domain}-team}}"
        )?;
    }
    text.push_str("teams:\n");
    for domain in DOMAINS {
        writeln!(
            text,
            "  - {{name: {domain}-team, domain: {domain}, email: {domain}@example.org}}"
        )?;
    }
    Ok(text)
}

pub(crate) fn terms() -> Result<String, Error> {
    let mut text = String::from("apiVersion: govcheck/v1\nkind: Register\nterms:\n");
    for term in 0..TERMS {
        let (name, (logical, _)) = (term_name(term), term_type(term));
        writeln!(
            text,
            "  - id: {name}\n    definition: The {} as all teams count it.\n    type: {logical}",
            name.replace('_', " ")
        )?;
    }
    Ok(text)
}
