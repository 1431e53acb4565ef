//! Packs with mistakes: refused at load with the place, or reported as findings that name rule and entity.

use super::{Mesh, contract, rule};

const DENY: &str = "deny contains {\"message\": \"seen\", \"at\": [\"id\"]} if input.id";

#[track_caller]
fn refused(body: &str, parts: &[&str]) {
    let ran = Mesh::with_rule("house/x", body).run(&[]);
    ran.refuses(2, parts)
        .refuses(2, &["pack/house/x.rego:", "  help: "]);
}

#[test]
fn mistakes_are_refused_at_load_with_place_and_way_out() {
    let deny = |more: &str| format!("{DENY}\n{more}");
    refused(
        "deny contains x if {\n  x == \n}",
        &["an expression is missing here", "x.rego:12:1"],
    );
    refused(
        "x := 1",
        &["the rule has no `deny`", "write `deny contains"],
    );
    refused(
        "deny := true",
        &["`deny` is not a set of findings", "x.rego:10:1"],
    );
    refused(
        &format!("{DENY} with input as {{}}"),
        &["`with` is not supported in rules", "x.rego:10:61"],
    );
    refused(
        &deny("deny contains 1 if http.send({}).body"),
        &["`http.send` is not allowed", "register", "x.rego:11:20"],
    );
    refused(
        &deny("deny contains 1 if time.now_ns() > 1"),
        &["`time.now_ns` is not allowed", "data.run.today"],
    );
    refused(
        &deny("default f(_) := 1"),
        &["default values of functions", "`else := …`"],
    );
    refused(
        &deny("deny contains 1 if nosuch(1)"),
        &["unknown function: `nosuch`"],
    );
    refused(
        &deny("deny contains 1 if b"),
        &["undefined variable `b`", "declare the variable with `some`"],
    );
    refused(
        &deny("a if regex.match(\"(\", \"\")"),
        &["invalid regular expression `(`", "unclosed group"],
    );
}

#[test]
fn what_no_bound_can_stop_is_refused_at_load() {
    let when = |condition: &str| format!("{DENY}\na if {condition}");
    refused(
        &when("count(numbers.range(1, input.version))"),
        &["the range has no visible upper bound"],
    );
    refused(
        &when("count(numbers.range(1, 1000000000))"),
        &["literal up to 100000"],
    );
    refused(
        &when("sprintf(\"%1000000000d\", [1])"),
        &["does not support `%1000000000d`"],
    );
    refused(
        &when("units.parse_bytes(input.id) > 1"),
        &["`units.parse_bytes` is not allowed"],
    );
    refused(
        "f(x) := f(x)\ndeny contains f(input.id)",
        &[
            "recursive rule: `house.x.f` → `house.x.f`",
            "graph.reachable",
        ],
    );
    refused(
        &format!("{DENY}\na if b\nb if a"),
        &["`house.x.a` → `house.x.b` → `house.x.a`"],
    );
    refused(
        "deny contains 1 if data.govcheck.house.x.deny",
        &["`house.x.deny` → `house.x.deny`"],
    );
}

#[test]
fn recursion_through_a_library_is_found() {
    let mesh = Mesh::with_rule(
        "house/x",
        "import data.govcheck.lib.house as h\n\ndeny contains h.loop(input.id)\nf(x) := h.loop(x)",
    );
    mesh.file(
        "pack/lib/house.rego",
        "package govcheck.lib.house\n\nloop(x) := data.govcheck.house.x.f(x)\n",
    );
    mesh.run(&[]).refuses(
        2,
        &["recursive rule: `house.x.f` → `lib.house.loop` → `house.x.f`"],
    );
}

#[test]
fn an_argument_named_like_a_rule_is_not_a_recursion() {
    let mesh = Mesh::with_rule(
        "house/x",
        &format!("name(name) := lower(name)\nf(x) := name(x)\n{DENY}"),
    );
    mesh.run(&[]).says(1, &["error[house/x]: seen"]);
}

#[test]
fn metadata_mistakes_are_at_their_line() {
    let good = rule("house/x", DENY);
    let cases = [
        (
            good.replace("# METADATA", "# NOTHING"),
            "the rule has no METADATA",
            "x.rego:1:1",
        ),
        (
            good.replace("description:", "descripton:"),
            "did you mean `description`?",
            "x.rego:3:3",
        ),
        (
            good.replace("severity: error", "severity: fatal"),
            "unknown `fatal`",
            "x.rego:5:1",
        ),
        (
            good.replace("[contract]", "[contrct]"),
            "did you mean `contract`?",
            "x.rego:6:",
        ),
        (
            good.replace("#   help: Mend it.\n", ""),
            "`help` is missing",
            "x.rego:",
        ),
        (
            good.replace("package govcheck.house.x", "package govcheck.house.y"),
            "write `package govcheck.house.x`",
            "x.rego:8:1",
        ),
    ];
    for (text, message, place) in cases {
        let mesh = Mesh::with_rule("house/x", DENY);
        mesh.file("pack/house/x.rego", text);
        mesh.run(&[]).refuses(2, &[message, place]);
    }
}

#[test]
fn all_mistakes_of_a_pack_are_reported_at_once() {
    let mesh = Mesh::with_rule("house/x", "deny := true");
    mesh.file("pack/house/y.rego", rule("house/y", "x := 1"));
    mesh.file("pack/Top.rego", rule("house/y", DENY));
    mesh.run(&[]).refuses(
        2,
        &[
            "pack/house/x.rego:10:1",
            "pack/house/y.rego:8:1",
            "`Top.rego` is not a valid path for a rule",
        ],
    );
}

