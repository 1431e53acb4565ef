//! Waivers from outside: the file, comments, `govcheck waive` and `govcheck waivers`, with what is wrong in them.

use crate::cli::{Mesh, REGISTER, Ran, contract, orphan};

const RULE: &str = "ownership/unknown-team";
const TODAY: [&str; 2] = ["--today", "2026-11-24"];

/// Contracts `a` and `b`, each with one finding, and a config with these lines.
fn mesh(config: &str) -> Mesh {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("sales/a.odcs.yaml", orphan("a"))
        .file("sales/b.odcs.yaml", orphan("b"))
        .file("govcheck.yaml", format!("version: 1\n{config}"));
    mesh
}

fn with_waivers(entries: &str) -> Mesh {
    let mesh = mesh("waivers: w.yaml\n");
    mesh.file("w.yaml", format!("version: 1\nwaivers:\n{entries}"));
    mesh
}

fn entry(target: &str, more: &str) -> String {
    format!("  - {{rule: {RULE}, {target}, reason: r, owner: o, {more}}}\n")
}

const UNTIL: &str = "expires: 2027-03-31";

fn check(mesh: &Mesh) -> Ran {
    mesh.run(&TODAY)
}

/// The findings of a run about waivers, `rule file:line:column`.
fn told(mesh: &Mesh) -> Vec<String> {
    let (_, all) = mesh.findings(&TODAY);
    all.into_iter()
        .filter(|line| line.starts_with("waivers/"))
        .collect()
}

