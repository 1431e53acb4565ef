//! What is refused when a pack is loaded: each construct at its place, with the way to write it instead.

use govcheck::policy::Pack;
use govcheck::policy::error::PolicyError;
use govcheck::policy::source::{PackFile, PackSource};

const METADATA: &str = "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   entities: [contract]\n#   help: H\n";

/// A pack of these files; `rule` becomes `kpi/bad-name.rego` with its METADATA in lines 1 to 7 and its package in line 8.
fn load(files: &[(&str, &str)]) -> Result<Pack, PolicyError> {
    let files = files
        .iter()
        .map(|(path, text)| PackFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    let source = PackSource {
        name: "house".to_owned(),
        files,
        ..PackSource::default()
    };
    Pack::load(vec![source], &|_| true)
}

fn rule(body: &str) -> String {
    format!("{METADATA}package govcheck.kpi.bad_name\n\nimport data.govcheck.lib.words\n\n{body}\n")
}

const DENY: &str = "deny contains {\"message\": \"m\", \"at\": []} if input.bad\n";

/// `line:column message | help` of each mistake, lines counted from the first of the body.
fn refused(body: &str) -> Vec<String> {
    let library = "package govcheck.lib.words\n\nsnake(x) := lower(x)\n";
    let files = [
        ("kpi/bad-name.rego", &*rule(&format!("{DENY}{body}"))),
        ("lib/words.rego", library),
    ];
    match load(&files) {
        Ok(_) => Vec::new(),
        Err(PolicyError::Mistakes(mistakes)) => mistakes
            .iter()
            .map(|m| {
                format!(
                    "{}:{} {} | {}",
                    i64::from(m.start.line) - 12,
                    m.start.column,
                    m.message,
                    m.help
                )
            })
            .collect(),
        Err(other) => vec![other.to_string()],
    }
}

/// Each body is refused for one reason, at this place, with these words in message and help.
fn each_is_refused(cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (body, place, message, help) in cases {
        let found = refused(body);
        let right = matches!(found.as_slice(), [one] if one.starts_with(&format!("{place} ")) && one.contains(message)
            && one.split_once(" | ").is_some_and(|(_, given)| given.contains(help)));
        if !right {
            wrong.push(format!(
                "{body}\n  expected {place} {message} | {help}\n  found {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[allow(
    clippy::too_many_lines,
    reason = "a table of constructs is read as one"
)]
#[test]
fn what_the_register_vm_gets_silently_wrong_is_refused() {
    each_is_refused(&[
        (
            "default f(_) := 1",
            "1:1",
            "default values of functions",
            "else := …",
        ),
        (
            "default d := [x | x := 1]",
            "1:1",
            "a default with a comprehension or a call",
            "a definition for that case",
        ),
        (
            "default d := count([1])",
            "1:1",
            "a default with a comprehension or a call",
            "a definition for that case",
        ),
        (
            "x := data.govcheck.lib.words[\"snake\"](\"A\")",
            "1:6",
            "calls through brackets",
            "full name",
        ),
        (
            "a.b contains 1 if input.x",
            "1:1",
            "references in rule heads",
            "plain name",
        ),
        (
            "a.b := 1 if input.x",
            "1:1",
            "references in rule heads",
            "plain name",
        ),
        (
            "a[k].c := 1 if some k in [1]",
            "1:1",
            "references in rule heads",
            "plain name",
        ),
        (
            "a[k] contains x if { some k in [1]; x := 2 }",
            "1:1",
            "references in rule heads",
            "plain name",
        ),
        (
            "r if every k in [\"a\"] { input.o[k] == 1 }",
            "1:25",
            "variable `k` is not supported",
            "name := k",
        ),
        (
            "r if every k, v in {\"a\": 1} { {1, 2}[v]; k != \"\" }",
            "1:31",
            "variable `v` is not supported",
            "name := v",
        ),
        (
            "r if every k in [1] { count([1 | input.o[k]]) == 1 }",
            "1:34",
            "variable `k` is not supported",
            "name := k",
        ),
    ]);
}

#[test]
fn what_the_register_vm_would_not_compare_is_refused() {
    each_is_refused(&[
        (
            "r contains n if some {\"name\": n} in input.xs",
            "1:22",
            "object patterns are not supported",
            "name := x.name",
        ),
        (
            "r contains n if { {\"name\": n} := input.x }",
            "1:19",
            "object patterns are not supported",
            "name := x.name",
        ),
        (
            "r contains n if { {\"name\": n} = input.xs[_] }",
            "1:19",
            "object patterns are not supported",
            "name := x.name",
        ),
        (
            "f({\"name\": n}) := n",
            "1:3",
            "object patterns are not supported",
            "name := x.name",
        ),
        (
            "r if not input.xs[_] == 1",
            "1:10",
            "`not` with `[_]` does not cover all elements",
            "not x in xs",
        ),
        (
            "r if not count([x | some x in input.xs; x = 1]) == 2",
            "1:41",
            "this comparison in a comprehension after `not`",
            "on the line before",
        ),
        (
            "r if not count([x | some [\"a\", x] in input.xs]) == 2",
            "1:21",
            "this comparison in a comprehension after `not`",
            "on the line before",
        ),
        (
            "r := strings.replace_n({\"a\": \"b\"}, input.x)",
            "1:6",
            "`strings.replace_n` is not allowed",
            "nest calls of `replace`",
        ),
    ]);
}

#[test]
fn a_message_that_would_be_undefined_is_refused() {
    each_is_refused(&[
        (
            "r := sprintf(\"%s and %s\", [input.x])",
            "1:6",
            "has 2 verbs for 1 value",
            "one value for each verb",
        ),
        (
            "r := sprintf(\"%s\", [1, 2])",
            "1:6",
            "has 1 verb for 2 values",
            "one value for each verb",
        ),
        (
            "r := sprintf(`%5d`, [1])",
            "1:6",
            "does not support `%5d`",
            "`%d`",
        ),
        (
            "r := sprintf(\"%t\", [true])",
            "1:6",
            "does not support `%t`",
            "`%v`",
        ),
        (
            "r := sprintf(\"%[2]s %[1]s\", [1, 2])",
            "1:6",
            "does not support `%[2]s`",
            "`%s`",
        ),
        (
            "r := sprintf(\"50% of %d\", [1])",
            "1:6",
            "does not support `% o`",
            "`%%`",
        ),
        (
            "r := sprintf(\"50%\", [])",
            "1:6",
            "does not support `%`",
            "`%%`",
        ),
    ]);
    assert_eq!(
        refused("r := sprintf(\"%s %d %v %q %x %.2f 100%%\", [1, 2, 3, \"4\", 5, 6.5])"),
        [""; 0]
    );
    assert_eq!(refused("r := sprintf(input.format, [1])"), [""; 0]);
}

#[test]
fn what_no_bound_ends_is_refused() {
    each_is_refused(&[
        (
            "r := numbers.range(1, input.n)",
            "1:6",
            "no visible upper bound",
            "some i, x in xs",
        ),
        (
            "r := numbers.range(1, 100000000)",
            "1:6",
            "no visible upper bound",
            "count(…)",
        ),
        (
            "r := numbers.range_step(1, input.n, 2)",
            "1:6",
            "no visible upper bound",
            "count(…)",
        ),
        (
            "r := strings.count(input.x, \"\")",
            "1:6",
            "`strings.count` is not allowed",
            "indexof_n",
        ),
        (
            "r := bits.lsh(1, input.n)",
            "1:6",
            "`bits.lsh` is not allowed",
            "multiply",
        ),
        (
            "f(x) := f(x)",
            "1:1",
            "recursive rule: `kpi.bad_name.f` → `kpi.bad_name.f`",
            "graph.reachable",
        ),
        (
            "a := b\nb := a",
            "1:1",
            "`kpi.bad_name.a` → `kpi.bad_name.b` → `kpi.bad_name.a`",
            "rename local variables",
        ),
        (
            "a contains x if some x in data.govcheck.kpi.bad_name.b\nb := a",
            "1:1",
            "recursive rule",
            "graph.reachable",
        ),
        (
            "a := count(data.govcheck.kpi)",
            "1:1",
            "recursive rule",
            "graph.reachable",
        ),
        (
            "a if not b\nb if not a",
            "1:1",
            "recursive rule",
            "graph.reachable",
        ),
    ]);
    assert_eq!(
        refused("r := numbers.range(0, count(input.xs) - 1)"),
        [""; 0]
    );
    assert_eq!(refused("r := numbers.range(1, 100)"), [""; 0]);
    // A local variable may have the rule's name; two definitions of one rule are not a recursion.
    assert_eq!(refused("f(x) := y if { y := x }\ny := f(1)"), [""; 0]);
    assert_eq!(
        refused("g(x) := 1 if x == 1\ng(x) := words.snake(x) if x == 2"),
        [""; 0]
    );
}

#[test]
fn rings_across_files_are_refused() {
    let files = [
        (
            "kpi/bad-name.rego",
            &*rule(&format!("{DENY}name := words.snake(\"A\")")),
        ),
        (
            "lib/words.rego",
            "package govcheck.lib.words\n\nsnake(x) := sprintf(\"%s%s\", [x, data.govcheck.kpi.bad_name.name])\n",
        ),
    ];
    let error = load(&files).err().unwrap().to_string();
    assert_eq!(
        error,
        "house/kpi/bad-name.rego:13:1: recursive rule: `kpi.bad_name.name` → `lib.words.snake` → `kpi.bad_name.name`"
    );
}

#[test]
fn what_policies_may_not_do_is_refused() {
    each_is_refused(&[
        (
            "r := http.send({})",
            "1:6",
            "`http.send` is not allowed",
            "no network",
        ),
        (
            "r := time.now_ns()",
            "1:6",
            "`time.now_ns` is not allowed",
            "data.run.today",
        ),
        (
            "r := opa.runtime()",
            "1:6",
            "`opa.runtime` is not allowed",
            "option in METADATA",
        ),
        (
            "r := rand.intn(\"x\", 2)",
            "1:6",
            "`rand.intn` is not allowed",
            "deterministic",
        ),
        (
            "r := uuid.rfc4122(\"x\")",
            "1:6",
            "`uuid.rfc4122` is not allowed",
            "deterministic",
        ),
        (
            "r if print(\"x\")",
            "1:6",
            "`print` is not allowed",
            "govcheck model",
        ),
        (
            "r if trace(\"x\")",
            "1:6",
            "`trace` is not allowed",
            "govcheck model",
        ),
        (
            "r := rego.metadata.rule()",
            "1:6",
            "`rego.metadata.rule` is not allowed",
            "only govcheck reads METADATA",
        ),
        (
            "r := 1 if input.x with input as {}",
            "1:19",
            "`with`",
            "pass the value to a function",
        ),
        (
            "r if regex.match(`a(`, input.x)",
            "1:19",
            "invalid regular expression `a(`",
            "unclosed group",
        ),
        (
            "r := regex.replace(input.x, \"[\", \"\")",
            "1:30",
            "invalid regular expression `[`",
            "unclosed",
        ),
    ]);
    assert_eq!(refused("r if regex.is_valid(\"(\")"), [""; 0]);
}

#[test]
fn compiler_errors_are_reported_at_their_place_with_a_correction() {
    each_is_refused(&[
        (
            "r contains x if { some n; some x in data.mesh[n].teams }\ndeny contains {\"message\": x, \"at\": []} if some x in r",
            "1:27",
            "hoisted",
            "assign the collection first",
        ),
        (
            "r := {p | walk(input, [p, _])}\ndeny contains {\"message\": \"x\", \"at\": []} if r",
            "1:11",
            "walk",
            "data.govcheck.lib.tree",
        ),
        (
            "p[\"a\"] := 1 if input.x\ndeny contains {\"message\": \"x\", \"at\": []} if p",
            "1:4",
            "partial object",
            "comprehension",
        ),
        (
            "r := nope(1)\ndeny contains {\"message\": \"x\", \"at\": []} if r",
            "1:6",
            "nknown function",
            "builtins",
        ),
        (
            "f(a, a) := 1\ndeny contains {\"message\": \"x\", \"at\": []} if f(1, 1)",
            "1:6",
            "already defined",
            "rename one of the two",
        ),
    ]);
}

#[test]
fn a_rule_is_where_and_what_its_path_says() {
    let cases = [
        (
            vec![(
                "kpi/bad-name.rego",
                rule(DENY).replace("kpi.bad_name", "kpi.other"),
            )],
            "8:1: package `govcheck.kpi.other` does not match path `kpi/bad-name.rego`",
        ),
        (
            vec![("kpi/Bad_Name.rego", rule(DENY))],
            "8:1: `kpi/Bad_Name.rego` is not a valid path for a rule",
        ),
        (
            vec![("bad-name.rego", rule(DENY))],
            "8:1: `bad-name.rego` is not a valid path for a rule",
        ),
        (
            vec![("kpi/bad-name.rego", rule("r := 1"))],
            "8:1: the rule has no `deny`",
        ),
        (
            vec![(
                "kpi/bad-name.rego",
                rule(DENY).replace("#   severity", "#   scope: mesh\n#   severity"),
            )],
            "9:1: a rule of scope `mesh` has no `facts`",
        ),
        (
            vec![
                ("lib/words.rego", "package govcheck.words\n".to_owned()),
                ("kpi/bad-name.rego", rule(DENY)),
            ],
            "1:1: package `govcheck.words` is in `lib/`",
        ),
        (
            vec![("kpi/bad-name.rego", DENY.to_owned())],
            "1:1: the file does not start with a package",
        ),
        (
            vec![(
                "kpi/bad-name.rego",
                format!("package govcheck.kpi.bad_name\n{DENY}"),
            )],
            "1:1: the rule has no METADATA",
        ),
        (
            vec![("kpi/bad-name.rego", rule("deny contains {"))],
            "12:15",
        ),
    ];
    for (files, expected) in cases {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        let error = load(&files)
            .err()
            .unwrap_or_else(|| panic!("loaded: {expected}"))
            .to_string();
        assert!(
            error.contains(expected),
            "expected {expected}\nfound {error}"
        );
    }
}

#[test]
fn two_rules_of_one_id_are_refused() {
    let source = |name: &str| PackSource {
        name: name.to_owned(),
        files: vec![PackFile {
            path: "kpi/bad-name.rego".to_owned(),
            text: rule(DENY).replace("import data.govcheck.lib.words\n", ""),
        }],
        ..PackSource::default()
    };
    let error = Pack::load(vec![source("a"), source("b")], &|_| true)
        .err()
        .unwrap()
        .to_string();
    assert_eq!(
        error,
        "b/kpi/bad-name.rego:8:1: rule `kpi/bad-name` is already defined in `a/kpi/bad-name.rego`"
    );
}

#[test]
fn a_rule_that_needs_too_many_registers_is_refused() {
    let terms: Vec<String> = (0..300).map(|n| format!("input.f{n} == {n}")).collect();
    let body = format!(
        "deny contains {{\"message\": \"x\", \"at\": []}} if {{ {} }}",
        terms.join("\n")
    );
    let found = refused(&body);
    assert!(
        matches!(found.as_slice(), [one] if one.contains("egister") && one.contains("split the rule")),
        "{found:?}"
    );
}