#[test]
fn two_rules_with_one_id_are_refused() {
    let mesh = Mesh::with_rule("house/x", DENY);
    mesh.file("second/house/x.rego", rule("house/x", DENY));
    mesh.file("govcheck.yaml", "packs: [pack, second]\n");
    mesh.run(&[]).refuses(
        2,
        &[
            "rule `house/x` is already defined in `pack/house/x.rego`",
            "second/house/x.rego:8:1",
        ],
    );
    let mesh = Mesh::with_rule("kpi/bad-name", DENY);
    mesh.run(&[])
        .refuses(2, &["is already defined in `builtin/kpi/bad-name.rego`"]);
}

#[test]
fn an_invalid_pack_is_refused() {
    let mesh = Mesh::sound();
    mesh.file("govcheck.yaml", "packs: [pakc]\n");
    mesh.run(&[]).refuses(
        2,
        &[
            "cannot read pack `pakc`: the folder does not exist",
            "correct `packs` in `govcheck.yaml`",
        ],
    );
    mesh.file("pakc/notes.md", "");
    mesh.run(&[])
        .refuses(2, &["neither rules nor formats", "<category>/<rule>.rego"]);
    mesh.file("pakc/house/x.rego", b"\xff\xfe\x00");
    mesh.run(&[])
        .refuses(2, &["`house/x.rego`: ", "saved as UTF-8"]);
}

/// What a rule that fails makes of a mesh, with a sound rule beside it whose finding must still come.
#[track_caller]
fn fails(body: &str, engine_rule: &str, message: &str) {
    let mesh = Mesh::with_rule("house/bad", body);
    mesh.file("pack/house/sound.rego", rule("house/sound", DENY));
    mesh.file("a.odcs.yaml", contract("b") + "---\n" + &contract("a"));
    let ran = mesh.run(&[]);
    ran.says(2, &["error[house/sound]: seen", "the check is incomplete"]);
    let told = ran
        .out
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ");
    for entity in ["a", "b"] {
        let expected =
            format!("error[{engine_rule}]: rule `house/bad` could not check `contract:{entity}`: ");
        assert!(told.contains(&expected), "no {expected}\n{}", ran.out);
    }
    assert!(told.contains(message), "no {message}\n{}", ran.out);
    assert_eq!(told.matches("error[house/sound]").count(), 2, "{}", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn an_endless_loop_is_reported_and_the_other_rules_judge() {
    let body = "deny contains {\"message\": \"x\", \"at\": []} if {\n\tsome a in numbers.range(1, 100000)\n\tsome b in numbers.range(1, 100000)\n\ta + b == 0\n}";
    fails(body, "engine/time-bound", "instructions");
    fails(
        body,
        "engine/time-bound",
        "skipped after it ran out of time on another entity of this file",
    );
}

#[test]
fn a_huge_allocation_is_reported_and_the_other_rules_judge() {
    let mut body = "x0 := \"aaaaaaaaaaaaaaaa\"\n".to_owned();
    for power in 1..40 {
        body += &format!("x{power} := concat(\"\", [x{0}, x{0}])\n", power - 1);
    }
    body += "deny contains {\"message\": \"x\", \"at\": []} if count(x39) > 1";
    fails(
        &body,
        "engine/memory-bound",
        "exceeded its limit of 256 MiB of memory",
    );
}

/// The other panics that are known are guarded at load as well; that one is caught is tested where the engine is.
#[test]
fn a_builtin_that_is_known_to_panic_is_refused_at_load() {
    refused(
        "deny contains 1 if strings.count(input.id, \"\") > 0",
        &["`strings.count` is not allowed", "crashes on empty text"],
    );
}

#[test]
fn a_malformed_finding_is_reported_and_costs_no_other() {
    let cases = [
        ("\"text\"", "an element of `deny` is not an object"),
        (
            "{\"mesage\": \"x\", \"at\": []}",
            "unknown key `mesage` in an element of `deny`; did you mean `message`?",
        ),
        (
            "{\"message\": \"\", \"at\": []}",
            "an element of `deny` has an empty `message`",
        ),
        (
            "{\"message\": \"x\"}",
            "an element has no place: `at`, `fact` or `entity`",
        ),
    ];
    for (element, message) in cases {
        fails(
            &format!("{DENY}\ndeny contains {element} if input.id"),
            "engine/malformed-result",
            message,
        );
    }
    let mesh = Mesh::with_rule("house/x", &format!("{DENY}\ndeny contains 1 if input.id"));
    mesh.run(&[]).says(
        2,
        &["error[house/x]: seen", "error[engine/malformed-result]"],
    );
}

#[test]
fn a_builtin_that_is_given_what_it_cannot_take_is_undefined() {
    let body = format!(
        "deny contains {{\"message\": \"x\", \"at\": []}} if to_number(input.id) > 1\n{DENY}"
    );
    let mesh = Mesh::with_rule("house/x", &body);
    assert_eq!(
        mesh.findings(&[]),
        (Some(1), vec!["house/x a.odcs.yaml:3:5".to_owned()])
    );
}

#[test]
fn an_endless_loop_in_a_mesh_rule_is_reported() {
    let mesh = Mesh::sound();
    mesh.file("govcheck.yaml", "packs: [pack]\n");
    let body = "facts contains {\"at\": []} if input.id\n\ndeny contains {\"message\": \"x\", \"fact\": f} if {\n\tsome f in input.facts\n\tsome a in numbers.range(1, 100000)\n\tsome b in numbers.range(1, 100000)\n\ta + b == 0\n}";
    let text = rule("house/x", body).replace("#   entities", "#   scope: mesh\n#   entities");
    mesh.file("pack/house/x.rego", text);
    mesh.run(&[])
        .says(2, &["error[engine/time-bound]", "could not check the mesh"]);
}
