//! Mesh rules that METADATA lets be judged in parts: `together`, `counts` and `cycles`; and ids that the mesh looks up for
//! them.

use crate::cli::{Mesh, contract, rule};

/// A mesh rule with a line of METADATA.
fn mesh_rule(id: &str, metadata: &str, body: &str) -> String {
    let text = rule(id, body).replace("#   entities", "#   scope: mesh\n#   entities");
    match metadata {
        "" => text,
        line => text.replace("\npackage", &format!("\n#   {line}\npackage")),
    }
}

/// Rules of the built-in pack, which are not asked here.
const OTHERS: [&str; 11] = [
    "definitions",
    "discovery",
    "documentation",
    "interoperability",
    "issues",
    "kpi",
    "lifecycle",
    "lineage",
    "ownership",
    "security",
    "trust",
];

fn mesh(metadata: &str, body: &str) -> Mesh {
    let mesh = Mesh::with_rule("house/own", "");
    let off: String = OTHERS
        .map(|category| format!("  {category}: off\n"))
        .concat();
    let config = format!("version: 1\npacks: [pack]\nrules:\n{off}");
    mesh.file("govcheck.yaml", config);
    mesh.file(
        "pack/house/own.rego",
        mesh_rule("house/own", metadata, body),
    );
    mesh
}

/// Contracts `c00` and so on, each with columns of its own.
fn contracts(mesh: &Mesh, count: usize, columns: &dyn Fn(usize) -> Vec<String>) {
    for number in 0..count {
        let columns = columns(number).into_iter();
        let columns: String = columns.map(|name| format!("{{name: {name}}}, ")).collect();
        let schema = format!("schema: [{{name: t, properties: [{columns}]}}]\n");
        let text = format!("{}{schema}", contract(&format!("c{number:02}")));
        mesh.file(&format!("c{number:02}.odcs.yaml"), text);
    }
}

const TWINS: &str = r#"facts contains {"first": column.name, "at": ["columns", 0]} if column := input.columns[0]

deny contains {"fact": fact, "message": sprintf("as in %s", [concat(", ", others)])} if {
	some fact in input.facts
	others := [other.id | some other in input.facts; other.first == fact.first; other.id != fact.id]
	count(others) > 0
}"#;

#[test]
fn facts_that_have_a_value_in_common_are_judged_together() {
    // So many that groups are put together, and so few that each is asked by itself.
    for (count, twins) in [(8, 4), (60, 4)] {
        let columns = |number: usize| match number {
            0..4 => vec![format!("twin{}", number % 2)],
            _ => vec![format!("own{number}")],
        };
        let judged = |metadata: &str| {
            let mesh = mesh(metadata, TWINS);
            contracts(&mesh, count, &columns);
            mesh.findings(&["--no-cache"])
        };
        let together = judged("together: {by: [first], at_least: 2}");
        assert_eq!(together.1.len(), twins, "{together:?}");
        assert_eq!(together, judged(""));
    }
}

#[test]
fn a_rule_that_promises_too_much_says_something_else_in_a_small_mesh() {
    let columns = |number: usize| vec![format!("twin{}", number % 2)];
    let mesh = mesh("together: {by: [id]}", TWINS);
    contracts(&mesh, 4, &columns);
    assert_eq!(mesh.findings(&[]).1.len(), 0, "each contract by itself");
}

const SHARED: &str = r#"facts contains {"names": names, "at": ["columns"]} if names := [column.name | some column in input.columns]

deny contains {"fact": {"ref": ref}, "at": ["columns", index, "name"], "message": message} if {
	some shared in input.counts
	[ref, index] := shared.places[count(shared.places) - 1]
	message := sprintf("%s in %d", [shared.value, shared.count])
}"#;

#[test]
fn counts_replace_facts() {
    let counts = "counts: {of: names, per: id, at_least: 3, places: 2}";
    let mesh = mesh(counts, SHARED);
    let columns = |number: usize| {
        let twice = ["often", "often"].map(str::to_owned);
        let [one, two] = twice;
        match number {
            0..3 => vec![format!("own{number}"), one],
            _ => vec![one, two, "seldom".to_owned()],
        }
    };
    contracts(&mesh, 5, &columns);
    let (code, found) = mesh.findings(&["--no-cache"]);
    assert_eq!(
        (code, found),
        (Some(1), vec!["house/own c01.odcs.yaml:11:54".to_owned()]),
        "the second place of the one name that three contracts have"
    );
    let ran = mesh.run(&[]);
    ran.says(1, &["often in 5"]);
    // The same from the cache.
    mesh.run(&[]).says(1, &["often in 5"]);
    mesh.run(&["policy", "verify"]).says(0, &[]);
}

const ROUND: &str = r#"facts contains {"reads": names, "at": ["columns", 0, "name"]} if names := [column.name | some column in input.columns]

deny contains {"fact": {"ref": cycle.steps[0].ref}, "message": message} if {
	some cycle in input.cycles
	message := sprintf("%s: %s", [concat(", ", cycle.members), concat(", ", [step.to | some step in cycle.steps])])
}"#;

