//! Manifests of the formats that people have, well-formed and not, through the whole pipeline.

use std::fmt::Write as _;

use govcheck::config::Config;
use govcheck::model::finding::Finding;
use govcheck::model::report::Report;
use govcheck::model::rule::Level;
use govcheck::policy::Pack;
use govcheck::policy::source::{PackFile, PackSource};

use crate::mesh::{TODAY, builtin, covered, judge, memory, viewed, write_place};

fn report(files: &[(&str, &str)]) -> Report {
    judge(
        &memory(files.iter().copied()),
        &builtin(),
        &Config::default(),
        TODAY,
    )
}

fn of<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.rule.as_str() == rule)
        .collect()
}

/// Places and messages of a rule's findings.
fn said(report: &Report, rule: &str) -> Vec<String> {
    of(report, rule)
        .into_iter()
        .map(|finding| {
            let at = finding
                .location
                .as_ref()
                .map_or_else(String::new, write_place);
            format!("{at} {}", finding.message)
        })
        .collect()
}

fn messages(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|finding| format!("{} {}", finding.rule, finding.message))
        .collect()
}

const MODELS: &str = "models:
  - name: net_revenue_daily
    description: Revenue without tax by day, as finance closes it.
  - name: orders
    description: One row per order that was placed in a shop.
    config: {group: sales}
";

const GROUPS: &str = "groups:
  - name: sales
    owner: {email: sales@velmora.example}
  - name: finance
    owner: {email: finance@velmora.example}
";

#[test]
fn a_dbt_file_that_is_half_jinja_is_named_as_a_template() {
    let file =
        "version: 2\n\nmodels:\n{% for name in names %}\n  - name: {{ name }}\n{% endfor %}\n";
    let report = report(&[("models/schema.yml", file)]);
    assert!(!report.incomplete, "a template is no manifest yet");
    assert_eq!(report.counts.files, 1);
    assert_eq!(
        of(&report, "parse/template").len(),
        1,
        "{:?}",
        messages(&report)
    );
}

