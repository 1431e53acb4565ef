//! `govcheck policy check`: every check at its exact place, and what a pack, a mesh and a folder are to it.

use serde_json::Value;

use crate::cli::{Mesh, rule};

const GOOD: &str = r#"deny contains {"message": "never", "at": ["id"]} if input.id == "nowhere""#;

const EXAMPLES: &str = "examples:\n  - {name: bad, files: {a.yaml: \"x: 1\"}, finds: [{on: x, message: never}]}\n  - {name: good, files: {a.yaml: \"x: 1\"}, finds: []}\n";

/// The findings on a mesh's packs: `rule line:column-line:column`, by file.
fn told(mesh: &Mesh, arguments: &[&str]) -> Vec<(String, String, String)> {
    let arguments = [&["policy", "check", "--format", "json"], arguments].concat();
    let ran = mesh.run(&arguments);
    let report: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
    let findings = report["findings"].as_array().unwrap();
    let shown = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        let place = |side: &str| format!("{}:{}", finding[side]["line"], finding[side]["column"]);
        let rule = text("rule").replace("policy/", "");
        let at = format!("{rule} {}-{}", place("start"), place("end"));
        (
            text("file"),
            at,
            format!("{} ({})", text("message"), text("help")),
        )
    };
    findings.iter().map(shown).collect()
}

/// A rule's file, and the expected finding on it: place and a part of message or help.
type Case<'c> = (&'c str, String, &'c [(&'c str, &'c str)]);