fn states(mesh: &Mesh) -> Vec<String> {
    let ran = mesh.run(&["waivers", "--format", "json", TODAY[0], TODAY[1]]);
    let value: serde_json::Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let list = value["waivers"].as_array().unwrap().clone();
    list.iter()
        .map(|waiver| {
            let count = waiver["findings"].as_array().unwrap().len();
            format!("{} {count}", waiver["state"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_waiver_excepts_what_it_names_and_nothing_else() {
    let mesh = with_waivers(&entry("entity: 'contract:a'", UNTIL));
    assert_eq!(check(&mesh).code, Some(1), "b is still found");
    assert_eq!(states(&mesh), ["active 1"]);
    let both = with_waivers(&entry("path: 'sales/**'", UNTIL));
    assert_eq!(check(&both).code, Some(0));
    assert_eq!(states(&both), ["active 2"]);
    let category = with_waivers(&entry("path: sales", UNTIL).replace(RULE, "ownership"));
    assert_eq!(check(&category).code, Some(0));
    let narrow = with_waivers(&entry("entity: 'contract:a', path: 'other/**'", UNTIL));
    assert_eq!(states(&narrow), ["unused 0"]);
    let at = |route: &str| with_waivers(&entry(&format!("path: 'sales/**', at: '{route}'"), UNTIL));
    assert_eq!(
        states(&at("owner")),
        ["active 2"],
        "what lies below is covered"
    );
    assert_eq!(states(&at("own")), ["unused 0"], "by whole steps");
}

#[test]
fn a_waiver_that_has_ended_brings_its_finding_back_which_says_so() {
    let mesh = with_waivers(&entry("path: 'sales/a*'", "expires: 2026-11-23"));
    check(&mesh).says(1, &["the waiver expired on 2026-11-23", "waivers/over"]);
    assert_eq!(states(&mesh), ["over 1"]);
    let line = entry("path: 'sales/a*'", "expires: 2026-11-23");
    let column = line.find("2026").unwrap() + 1;
    assert_eq!(told(&mesh), [format!("waivers/over w.yaml:3:{column}")]);
    let last_day = with_waivers(&entry("path: 'sales/**'", "expires: 2026-11-24"));
    assert_eq!(check(&last_day).code, Some(0), "the last day counts");
    assert_eq!(states(&last_day), ["soon-over 2"]);
}

#[test]
fn an_invalid_waiver_is_reported_at_its_place_and_exempts_nothing() {
    let sales = "path: 'sales/**'";
    for (entries, rule, message) in [
        (
            entry(sales, "expires: tomorrow"),
            "malformed",
            "invalid date `tomorrow`",
        ),
        (
            entry(sales, "expires: 2027-02-30"),
            "malformed",
            "invalid date `2027-02-30`",
        ),
        (
            entry(sales, "expires: 2027-1-3"),
            "malformed",
            "invalid date `2027-1-3`",
        ),
        (
            entry(sales, "ticket: 1"),
            "malformed",
            "the waiver has no `expires`",
        ),
        (entry("entity: a", UNTIL), "malformed", "invalid entity `a`"),
        (entry("path: '[x'", UNTIL), "malformed", "invalid glob `[x`"),
        (
            entry("ticket: 1", UNTIL),
            "malformed",
            "has neither `entity` nor `path`",
        ),
        (
            entry(sales, "expirs: 2027-03-31"),
            "malformed",
            "did you mean `expires`?",
        ),
        (
            entry(sales, UNTIL).replace("reason: r", "reason: ''"),
            "malformed",
            "no `reason`",
        ),
        (
            entry(sales, UNTIL).replace("owner: o", "owner: [o]"),
            "malformed",
            "`owner` is not text",
        ),
        (
            entry(sales, UNTIL).replace("reason: r", "reason: r, reason: q"),
            "malformed",
            "duplicate key",
        ),
        (
            "  - just text\n".to_owned(),
            "malformed",
            "the entry is not a mapping",
        ),
        (
            entry(sales, "expires: 2027-12-31"),
            "overlong",
            "402 days from today; at most 180 are allowed",
        ),
        (
            entry(sales, "created: 2026-06-01, expires: 2026-12-01"),
            "overlong",
            "183 days after its creation",
        ),
        (
            entry(sales, "created: 2026-11-25, expires: 2026-12-01"),
            "not-yet-written",
            "today is 2026-11-24",
        ),
        (
            entry(sales, UNTIL).replace("unknown-team", "unknown-taem"),
            "unknown-rule",
            "did you mean `ownership/unknown-team`?",
        ),
        (
            entry(sales, UNTIL).replace(RULE, "unknown-team"),
            "unknown-rule",
            "did you mean `ownership/unknown-team`?",
        ),
        (
            entry(sales, UNTIL).replace(RULE, "parse/duplicate-key"),
            "not-waivable",
            "`parse/duplicate-key` cannot be waived",
        ),
        (
            entry(sales, UNTIL).replace(RULE, "waivers"),
            "not-waivable",
            "`waivers` cannot be waived",
        ),
    ] {
        let mesh = with_waivers(&entries);
        let ran = mesh.run(&["--format", "json", TODAY[0], TODAY[1]]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(ran.code, Some(1), "{entries}");
        let findings = report["findings"].as_array().unwrap();
        let text = |finding: &serde_json::Value, key: &str| {
            finding[key].as_str().unwrap_or_default().to_owned()
        };
        let told = |finding: &&serde_json::Value| {
            let said = format!("{} {}", text(finding, "message"), text(finding, "help"));
            text(finding, "rule") == format!("waivers/{rule}") && said.contains(message)
        };
        let told = findings
            .iter()
            .find(told)
            .unwrap_or_else(|| panic!("{entries}: {findings:#?}"));
        assert_eq!(
            (text(told, "file"), told["start"]["line"].as_u64()),
            ("w.yaml".to_owned(), Some(3))
        );
        let back = findings
            .iter()
            .filter(|finding| finding["rule"] == RULE && finding["suppression"].is_null());
        assert_eq!(back.count(), 2, "{entries}");
    }
}

#[test]
fn a_synonym_of_a_key_is_the_one_mistake_of_its_waiver() {
    for (word, key) in [
        ("until", "expires"),
        ("valid_until", "expires"),
        ("expirs", "expires"),
    ] {
        let mesh = with_waivers(&entry("path: 'sales/**'", &format!("{word}: 2027-03-31")));
        let ran = mesh.run(&["--format", "json", TODAY[0], TODAY[1]]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let told = findings.filter(|finding| finding["rule"] == "waivers/malformed");
        let told: Vec<String> = told
            .map(|finding| format!("{}: {}", finding["message"], finding["help"]))
            .collect();
        assert_eq!(
            told,
            [format!(
                "\"unknown key `{word}`\": \"did you mean `{key}`?\""
            )]
        );
    }
}

#[test]
fn the_finding_says_why_its_waiver_does_not_hold() {
    let mesh = with_waivers(&entry("entity: 'contract:a'", "expires: 2027-12-31"));
    let ran = check(&mesh);
    assert!(
        ran.out
            .contains("the waiver is not valid: the waiver expires 402 days"),
        "{}",
        ran.out
    );
}

#[test]
fn a_waivers_file_that_cannot_be_read_judges_nothing() {
    for (text, message) in [
        ("version: 1\nwaivers: [\n", "cannot read"),
        ("- a\n", "not a mapping"),
        ("waivers: []\n", "has no `version`"),
        ("version: 2\nwaivers: []\n", "this govcheck reads version 1"),
        ("version: 1\nwaivers: x\n", "not a list"),
        ("version: 1\nwavers: []\n", "unknown key `wavers`"),
        ("version: 1\n---\nversion: 1\n", "more than one document"),
    ] {
        let mesh = mesh("waivers: w.yaml\n");
        mesh.file("w.yaml", text);
        check(&mesh).says(2, &["waivers/unreadable", message]);
        mesh.run(&["waivers"]).refuses(2, &["w.yaml:", message]);
    }
    let missing = mesh("waivers: w.yaml\n");
    check(&missing).says(2, &["waivers/unreadable", "does not exist"]);
    let latin = mesh("waivers: w.yaml\n");
    latin.file("w.yaml", b"version: 1\n# \xff\n");
    check(&latin).refuses(2, &["`w.yaml` is not UTF-8"]);
    let out = mesh("waivers: ../w.yaml\n");
    check(&out).says(2, &["waivers/unreadable", "does not exist"]);
    let empty = mesh("waivers: w.yaml\n");
    empty.file("w.yaml", "");
    assert_eq!(check(&empty).code, Some(1), "an empty file has no waivers");
}

#[test]
fn of_two_waivers_for_one_finding_the_narrower_holds_and_the_other_is_reported() {
    let two = entry("path: 'sales/**'", UNTIL) + &entry("entity: 'contract:a'", UNTIL);
    let mesh = with_waivers(&two);
    assert_eq!(
        states(&mesh),
        ["active 2", "active 1"],
        "the wide one excepts b too"
    );
    assert_eq!(told(&mesh), [""; 0]);
    let twice = entry("entity: 'contract:a'", UNTIL).repeat(2);
    let mesh = with_waivers(&twice);
    assert_eq!(
        told(&mesh),
        ["waivers/shadowed w.yaml:4:5"],
        "the first of equals holds"
    );
    let wide = entry("path: 'sales/a.odcs.yaml'", UNTIL) + &entry("entity: 'contract:a'", UNTIL);
    assert_eq!(told(&with_waivers(&wide)), ["waivers/shadowed w.yaml:3:5"]);
}

#[test]
fn an_unused_waiver_is_reported_unless_the_run_cannot_know() {
    let mesh = with_waivers(&entry("entity: 'contract:c'", UNTIL));
    assert_eq!(told(&mesh), ["waivers/unknown-target w.yaml:3:5"]);
    mesh.file("sales/c.odcs.yaml", contract("c"));
    assert_eq!(told(&mesh), ["waivers/unused w.yaml:3:5"]);
    let mend = |mesh: &Mesh| told(mesh);
    mesh.file(
        "govcheck.yaml",
        format!("version: 1\nwaivers: w.yaml\nrules: {{{RULE}: off}}\n"),
    );
    assert_eq!(mend(&mesh), [""; 0], "the rule is off");
    let by_path = format!(
        "version: 1\nwaivers: w.yaml\noverrides: [{{files: ['sales/c*'], rules: {{{RULE}: off}}}}]\n"
    );
    mesh.file("govcheck.yaml", by_path);
    assert_eq!(mend(&mesh), [""; 0], "the rule is off there");
    mesh.file("govcheck.yaml", "version: 1\nwaivers: w.yaml\n");
    mesh.file("sales/d.odcs.yaml", "kind: DataContract\nid: [");
    assert_eq!(mend(&mesh), [""; 0], "the check is incomplete");
}

#[test]
fn a_scope_neither_hides_nor_makes_an_unused_waiver() {
    let mesh = with_waivers(&entry("entity: 'contract:a'", UNTIL));
    mesh.file("other/x.odcs.yaml", contract("x"));
    let (code, found) = mesh.findings(&["other", TODAY[0], TODAY[1]]);
    assert_eq!((code, found), (Some(0), Vec::new()));
    let (code, found) = mesh.findings(&["w.yaml", TODAY[0], TODAY[1]]);
    assert_eq!(found, [""; 0], "{code:?}");
}

#[test]
fn levels_of_waivers_are_set_like_others() {
    let mesh = with_waivers(&entry("entity: 'contract:c'", UNTIL));
    let ran = mesh.run(&["--fail-on", "note", TODAY[0], TODAY[1]]);
    ran.says(1, &["waivers/unknown-target"]);
    mesh.file(
        "govcheck.yaml",
        "version: 1\nwaivers: w.yaml\nrules: {waivers: off}\n",
    );
    assert_eq!(told(&mesh), [""; 0]);
}

#[test]
fn the_config_bounds_days_and_asks_for_approval() {
    let mesh = with_waivers(&entry("path: 'sales/**'", UNTIL));
    mesh.file(
        "govcheck.yaml",
        "version: 1\nwaivers: {file: w.yaml, max_days: 30}\n",
    );
    check(&mesh).says(
        1,
        &["at most 30 are allowed", "`2026-12-24` or an earlier date"],
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\nwaivers: {file: w.yaml, approved_by: required}\n",
    );
    check(&mesh).says(1, &["the waiver has no approver"]);
    mesh.file(
        "w.yaml",
        format!(
            "version: 1\nwaivers:\n{}",
            entry("path: 'sales/**', approved_by: x", UNTIL)
        ),
    );
    assert_eq!(check(&mesh).code, Some(0));
    mesh.file(
        "govcheck.yaml",
        "version: 1\nwaivers: {file: w.yaml, max_dais: 30}\n",
    );
    check(&mesh).refuses(2, &["govcheck.yaml:2:25", "did you mean `max_days`?"]);
    mesh.file(
        "govcheck.yaml",
        "version: 1\nwaivers: {file: w.yaml, approved_by: yes}\n",
    );
    check(&mesh).refuses(2, &["govcheck.yaml:2:38", "write `required` or `optional`"]);
}

/// Contract `a` with comments; comments may waive the rule.
fn commented(edit: impl Fn(&str) -> String) -> Mesh {
    let mesh = mesh(&format!("rules: {{{RULE}: {{inline: true}}}}\n"));
    let text = orphan("a").replace("team: {name: nobody-here}", "team:\n  name: nobody-here");
    mesh.file("sales/a.odcs.yaml", edit(&text));
    std::fs::remove_file(mesh.path().join("sales/b.odcs.yaml")).unwrap();
    mesh
}

const COMMENT: &str = "# govcheck: allow ownership/unknown-team until 2027-03-31 -- moves";

#[test]
fn a_comment_excepts_on_its_line_above_a_key_and_at_the_head() {
    let on_line =
        |text: &str| text.replace("name: nobody-here", &format!("name: nobody-here {COMMENT}"));
    let above = |text: &str| text.replace("team:", &format!("{COMMENT}\nteam:"));
    let head = |text: &str| format!("{COMMENT}\n{text}");
    let other_line =
        |text: &str| text.replace("status: active", &format!("status: active {COMMENT}"));
    let in_text = |text: &str| {
        text.replace(
            "  name: nobody-here",
            &format!("  name: nobody-here\n  description: |\n    {COMMENT}"),
        )
    };
    for (mesh, code) in [
        (commented(on_line), 0),
        (commented(above), 0),
        (commented(head), 0),
        (commented(in_text), 1),
    ] {
        let ran = check(&mesh);
        assert_eq!(ran.code, Some(code), "{}", ran.out);
    }
    let mesh = commented(other_line);
    assert_eq!(check(&mesh).code, Some(1));
    assert_eq!(told(&mesh), ["waivers/unused sales/a.odcs.yaml:6:16"]);
}

#[test]
fn a_comment_is_held_to_what_an_entry_is() {
    let with = |comment: &str| {
        let line = format!("name: nobody-here # govcheck: {comment}");
        commented(|text| text.replace("name: nobody-here", &line))
    };
    for (comment, rule) in [
        ("allow ownership/unknown-team -- moves", "malformed"),
        ("allow ownership/unknown-team until 2027-03-31", "malformed"),
        ("ignore ownership/unknown-team", "malformed"),
        (
            "allow ownership/unknown-taem until 2027-03-31 -- x",
            "unknown-rule",
        ),
        ("allow ownership until 2027-03-31 -- x", "not-inline"),
        ("allow kpi/bad-name until 2027-03-31 -- x", "not-inline"),
        (
            "allow ownership/unknown-team until 2028-03-31 -- x",
            "overlong",
        ),
        ("allow ownership/unknown-team until 2026-11-23 -- x", "over"),
    ] {
        let mesh = with(comment);
        let (code, found) = mesh.findings(&TODAY);
        assert_eq!(code, Some(1), "{comment}: {found:?}");
        let at_line = found
            .iter()
            .any(|line| line.starts_with(&format!("waivers/{rule} sales/a.odcs.yaml:11:")));
        assert!(at_line, "{comment}: {found:?}");
        assert!(
            found.iter().any(|line| line.starts_with(RULE)),
            "{comment}: {found:?}"
        );
    }
    let mesh = with("allow ownership/unknown-team until 2027-03-31 -- x");
    mesh.file("govcheck.yaml", "version: 1\n");
    assert_eq!(
        told(&mesh),
        ["waivers/not-inline sales/a.odcs.yaml:11:39"],
        "not unless it is allowed"
    );
    let category = "version: 1\nrules: {ownership: {inline: true}}\n";
    mesh.file("govcheck.yaml", category);
    assert_eq!(check(&mesh).code, Some(0));
    mesh.file(
        "govcheck.yaml",
        format!("{category}overrides: [{{files: ['**'], rules: {{{RULE}: {{inline: true}}}}}}]\n"),
    );
    check(&mesh).refuses(2, &["an override can't set `inline`", "govcheck.yaml:3:"]);
}

#[test]
fn a_rule_with_waivable_false_is_not_excepted() {
    let body = "deny contains {\"message\": \"seen\", \"at\": [\"id\"]} if input.id";
    let mesh = Mesh::with_rule("house/x", body);
    let rego = std::fs::read_to_string(mesh.path().join("pack/house/x.rego")).unwrap();
    mesh.file(
        "pack/house/x.rego",
        rego.replace(
            "#   severity: error",
            "#   severity: error\n#   waivable: false",
        ),
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nwaivers: w.yaml\n",
    );
    mesh.file(
        "w.yaml",
        format!(
            "version: 1\nwaivers:\n{}",
            entry("entity: 'contract:a'", UNTIL).replace(RULE, "house/x")
        ),
    );
    check(&mesh).says(1, &["waivers/not-waivable", "house/x"]);
}

#[test]
fn an_old_name_of_a_rule_keeps_working() {
    let body = "deny contains {\"message\": \"seen\", \"at\": [\"id\"]} if input.id";
    let mesh = Mesh::with_rule("house/x", body);
    let rego = std::fs::read_to_string(mesh.path().join("pack/house/x.rego")).unwrap();
    mesh.run(&["baseline", "write"])
        .says(0, &["wrote  governance/baseline.json: 1 entry"]);
    mesh.file(
        "pack/house/y.rego",
        rego.replace("house.x", "house.y").replace(
            "#   severity: error",
            "#   severity: error\n#   aliases: [house/x]",
        ),
    );
    std::fs::remove_file(mesh.path().join("pack/house/x.rego")).unwrap();
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nwaivers: w.yaml\n",
    );
    mesh.file(
        "w.yaml",
        format!(
            "version: 1\nwaivers:\n{}",
            entry("entity: 'contract:a'", UNTIL).replace(RULE, "house/x")
        ),
    );
    check(&mesh).says(
        0,
        &["note[waivers/renamed-rule]: `house/x` is now `house/y`"],
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nbaseline: governance/baseline.json\n",
    );
    let known = "1 baseline entry uses an old rule name: `house/x` is now `house/y`";
    check(&mesh).says(
        0,
        &[
            "note[baseline/renamed-rule]: 1 baseline entry",
            "1 in the baseline",
        ],
    );
    let json = mesh.run(&["--format", "json", TODAY[0], TODAY[1]]);
    json.says(0, &[known]);
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nbaseline: governance/baseline.json\nrules: {house/x: off}\n",
    );
    let (code, off) = mesh.findings(&TODAY);
    assert_eq!(code, Some(0));
    assert_eq!(
        off,
        ["config/renamed-rule govcheck.yaml:4:9"],
        "no entry is gone while the rule is off"
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nbaseline: governance/baseline.json\n",
    );
    mesh.run(&["baseline", "prune"])
        .says(0, &["1 entry, 0 removed, 0 added"]);
    mesh.run(&["baseline", "write"])
        .says(0, &["1 entry, 1 removed, 1 added"]);
    assert_eq!(told(&mesh).len(), 0);
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nrules: {house/y: {inline: true}}\n",
    );
    let comment = "# govcheck: allow house/x until 2027-03-31 -- r\n";
    mesh.file(
        "a.odcs.yaml",
        contract("a").replace("id: a\n", &format!("{comment}id: a\n")),
    );
    check(&mesh).says(
        0,
        &[
            "note[waivers/renamed-rule]: `house/x` is now `house/y`",
            "1 waived",
        ],
    );
}

fn waive<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let head = [
        "waive",
        RULE,
        "--owner",
        "jane@acme.example",
        "--reason",
        "moves: \"soon\" #1",
        TODAY[0],
        TODAY[1],
    ];
    [&head, more].concat()
}

const A: [&str; 4] = ["--entity", "contract:a", "--until", "2027-03-31"];

#[test]
fn waive_writes_an_entry_that_holds_and_keeps_the_rest() {
    let mesh = mesh("waivers: gov/w.yaml\n");
    let old = "# ours\nversion: 1\nwaivers:   # the list\n\n  # b first\n  - rule: ownership/unknown-team\n    entity: 'contract:b'\n    reason: >-\n      long\n    owner: o\n    expires: 2027-01-01 # soon\n# tail";
    mesh.file("gov/w.yaml", old);
    let ran = mesh.run(&waive(
        &[
            &A[..],
            &["--ticket", "GOV-12", "--approved-by", "data office"],
        ]
        .concat(),
    ));
    ran.says(
        0,
        &[
            "wrote  gov/w.yaml:12",
            "exempts 1 finding until 2027-03-31, for 127 days",
        ],
    );
    let new = std::fs::read_to_string(mesh.path().join("gov/w.yaml")).unwrap();
    let entry = "  - rule: ownership/unknown-team\n    entity: contract:a\n    reason: \"moves: \\\"soon\\\" #1\"\n    owner: jane@acme.example\n    approved_by: \"data office\"\n    created: 2026-11-24\n    expires: 2027-03-31\n    ticket: GOV-12\n";
    assert_eq!(new, old.replace("# tail", &format!("{entry}# tail")));
    assert_eq!(check(&mesh).code, Some(0));
    assert_eq!(
        std::fs::read_dir(mesh.path().join("gov")).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn waive_makes_the_file_and_says_what_names_it() {
    let bare = Mesh::git();
    bare.file("register.yaml", REGISTER)
        .file("a.odcs.yaml", orphan("a"));
    bare.run(&waive(&[&A[..], &["--dry-run"]].concat())).says(
        0,
        &[
            "would add to governance/waivers.yaml",
            "entity: contract:a",
            "exempts 1 finding",
        ],
    );
    assert!(
        !bare.path().join("governance").exists() && !bare.path().join("govcheck.yaml").exists()
    );
    bare.run(&waive(&A)).says(
        0,
        &["wrote  governance/waivers.yaml:5", "wrote  govcheck.yaml"],
    );
    assert_eq!(check(&bare).code, Some(0));
    let text = |mesh: &Mesh| std::fs::read_to_string(mesh.path().join("govcheck.yaml")).unwrap();
    let config = mesh("fail_on: error # ours");
    let added = "govcheck.yaml: added `waivers: governance/waivers.yaml`";
    config.run(&waive(&A)).says(0, &[added]);
    let named = "version: 1\nfail_on: error # ours\nwaivers: governance/waivers.yaml\n";
    assert_eq!(text(&config), named);
    assert_eq!(states(&config), ["active 1"]);
    for taken in [
        "version: 1\nwaivers: {max_days: 150}\n",
        "{version: 1, fail_on: error}\n",
    ] {
        let config = mesh("");
        config.file("govcheck.yaml", taken);
        let hint = "next   add `waivers: governance/waivers.yaml` to `govcheck.yaml`";
        config.run(&waive(&A)).says(0, &[hint]);
        assert_eq!(text(&config), taken);
    }
}

/// Runs a line in a shell that finds govcheck on its path.
fn paste(mesh: &Mesh, folder: &str, line: &str) {
    let govcheck = std::path::Path::new(env!("CARGO_BIN_EXE_govcheck"));
    let path = format!("{}:/usr/bin:/bin", govcheck.parent().unwrap().display());
    let mut shell = std::process::Command::new("sh");
    let shell = shell.args(["-c", line]).env("PATH", path);
    let ran = mesh.finish(shell.current_dir(mesh.path().join(folder)));
    ran.says(0, &["exempts 1 finding until "]);
}

/// The commands that a report offers after these words.
fn offered<'o>(out: &'o str, before: &str) -> Vec<&'o str> {
    let lines = out.lines().map(str::trim_start);
    lines
        .filter(|line| line.contains("govcheck waive "))
        .map(|line| line.strip_prefix(before).unwrap())
        .collect()
}

const HOSTILE: &str = "\"it's $(touch pwned) `touch pwned` ; touch pwned\"";

#[test]
fn a_command_that_a_report_offers_waives_its_finding() {
    let mesh = mesh("fail_on: error\n");
    mesh.file("sales/b.odcs.yaml", orphan(HOSTILE));
    let ran = mesh.run(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let commands = offered(&ran.out, "waive: ");
    assert_eq!(commands.len(), 2, "{}", ran.out);
    for command in commands {
        paste(&mesh, ".", command);
    }
    let ran = mesh.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(ran.out.contains("2 waived"), "{}", ran.out);
    assert!(!mesh.path().join("pwned").exists());
}

#[test]
fn a_command_leads_to_the_mesh_from_wherever_it_is_pasted() {
    let mesh = Mesh::git();
    mesh.file("my mesh/govcheck.yaml", "version: 1\n")
        .file("my mesh/register.yaml", REGISTER)
        .file("my mesh/a.odcs.yaml", orphan("a"))
        .file("my mesh/b.odcs.yaml", orphan("b"));
    let ran = mesh.run(&["--output", "markdown=summary.md", "my mesh"]);
    let commands = offered(&ran.out, "waive: ");
    assert!(commands[0].starts_with("cd 'my mesh' && "), "{}", ran.out);
    paste(&mesh, ".", commands[0]);
    // A summary is read at the root of a clone, wherever it was written.
    mesh.run_in("my mesh", &["--output", "markdown=summary.md"]);
    let summary = std::fs::read_to_string(mesh.path().join("my mesh/summary.md")).unwrap();
    let commands = offered(&summary, "");
    assert_eq!(commands.len(), 1, "{summary}");
    paste(&mesh, ".", commands[0]);
    assert_eq!(mesh.run(&["my mesh"]).code, Some(0));
    assert!(!mesh.path().join("governance").exists());
}

#[test]
fn no_command_is_offered_where_none_would_hold() {
    let policies = mesh("fail_on: error\n");
    policies.file(
        "p/x.rego",
        "package main\nimport rego.v1\ndeny contains \"no\" if input.kind\n",
    );
    let ran = policies.run(&["--policy", "p"]);
    assert!(
        ran.code == Some(1) && !ran.out.contains("govcheck waive"),
        "{}",
        ran.out
    );
    let unwaivable = mesh("fail_on: error\n");
    unwaivable.file("sales/c.odcs.yaml", "id: [\n");
    let ran = unwaivable.run(&["sales/c.odcs.yaml"]);
    assert!(!ran.out.contains("govcheck waive"), "{}", ran.out);
}

#[test]
fn waive_refuses_what_would_not_hold_and_writes_nothing() {
    let mesh = mesh("waivers: w.yaml\n");
    mesh.file("sales/c.odcs.yaml", contract("c"));
    let until = ["--until", "2027-03-31"];
    for (arguments, parts) in [
        (
            vec!["--entity", "contract:aa"],
            ["no manifest declares `contract:aa`", "did you mean"],
        ),
        (
            vec!["--path", "nowhere/**"],
            ["no manifest matches the path `nowhere/**`", "help"],
        ),
        (
            vec!["--path", "/sales"],
            ["invalid glob", "remove the leading `/`"],
        ),
        (
            vec!["--entity", "a"],
            ["invalid entity `a`", "contract:orders"],
        ),
    ] {
        mesh.run(&waive(&[&arguments[..], &until].concat()))
            .refuses(2, &parts);
    }
    let a = ["--entity", "contract:a", "--until"];
    mesh.run(&waive(&[&a[..], &["2026-11-23"]].concat()))
        .refuses(2, &["expired on 2026-11-23"]);
    mesh.run(&waive(&[&a[..], &["2027-11-23"]].concat()))
        .refuses(2, &["at most 180 are allowed", "2027-05-23"]);
    mesh.run(&waive(&[&a[..], &["soon"]].concat()))
        .refuses(2, &["write a date such as 2027-03-31"]);
    mesh.run(&waive(&until)).refuses(2, &["--entity"]);
    let other = |rule| {
        waive(&A)
            .into_iter()
            .map(|word| if word == RULE { rule } else { word })
            .collect::<Vec<_>>()
    };
    mesh.run(&other("ownership/unknown-taem"))
        .refuses(2, &["did you mean `ownership/unknown-team`?"]);
    mesh.run(&other("parse/syntax-error"))
        .refuses(2, &["cannot be waived"]);
    assert!(!mesh.path().join("w.yaml").exists());
    mesh.run(&waive(&["--entity", "contract:c", until[0], until[1]]))
        .says(0, &["the waiver matches no finding now"]);
    mesh.run(&waive(&A)).says(0, &["exempts 1 finding"]);
    mesh.run(&waive(&A)).refuses(2, &["already exempts"]);
    mesh.file("w.yaml", "version: 1\nwaivers: [{rule: x}]\n");
    mesh.run(&waive(&A)).refuses(2, &["in brackets", "by hand"]);
    mesh.file("w.yaml", "version: [\n");
    mesh.run(&waive(&A)).refuses(2, &["w.yaml"]);
}

#[cfg(unix)]
#[test]
fn waive_writes_nothing_out_of_the_root() {
    let mesh = mesh("waivers: gov/w.yaml\n");
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), mesh.path().join("gov")).unwrap();
    mesh.run(&waive(&A)).refuses(2, &["outside the root"]);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn waivers_lists_exemptions_with_owner_and_end() {
    let entries = entry("entity: 'contract:a'", UNTIL)
        + &entry(
            "entity: 'contract:b'",
            "approved_by: boss, ticket: G-1, expires: 2026-12-01",
        )
        + &entry("entity: 'contract:x'", "expires: 2026-11-01")
        + &entry("entity: 'contract:c'", "expires: 2027-01-01")
        + "  - {rule: kpi/bad-name, reason: r}\n";
    let mesh = with_waivers(&entries);
    mesh.file("sales/c.odcs.yaml", contract("c"));
    let ran = mesh.run(&["waivers", TODAY[0], TODAY[1]]);
    let lines: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| !line.starts_with("   "))
        .collect();
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        lines[..4],
        [
            "2026-11-01  expired    ownership/unknown-team for contract:x: 0 findings",
            "2026-12-01  expiring   ownership/unknown-team for contract:b: 1 finding",
            "2027-01-01  unused     ownership/unknown-team for contract:c: 0 findings",
            "2027-03-31  active     ownership/unknown-team for contract:a: 1 finding",
        ]
    );
    ran.says(
        0,
        &[
            "r · owner o · approved by boss · G-1 · w.yaml:4",
            "invalid: w.yaml:7",
            "1 active · 1 expiring · 1 expired · 1 unused",
        ],
    );
    Mesh::sound().run(&["waivers"]).says(0, &["no waivers"]);
}

#[test]
fn no_change_excepts_itself() {
    let mesh = commented(|text| text.replace("nobody-here", "sales-data"));
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    let broken = |comment: &str| {
        let text = orphan("a").replace("team: {name", &format!("{comment}\nteam: {{name"));
        mesh.file("sales/a.odcs.yaml", text);
    };
    broken(COMMENT);
    let against = ["--policies-from", "HEAD", TODAY[0], TODAY[1]];
    assert_eq!(
        check(&mesh).code,
        Some(0),
        "it holds where the tree judges itself"
    );
    let (code, found) = mesh.findings(&against);
    assert_eq!(code, Some(1), "{found:?}");
    assert!(
        found.contains(&"waivers/not-in-force sales/a.odcs.yaml:10:1".to_owned()),
        "{found:?}"
    );
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "merged"]);
    broken(&format!("# moved\n{COMMENT}"));
    assert_eq!(
        mesh.findings(&against).0,
        Some(0),
        "once it is merged it holds"
    );
}

