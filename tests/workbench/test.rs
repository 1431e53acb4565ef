//! `govcheck policy test`: examples and Rego tests of a pack, and every way in which one can be wrong.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::cli::{Mesh, Ran};

const RULE: &str = r#"options := data.options["house/named"]

deny contains {"message": message, "at": ["name"]} if {
	some word in options.words
	contains(input.name, word)
	message := sprintf("name `%s` holds `%s`", [input.name, word])
}

deny contains {"message": "never seen", "at": ["id"]} if {
	input.id == "nowhere"
	count(input.id) > 3
}"#;

fn contract(name: &str) -> String {
    format!(
        "      a.odcs.yaml: |\n        apiVersion: v3.1.0\n        kind: DataContract\n        id: a\n        name: {name}\n        version: 1.0.0\n        status: active\n"
    )
}

fn example(what: &str, name: &str, finds: &str) -> String {
    let files = contract(name);
    format!("  - name: {what}\n    files:\n{files}    finds:{finds}\n")
}

const FOUND: &str =
    "\n      - {at: \"a.odcs.yaml:4:7-14\", on: my temp, message: \"name `my temp` holds `temp`\"}";

fn with_examples(examples: &str) -> Mesh {
    let mesh = Mesh::with_rule("house/named", RULE);
    let text = std::fs::read_to_string(mesh.path().join("pack/house/named.rego")).unwrap();
    let text = text.replace(
        "#   help: Mend it.",
        "#   help: Mend it.\n#   options: {words: [temp]}",
    );
    mesh.file("pack/house/named.rego", text);
    mesh.file("pack/house/named.yaml", format!("examples:\n{examples}"));
    mesh
}

fn sound() -> Mesh {
    with_examples(
        &(example("a bad name", "my temp", FOUND) + &example("a good name", "orders", " []")),
    )
}

fn tests(body: &str) -> Mesh {
    let mesh = sound();
    mesh.file(
        "pack/house/named_test.rego",
        format!(
            "package govcheck.house.named_test\n\nimport data.govcheck.house.named\n\n{body}\n"
        ),
    );
    mesh
}

fn test(mesh: &Mesh, arguments: &[&str]) -> Ran {
    mesh.run(&[&["policy", "test"], arguments].concat())
}

#[test]
fn the_examples_of_a_mesh_s_packs_hold() {
    let ran = test(&sound(), &["--verbose"]);
    ran.says(
        0,
        &[
            "pass  house/named · a bad name\n",
            "2 passed · 2 examples and 0 Rego tests, all in the main engine\n",
        ],
    );
    assert!(
        !ran.out.contains("kpi/"),
        "the built-in pack is not the mesh's"
    );
}

#[test]
fn a_difference_is_reported_with_both_sides() {
    let mesh = with_examples(
        &(example(
            "a bad name",
            "my temp",
            "\n      - {at: \"a.odcs.yaml:4:7-14\", on: my temp, message: other}",
        ) + &example("a good name", "temp", " []")),
    );
    test(&mesh, &[]).says(
        1,
        &[
            "FAIL  house/named · a bad name\n      pack/house/named.yaml:2\n",
            "- expected a.odcs.yaml:4:7-14 on `my temp`: other\n",
            "+ got      a.odcs.yaml:4:7-14 on `my temp`: name `my temp` holds `temp`\n",
            "FAIL  house/named · a good name\n      pack/house/named.yaml:13\n      + got      a.odcs.yaml:4:7-11 on `temp`",
            "0 passed, 2 failed",
        ],
    );
}

