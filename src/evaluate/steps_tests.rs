//! What a file of many entities, keys or places costs: counted in steps, at n and at 4n.

use std::time::Duration;

use super::map::judge_file;
use super::setting::Setting;
use crate::lift::Contexts;
use crate::model::entity::LayoutPlace;
use crate::model::rule::Day;
use crate::model::text::RelPath;
use crate::model::work;
use crate::policy::Pack;
use crate::policy::engine::Bounds;
use crate::policy::options::resolve_options;
use crate::policy::source::PackSource;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(60),
    memory: 1 << 30,
    instructions: 100_000_000,
};

const REGISTER: &str = "apiVersion: govcheck/v1\nkind: Register\n";

fn contract(id: &str) -> String {
    format!(
        "apiVersion: v3.0.2\nkind: DataContract\nid: {id}\nname: {id}\nversion: 1.0.0\nstatus: active\n"
    )
}

/// Lines made of a number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn in_one_line(count: usize) -> String {
    let kpis =
        (0..count).map(|n| serde_json::json!({"id": format!("K{n}"), "name": format!("kpi {n}")}));
    let kpis: Vec<_> = kpis.collect();
    serde_json::json!({"apiVersion": "govcheck/v1", "kind": "Register", "kpis": kpis}).to_string()
}

#[test]
fn entities_documents_properties_and_equal_names_of_one_file_take_linear_steps() {
    let pack = Pack::load(vec![PackSource::builtin()], &|_| true).unwrap();
    let given = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
    let today = Day("2026-11-29".parse().unwrap());
    let setting = Setting::new(&pack, &given, today, &|_| LayoutPlace::default(), BOUNDS).unwrap();
    let kpis = |n| {
        format!(
            "{REGISTER}kpis:\n{}",
            lines(n, |n| format!("  - {{id: K{n}, name: k {n}}}\n"))
        )
    };
    let equal = |n| {
        format!(
            "{REGISTER}kpis:\n{}",
            lines(n, |_| "  - {id: K, name: k}\n".to_owned())
        )
    };
    let documents = |n| lines(n, |n| format!("---\n{}", contract(&format!("c{n}"))));
    let same = |n| lines(n, |_| format!("---\n{}", contract("c")));
    let property = |n| format!("  - {{property: p{n}, value: v}}\n");
    let properties = |n| {
        format!(
            "{}customProperties:\n{}",
            contract("c"),
            lines(n * 20, property)
        )
    };
    let column = |n| format!("  - {{name: c{n}, logicalType: odd, classification: x{n}}}\n");
    let columns = |n| {
        format!(
            "{}schema:\n- name: t\n  properties:\n{}",
            contract("c"),
            lines(n, column)
        )
    };
    let shapes: [(&str, &dyn Fn(usize) -> String); 7] = [
        ("KPIs", &kpis),
        ("KPIs in one line", &in_one_line),
        ("KPIs of one name", &equal),
        ("documents", &documents),
        ("documents of one name", &same),
        ("custom properties", &properties),
        ("columns", &columns),
    ];
    for (what, text) in shapes {
        let steps = |count: usize| {
            let (file, text) = (RelPath::new("a.yaml"), text(count));
            let judge = || judge_file(&setting, &Contexts::default(), &file, text.as_bytes());
            work::steps_of(|| assert!(!judge().findings.is_empty()))
        };
        let (one, four) = (steps(50), steps(200));
        assert!(four * 2 <= one * 9, "{what}: {one} steps, then {four}");
    }
}
