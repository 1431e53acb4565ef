//! Contracts in other formats than ODCS, and the register of KPIs. Writes no file.

use std::error::Error;
use std::fmt::{self, Write as _};

use crate::manifests::Manifests;
use crate::words::{ASPECTS, CLAUSES, SUBJECTS, TYPES, capital, domain, product_name, sentence};

/// The format of a contract.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Odcs,
    Dcs,
    Dbt,
}

impl Format {
    /// `odcs,dbt`.
    pub(crate) fn list(text: &str) -> Result<Vec<Self>, Box<dyn Error>> {
        let one = |name: &str| match name.trim() {
            "odcs" => Ok(Self::Odcs),
            "dcs" => Ok(Self::Dcs),
            "dbt" => Ok(Self::Dbt),
            other => Err(format!("unknown format `{other}`: known are odcs, dcs, dbt").into()),
        };
        text.split(',').map(one).collect()
    }

    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Odcs => "contract.odcs.yaml",
            Self::Dcs => "datacontract.yaml",
            Self::Dbt => "models.yml",
        }
    }
}

/// A contract of as many columns as one in ODCS, without a mistake.
pub(crate) fn contract(
    format: Format,
    manifests: &mut Manifests,
    number: usize,
) -> Result<String, fmt::Error> {
    let (domain, name) = (domain(number), product_name(number));
    let random = &mut manifests.random;
    let title = capital(random.pick(&SUBJECTS));
    let purpose = format!("{}, {}.", sentence(random), random.pick(&CLAUSES));
    let mut text = String::with_capacity(16 * 1024);
    match format {
        Format::Dbt => writeln!(
            text,
            "version: 2\nmodels:\n  - name: {name}\n    description: {purpose}\n    access: public\n    config:\n      meta: {{owner: {domain}-team, domain: {domain}}}\n    columns:"
        )?,
        _ => writeln!(
            text,
            "dataContractSpecification: 1.2.0\nid: dc-{name}\ninfo:\n  title: {title} {number}\n  version: 1.{}.0\n  status: active\n  owner: {domain}-team\n  description: {purpose}\nmodels:\n  {name}:\n    type: table\n    description: {}.\n    fields:",
            number % 7,
            sentence(random)
        )?,
    }
    for index in 0..manifests.columns {
        let random = &mut manifests.random;
        let (subject, aspect) = (random.pick(&SUBJECTS), random.pick(&ASPECTS));
        let (logical, _) = TYPES[random.below(TYPES.len())];
        let described = format!("{}, {}.", sentence(random), random.pick(&CLAUSES));
        match format {
            Format::Dbt => writeln!(
                text,
                "      - name: {subject}_{aspect}_{index}\n        data_type: {logical}\n        description: >-\n          {described}\n        config:\n          meta: {{classification: internal}}"
            )?,
            _ => writeln!(
                text,
                "      {subject}_{aspect}_{index}:\n        type: {logical}\n        description: >-\n          {described}\n        classification: internal"
            )?,
        }
    }
    Ok(text)
}

/// The register of KPIs.
pub(crate) fn kpis(count: usize) -> Result<String, fmt::Error> {
    let mut text = String::from("apiVersion: govcheck/v1\nkind: Register\nkpis:\n");
    for number in 0..count {
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let aspect = ASPECTS[number / SUBJECTS.len() % ASPECTS.len()];
        let domain = domain(number);
        // Names have only letters after the first word.
        let series = number / (SUBJECTS.len() * ASPECTS.len());
        writeln!(
            text,
            "  - name: {subject}_{aspect}_s{series}_eur_daily\n    definition: The {aspect} of every {subject} of a day, series {series}, net of returns.\n    formula: sum({subject}.{aspect}_{series})\n    unit: EUR\n    grain: day\n    owner: {domain}-team"
        )?;
    }
    Ok(text)
}