#[test]
fn cycles_are_there_in_place_of_facts() {
    let mesh = mesh("cycles: {of: id, reads: reads}", ROUND);
    // Without `offers`, names lead to the entities that have them.
    let columns = |number: usize| {
        let next = ["c01", "c03", "c00", "c02", "c04", "c00"][number];
        vec!["elsewhere".to_owned(), next.to_owned()]
    };
    contracts(&mesh, 6, &columns);
    let (code, found) = mesh.findings(&["--no-cache"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        [
            "house/own c00.odcs.yaml:11:40",
            "house/own c04.odcs.yaml:11:40"
        ]
    );
    // Twice: the second time from the cache.
    for _ in 0..2 {
        let said = ["c00, c01, c02, c03: c01, c03, c02, c00", "c04: c04"];
        mesh.run(&[]).says(1, &said);
    }
    mesh.run(&["policy", "verify"]).says(0, &[]);
    mesh.run(&["policy", "check"]).says(0, &[]);
}

#[test]
fn what_metadata_says_wrongly_of_facts_is_refused_with_the_next_step() {
    let refused = |metadata: &str, body: &str, expected: &[&str]| {
        let mesh = mesh(metadata, body);
        mesh.run(&[]).refuses(2, expected);
    };
    refused(
        "together: {by: [frist]}",
        TWINS,
        &[
            "the facts of this rule have no field `frist`",
            "did you mean `first`?",
        ],
    );
    refused("together: {by: []}", TWINS, &["`by` is empty", "by: [id]"]);
    refused(
        "together: {by: [id], whit: id}",
        TWINS,
        &["unknown", "whit"],
    );
    refused(
        "counts: {of: names, per: id, at_least: min, places: 2}",
        SHARED,
        &["`at_least` uses option `min`, which is not in `options`"],
    );
    refused(
        "counts: {of: names, per: id, at_least: 2, places: 0}",
        SHARED,
        &["no finding would have a place", "places: 6"],
    );
    refused(
        "counts: {of: first, per: id, at_least: 2, places: 1}",
        TWINS,
        &[
            "this rule has `input.counts`, not `input.facts`",
            "read `input.counts`",
        ],
    );
    refused(
        "",
        SHARED,
        &[
            "this rule has `input.facts`, not `input.counts`",
            "counts: {of:",
        ],
    );
    refused(
        "cycles: {of: id, reads: nmaes}",
        SHARED,
        &[
            "the facts of this rule have no field `nmaes`",
            "did you mean `names`?",
        ],
    );
    refused(
        "cycles: {of: id, reads: names}",
        SHARED,
        &[
            "this rule has `input.cycles`, not `input.counts`",
            "read `input.cycles`",
        ],
    );
    refused(
        "cycles: {of: id, reads: names}\n#   together: {by: [id]}",
        SHARED,
        &["`together` cannot be combined with `cycles`"],
    );
    let mesh = mesh("", "");
    let entity = r#"deny contains {"message": "m", "at": ["id"]} if input.id == "a""#;
    let text =
        rule("house/own", entity).replace("\npackage", "\n#   together: {by: [id]}\npackage");
    mesh.file("pack/house/own.rego", text);
    mesh.run(&[]).refuses(2, &["`together` needs scope `mesh`"]);
}

const MEANT: &str = r#"facts contains {"name": input.name, "at": ["name"]} if input.name != input.id

deny contains {"fact": fact, "message": "no contract", "did_you_mean": {"got": fact.name, "kind": "contract"}} if {
	some fact in input.facts
}"#;

#[test]
fn the_mesh_says_which_id_was_meant() {
    let mesh = mesh("", MEANT);
    mesh.file("orders.odcs.yaml", contract("orders"));
    mesh.file(
        "b.odcs.yaml",
        contract("b").replace("name: b", "name: oders"),
    );
    for _ in 0..2 {
        mesh.run(&[])
            .says(1, &["no contract; did you mean `orders`?"]);
    }
    // Though its facts are those of a run before.
    mesh.file("orders.odcs.yaml", contract("odes"));
    mesh.run(&[])
        .says(1, &["no contract; did you mean `odes`?"]);
}

#[test]
fn a_rule_on_entities_can_not_leave_it_to_the_mesh_what_was_meant() {
    let body = r#"deny contains {"message": "m", "at": ["id"], "did_you_mean": {"got": input.id, "kind": "contract"}} if input.id"#;
    let mesh = Mesh::with_rule("house/own", body);
    mesh.run(&[])
        .says(2, &["needs scope `mesh`", "under `among`"]);
}

#[test]
fn a_mesh_rule_is_not_asked_where_the_mesh_has_none_of_what_it_needs() {
    let body = r#"facts contains {"id": input.id, "at": ["id"]}

deny contains {"fact": fact, "message": "judged"} if some fact in input.facts"#;
    let mesh = mesh("needs: [team]", body);
    mesh.run(&[]).says(0, &[]);
    mesh.file("teams.yaml", crate::cli::REGISTER);
    mesh.run(&[]).says(1, &["judged"]);
}
