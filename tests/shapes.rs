//! Shapes in a user's pack: what loads, what is refused, and the places of findings.

use govcheck::config::Config;
use govcheck::policy::Pack;
use govcheck::policy::source::{PackFile, PackSource};

use crate::mesh::{TODAY, covered, judge, memory, write_place};

fn house(files: &[(&str, &str)]) -> Result<Pack, String> {
    let file = |(path, text): &(&str, &str)| PackFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    let own = PackSource {
        name: "house".to_owned(),
        files: files.iter().map(file).collect(),
        ..PackSource::default()
    };
    Pack::load(vec![PackSource::builtin(), own], &|_| true).map_err(|error| error.to_string())
}

const FORMAT: (&str, &str) = (
    "formats/house.yaml",
    "format: house\ntitle: House\nrecognise: {all: [{path: ident, exists: true}]}\nentities: []\n",
);
const SHAPES: &str = "format: house\ncalled: House\ndocument: thing\nshapes:\n  thing: {called: a thing, keys: {ident: text, parts: [text]}}\n";

#[test]
fn a_format_of_ones_own_can_have_shapes() {
    let pack = house(&[FORMAT, ("formats/shapes/house.yaml", SHAPES)]).unwrap();
    let files = [("a.yaml", "ident: 7\nparts: [a, [b]]\nbart: 1\n")];
    let report = judge(&memory(files), &pack, &Config::default(), TODAY);
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.rule.as_str() == "interoperability/invalid-manifest");
    let found: Vec<String> = found
        .map(|finding| {
            format!(
                "{} {} {}",
                write_place(finding.location.as_ref().unwrap()),
                covered(&report, finding),
                finding.route
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "a.yaml:1:8-9 7 document.ident",
            "a.yaml:2:13-14 b document.parts[1]",
            "a.yaml:3:1-5 bart document.bart",
        ]
    );
}

#[test]
fn shapes_of_no_format_or_of_one_that_has_some_are_refused() {
    let refused = |files: &[(&str, &str)]| house(files).err().unwrap();
    let without = refused(&[("formats/shapes/house.yaml", SHAPES)]);
    assert!(without.contains("unknown format `house`"), "{without}");
    let again = SHAPES.replace("format: house", "format: odcs");
    let twice = refused(&[("formats/shapes/odcs.yaml", &again)]);
    assert!(
        twice.contains("the shapes of format `odcs` are already defined"),
        "{twice}"
    );
}

#[test]
fn a_rule_reads_violations_only_of_documents() {
    let rule = "# METADATA\n# title: T\n# description: D.\n# custom:\n#   severity: error\n#   scope: entity\n#   entities: [contract]\n#   help: H.\n\
        #   since: 0.1.0\npackage govcheck.kpi.own\n\ndeny contains v if some v in input.violations\n";
    let refused = house(&[("kpi/own.rego", rule)]).err().unwrap();
    assert!(
        refused.contains("`input.violations` only exists on entities of kind `document`"),
        "{refused}"
    );
}