/// Puts all rules into one pack, each with examples, and compares the findings on each with the expected ones.
#[track_caller]
fn holds(cases: &[Case<'_>]) {
    let mesh = Mesh::with_rule("house/sound", GOOD);
    mesh.file("pack/house/sound.yaml", EXAMPLES);
    for (id, text, _) in cases {
        mesh.file(&format!("pack/{id}.rego"), text);
        mesh.file(&format!("pack/{id}.yaml"), EXAMPLES);
    }
    let told = told(&mesh, &[]);
    let mut wrong = Vec::new();
    for (id, text, expected) in cases {
        let file = format!("pack/{id}.rego");
        let own: Vec<_> = told.iter().filter(|(of, ..)| *of == file).collect();
        let agrees = own.len() == expected.len()
            && own
                .iter()
                .zip(*expected)
                .all(|((_, at, said), (place, part))| at == place && said.contains(part));
        if !agrees {
            wrong.push(format!("{text}\nexpected {expected:#?}\ngot {own:#?}"));
        }
    }
    let known = |file: &str| {
        cases
            .iter()
            .any(|(id, ..)| file == format!("pack/{id}.rego"))
    };
    let others: Vec<_> = told.iter().filter(|(file, ..)| !known(file)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(others.is_empty(), "{others:#?}");
}

/// A rule of an id with a body, as `cli::rule` writes it: the body begins on line 10.
fn of<'c>(id: &'c str, body: &str, expected: &'c [(&'c str, &'c str)]) -> Case<'c> {
    (id, rule(id, body), expected)
}

fn mesh_scope(id: &str, body: &str) -> String {
    rule(id, body).replace("#   entities", "#   scope: mesh\n#   entities")
}

fn change_scope(id: &str, body: &str) -> String {
    rule(id, body).replace("#   entities", "#   scope: change\n#   entities")
}

#[test]
fn a_pack_without_mistakes_is_clean() {
    let mesh = Mesh::with_rule("kpi/house", GOOD);
    mesh.file("pack/kpi/house.yaml", EXAMPLES);
    mesh.run(&["policy", "check"])
        .says(0, &["All good: 1 rule in 2 files against"]);
}

#[test]
fn the_built_in_pack_is_clean() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let ran = Mesh::plain().run(&["policy", "check", policies, "--fail-on", "warning"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.out, ran.err);
}

#[test]
fn what_a_load_refuses_is_a_finding_at_its_place() {
    let good = |id: &str| rule(id, GOOD);
    holds(&[
        of(
            "house/syntax",
            "deny contains x if {\n  x == \n}",
            &[(
                "does-not-compile 12:1-12:2",
                "an expression is missing here",
            )],
        ),
        of(
            "house/v0",
            "deny[x] {\n  x := 1\n}",
            &[("rego-v0 10:9-10:10", "this is Rego v0")],
        ),
        (
            "house/nometa",
            good("house/nometa").replace("# METADATA", "# NOTHING"),
            &[("missing-metadata 1:1-1:10", "the rule has no METADATA")],
        ),
        (
            "house/noyaml",
            good("house/noyaml").replace("title: House", "title: House: rule"),
            &[("invalid-metadata 2:1-2:26", "METADATA is not valid YAML")],
        ),
        (
            "house/keys",
            good("house/keys")
                .replace("title:", "titel:")
                .replace("severity: error", "severity: [error]")
                .replace("help:", "hlep:"),
            &[
                ("invalid-metadata 2:3-2:8", "did you mean `title`?"),
                ("invalid-metadata 5:1-5:22", "custom.severity: invalid type"),
                ("invalid-metadata 7:5-7:9", "did you mean `help`?"),
            ],
        ),
        (
            "house/kinds",
            good("house/kinds").replace("[contract]", "[contrct, kip]"),
            &[
                ("invalid-metadata 6:16-6:23", "did you mean `contract`?"),
                ("invalid-metadata 6:25-6:28", "did you mean `kpi`?"),
            ],
        ),
        (
            "house/package",
            good("house/package").replace("govcheck.house.package", "govcheck.house.pack"),
            &[(
                "misnamed-package 8:1-8:28",
                "write `package govcheck.house.package`",
            )],
        ),
        of(
            "house/empty",
            "x := 1",
            &[("incomplete-rule 8:1-8:29", "the rule has no `deny`")],
        ),
        of(
            "house/builtin",
            "deny contains {\"message\": \"m\", \"at\": []} if http.send({}).body",
            &[("forbidden-builtin 10:45-10:58", "register")],
        ),
        of(
            "house/function",
            "deny contains {\"message\": \"m\", \"at\": []} if nosuch(input.id)",
            &[("unknown-function 10:45-10:61", "unknown function: `nosuch`")],
        ),
        of(
            "house/vm",
            "deny contains {\"message\": \"m\", \"at\": []} if input.id with input as {}",
            &[(
                "unsupported-construct 10:54-10:70",
                "`with` is not supported in rules",
            )],
        ),
        of(
            "house/pattern",
            "deny contains {\"message\": \"m\", \"at\": []} if regex.match(\"(\", input.id)",
            &[("invalid-pattern 10:58-10:59", "invalid regular expression")],
        ),
        of(
            "house/range",
            "deny contains {\"message\": \"m\", \"at\": []} if count(numbers.range(1, input.x)) > 1",
            &[
                ("unbounded-range 10:51-10:76", "no visible upper bound"),
                (
                    "unknown-field 10:74-10:75",
                    "the model of a contract has no `x`",
                ),
            ],
        ),
        of(
            "house/lost",
            "deny contains {\"message\": sprintf(\"%s and %s\", [input.id]), \"at\": []} if input.id",
            &[("lost-message 10:27-10:59", "2 verbs for 1 value")],
        ),
    ]);
}

#[test]
fn unused_definitions_are_reported() {
    let options = "#   options:\n#     pattern: a\n#     max: 3\n#     gone: 1\n#     handed: {}\n#   text_matches: \"{pattern}\"\npackage";
    let reads = format!(
        "options := data.options[\"house/options\"]\n{GOOD}\nx if options.max > options.mxa\ny if object.get(options, \"handed\", {{}})\nz if data.options[\"house/option\"].max"
    );
    holds(&[
        of(
            "house/imports",
            &format!(
                "import data.govcheck.lib.say\nimport data.govcheck.lib.facts as of\n\n{GOOD}\nx := of.first([])"
            ),
            &[("unused-import 10:1-10:29", "`say`")],
        ),
        of(
            "house/variables",
            "deny contains {\"message\": \"m\", \"at\": [\"columns\", i]} if {\n  some i, column in input.columns\n  name := input.id\n  [a, b] := [1, 2]\n  a == 1\n  xs := [x | some x, _ in input.tags]\n  count(xs) > 0\n}\nf(x, y) := x + 1\nz := f(1, 2)",
            &[
                ("unused-variable 11:11-11:17", "variable `column`"),
                ("unused-variable 12:3-12:7", "variable `name`"),
                ("unused-variable 13:7-13:8", "variable `b`"),
                ("unused-variable 18:6-18:7", "argument `y`"),
            ],
        ),
        (
            "house/options",
            rule("house/options", &reads).replace("package", options),
            &[
                ("unused-option 11:7-11:11", "`gone`"),
                ("undeclared-option 18:28-18:31", "did you mean `max`?"),
                (
                    "undeclared-option 20:20-20:32",
                    "did you mean `house/options`?",
                ),
            ],
        ),
    ]);
}

#[test]
fn options_that_are_handed_on_count_as_used() {
    let options = "#   options:\n#     max: 3\npackage";
    let body = format!("{GOOD}\nf(options) := options.max\nx := f(data.options[\"house/handed\"])");
    holds(&[(
        "house/handed",
        rule("house/handed", &body).replace("package", options),
        &[],
    )]);
}

#[test]
fn unknown_fields_are_reported_with_the_nearest() {
    let deny =
        |body: &str| format!("deny contains {{\"message\": \"m\", \"at\": []}} if {{\n{body}\n}}");
    holds(&[
        of(
            "house/fields",
            &deny(
                "  input.ownr.team\n  input[\"naem\"]\n  object.get(input, [\"owner\", \"taem\"], 1)\n  input.expresses[\"columns.clasification\"]\n  input.owner.team.name",
            ),
            &[
                ("unknown-field 11:9-11:13", "did you mean `owner`?"),
                ("unknown-field 12:10-12:14", "did you mean `name`?"),
                ("unknown-field 13:32-13:36", "an owner has no `taem`"),
                (
                    "unknown-field 14:20-14:41",
                    "did you mean `classification`?",
                ),
                ("unknown-field 15:20-15:24", "is text and has no `name`"),
            ],
        ),
        of(
            "house/elements",
            &deny(
                "  some i, column in input.columns\n  column.clasification\n  input.columns[i].chekcs[_].name\n  input.columns.name\n  every tag in input.tags { tag.name }\n  names := [c.naem | some c in input.columns]\n  names",
            ),
            &[
                (
                    "unknown-field 12:10-12:23",
                    "did you mean `classification`?",
                ),
                ("unknown-field 13:20-13:26", "did you mean `checks`?"),
                ("unknown-field 14:17-14:21", "`input.columns` is a list"),
                ("unknown-field 15:33-15:37", "`tag` is text"),
                ("unknown-field 16:15-16:19", "did you mean `name`?"),
            ],
        ),
        of(
            "house/paths",
            "deny contains {\"message\": \"m\", \"at\": [\"colums\", i, \"name\"]} if some i, _ in input.columns\n\ndeny contains {\"message\": \"m\", \"at\": at} if {\n  some i, _ in input.columns\n  at := [\"columns\", i, \"clasification\"]\n}\n\ndeny contains {\"message\": \"m\", \"at\": [\"columns\", \"name\"]} if input.id\n\ndeny contains {\"message\": \"m\", \"at\": [\"document\", \"anything\"]} if input.id",
            &[
                ("unknown-field 10:40-10:46", "did you mean `columns`?"),
                (
                    "unknown-field 14:25-14:38",
                    "did you mean `classification`?",
                ),
                ("unknown-field 17:51-17:55", "`columns` is a list"),
            ],
        ),
        of(
            "house/packages",
            &format!(
                "import data.govcheck.lib.sya\n\n{GOOD}\nx := data.govcheck.lib.names.colums\ny := sya.z\nw := data.mesh.teams\nv := data.run.tody"
            ),
            &[
                ("unknown-field 10:8-10:29", "did you mean `say`?"),
                ("unknown-field 13:30-13:36", "did you mean `columns`?"),
                (
                    "unknown-field 15:11-15:15",
                    "`data` of a rule of scope `entity` has no `mesh`",
                ),
                ("unknown-field 16:15-16:19", "did you mean `today`?"),
            ],
        ),
        (
            "house/mesh",
            mesh_scope(
                "house/mesh",
                "facts contains {\"team\": input.owner.taem, \"column\": column, \"at\": [\"ownr\"]} if some column in input.columns\n\ndeny contains {\"message\": \"m\", \"fact\": fact, \"at\": [\"owner\", \"tema\"]} if {\n  some fact in input.facts\n  not data.mesh.taems[fact.tem]\n  fact.column.naem\n  data.mesh.teams[fact.team].emial\n  input.owner\n}",
            ),
            &[
                ("unknown-field 11:37-11:41", "did you mean `team`?"),
                ("unknown-field 11:69-11:73", "did you mean `owner`?"),
                ("unknown-field 13:63-13:67", "did you mean `team`?"),
                ("unknown-field 15:17-15:22", "did you mean `teams`?"),
                (
                    "unknown-field 15:28-15:31",
                    "a fact of this rule has no `tem`",
                ),
                ("unknown-field 16:15-16:19", "did you mean `name`?"),
                ("unknown-field 17:30-17:35", "did you mean `email`?"),
                (
                    "unknown-field 18:9-18:14",
                    "`input` of a rule of scope `mesh`",
                ),
            ],
        ),
        (
            "house/change",
            change_scope(
                "house/change",
                "deny contains {\"message\": \"m\", \"at\": []} if {\n  input.head.versoin != input.base.version\n  data.base.mesh.teams\n  input.name\n}",
            ),
            &[
                ("unknown-field 12:14-12:21", "did you mean `version`?"),
                ("unknown-field 14:3-14:13", "write `input.head.name`"),
            ],
        ),
    ]);
}

#[test]
fn values_of_unknown_type_are_not_reported() {
    holds(&[of(
        "house/unknown",
        "deny contains {\"message\": say(x), \"at\": array.concat([\"columns\"], [i])} if {\n  some i, x in walked(input.columns)\n  x.anything.at_all\n  input.document.whatever.there\n  input.extensions.house.x\n  input.columns[i].extensions[\"a b\"]\n  input.place.anything\n}\nsay(c) := sprintf(\"%v\", [c.whatever])\nwalked(columns) := columns\ndeny contains f if some f in found\nfound contains {\"message\": m, \"at\": []} if some m in input.tags",
        &[],
    )]);
}

#[test]
fn a_field_that_no_format_fills_is_a_note() {
    let mesh = Mesh::plain();
    mesh.file("govcheck.yaml", "builtin: false\npacks: [pack]\n");
    mesh.file(
        "pack/formats/house.yaml",
        "format: house\ntitle: House\nrecognise: {all: [{path: ident, exists: true}]}\nentities:\n  - kind: contract\n    key: [id]\n    fields:\n      id: ident\n      columns: {each: \"cols[]\", key: name, fields: {name: title}}\n",
    );
    mesh.file(
        "pack/house/x.rego",
        rule(
            "house/x",
            "deny contains {\"message\": input.id, \"at\": [\"columns\", i, \"type\"]} if {\n  some i, column in input.columns\n  column.name\n  column.type\n  input.usage\n}",
        ),
    );
    mesh.file("pack/house/x.yaml", EXAMPLES);
    let told = told(&mesh, &[]);
    let told: Vec<&str> = told.iter().map(|(_, at, _)| at.as_str()).collect();
    assert_eq!(
        told,
        [
            "unfillable-field 13:10-13:14",
            "unfillable-field 14:9-14:14"
        ]
    );
    mesh.run(&["policy", "check"]).says(
        0,
        &["no format provides `columns.type` of a contract", "2 notes"],
    );
}

#[test]
fn a_message_that_names_an_index_is_reported() {
    holds(&[of(
        "house/index",
        "deny contains {\"message\": sprintf(\"column %d\", [i]), \"at\": [\"columns\", i]} if input.columns[i].name\n\ndeny contains {\"message\": message, \"at\": []} if {\n  some j, column in input.columns\n  message := sprintf(\"%s is column %d\", [column.name, j + 1])\n}\n\ndeny contains {\"message\": sprintf(\"%s\", [input.columns[k].name]), \"at\": [], \"related\": [{\"at\": [], \"message\": concat(\" \", [\"no\", format_int(k, 10)])}]} if some k, _ in input.columns\n\ndeny contains {\"message\": sprintf(\"%s: %v\", [name, value]), \"at\": []} if some name, value in input.extensions",
        &[
            ("index-in-message 10:49-10:50", "contains the index `i`"),
            ("index-in-message 14:55-14:60", "contains the index `j + 1`"),
            ("index-in-message 17:141-17:142", "contains the index `k`"),
        ],
    )]);
}

#[test]
fn elements_of_deny_that_are_not_findings_are_reported() {
    holds(&[
        of(
            "house/shape",
            "deny contains {\"mesage\": \"m\", \"at\": [], \"fact\": 1} if input.id\ndeny contains {\"message\": \"\", \"at\": \"id\"} if input.id\ndeny contains {\"message\": 1} if input.id\ndeny contains message if message := sprintf(\"no %s\", [input.id])\ndeny contains {\"message\": \"m\", \"at\": [], \"related\": [{\"message\": \"m\"}, 1], \"base_at\": []} if input.id\ndeny contains {\"message\": \"m\", \"at\": [], \"did_you_mean\": {\"got\": input.id}, \"covers\": 1} if input.id",
            &[
                ("malformed-finding 10:15-10:51", "no `message`"),
                ("malformed-finding 10:17-10:23", "did you mean `message`?"),
                ("malformed-finding 10:42-10:46", "cannot use `fact`"),
                ("malformed-finding 11:28-11:28", "`message` is empty"),
                ("malformed-finding 11:38-11:40", "`at` is not an array"),
                ("malformed-finding 12:15-12:29", "no `at`"),
                ("malformed-finding 12:27-12:28", "`message` is not text"),
                (
                    "malformed-finding 13:37-13:65",
                    "an element of `deny` is not an object",
                ),
                (
                    "malformed-finding 14:54-14:70",
                    "a related place has no `at`",
                ),
                (
                    "malformed-finding 14:72-14:73",
                    "an element of `related` is not an object",
                ),
                ("malformed-finding 14:77-14:84", "scope `change`"),
                (
                    "malformed-finding 15:58-15:75",
                    "`did_you_mean` needs `among` or `kind`",
                ),
                ("malformed-finding 15:87-15:88", "`covers` is not an array"),
            ],
        ),
        (
            "house/facts",
            mesh_scope(
                "house/facts",
                "facts contains input.id if input.id\nfacts contains {\"at\": \"id\"} if input.id\ndeny contains {\"message\": \"m\", \"at\": []} if count(input.facts) > 1\ndeny contains {\"message\": \"m\", \"fact\": \"x\"} if input.facts",
            ),
            &[
                (
                    "malformed-finding 11:16-11:24",
                    "an element of `facts` is not an object",
                ),
                ("malformed-finding 12:24-12:26", "`at` is not an array"),
                ("malformed-finding 13:15-13:41", "needs `fact` or `entity`"),
                (
                    "malformed-finding 14:41-14:42",
                    "not an element of `input.facts`",
                ),
            ],
        ),
        (
            "house/advice",
            change_scope(
                "house/advice",
                "deny contains {\"message\": \"m\", \"at\": []} if input.head\nadvice contains {\"part\": \"huge\", \"from\": \"1\", \"to\": \"2\", \"suggested\": \"3\"} if input.head",
            ),
            &[
                ("malformed-finding 12:17-12:75", "has no `reasons`"),
                ("malformed-finding 12:27-12:31", "invalid `part` `huge`"),
            ],
        ),
    ]);
}

#[test]
fn an_alias_with_another_meaning_is_reported() {
    let aliases = |id: &str, aliases: &str| {
        rule(id, GOOD).replace("package", &format!("#   aliases: {aliases}\npackage"))
    };
    let a = "[old/a, house/sound]";
    let b = "[kpi/bad-name, old/b]";
    let c = "[house/c, old/a]";
    holds(&[
        (
            "house/a",
            aliases("house/a", a),
            &[("alias-collision 8:22-8:33", "`pack/house/sound.rego`")],
        ),
        (
            "house/b",
            aliases("house/b", b),
            &[("alias-collision 8:15-8:27", "`builtin/kpi/bad-name.rego`")],
        ),
        (
            "house/c",
            aliases("house/c", c),
            &[
                ("alias-collision 8:15-8:22", "the rule's own id"),
                (
                    "alias-collision 8:24-8:29",
                    "rule `house/a` has the same alias",
                ),
            ],
        ),
    ]);
}

#[test]
fn differences_from_opa_are_reported() {
    holds(&[of(
        "house/opa",
        "deny contains {\"message\": sprintf(\"%d\", [input.name]), \"at\": []} if {\n  not startswith(input.usage, \"x\")\n  not input.name in {\"a\"}\n  regex.match(`^\\w+$`, input.id)\n  time.parse_ns(\"2006-01-02\", input.end_of_life)\n  by_name := {c.name: i | some i, c in input.columns}\n  by_name\n  graph.reachable_paths({}, [])\n}\n\ndeny contains {\"message\": sprintf(\"%q\", [count(input.tags)]), \"at\": []} if {\n  input.usage\n  not startswith(input.usage, \"x\")\n  regex.match(`^\\\\d[0-9]$`, input.id)\n}",
        &[
            (
                "lost-message 10:42-10:52",
                "`%d` cannot format `input.name`, which is text",
            ),
            (
                "differs-from-opa 11:18-11:29",
                "when `input.usage` is absent",
            ),
            ("differs-from-opa 12:7-12:17", "when `input.name` is absent"),
            ("differs-from-opa 13:16-13:21", "`\\w` in this pattern"),
            ("differs-from-opa 14:3-14:49", "`time.parse_ns`"),
            ("differs-from-opa 15:15-15:21", "the last one wins"),
            ("differs-from-opa 17:3-17:32", "points to itself"),
            ("unbounded-range 17:3-17:32", "every path of a graph"),
            ("lost-message 20:42-20:59", "which is a number"),
        ],
    )]);
}

#[test]
fn a_not_that_holds_for_undefined_functions_or_fields_is_reported() {
    let functions = concat!(
        "parent(x) := y if {\n  y := split(x, \".\")[1]\n}\n\n",
        "size(x) := \"big\" if x > 5\n\nsize(x) := \"small\" if x <= 5\n\n",
        "kind := \"a\" if input.tags\n\nkind := \"b\" if not input.tags\n\n",
        "default most := 1\n\nmost := 2 if input.tags\n\n",
        "first := input.tags[0] if input.tags\n\nlike := parent(input.id)\n\n",
    );
    let body = concat!(
        "deny contains {\"message\": \"m\", \"at\": []} if {\n",
        "  not parent(input.id) in {\"a\"}\n",
        "  not parent(input.kind) == \"a\"\n",
        "  not input.usage < \"x\"\n",
        "  not input.retention == \"x\"\n",
        "  not count(first) == 1\n",
        "  not data.govcheck.house.behind.like in {\"a\"}\n",
        "  not size(count(input.kind)) in {\"small\"}\n",
        "  not count(kind) == most\n",
        "  not parent(input.file)\n",
        "}\n\n",
        "deny contains {\"message\": \"m\", \"at\": []} if {\n",
        "  parent(input.id)\n  first := input.kind\n",
        "  not parent(input.id) in {first}\n}",
    );
    holds(&[of(
        "house/behind",
        &format!("{functions}{body}"),
        &[
            (
                "differs-from-opa 31:7-31:23",
                "`parent(input.id)` is absent",
            ),
            ("differs-from-opa 31:14-31:22", "`input.id` is absent"),
            (
                "differs-from-opa 32:7-32:25",
                "`parent(input.kind)` is absent",
            ),
            (
                "differs-from-opa 33:7-33:18",
                "when `input.usage` is absent",
            ),
            ("differs-from-opa 35:13-35:18", "`first` is absent"),
            (
                "differs-from-opa 36:7-36:38",
                "house.behind.like` is absent",
            ),
        ],
    )]);
}

#[test]
fn a_rule_without_examples_is_reported() {
    let mesh = Mesh::with_rule("house/none", GOOD);
    let examples = |id: &str, text: &str| {
        mesh.file(&format!("pack/{id}.rego"), rule(id, GOOD));
        mesh.file(&format!("pack/{id}.yaml"), text);
    };
    examples(
        "house/bad-only",
        "examples:\n  - {name: a, files: {}, finds: [{on: x, message: m}]}\n",
    );
    examples(
        "house/good-only",
        "# none\nexamples:\n  - {name: a, files: {}, finds: []}\n",
    );
    examples(
        "house/broken",
        "examples:\n  - {name: a, fils: {}, finds: []}\n",
    );
    let told: Vec<String> = told(&mesh, &[])
        .into_iter()
        .map(|(file, at, said)| format!("{file} {at} {said}"))
        .collect();
    let expected = [
        (
            "pack/house/bad-only.yaml missing-example 1:1-1:10",
            "no good example",
        ),
        (
            "pack/house/broken.yaml unreadable-examples 2:",
            "unknown field `fils`",
        ),
        (
            "pack/house/good-only.yaml missing-example 2:1-2:10",
            "no bad example",
        ),
        (
            "pack/house/none.rego missing-example 8:1-8:28",
            "`house/none.yaml`",
        ),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, (place, part)) in told.iter().zip(expected) {
        assert!(told.starts_with(place) && told.contains(part), "{told}");
    }
}

#[test]
fn a_mistake_in_a_format_is_a_finding() {
    let mesh = Mesh::with_rule("house/x", GOOD);
    mesh.file("pack/house/x.yaml", EXAMPLES);
    mesh.file("pack/formats/house.yaml", "format: house\ntitel: House\n");
    let told = told(&mesh, &[]);
    let [(file, at, said)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(file, "pack/formats/house.yaml");
    assert!(at.starts_with("invalid-format 2:1-2:6"), "{at}");
    assert!(said.contains("title"), "{said}");
}

#[test]
fn a_pack_is_checked_by_its_folder_a_category_or_a_rule() {
    let mesh = Mesh::plain();
    mesh.file("pack/house/a.rego", rule("house/a", GOOD));
    mesh.file("pack/other/b.rego", rule("other/b", GOOD));
    let files = |path: &str| -> Vec<String> {
        let told = told(&mesh, &[path]);
        told.into_iter().map(|(file, ..)| file).collect()
    };
    let both = ["house/a.rego", "other/b.rego"];
    assert_eq!(files("pack"), both);
    mesh.git_command(&["init", "-q"]);
    assert_eq!(files("pack"), both.map(|file| format!("pack/{file}")));
    assert_eq!(files("pack/house"), ["pack/house/a.rego"]);
    assert_eq!(files("pack/other/b.rego"), ["pack/other/b.rego"]);
    mesh.file(
        "govcheck.yaml",
        "packs: [pack]\nrules: {policy/missing-example: off}\n",
    );
    assert_eq!(files("pack/house"), Vec::<String>::new());
}

#[test]
fn without_a_pack_nothing_is_checked() {
    let mesh = Mesh::sound();
    let ran = mesh.run(&["policy", "check"]);
    ran.refuses(3, &["no pack in `[ROOT]`", "`<category>/<rule>.rego`"]);
    mesh.run(&["policy", "check", "nowhere"])
        .refuses(2, &["`nowhere` does not exist"]);
}

#[test]
fn the_level_decides_the_exit_code_and_unreadable_files_fail() {
    let mesh = Mesh::with_rule("house/x", GOOD);
    mesh.run(&["policy", "check"])
        .says(0, &["1 warning in 1 of 1 file"]);
    mesh.run(&["policy", "check", "--fail-on", "warning"])
        .says(1, &["failed: 1 warning"]);
    mesh.file("pack/house/x.rego", rule("house/x", "x := 1"));
    mesh.run(&["policy", "check"])
        .says(1, &["error[policy/incomplete-rule]"]);
    mesh.file("govcheck.yaml", "packs: [pack]\nrules: {policy: off}\n");
    mesh.run(&["policy", "check"])
        .says(1, &["1 error in 1 of 1 file"]);
    mesh.file("pack/house/x.rego", "package x\n\nx :=");
    mesh.run(&["policy", "check", "--fail-on", "never"]).says(
        2,
        &["error[policy/does-not-compile]", "the check is incomplete"],
    );
}

#[test]
fn findings_go_where_those_of_a_mesh_go() {
    let mesh = Mesh::with_rule("house/x", GOOD);
    mesh.run(&[
        "policy",
        "check",
        "--format",
        "github",
        "--output",
        "sarif=o.sarif",
    ])
    .says(
        0,
        &["::warning file=pack/house/x.rego,line=8,endLine=8,col=1,endColumn=25"],
    );
    let sarif = std::fs::read_to_string(mesh.path().join("o.sarif")).unwrap();
    assert!(sarif.contains("\"policy/missing-example\""), "{sarif}");
}

#[test]
fn a_check_is_explained_even_where_the_packs_have_mistakes() {
    let mesh = Mesh::with_rule("house/x", "x := 1");
    mesh.run(&["explain", "policy/unused-option"])
        .says(0, &["policy/unused-option: Unused option", "How to fix"]);
    mesh.run(&["explain", "kpi/bad-name"])
        .refuses(2, &["the rule has no `deny`"]);
}

#[test]
fn the_model_is_explained_with_the_formats_that_fill_it() {
    let mesh = Mesh::sound();
    mesh.run(&["explain", "--model"]).says(
        0,
        &[
            "  contract        A data contract.",
            "expresses ",
            "`input` of a rule of scope `change`",
            "today",
        ],
    );
    let ran = mesh.run(&["explain", "--model", "contract"]);
    ran.says(
        0,
        &["contract: A data contract.", "data.mesh.contracts[id]"],
    );
    let mut lines = ran.out.lines();
    let field = lines.find(|line| line.trim_start().starts_with("columns[].checks[].metric "));
    assert!(field.unwrap().contains("text"), "{}", ran.out);
    assert!(lines.next().unwrap().contains("provided by"), "{}", ran.out);
    mesh.run(&["explain", "--model", "contrct"])
        .refuses(2, &["no kind `contrct`", "did you mean `contract`?"]);
    let ran = mesh.run(&["explain", "--model", "kpi", "--format", "json"]);
    let model: Value = serde_json::from_str(&ran.out).unwrap();
    let fields = model["kinds"][0]["fields"].as_array().unwrap();
    let grain = fields
        .iter()
        .find(|field| field["path"] == "grain")
        .unwrap();
    assert_eq!(
        (&grain["type"], &grain["card"]),
        (&"string".into(), &true.into())
    );
    assert!(model["host"]["entity"].as_array().unwrap().len() > 6);
}