#[test]
fn update_fills_in_and_refreshes_findings_and_changes_nothing_else() {
    let stale = "\n      - {at: \"a.odcs.yaml:4:7-8\", on: x, message: old}";
    let before = format!(
        "examples: # all of them\n{}{}",
        example("a bad name", "my temp", "").trim_start_matches("examples:\n"),
        example("another", "my temp", stale)
    );
    let mesh = sound();
    mesh.file("pack/house/named.yaml", &before);
    test(&mesh, &["--run", "a bad name"]).says(
        1,
        &[
            "`finds:` has no value, and the rule reports 1 finding",
            "--update",
        ],
    );
    let ran = test(&mesh, &["--update"]);
    ran.says(0, &["2 passed"]);
    assert!(
        ran.err
            .contains("wrote  pack/house/named.yaml; review the change"),
        "{}",
        ran.err
    );
    let after = std::fs::read_to_string(mesh.path().join("pack/house/named.yaml")).unwrap();
    let line = r#"
      - {at: "a.odcs.yaml:4:7-14", on: "my temp", message: "name `my temp` holds `temp`"}"#;
    let expected = before.replace("finds:\n  - name", &format!("finds:{line}\n  - name"));
    assert_eq!(after, expected.replace(stale, line));
}

#[test]
fn update_never_turns_a_good_example_into_a_bad_one_nor_back() {
    let stale = "\n      - {at: \"a.odcs.yaml:4:7-8\", on: x, message: old}";
    let mesh = with_examples(
        &(example("a good name", "my temp", " []") + &example("a bad name", "orders", stale)),
    );
    let path = mesh.path().join("pack/house/named.yaml");
    let before = std::fs::read_to_string(&path).unwrap();
    let ran = test(&mesh, &["--update"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    ran.says(
        1,
        &["2 failed", "+ got      a.odcs.yaml:4:7-14 on `my temp`"],
    );
    for said in [
        "left   pack/house/named.yaml: good example `a good name` now has 1 finding; correct the rule, or write its `finds` by hand",
        "left   pack/house/named.yaml: bad example `a bad name` no longer has a finding; correct the rule, or write `finds: []` by hand",
    ] {
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert!(!ran.err.contains("wrote"), "{}", ran.err);
}

#[test]
fn missing_and_invalid_examples_are_reported() {
    let mesh = sound();
    std::fs::remove_file(mesh.path().join("pack/house/named.yaml")).unwrap();
    test(&mesh, &[]).says(
        1,
        &[
            "rule `house/named` has no examples",
            "example in `house/named.yaml`",
        ],
    );
    mesh.file("pack/house/named.yaml", "examples: []\n");
    test(&mesh, &[]).says(1, &["has no examples"]);
    mesh.file("pack/house/named.yaml", "examples:\n\t- a\n");
    test(&mesh, &[]).says(
        2,
        &[
            "ERROR house/named · examples\n      pack/house/named.yaml:2",
            "invalid examples file",
        ],
    );
    mesh.file(
        "pack/house/named.yaml",
        "examples:\n  - {name: a, files: {}, finds: [{on: x}]}\n",
    );
    test(&mesh, &[]).says(2, &["missing field `message`", "help: write `examples:`"]);
    mesh.run(&["explain", "house/named"])
        .refuses(2, &["missing field `message`", "pack/house/named.yaml:2"]);
}

#[test]
fn a_missing_expected_place_is_reported_before_anything_is_compared() {
    let at = |place: &str| format!("\n      - {{at: \"{place}\", on: x, message: m}}");
    let mesh = with_examples(
        &(example("no file", "my temp", &at("b.odcs.yaml:1:1-2"))
            + &example("no line", "my temp", &at("a.odcs.yaml:90:1-2"))
            + &example("no column", "my temp", &at("a.odcs.yaml:3:1-99"))),
    );
    test(&mesh, &[]).says(
        2,
        &[
            "the example has no file `b.odcs.yaml`; did you mean `a.odcs.yaml`?",
            "line 90 does not exist; the file has 7 lines",
            "column 99 does not exist; line 3 ends at column 6",
            "3 could not run",
        ],
    );
}

#[test]
fn an_example_that_could_not_be_judged_is_an_error() {
    let mesh = Mesh::with_rule(
        "house/endless",
        "deny contains {\"message\": \"m\", \"at\": [\"id\"]} if {\n\txs := numbers.range(1, 5000)\n\tcount([1 | some a in xs; some b in xs; a == b + 9000]) == 1\n}",
    );
    mesh.file(
        "pack/house/endless.yaml",
        format!("examples:\n{}", example("loops", "x", " []")),
    );
    test(&mesh, &[]).says(
        2,
        &[
            "ERROR house/endless · loops",
            "not checked: a.odcs.yaml",
            "instructions",
            "1 could not run",
        ],
    );
}

#[test]
fn with_gives_input_data_rules_and_functions() {
    let mesh = tests(
        r#"contract := {"name": "my temp", "id": "a"}

test_input if {
	found := named.deny with input as contract
	some finding in found
	finding.message == "name `my temp` holds `temp`"
}

test_one_line if count(named.deny) == 0 with input as {"name": "orders"}

test_part_of_input if count(named.deny) == 1 with input as contract with input.name as "temp"

test_data if {
	some word in ["my", "mp"]
	count(named.deny) == 1 with input as contract with data.options["house/named"].words as [word]
}

test_rule if count(named.deny) == 2 with input as contract with named.options as {"words": ["my", "te"]}

test_every if {
	every name in ["temp", "a temp"] {
		count(named.deny) == 1 with input as {"name": name}
	}
}

test_not if not named.deny[{"message": "x"}] with input as contract

double(x) := x * 2

triple(x) := x * 3

six := double(3)

test_function if {
	six == 9 with double as triple
	six == 1 with double as 1
	six == 6
}

test_quotes if "my temp" == "my temp"

test_objects if {
	{"a": "b", "c": "d"} == {"a": "b", "c": "d"}
	every k, v in {"name": "temp", "id": "x"} {
		count(named.deny) < 2 with input as {k: v, "b": "c"}
	}
}

test_value := named.options.words == ["temp"]"#,
    );
    test(&mesh, &["--verbose"]).says(
        0,
        &[
            "pass  data.govcheck.house.named_test.test_input\n",
            "13 passed · 2 examples and 11 Rego tests, all in the main engine\n",
        ],
    );
}

#[test]
fn a_rego_test_that_fails_shows_expression_line_and_values() {
    let mesh = tests(
        r#"test_two if {
	found := named.deny with input as {"name": "temp"}
	expected := 2
	count(found) == expected
}

test_under if {
	name := "orders"
	named.deny[_].message == "m" with input as {"name": name}
}

test_every if {
	every name in ["temp", "orders", "a temp"] {
		count(named.deny) == 1 with input as {"name": name}
	}
}

test_false := {"a": 1, "b": 2} == {"a": 1, "b": 3}

test_undefined if named.nothing"#,
    );
    test(&mesh, &[]).says(
        1,
        &[
            "FAIL  data.govcheck.house.named_test.test_two\n      pack/house/named_test.rego:5\n      line 8 is not true: count(found) == expected\n        count(found) is 1\n        expected is 2\n",
            "        found is {{\"at\": [\"name\"], \"message\": \"name `temp` holds `temp`\"}}\n",
            "line 13 is not true: named.deny[_].message == \"m\" with input as {\"name\": name}\n        named.deny[_].message is undefined\n        name is \"orders\"\n",
            "line 18 is not true: count(named.deny) == 1 with input as {\"name\": name}\n        count(named.deny) is 0\n        named.deny is set()\n        name is \"orders\"\n",
            r#"line 22 is not true: {"a": 1, "b": 2} == {"a": 1, "b": 3}"#,
            "line 24 is not true: named.nothing\n        named.nothing is undefined\n",
            "{\"a\": 1, \"b\": 2} is {\"a\": 1, \"b\": 2}\n",
            "2 passed, 5 failed",
        ],
    );
}

#[test]
fn a_test_to_be_written_is_reported_and_fails_nothing() {
    test(&tests("todo_test_later if false\n\ntest_now if true"), &[]).says(0, &["todo  data.govcheck.house.named_test.todo_test_later\n      pack/house/named_test.rego:5\n", "3 passed, 1 todo"]);
}

#[test]
fn a_test_that_the_register_vm_can_not_run_is_the_interpreter_s_and_says_so() {
    let mesh = tests(
        "test_compared if {\n\tall := [count(found) | some name in [\"temp\", \"x\"]; found := named.deny with input as {\"name\": name}]\n\tall == [1, 0]\n}\n\ntest_builtin if count([1]) == 7 with count as 7",
    );
    test(&mesh, &[]).says(
        0,
        &[
            "note: data.govcheck.house.named_test.test_compared ran in the interpreter instead of the main engine: the test has a `with` in a comprehension",
            "a `with` replaces the builtin function `count`",
            "4 passed · 2 examples and 2 Rego tests, 2 of them in the interpreter\n",
        ],
    );
}

#[test]
fn a_test_that_loops_is_ended_and_an_error() {
    let mesh = tests(
        "test_loop if {\n\txs := numbers.range(1, 5000)\n\tcount([1 | some a in xs; some b in xs; a == b + 9000]) == 1\n}\n\ntest_sound if true",
    );
    test(&mesh, &[]).says(
        2,
        &[
            "ERROR data.govcheck.house.named_test.test_loop\n",
            "the test exceeded its limit of 2000000 instructions",
            "3 passed, 1 could not run",
        ],
    );
}

#[test]
fn a_test_file_without_tests_or_without_rego_is_reported() {
    let mesh = tests("helper := 1");
    mesh.file("pack/house/broken_test.rego", "package a\n\ntest_x if {");
    test(&mesh, &[]).says(
        2,
        &[
            "FAIL  data.govcheck.house.named_test.tests\n",
            "`house/named_test.rego` has no test",
            "ERROR house/broken_test.rego · tests\n      pack/house/broken_test.rego:3\n",
            "this `{` is never closed",
        ],
    );
}

#[test]
fn a_broken_test_breaks_only_itself() {
    let mesh = tests(
        "test_unbound if nowhere == 1\n\ntest_set contains 1 if true\n\ntest_clock if time.now_ns() > 0\n\ntest_sound if true",
    );
    test(&mesh, &[]).says(
        2,
        &[
            "`nowhere` is unsafe",
            "the rule has the name of a test but no value",
            "`time.now_ns` is not allowed in a test",
            "3 passed, 3 could not run",
        ],
    );
}

#[test]
fn run_chooses_and_nothing_chosen_is_nothing_tested() {
    let mesh = tests("test_sound if true");
    test(&mesh, &["--run", "named_test"]).says(0, &["1 passed · 0 examples and 1 Rego test,"]);
    test(&mesh, &["--run", "house/named a bad"]).says(0, &["1 passed · 1 example and"]);
    test(&mesh, &["--run", "nothing"]).refuses(
        3,
        &[
            "no test of `pack` matches `nothing`",
            "help: pass a pattern for",
        ],
    );
    test(&mesh, &["--run", "("]).refuses(2, &["regex parse error"]);
}

#[test]
fn json_and_junit_tell_the_same() {
    let mesh = tests("test_two if 1 == 2\n\ntodo_test_x if true");
    let json: serde_json::Value =
        serde_json::from_str(&test(&mesh, &["--format", "json"]).says(1, &[]).out).unwrap();
    assert_eq!(
        json["summary"],
        serde_json::json!({"tests": 4, "passed": 2, "failed": 1, "errors": 0, "todo": 1})
    );
    let failed = &json["tests"][2];
    assert_eq!(
        (
            failed["name"].as_str(),
            failed["engine"].as_str(),
            failed["line"].as_u64()
        ),
        (Some("test_two"), Some("vm"), Some(5))
    );
    assert_eq!(failed["differences"][0]["expression"]["text"], "1 == 2");
    assert!(failed.get("seconds").is_none(), "no times unless asked");
    assert_eq!(
        test(&mesh, &["--format", "json"]).out,
        test(&mesh, &["--format", "json"]).out
    );
    test(&mesh, &["--format", "json", "--times"]).says(1, &["\"seconds\""]);
    test(&mesh, &["--format", "junit"]).says(
        1,
        &[
            "tests=\"4\" failures=\"1\" errors=\"0\" time=\"",
            "<testsuite name=\"pack/house/named.yaml\" file=\"pack/house/named.yaml\" tests=\"2\"",
            "<testcase name=\"a bad name\" classname=\"house/named\" time=\"0.",
            "<failure message=\"line 5: line 5 is not true: 1 == 2\" type=\"failed\">",
            "<skipped message=\"todo\"/>",
        ],
    );
}

#[test]
fn the_json_report_is_valid_under_its_own_schema() {
    let schema = Mesh::plain().run(&["schema", "policy-test"]).out;
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let failing = with_examples(
        &(example("a bad name", "my temp", FOUND).replace("message: \"name", "message: \"nome")
            + &example("a good name", "orders", " []")),
    );
    failing.file(
        "pack/house/named_test.rego",
        "package house.named_test\n\nimport data.govcheck.house.named\n\n\
         test_a if {\n\tsome x in [1, 2]\n\tx == 3\n}\n\ntodo_test_b if true\n\ntest_c(x) if x\n\n\
         test_d if walk({\"a\": 1}, [[\"a\"], 1])\n",
    );
    let bare = sound();
    bare.file("pack/house/named_test.rego", "package house.named_test\n");
    let mut seen = String::new();
    for (mesh, arguments) in [
        (&failing, &["--times"][..]),
        (&bare, &["--coverage"]),
        (&bare, &["--threshold", "50"]),
    ] {
        let ran = test(mesh, &[&["--format", "json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{}", ran.out);
        seen += &ran.out;
    }
    for part in [
        "expected",
        "got",
        "expression",
        "todo",
        "\"error\"",
        "has no test",
        "covered_lines",
    ] {
        assert!(seen.contains(part), "`{part}` was not tried: {seen}");
    }
    let nothing = serde_json::json!({"version": 1, "summary": {}, "tests": []});
    assert!(!validator.is_valid(&nothing), "the schema allows anything");
}

#[test]
fn the_tests_in_a_bundle_are_run_as_those_of_its_folder() {
    let mesh = tests("test_two if 1 == 2");
    mesh.run(&["policy", "bundle", "pack", "-o", "rules.tar.gz"])
        .says(0, &["1 rules"]);
    mesh.file("govcheck.yaml", "version: 1\n");
    let same = [
        "FAIL  data.govcheck.house.named_test.test_two",
        "2 passed, 1 failed",
    ];
    test(&mesh, &["rules.tar.gz"]).says(1, &same);
    mesh.run_in("pack", &["policy", "test", "../rules.tar.gz"])
        .says(1, &same);
    std::fs::remove_dir_all(mesh.path().join("pack")).unwrap();
    mesh.file("govcheck.yaml", "version: 1\npacks: [rules.tar.gz]\n");
    for arguments in [&[][..], &["rules.tar.gz"], &["./rules.tar.gz"]] {
        test(&mesh, arguments).says(1, &same);
    }
    mesh.file("odd.tar.gz", "no bundle");
    test(&mesh, &["odd.tar.gz"]).refuses(2, &["cannot read pack `odd.tar.gz`"]);
    test(&mesh, &["a.odcs.yaml"]).refuses(2, &["is neither a folder nor a bundle"]);
}

#[test]
fn the_tests_of_a_pack_at_a_revision_are_run_and_nothing_is_written_into_it() {
    let rules = with_examples(&example("a bad name", "my temp", " []"));
    rules.git_command(&["add", "."]);
    rules.git_command(&["commit", "-qm", "x"]);
    let mesh = Mesh::sound();
    let address = format!("git+file://{}#HEAD:pack", rules.path().display());
    test(&mesh, &[&address]).says(1, &["FAIL  house/named · a bad name"]);
    mesh.file(
        "govcheck.yaml",
        format!("version: 1\npacks: [\"{address}\"]\n"),
    );
    let ran = test(&mesh, &["--update"]);
    assert!(
        ran.err.contains("not a file of this repository"),
        "{}",
        ran.err
    );
    ran.says(1, &["0 passed, 1 failed"]);
}

#[test]
fn coverage_tells_the_lines_that_no_test_evaluates() {
    let mesh = sound();
    let ran = test(&mesh, &["--coverage"]);
    ran.says(
        0,
        &[
            "pack/house/named.rego   75.0 %  6 of 8 lines\n    19 | deny contains {\"message\": \"never seen\", \"at\": [\"id\"]} if {\n    21 |     count(input.id) > 3\n",
            "coverage 75.0 %: tests evaluate 6 of 8 lines in 1 files\n",
        ],
    );
    test(&mesh, &["--threshold", "75"]).says(0, &["coverage 75.0 %"]);
    test(&mesh, &["--threshold", "90"]).says(1, &["below the `--threshold` of 90 %"]);
    let lcov = test(&mesh, &["--coverage-format", "lcov"]);
    lcov.says(
        0,
        &[
            "TN:\nSF:pack/house/named.rego\nDA:11,1\n",
            "DA:21,0\nLF:8\nLH:6\nend_of_record\n",
        ],
    );
    assert!(lcov.err.contains("2 passed"), "{}", lcov.err);
    let json: serde_json::Value =
        serde_json::from_str(&test(&mesh, &["--coverage-format", "json"]).out).unwrap();
    assert_eq!(json["files"][0]["not_covered"], serde_json::json!([19, 21]));
    test(&mesh, &["--coverage-format", "json", "--format", "json"])
        .refuses(2, &["two formats are written to standard output"]);
    mesh.file("pack/house/named_test.rego", "package t\n\nimport data.govcheck.house.named\n\ntest_it if count(named.deny) == 1 with input as {\"name\": \"x\", \"id\": \"nowhere\"}\n");
    test(&mesh, &["--coverage"]).says(0, &["coverage 100.0 %: tests evaluate 8 of 8"]);
}

#[test]
fn a_folder_is_a_pack_without_a_mesh() {
    let mesh = sound();
    mesh.file("govcheck.yaml", "version: 1\n");
    test(&mesh, &["pack"]).says(0, &["2 passed"]);
    mesh.run_in("pack", &["policy", "test", "."])
        .says(0, &["2 passed"]);
    test(&mesh, &["nowhere"]).refuses(2, &["`nowhere` is neither a folder"]);
    mesh.file("empty/a.txt", "");
    test(&mesh, &["empty"]).refuses(2, &["the pack has neither rules nor formats"]);
}

#[test]
fn a_rule_that_config_turns_off_is_still_tested() {
    let mesh = sound();
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nrules: {house/named: off}\n",
    );
    test(&mesh, &[]).says(0, &["2 passed"]);
}

#[test]
fn watch_tests_again_when_a_file_changes() {
    let mesh = sound();
    let mut command = mesh.command(&["policy", "test", "--watch"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(out.next().unwrap().unwrap().starts_with("2 passed"));
    assert_eq!(
        err.next().unwrap().unwrap(),
        "watching for changes; press Ctrl-C to stop"
    );
    mesh.file(
        "pack/house/named_test.rego",
        "package t\n\ntest_it if true\n",
    );
    assert_eq!(err.next().unwrap().unwrap(), "");
    assert_eq!(
        err.next().unwrap().unwrap(),
        "`pack/house/named_test.rego` changed, running the tests again"
    );
    assert!(out.next().unwrap().unwrap().starts_with("3 passed"));
    child.kill().unwrap();
    child.wait().unwrap();
}
