//! Runs the examples of a rule through the whole pipeline and compares its findings with the expected ones.

mod found;
mod places;
mod rewrite;

pub use found::{ExampleError, ExampleResult};
pub use places::{check_places, covered_text, write_place};
pub use rewrite::{RewriteError, rewrite_expectations};

use std::collections::BTreeMap;

use super::judge::Bench;
use crate::config::Config;
use crate::discover::{FileSource, Memory};
use crate::model::report::Report;
use crate::model::rule::{Day, Rule, Scope};
use crate::model::text::RelPath;
use crate::policy::examples::{Example, Expected};

/// The day of an example, or of a test, that names none.
pub const TODAY: Day = Day(jiff::civil::date(2026, 1, 15));

/// Runs an example of a rule.
///
/// # Errors
/// The example is none: see [`ExampleError`].
pub fn run_example(
    bench: &Bench<'_>,
    rule: &Rule,
    example: &Example,
) -> Result<ExampleResult, ExampleError> {
    match (rule.scope == Scope::Change, example.base.is_some()) {
        (true, false) => {
            let why = "`base` is missing: a rule of scope `change` compares two revisions; put the files of the first under `base`";
            return Err(ExampleError::Base(why));
        }
        (false, true) => {
            let why = "`base` needs a rule of scope `change`; remove it";
            return Err(ExampleError::Base(why));
        }
        _ => {}
    }
    check_places(example)?;
    let config = match &example.config {
        None => Config::default(),
        Some(config) => Config::parse(&serde_yaml::to_string(config)?, "govcheck.yaml")?,
    };
    let base = example.base.as_ref().map(memory_of);
    let base = base.as_ref().map(|base| base as &dyn FileSource);
    let today = example.today.unwrap_or(TODAY);
    let report = bench.judge(base, &memory_of(&example.files), &config, today)?;
    if report.incomplete {
        return Err(ExampleError::NotJudged(not_judged(&report)));
    }
    let own = report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule.id);
    let finds = own.map(|finding| Expected {
        at: finding.location.as_ref().map(write_place),
        on: covered_text(&report, finding),
        message: finding.message.clone(),
    });
    let versions = report.comparison.iter().flat_map(|two| &two.versions);
    let versions = versions.map(|advice| (advice.entity.to_string(), advice.suggested.clone()));
    Ok(ExampleResult {
        finds: finds.collect(),
        suggests: versions.collect(),
    })
}

pub(crate) fn memory_of(files: &BTreeMap<String, String>) -> Memory {
    let files = files.iter();
    Memory::new(files.map(|(path, text)| (RelPath::new(path.as_str()), text.as_bytes().to_vec())))
}

fn not_judged(report: &Report) -> Vec<String> {
    let cut_short = report.findings.iter().filter(|finding| finding.incomplete);
    let told = cut_short.map(|finding| match &finding.location {
        Some(at) => format!("{}: {}", write_place(at), finding.message),
        None => finding.message.clone(),
    });
    told.collect()
}