#[test]
fn jinja_in_the_values_of_a_dbt_file_is_not_judged() {
    let file = "models:
  - name: orders
    description: '{{ doc(\"orders\") }}'
    config: {group: \"{{ var('group') }}\"}
    columns: [{name: id, data_type: \"{{ 'UInt8' if target.type == 'clickhouse' else 'integer' }}\"}]
";
    let report = report(&[("schema.yml", file), ("groups.yml", GROUPS)]);
    assert_eq!(report.counts.entities["contract"], 1);
    assert!(!report.incomplete, "{:?}", messages(&report));
    assert!(said(&report, "ownership/missing-owner").is_empty());
    assert!(said(&report, "ownership/unknown-team").is_empty());
}

#[test]
fn dbt_models_inherit_from_the_project_file_by_folder() {
    let project = "name: shop\nmodels:\n  shop:\n    marts:\n      +group: finance\n";
    let models = [("marts/m.yml", MODELS), ("groups.yml", GROUPS)];
    let missing = |report: &Report| said(report, "ownership/missing-owner");

    let without = report(&models.map(|(path, text)| (path, text)));
    assert_eq!(
        missing(&without),
        ["marts/m.yml:2:11-28 contract `net_revenue_daily` has no owner"]
    );
    assert!(
        !without.incomplete,
        "a project file that is not there is fine"
    );

    let with = report(&[
        ("dbt_project.yml", project),
        ("models/marts/m.yml", MODELS),
        ("models/groups.yml", GROUPS),
    ]);
    assert_eq!(missing(&with), [""; 0]);
    // It is read, but is not a manifest itself.
    assert_eq!((with.counts.files, with.counts.passed_over), (2, 1));
}

#[test]
fn an_inherited_value_is_reported_at_the_model_with_its_place_in_the_project_file() {
    let report = report(&[
        (
            "dbt_project.yml",
            "name: shop\nmodels:\n  +group: finanse\n",
        ),
        ("models/m.yml", MODELS),
        (
            "teams.yaml",
            "apiVersion: govcheck/v1\nkind: Register\nteams: [finance, sales]\n",
        ),
    ]);
    assert_eq!(
        said(&report, "ownership/unknown-team"),
        [
            "models/m.yml:2:11-28 contract `net_revenue_daily` names team `finanse`, which is not registered; did you mean `finance`?"
        ]
    );
    let finding = of(&report, "ownership/unknown-team")[0];
    assert_eq!(finding.related[0].message, "inherited from here");
    assert_eq!(
        write_place(&finding.related[0].location),
        "dbt_project.yml:3:11-18"
    );
}

#[test]
fn a_broken_project_file_is_an_error_and_the_models_are_judged() {
    let report = report(&[
        ("dbt_project.yml", "name: shop\nmodels:\n  shop: [\n"),
        ("models/m.yml", MODELS),
    ]);
    assert!(report.incomplete);
    assert_eq!(
        report
            .findings
            .iter()
            .find(|f| f.incomplete)
            .unwrap()
            .location
            .as_ref()
            .unwrap()
            .file
            .as_str(),
        "dbt_project.yml"
    );
    assert_eq!(report.counts.entities["contract"], 2);
}

#[test]
fn both_spellings_of_dbt_metrics_are_kpis_wherever_they_stand() {
    let metrics = "metrics:
  - name: revenue
    label: Revenue
    type: simple
    type_params: {measure: {name: amount}}
    config: {meta: {owner: finance, unit: EUR, grain: day}}
  - name: paying
    calculation_method: count
    expression: user_id
    time_grains: [day, week]
    meta: {owner: sales, unit: users}
semantic_models:
  - name: orders
    model: ref('orders')
    measures:
      - {name: order_count, agg: count, expr: id, create_metric: true}
      - {name: hidden, agg: sum}
models:
  - name: shipments
    config: {group: sales}
    semantic_model: true
    metrics:
      - {name: parcels, type: simple, agg: count, expr: parcel_id}
";
    let report = report(&[("metrics.yml", metrics)]);
    assert_eq!(report.counts.entities["kpi"], 4, "{:?}", messages(&report));
    let incomplete = said(&report, "kpi/incomplete");
    assert_eq!(
        incomplete,
        [
            "metrics.yml:2:11-18 KPI `revenue` does not state its description",
            "metrics.yml:7:11-17 KPI `paying` does not state its description",
            "metrics.yml:16:16-27 KPI `order_count` does not state its description, unit or grain",
            "metrics.yml:23:16-23 KPI `parcels` does not state its description, unit or grain",
        ]
    );
}

#[test]
fn dbt_tests_of_either_name_describe_columns() {
    let view = |tests: &str| {
        let text = format!(
            "models: [{{name: m, columns: [{{name: id, {tests}: [unique, not_null, {{accepted_values: {{values: [a, b]}}}}]}}]}}]"
        );
        let file = govcheck::model::text::RelPath::new("m.yml");
        let view = viewed(&builtin(), &file, text.as_bytes());
        view.entities[0].input["columns"][0].clone()
    };
    let column = view("data_tests");
    assert_eq!(column, view("tests"));
    assert_eq!(column["unique"], true);
    assert_eq!(column["required"], true);
    assert_eq!(column["enum"], serde_json::json!(["a", "b"]));
    assert_eq!(column["checks"][2]["metric"], "accepted_values");
}

#[test]
fn other_lists_of_models_groups_and_sources_are_not_of_dbt() {
    let alerts = "groups:\n  - name: alerts\n    rules: [{alert: Down, expr: up == 0}]\n";
    let chart = "apiVersion: v2\nname: chart\nsources: [https://velmora.example]\n";
    let models = "models:\n  - name: GPT\n    provider: openai\n    model: gpt\n";
    let compose = "version: 2\nservices: {web: {image: nginx}}\n";
    let report = report(&[
        ("alerts.yml", alerts),
        ("Chart.yaml", chart),
        ("config.yaml", models),
        ("compose.yml", compose),
    ]);
    assert_eq!((report.counts.files, report.counts.passed_over), (0, 4));
}

#[test]
fn fluid_floe_and_kubernetes_products_are_not_judged() {
    let report = report(&[
        (
            "fluid.yaml",
            "fluidVersion: 0.5.0\nkind: DataProduct\napiVersion: 1.0.0\nid: x\n",
        ),
        (
            "floe.yaml",
            "apiVersion: floe.dev/v1\nkind: DataProduct\nmetadata: {name: x}\n",
        ),
        (
            "crd.yaml",
            "apiVersion: mesh.velmora.example/v1alpha1\nkind: DataProduct\nmetadata: {name: x}\n",
        ),
        (
            "core.yaml",
            "apiVersion: v1\nkind: DataProduct\nmetadata: {name: x}\n",
        ),
    ]);
    assert_eq!(
        (report.counts.files, report.counts.passed_over),
        (0, 4),
        "{:?}",
        messages(&report)
    );
}

#[test]
fn of_five_thousand_documents_in_one_file_each_is_judged_with_its_own_text() {
    let mut text = String::new();
    for i in 0..5000 {
        let _ = write!(
            text,
            "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: product-{i}\n  description: Orders of region {i}, as the shops report them.\nspec:\n  type: data-product\n  lifecycle: production\n  owner: team-{}\n",
            i % 10
        );
    }
    for i in 0..9 {
        let _ = write!(
            text,
            "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: team-{i}}}\nspec: {{type: team, children: []}}\n"
        );
    }
    let rule = "# METADATA\n# title: Read\n# description: Says how much text it was given.\n# custom:\n#   severity: note\n#   scope: entity\n#   entities: [document]\n#   text_matches: 'product-\\d*[05]0\\b'\n#   help: Read it.\npackage govcheck.house.read\n\ndeny contains {\"message\": sprintf(\"%d\", [count(input.text)]), \"at\": []}\n";
    let source = PackSource {
        name: "house".to_owned(),
        files: vec![PackFile {
            path: "house/read.rego".to_owned(),
            text: rule.to_owned(),
        }],
        ..PackSource::default()
    };
    // One rule of the mesh, and one that reads the raw text of documents: of a whole file it would be read 5,000 times.
    let asked = ["ownership/unknown-team", "house/read"];
    let pack = Pack::load(vec![PackSource::builtin(), source], &|rule| {
        asked.contains(&rule.id.as_str())
    })
    .unwrap();
    let report = judge(
        &memory([("catalog-info.yaml", text.as_str())]),
        &pack,
        &Config::default(),
        TODAY,
    );
    assert!(!report.incomplete, "{:?}", messages(&report).first());
    assert_eq!(report.counts.entities["product"], 5000);
    assert_eq!(report.counts.entities["team"], 9);
    assert_eq!(of(&report, "ownership/unknown-team").len(), 500);
    let read = of(&report, "house/read");
    // `product-50`, `product-100`, … `product-4950`.
    assert_eq!(read.len(), 99, "{:?}", messages(&report).first());
    for finding in read {
        let characters: usize = finding.message.parse().unwrap();
        assert!((100..300).contains(&characters), "{characters}");
    }
}

#[test]
fn a_team_is_read_as_array_object_text_and_nothing() {
    let contract = |team: &str| {
        format!(
            "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nteam: {team}\n"
        )
    };
    let owners = |team: &str| {
        let file = govcheck::model::text::RelPath::new("x.odcs.yaml");
        let view = viewed(&builtin(), &file, contract(team).as_bytes());
        assert!(view.findings.is_empty());
        view.entities[0].input["owner"].clone()
    };
    assert_eq!(
        owners("[{username: ada, role: owner, dateOut: 2024-01-31}]"),
        serde_json::json!({"people": [{"name": "ada", "role": "owner", "until": "2024-01-31"}]})
    );
    assert_eq!(
        owners("{name: sales, members: [{username: ada, dateOut: '2024-01-31'}]}"),
        serde_json::json!({"team": "sales", "people": [{"name": "ada", "until": "2024-01-31"}]})
    );
    assert_eq!(owners("sales"), serde_json::json!({"team": "sales"}));
    assert_eq!(owners("null"), serde_json::Value::Null);
    // Neither is a person: nobody owns it.
    assert_eq!(
        owners("[sales, 7]"),
        serde_json::json!({"people": [{}, {}]})
    );
}

#[test]
fn numbers_and_dates_where_text_belongs_are_read_as_they_are_written() {
    let text = "dataContractSpecification: 1.10
id: 42
info: {title: 7, version: 1.10, owner: 12, description: true}
models: {1: {description: 2.50, fields: {2024: {type: 3, description: 2024-01-31}}}}
";
    let file = govcheck::model::text::RelPath::new("x.yaml");
    let view = viewed(&builtin(), &file, text.as_bytes());
    let input = &view.entities[0].input;
    assert_eq!(view.entities[0].key, "contract:42");
    assert_eq!(
        (&input["version"], &input["owner"]["team"]),
        (&"1.10".into(), &"12".into())
    );
    assert_eq!(input["columns"][0]["path"], "2024");
    assert_eq!(input["columns"][0]["table"], "1");
    assert_eq!(input["columns"][0]["description"], "2024-01-31");
}

#[test]
fn an_unknown_version_is_a_note_and_the_rest_is_judged() {
    let files = [
        (
            "a.yaml",
            "apiVersion: v4.0.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n",
            "v4.0.0",
            "3.2",
        ),
        (
            "b.yaml",
            "apiVersion: v2.0.0\nkind: DataProduct\nid: x\nversion: 1.0.0\nstatus: active\n",
            "v2.0.0",
            "1.1",
        ),
        (
            "c.yaml",
            "dataContractSpecification: 1.3.0\nid: x\ninfo: {title: x, version: 1.0.0}\n",
            "1.3.0",
            "1.2",
        ),
        (
            "d.yaml",
            "apiVersion: backstage.io/v2\nkind: API\nmetadata: {name: x}\n",
            "backstage.io/v2",
            "backstage.io/v1alpha1",
        ),
        (
            "e.yaml",
            "schema: https://opendataproducts.org/v5/schema/odps.yaml\nversion: 5.0\nproduct: {details: {en: {productID: x}}}\n",
            "5.0",
            "4.1",
        ),
    ];
    for (file, text, declared, nearest) in files {
        let report = report(&[(file, text)]);
        let notes = of(&report, "parse/unknown-version");
        assert_eq!(notes.len(), 1, "{file}: {:?}", messages(&report));
        assert_eq!((notes[0].level, notes[0].incomplete), (Level::Note, false));
        assert_eq!(covered(&report, notes[0]), declared);
        assert!(
            notes[0].message.ends_with(&format!("checked as {nearest}")),
            "{}",
            notes[0].message
        );
        assert!(!of(&report, "documentation/missing-purpose").is_empty());
    }
}

#[test]
fn a_document_of_two_formats_is_an_error_that_names_both() {
    let house = "format: house\ntitle: House\nrecognise: {all: [{path: kind, equals: DataContract}]}\nentities: [{kind: contract, key: id, fields: {id: id}}]\n";
    let source = PackSource {
        name: "house".to_owned(),
        files: vec![PackFile {
            path: "formats/house.yaml".to_owned(),
            text: house.to_owned(),
        }],
        ..PackSource::default()
    };
    let pack = Pack::load(vec![PackSource::builtin(), source], &|_| true).unwrap();
    let text = "apiVersion: v3.1.0\nkind: DataContract\nid: x\n";
    let report = judge(
        &memory([("x.yaml", text)]),
        &pack,
        &Config::default(),
        TODAY,
    );
    assert!(report.incomplete);
    let findings = of(&report, "parse/ambiguous-format");
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0].message.contains("`odcs`") && findings[0].message.contains("`house`"),
        "{}",
        findings[0].message
    );
}

#[test]
fn older_and_other_standards_fill_the_same_model() {
    let input = |text: &str| {
        let file = govcheck::model::text::RelPath::new("x.yaml");
        let view = viewed(&builtin(), &file, text.as_bytes());
        assert_eq!(view.entities.len(), 1);
        view.entities[0].input.clone()
    };
    let odcs2 = input(
        "apiVersion: 2.2.2
kind: DataContract
uuid: 53581432
quantumName: orders
datasetDomain: sales
status: current
stakeholders: [{username: ada, role: owner, dateOut: 2024-01-31}]
dataset:
  - table: orders
    columns: [{column: id, logicalType: string, isPrimaryKey: true, classification: public}]
",
    );
    assert_eq!(
        (&odcs2["id"], &odcs2["domain"], &odcs2["status"]),
        (&"53581432".into(), &"sales".into(), &"active".into())
    );
    assert_eq!(odcs2["owner"]["people"][0]["until"], "2024-01-31");
    assert_eq!(
        (
            &odcs2["columns"][0]["table"],
            &odcs2["columns"][0]["primary_key"]
        ),
        (&"orders".into(), &true.into())
    );

    let dpds = input(
        "dataProductDescriptor: 1.0.0
info: {fullyQualifiedName: 'urn:x:trips', name: trips, displayName: Trips, domain: transport, owner: {id: fleet, name: Fleet}}
interfaceComponents: {outputPorts: [{name: events, version: 1.0.0}]}
",
    );
    assert_eq!(
        (&dpds["id"], &dpds["owner"]["team"]),
        (&"urn:x:trips".into(), &"fleet".into())
    );
    assert_eq!(dpds["outputs"][0]["name"], "events");

    let lf = input(
        "schema: https://opendataproducts.org/v4.0/schema/odps.yaml
version: 4.0
product:
  details: {fi: {productID: events, name: Tapahtumat, status: production}}
  dataHolder: {legalName: Velmora, email: data@velmora.example}
  contract: {id: c1, contractVersion: 2.2.2, contractURL: 'https://velmora.example/c1'}
",
    );
    assert_eq!(
        (&lf["id"], &lf["status"], &lf["owner"]["team"]),
        (&"events".into(), &"active".into(), &"Velmora".into())
    );
    assert_eq!(
        (&lf["outputs"][0]["contract"], &lf["standard"]),
        (&"c1".into(), &"4.0".into())
    );

    let entropy = input(
        "dataProductSpecification: 0.0.1
id: shelf_warmers
info: {title: Shelf Warmers, owner: fulfillment, status: active}
outputPorts: [{id: s3, dataContractId: warmers_v1, containsPii: false}]
",
    );
    assert_eq!(
        (
            &entropy["outputs"][0]["contract"],
            &entropy["personal_data"]
        ),
        (&"warmers_v1".into(), &false.into())
    );
}