#[test]
fn a_waivers_file_of_the_change_has_no_say_over_it() {
    let mesh = with_waivers("");
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    mesh.file(
        "w.yaml",
        format!("version: 1\nwaivers:\n{}", entry("path: 'sales/**'", UNTIL)),
    );
    assert_eq!(check(&mesh).code, Some(0));
    assert_eq!(
        mesh.findings(&["--policies-from", "HEAD", TODAY[0], TODAY[1]])
            .0,
        Some(1)
    );
    std::fs::remove_file(mesh.path().join("w.yaml")).unwrap();
    assert_eq!(
        mesh.findings(&["--policies-from", "HEAD", TODAY[0], TODAY[1]])
            .0,
        Some(1),
        "it is read there"
    );
}

#[test]
fn a_change_is_not_blamed_for_old_mistakes_in_waivers() {
    let mesh = with_waivers(&entry("path: 'sales/**'", "expires: soon"));
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    let against = ["--base", "HEAD", TODAY[0], TODAY[1]];
    assert_eq!(mesh.run(&against).code, Some(0));
    mesh.file(
        "w.yaml",
        format!(
            "version: 1\nwaivers:\n{}",
            entry("path: 'other/**'", "expires: soon")
        ),
    );
    mesh.run(&against).says(1, &["waivers/malformed"]);
}

