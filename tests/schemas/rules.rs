//! Examples of rules.

use govcheck::config::Config;
use govcheck::model::published::SchemaName;
use govcheck::policy::examples;
use govcheck::workbench::examples::check_places;
use serde_json::Value;

use super::agreement::{Beyond, agree, take};
use super::config::{EVERYTHING, judged, known};
use super::yaml;

const EXAMPLES: &str = r##"
examples:
  - name: a KPI in camel case
    files:
      kpis.register.yaml: |
        apiVersion: govcheck/v1
        kind: Register
        kpis:
          - name: OrderValue
    config:
      rules: {kpi/bad-name: {options: {max_length: 40}}}
    today: 2026-01-15
    finds:
      - {at: "kpis.register.yaml:4:11-21", on: OrderValue, message: "KPI `OrderValue` is not in snake case"}
      - {on: "", message: 5}
  - name: two revisions
    base: {a.yaml: "id: a\n", b.yaml: ""}
    files: {a.yaml: "id: b\nname: c\n"}
    finds: [{at: "a.yaml:1:1-2:8", on: "id: b\nname: c", message: m}]
    suggests: {"contract:orders": 2.0.0}
  - {name: nothing, files: {}, finds: []}
"##;

#[test]
fn the_schema_of_examples_agrees_with_their_reader() {
    let pack = crate::mesh::builtin();
    let known = known(&pack);
    let read = |text: &str| {
        for example in examples::parse_examples(text).map_err(|error| error.to_string())? {
            check_places(&example).map_err(|error| error.to_string())?;
            if let Some(config) = &example.config {
                let config = serde_yaml::to_string(config).unwrap();
                let config = Config::parse(&config, "govcheck.yaml");
                judged(&config.map_err(|error| error.to_string())?, &pack, &known)?;
            }
        }
        Ok(())
    };
    let beyond = [
        Beyond {
            class: "places that the example does not have",
            says: &[
                "the example has no file",
                "does not exist; ",
                "lies before its start",
            ],
            example: ("/examples/0/finds/0/at", "b.yaml:1:1-2"),
        },
        Beyond {
            class: "rules and categories of no pack",
            says: &["there is no rule or category"],
            example: ("/examples/0/config/rules/kpy", "error"),
        },
    ];
    let mut whole = yaml(EXAMPLES);
    let config: Value = yaml(EVERYTHING);
    whole["examples"][2]["config"] = config;
    agree(SchemaName::Examples, &[yaml(EXAMPLES)], &read, &beyond);
    take(SchemaName::Examples, &whole, &read);
}
