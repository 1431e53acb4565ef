//! What one run of `opa eval` is asked, as the files that it reads: many inputs, on one `data` or on several, and a module
//! that asks of each what its question asks. Questions for the same paths are one rule of that module.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::policy::engine::Datum;
use crate::workbench::verify::Question;

/// One question, with what it is asked on.
#[derive(Clone, Copy)]
pub(super) struct Case<'q> {
    pub(super) question: &'q Question,
    pub(super) data: &'q Datum,
    /// The number of `data`: the same for the same one.
    pub(super) number: usize,
}

/// The files of a run.
pub(super) struct Files {
    pub(super) data: String,
    pub(super) entry: String,
}

/// The rule that says everything.
pub(super) const ENTRY: &str = "data.govcheck_verify";

impl Files {
    pub(super) fn of(cases: &[Case<'_>]) -> Self {
        let shared = cases.first().map(|case| case.number);
        let is_shared = cases.iter().all(|case| Some(case.number) == shared);
        let mut groups: BTreeMap<(Vec<&str>, Vec<String>), Vec<(usize, &Case<'_>)>> =
            BTreeMap::new();
        let mut states: BTreeMap<usize, &Datum> = BTreeMap::new();
        for (number, case) in cases.iter().enumerate() {
            let paths = case.question.answers.keys().map(String::as_str).collect();
            let fields = match is_shared {
                true => Vec::new(),
                false => names(case.data),
            };
            states.insert(case.number, case.data);
            let group = groups.entry((paths, fields)).or_default();
            group.push((number, case));
        }
        // The `data` that all share is that of the run: `with` would take it in once for each input.
        let mut data = serde_json::Map::new();
        match (is_shared, cases.first()) {
            (true, Some(case)) => {
                if let serde_json::Value::Object(fields) = case.data.to_json() {
                    data = fields;
                }
            }
            _ => {
                let states = states.iter();
                let states = states.map(|(number, data)| (number.to_string(), data.to_json()));
                data.insert("govcheck_data".to_owned(), states.collect());
            }
        }
        let mut entry = "package govcheck_verify\n".to_owned();
        let mut inputs = serde_json::Map::new();
        for (group, ((paths, fields), cases)) in groups.iter().enumerate() {
            write_group(&mut entry, group, paths, fields);
            let cases = cases.iter().map(|(number, case)| {
                let case = serde_json::json!({"input": case.question.input.to_json(), "data": case.number.to_string()});
                (number.to_string(), case)
            });
            inputs.insert(format!("group{group}"), cases.collect());
        }
        data.insert("govcheck_cases".to_owned(), inputs.into());
        Self {
            data: serde_json::Value::Object(data).to_string(),
            entry,
        }
    }
}

/// The fields of a `data`.
fn names(data: &Datum) -> Vec<String> {
    let entries = data.entries().into_iter();
    entries.map(|(name, _)| name.to_string()).collect()
}

/// `group0 := {number: {path: what it says, …} | …}`.
fn write_group(entry: &mut String, group: usize, paths: &[&str], fields: &[String]) {
    let said: Vec<String> = paths
        .iter()
        .map(|path| format!("\"{path}\": {path}"))
        .collect();
    let on: String = fields
        .iter()
        .map(|name| format!(" with data.{name} as data.govcheck_data[one.data].{name}"))
        .collect();
    // Writing to a text does not fail.
    let _ = write!(
        entry,
        "\ngroup{group} := {{number: said |\n\tsome number, one in data.govcheck_cases.group{group}\n\tsaid := {{{}}} with input as one.input{on}\n}}\n",
        said.join(", ")
    );
}