#[test]
fn removing_a_waiver_is_reported_for_the_change() {
    let mesh = with_waivers(&entry("path: 'sales/**'", UNTIL));
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    mesh.file("w.yaml", "version: 1\nwaivers: []\n");
    let ran = mesh.run(&["--base", "HEAD", TODAY[0], TODAY[1]]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
}

#[test]
fn waivers_and_rules_are_listed_before_the_baseline_exists() {
    let mesh = Mesh::sound();
    mesh.file(
        "govcheck.yaml",
        "version: 1\nbaseline: governance/baseline.json\n",
    );
    mesh.run(&["waivers"]).says(
        0,
        &[
            "no waivers",
            "note: the baseline `governance/baseline.json` does not exist yet; `govcheck baseline write` creates it",
        ],
    );
    mesh.run(&["waivers", "--format", "json"])
        .says(0, &["\"waivers\": []"]);
    mesh.run(&["rules"]).says(0, &["kpi/bad-name"]);
    mesh.run(&["policy", "try", "governance/none"])
        .refuses(2, &["governance/none"]);
    mesh.run(&[]).refuses(2, &["governance/baseline.json"]);
    mesh.file("governance/baseline.json", "[]");
    mesh.run(&["waivers"]).refuses(2, &["baseline.json"]);
}
