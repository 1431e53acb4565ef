//! Works out what is kept of the pack in the binary, and holds what is kept against it:
//! `GOVCHECK_PREPARE=1 cargo test --lib prepared` writes it anew.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::Prepared;
use crate::model::rule::Rule;
use crate::policy::engine::{Bounds, Datum};
use crate::policy::options::resolve_options;
use crate::policy::pack::{self, Pack};
use crate::policy::source::PackSource;

/// The files, by their names.
fn worked_out() -> Vec<(&'static str, Vec<u8>)> {
    let (model, known, calls, programs) = pack::worked_out();
    let json = |text: Result<String, serde_json::Error>| format!("{}\n", text.unwrap());
    vec![
        (
            "policies.digest",
            format!("{}\n", env!("GOVCHECK_POLICIES")).into_bytes(),
        ),
        (
            "model.json",
            json(serde_json::to_string(&model)).into_bytes(),
        ),
        (
            "pack.json",
            json(serde_json::to_string(&known)).into_bytes(),
        ),
        (
            "calls.json",
            json(serde_json::to_string(&calls)).into_bytes(),
        ),
        ("programs.bin", postcard::to_allocvec(&programs).unwrap()),
    ]
}

#[test]
fn prepared_data_of_the_pack_is_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/prepared");
    for (name, bytes) in worked_out() {
        let file = folder.join(name);
        if std::env::var_os("GOVCHECK_PREPARE").is_some() {
            fs::write(&file, &bytes).unwrap();
        }
        assert!(
            fs::read(&file).unwrap() == bytes,
            "`src/policy/prepared/{name}` is not of these policies: write it anew with `GOVCHECK_PREPARE=1 cargo test --lib prepared`"
        );
    }
}

#[test]
fn nothing_of_the_pack_in_the_binary_has_to_be_compiled() {
    for is_on in [
        |_: &Rule| true,
        |rule: &Rule| rule.id.category() != "security",
    ] {
        let pack = Pack::load(vec![PackSource::builtin()], &is_on).unwrap();
        assert!(pack.is_known() && !pack.rules.is_empty());
    }
}

#[test]
fn a_rule_that_is_off_is_not_asked_by_a_program_that_is_kept() {
    let said = |is_on: &dyn Fn(&Rule) -> bool| {
        let pack = Pack::load(vec![PackSource::builtin()], is_on).unwrap();
        let options = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
        let data = serde_json::json!({"options": options, "run": {"today": "2026-01-01"}});
        let input = serde_json::json!({"entity": "contract:a", "kind": "contract", "description": "todo", "expresses": {}});
        let bounds = Bounds {
            time: Duration::from_secs(10),
            memory: 1 << 30,
            instructions: 1_000_000,
        };
        let program = pack.kind("contract").unwrap();
        let mut worker = program.judge().settled(&Datum::json(&data), bounds);
        let entry = &program.entry_points[0].name;
        let said = worker.evaluate(entry, &Datum::json(&input)).unwrap();
        let deny = said.get("deny").unwrap();
        let count = |id: &str| {
            deny.get(id)
                .and_then(|deny| deny.items())
                .map_or(0, |all| all.len())
        };
        (
            count("documentation/placeholder-text"),
            count("ownership/missing-owner"),
        )
    };
    assert_eq!(said(&|_| true), (1, 1));
    let is_on = |rule: &Rule| rule.id.as_str() != "documentation/placeholder-text";
    assert_eq!(said(&is_on), (0, 1));
}

#[test]
fn prepared_data_is_not_used_for_other_policies() {
    assert!(Prepared::of(&[PackSource::builtin()]).is_some());
    let mut changed = PackSource::builtin();
    changed.files[0].text.push(' ');
    let renamed = PackSource {
        name: "own".to_owned(),
        ..PackSource::builtin()
    };
    for sources in [vec![changed], vec![renamed], Vec::new()] {
        assert!(Prepared::of(&sources).is_none());
    }
}
