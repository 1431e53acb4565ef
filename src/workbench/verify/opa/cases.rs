//! What one run of `opa eval` is asked, as the files that it reads: many inputs, on one `data` or on several, and a module
//! that asks of each what its question asks. Questions for the same paths are one rule of that module.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::policy::engine::Datum;
use crate::workbench::verify::Question;

/// One question, with what it is asked on.
#[derive(Clone, Copy)]
pub(super) struct OpaCase<'q> {
    pub(super) question: &'q Question,
    pub(super) data: &'q Datum,
    /// The number of `data`: the same for the same one.
    pub(super) number: usize,
}

/// What is asked in one rule: the paths, and the fields of `data` that each input has of its own.
type OpaGroup<'q> = (Vec<&'q str>, Vec<String>);

/// The files of a run.
pub(super) struct OpaFiles {
    pub(super) data: String,
    pub(super) entry: String,
}

/// The rule that says everything.
pub(super) const ENTRY: &str = "data.govcheck_verify";

impl OpaFiles {
    pub(super) fn of(cases: &[OpaCase<'_>]) -> Self {
        let shared = cases.first().map(|case| case.number);
        let is_shared = cases.iter().all(|case| Some(case.number) == shared);
        let mut groups: BTreeMap<OpaGroup<'_>, Vec<(usize, &OpaCase<'_>)>> = BTreeMap::new();
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PATH: &str = "data.govcheck.kpi.bad_name.deny";

    fn question(id: &str, paths: &[&str]) -> Question {
        let answers = paths
            .iter()
            .map(|path| ((*path).to_owned(), Datum::object()));
        Question {
            place: id.to_owned(),
            input: Datum::json(&json!({"id": id})),
            answers: answers.collect(),
        }
    }

    /// The `data` of a run, and its module.
    fn files(asked: &[(&Question, &Datum, usize)]) -> (Value, String) {
        let cases = asked.iter().map(|(question, data, number)| OpaCase {
            question,
            data,
            number: *number,
        });
        let files = OpaFiles::of(&cases.collect::<Vec<_>>());
        (serde_json::from_str(&files.data).unwrap(), files.entry)
    }

    #[test]
    fn what_all_are_asked_on_is_the_data_of_the_run() {
        let data = Datum::json(&json!({"run": {"today": "2026-07-01"}}));
        let (one, two) = (question("a", &[PATH]), question("b", &[PATH]));
        let (data, entry) = files(&[(&one, &data, 0), (&two, &data, 0)]);
        assert_eq!(data["run"]["today"], "2026-07-01");
        assert_eq!(data["govcheck_cases"]["group0"]["1"]["input"]["id"], "b");
        assert!(entry.contains(&format!("\"{PATH}\": {PATH}")), "{entry}");
        assert!(!entry.contains("with data"), "{entry}");
    }

    #[test]
    fn on_several_data_each_question_has_its_own() {
        let first = Datum::json(&json!({"run": {"today": "2026-07-01"}}));
        let second = Datum::json(&json!({"run": {"today": "2026-08-01"}, "mesh": {}}));
        let (one, two) = (question("a", &[PATH]), question("b", &[PATH]));
        let (data, entry) = files(&[(&one, &first, 0), (&two, &second, 1)]);
        let days = ["0", "1"].map(|number| &data["govcheck_data"][number]["run"]["today"]);
        assert_eq!(days, ["2026-07-01", "2026-08-01"]);
        let on = "with input as one.input with data.mesh as data.govcheck_data[one.data].mesh with data.run as";
        assert!(entry.contains(on), "{entry}");
        // What the first has not is not asked of it: it would be undefined.
        assert!(
            entry.contains("with input as one.input with data.run as"),
            "{entry}"
        );
    }

    #[test]
    fn questions_for_other_paths_are_another_group() {
        let data = Datum::object();
        let (one, two) = (
            question("a", &[PATH]),
            question("b", &["data.x.facts", PATH]),
        );
        let (data, entry) = files(&[(&one, &data, 0), (&two, &data, 0)]);
        let cases = data["govcheck_cases"].as_object().unwrap();
        assert_eq!(cases.len(), 2, "{data}");
        assert!(entry.contains("group1 := "), "{entry}");
    }
}
