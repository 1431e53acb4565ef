//! Configs as people write them, right and wrong.

use super::*;
use crate::model::rule::{Level, RuleId};
use crate::model::text::RelPath;

fn config(text: &str) -> Config {
    Config::parse(text, CONFIG_FILE).unwrap()
}

fn error(text: &str) -> ConfigError {
    Config::parse(text, CONFIG_FILE).unwrap_err()
}

fn setting(
    config: &Config,
    rule: &str,
    path: &str,
) -> (Option<LevelSetting>, Option<String>, Option<String>) {
    let resolved = config.setting(&RuleId::new(rule), &RelPath::new(path));
    (
        resolved.level,
        resolved.enforced_from.map(|day| day.to_string()),
        resolved.decided_by().map(str::to_owned),
    )
}

fn level(config: &Config, rule: &str, path: &str) -> Option<LevelSetting> {
    setting(config, rule, path).0
}

const ERROR: Option<LevelSetting> = Some(LevelSetting::At(Level::Error));
const WARNING: Option<LevelSetting> = Some(LevelSetting::At(Level::Warning));
const NOTE: Option<LevelSetting> = Some(LevelSetting::At(Level::Note));
const OFF: Option<LevelSetting> = Some(LevelSetting::Off);

const WHOLE: &str = r#"# the example of the documentation
version: 1
layout: "domains/{domain}/{product}/**"
include: ["domains/**", "platform/**"]
exclude: ["**/node_modules/**"]
packs: ["governance/policies"]
waivers: governance/waivers.yaml
baseline: governance/baseline.json
fail_on: warning
rules:
  documentation: warning
  kpi/bad-name: {options: {pattern: "^[a-z]+(_[a-z0-9]+)*$"}}
overrides:
  - files: ["domains/legacy/**"]
    rules: {documentation/undescribed-columns: note}
"#;

#[test]
fn the_documented_example_is_read() {
    let config = config(WHOLE);
    assert_eq!(
        (config.version, config.builtin, config.fail_on),
        (1, true, Level::Warning)
    );
    assert_eq!(config.include, ["domains/**", "platform/**"]);
    assert_eq!(config.exclude, ["**/node_modules/**"]);
    assert_eq!(config.packs, ["governance/policies"]);
    assert_eq!(config.waivers.as_deref(), Some("governance/waivers.yaml"));
    assert_eq!(config.baseline.as_deref(), Some("governance/baseline.json"));
    let place = config.place(&RelPath::new("domains/sales/orders/contract.yaml"));
    assert_eq!(place.get("domain").map(|value| &**value), Some("sales"));
    assert_eq!(
        config.options(&RuleId::new("kpi/bad-name"))["pattern"],
        "^[a-z]+(_[a-z0-9]+)*$"
    );
    assert_eq!(
        setting(
            &config,
            "documentation/undescribed-columns",
            "domains/legacy/x.yaml"
        ),
        (
            NOTE,
            None,
            Some(
                "govcheck.yaml:15 overrides[0].rules.documentation/undescribed-columns".to_owned()
            )
        )
    );
    assert_eq!(
        setting(
            &config,
            "documentation/undescribed-columns",
            "domains/sales/x.yaml"
        ),
        (
            WARNING,
            None,
            Some("govcheck.yaml:11 rules.documentation".to_owned())
        )
    );
    assert_eq!(
        setting(&config, "kpi/bad-name", "domains/sales/x.yaml"),
        (None, None, None)
    );
}

#[test]
fn nothing_written_is_the_default() {
    for text in [
        "",
        "# nothing\n",
        "version: 1\n",
        "\u{feff}version: 1\nrules:\noverrides:\ninclude:\nfail_on:\n",
        "---\n",
        "{}",
    ] {
        let config = config(text);
        assert_eq!(
            (config.version, config.builtin, config.fail_on),
            (1, true, Level::Error),
            "{text:?}"
        );
        assert!(config.rules.is_empty() && config.include.is_empty());
    }
}

#[test]
fn the_first_layout_that_matches_wins() {
    let config = config("layout: ['d/{domain}/{product}/**', 'd/{domain}/*', '{other}/**']");
    let parts = |path: &str| {
        let place = config.place(&RelPath::new(path));
        place
            .parts
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(parts("d/a/b/c.yaml"), "domain=a product=b");
    assert_eq!(parts("d/a/c.yaml"), "domain=a");
    assert_eq!(parts("e/c.yaml"), "other=e");
    assert_eq!(parts("c.yaml"), "");
}

#[test]
fn a_rule_wins_over_its_category_in_any_order() {
    for text in [
        "rules: {kpi: note, kpi/bad-name: error}",
        "rules: {kpi/bad-name: error, kpi: note}",
    ] {
        let config = config(text);
        assert_eq!(level(&config, "kpi/bad-name", "a.yaml"), ERROR);
        assert_eq!(level(&config, "kpi/duplicate", "a.yaml"), NOTE);
        assert_eq!(level(&config, "kpis/duplicate", "a.yaml"), None);
    }
}

#[test]
fn later_overrides_win_and_all_win_over_rules() {
    let config = config(
        "rules: {kpi/bad-name: error}\noverrides:\n- {files: 'a/**', rules: {kpi/bad-name: warning}}\n\
         - {files: ['a/b/**', 'c'], rules: {kpi: off}}\n- {files: 'a/b/d.yaml', rules: {kpi: error, kpi/bad-name: note}}\n",
    );
    let at = |path| level(&config, "kpi/bad-name", path);
    assert_eq!(
        (
            at("x.yaml"),
            at("a/x.yaml"),
            at("a/b/x.yaml"),
            at("c/x.yaml"),
            at("a/b/d.yaml")
        ),
        (ERROR, WARNING, OFF, OFF, NOTE)
    );
    assert_eq!(level(&config, "kpi/duplicate", "a/x.yaml"), None);
}

#[test]
fn level_and_day_are_decided_apart() {
    let config = config(
        "rules:\n  kpi:\n    level: warning\n  kpi/bad-name:\n    enforced_from: 2027-03-01\n",
    );
    let source = |text: &str| Some(format!("govcheck.yaml:{text}"));
    assert_eq!(
        setting(&config, "kpi/bad-name", "a.yaml"),
        (
            WARNING,
            Some("2027-03-01".to_owned()),
            source("2 rules.kpi")
        )
    );
    let config = self::config("rules:\n  kpi/bad-name: {enforced_from: '2027-03-01'}\n");
    assert_eq!(
        setting(&config, "kpi/bad-name", "a.yaml"),
        (
            None,
            Some("2027-03-01".to_owned()),
            source("2 rules.kpi/bad-name")
        )
    );
}

#[test]
fn options_merge_name_by_name() {
    let config =
        config("rules: {kpi: {options: {a: 1, b: [x]}}, kpi/bad-name: {options: {b: {c: true}}}}");
    let options = config.options(&RuleId::new("kpi/bad-name"));
    assert_eq!(
        serde_json::Value::from(options),
        serde_json::json!({"a": 1, "b": {"c": true}})
    );
    assert!(config.options(&RuleId::new("other/rule")).is_empty());
}

#[test]
fn off_is_a_level_quoted_or_not() {
    for text in [
        "rules: {kpi: off}",
        "rules: {kpi: 'off'}",
        "rules: {kpi: {level: off}}",
    ] {
        assert_eq!(level(&config(text), "kpi/x", "a.yaml"), OFF, "{text}");
    }
}

/// Text, line, column, part of the message, part of the help.
const MISTAKES: &[(&str, u32, u32, &str, &str)] = &[
    (
        "version: 1\nexlude: []\n",
        2,
        1,
        "unknown key `exlude`; did you mean `exclude`?",
        "write `exclude`",
    ),
    ("zzz: 1\n", 1, 1, "unknown key `zzz`", "`extends`, `layout`"),
    (
        "rules:\n  kpi:\n    levl: note\n",
        3,
        5,
        "unknown key `levl`; did you mean `level`?",
        "`enforced_from`",
    ),
    (
        "overrides:\n- files: a\n  rules: {}\n- file: b\n",
        4,
        3,
        "unknown key `file`; did you mean `files`?",
        "",
    ),
    (
        "overrides:\n- files: a\n  rules:\n    kpi: {opts: 1}\n",
        4,
        11,
        "unknown key `opts`",
        "`options`",
    ),
    (
        "a: 1\nversion: 2\n",
        2,
        10,
        "unknown version `2`: this govcheck reads version 1",
        "version: 1",
    ),
    (
        "version: one\n",
        1,
        10,
        "unknown version `one`",
        "version: 1",
    ),
    (
        "rules:\n  kpi: warn\n",
        2,
        8,
        "unknown level `warn`; did you mean `warning`?",
        "`off`",
    ),
    (
        "rules:\n  kpi: {level: fatal}\n",
        2,
        16,
        "unknown level `fatal`",
        "`error`",
    ),
    (
        "fail_on: never\n",
        1,
        10,
        "`fail_on` must be `error`, `warning` or `note`, not `never`",
        "lowest level",
    ),
    (
        "fail_on: off\n",
        1,
        10,
        "`error`, `warning` or `note`, not `off`",
        "lowest level",
    ),
    (
        "rules:\n  kpi: {enforced_from: 2027-13-01}\n",
        2,
        24,
        "`2027-13-01` is not a date",
        "`2027-03-01`",
    ),
    (
        "rules:\n  kpi: {enforced_from: 2027}\n",
        2,
        24,
        "`rules.kpi.enforced_from` must be text, not the number `2027`",
        "quotes",
    ),
    (
        "rules:\n  kpi: {enforced_from: 2027-03-01T10:00}\n",
        2,
        24,
        "is not a date",
        "`2027-03-01`",
    ),
    (
        "include:\n- a\n- 'b/{c'\n",
        3,
        3,
        "invalid glob `b/{c`",
        "`{a,b}`",
    ),
    (
        "exclude: /a\n",
        1,
        10,
        "relative to the root",
        "remove the leading `/`",
    ),
    (
        "overrides:\n- files: ['[']\n  rules: {}\n",
        2,
        11,
        "invalid glob `[`",
        "",
    ),
    (
        "overrides:\n- files: []\n  rules: {}\n",
        2,
        10,
        "names no files",
        "`**`",
    ),
    (
        "overrides:\n- files: a\n  rules:\n    kpi/x:\n      options: {a: 1}\n",
        5,
        7,
        "can't set `options`",
        "under `rules:`",
    ),
    (
        "layout:\n- '{a}'\n- 'domains/**'\n",
        3,
        3,
        "invalid layout `domains/**`: it captures nothing",
        "{domain}",
    ),
    (
        "rules: {kpi: note, kpi: error}\n",
        1,
        20,
        "duplicate key `kpi`",
        "remove one",
    ),
    (
        "include: a\ninclude: b\n",
        2,
        1,
        "duplicate key `include`",
        "remove one",
    ),
    (
        "rules: {a//b: note, /b: note}\n",
        1,
        21,
        "`/b` is not the name of a rule or category",
        "`kpi/bad-name`",
    ),
    (
        "packs: ['']\n",
        1,
        9,
        "`packs` has an empty path",
        "relative to the root",
    ),
    (
        "waivers: ''\n",
        1,
        10,
        "`waivers` has an empty path",
        "remove `waivers`",
    ),
];

#[test]
fn mistakes_have_a_place_and_a_way_out() {
    for &(text, line, column, message, help) in MISTAKES {
        let error = error(text);
        assert_eq!(
            (error.line, error.column),
            (Some(line), Some(column)),
            "{text}\n{error}"
        );
        assert!(error.message.contains(message), "{text}\n{error}");
        assert!(
            error.help.as_deref().unwrap_or("").contains(help),
            "{text}\n{:?}",
            error.help
        );
    }
}

#[test]
fn wrong_types_and_broken_yaml_say_their_line_once() {
    for (text, line, message) in [
        (
            "builtin: maybe\n",
            1,
            "`builtin` must be `true` or `false`, not text",
        ),
        (
            "version: 1\ninclude: {a: b}\n",
            2,
            "`include` must be text or a list of texts, not a mapping",
        ),
        (
            "rules:\n  kpi: 3\n",
            2,
            "must be `error`, `warning`, `note`, `off`, `default`, or a mapping",
        ),
        (
            "rules:\n  kpi: false\n",
            2,
            "must be `error`, `warning`, `note`, `off`, `default`, or a mapping",
        ),
        ("rules: [a]\n", 1, "`rules` must be a mapping, not a list"),
        (
            "overrides:\n- rules: {}\n",
            2,
            "`overrides[0]` has no `files`",
        ),
        ("waivers: [a]\n", 1, "must be the path of the waivers file"),
        ("baseline: [a]\n", 1, "`baseline` must be text, not a list"),
        ("just text\n", 1, "the file must be a mapping, not text"),
        (
            "version: 1\n---\nversion: 1\n",
            3,
            "more than one YAML document",
        ),
        ("a: [1\nb: 2\n", 2, ""),
        ("rules:\n\tkpi: note\n", 2, ""),
    ] {
        let error = error(text);
        assert_eq!(error.line, Some(line), "{text}\n{error}");
        assert!(error.message.contains(message), "{text}\n{error}");
        assert!(!error.message.contains("at line"), "{error}");
        assert!(
            error
                .to_string()
                .starts_with(&format!("govcheck.yaml:{line}:")),
            "{error}"
        );
    }
}

#[test]
fn hostile_depth_is_an_error_not_a_hang() {
    // serde's parser takes minutes on the first one.
    for text in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "{a: ".repeat(100_000),
    ] {
        assert_eq!(error(&text).line, Some(1));
    }
}

#[test]
fn a_config_of_many_keys_is_read_in_time() {
    let text: String = (0..50_000).map(|at| format!("  k{at}: note\n")).collect();
    assert_eq!(config(&format!("rules:\n{text}")).rules.len(), 50_000);
}

#[test]
fn hostile_aliases_are_an_error_not_a_hang() {
    let mut lists =
        "rules:\n  kpi:\n    options:\n      b0: &b0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for at in 1..12 {
        let before = format!("*b{}", at - 1);
        lists.push_str(&format!(
            "      b{at}: &b{at} [{}]\n",
            [before.as_str(); 10].join(",")
        ));
    }
    let bomb = error(&lists);
    assert!(bomb.message.contains("aliases and merge keys"), "{bomb}");
}

#[test]
fn unknown_rules_have_a_line_and_the_nearest_known() {
    let config = config(
        "rules:\n  kpi/bad-nam: note\n  documentaton: note\n  bad-name: off\n  kpi: note\n  zzzz: note\noverrides:\n- files: a\n  rules:\n    lineage/cycle: off\n",
    );
    let known = [
        "kpi/bad-name",
        "kpi/duplicate",
        "documentation/missing-purpose",
    ]
    .map(RuleId::new);
    let unknown = config.unknown_rules(&known);
    let rows: Vec<_> = unknown
        .iter()
        .map(|rule| {
            let line = rule.at.as_ref().map(|at| at.start.line);
            (rule.selector.as_str(), rule.nearest.as_deref(), line)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("bad-name", Some("kpi/bad-name"), Some(4)),
            ("documentaton", Some("documentation"), Some(3)),
            ("kpi/bad-nam", Some("kpi/bad-name"), Some(2)),
            ("zzzz", None, Some(6)),
            ("lineage/cycle", None, Some(10)),
        ]
    );
}

#[test]
fn the_file_is_found_by_its_one_name() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Config::load(dir.path()).unwrap().is_none());
    fs::write(dir.path().join("govcheck.yml"), "version: 1\n").unwrap();
    let error = Config::load(dir.path()).unwrap_err();
    assert_eq!(error.file, "govcheck.yml");
    assert!(error.help.unwrap().contains("rename it"));
    fs::write(dir.path().join("govcheck.yaml"), "builtin: false\n").unwrap();
    let error = Config::load(dir.path()).unwrap_err();
    assert!(error.help.unwrap().contains("delete it"));
    fs::remove_file(dir.path().join("govcheck.yml")).unwrap();
    assert!(!Config::load(dir.path()).unwrap().unwrap().builtin);
}

#[test]
fn a_config_for_other_versions_is_refused_at_its_place_before_all_else() {
    let required =
        |version: &str| format!("later_key: 1\nversion: 7\nrequired_version: {version}\n");
    let newer = error(&required("\">=90, <91\""));
    assert_eq!((newer.line, newer.column), (Some(3), Some(19)));
    let both = format!(
        "this is govcheck {}, and the config requires `>=90, <91`",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(newer.message, both);
    let fits = error(&required(env!("CARGO_PKG_VERSION")));
    assert!(fits.message.contains("unknown version `7`"), "{fits}");
    config("required_version: 0.1\n");
    let list = error("required_version: [\"0.1\"]\n");
    assert!(list.message.contains("must be one text"), "{list}");
    let unquoted = error("required_version: >=0.1\n");
    assert!(unquoted.help.unwrap().contains("in quotes"));
    let kebab = error("required-version: \">=0.1\"\n");
    assert!(
        kebab.message.contains("did you mean `required_version`?"),
        "{kebab}"
    );
}

#[test]
fn files_that_are_no_config_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("govcheck.yaml");
    let says = |message: &str| {
        let error = Config::load(dir.path()).unwrap_err();
        assert!(
            error.message.contains(message) && error.help.is_some(),
            "{error}"
        );
    };
    fs::create_dir(&path).unwrap();
    says("not a regular file");
    fs::remove_dir(&path).unwrap();
    fs::write(&path, b"a: \xff\n").unwrap();
    says("not UTF-8");
    fs::write(&path, " ".repeat(1024 * 1024 + 1)).unwrap();
    says("larger than 1048576 bytes");
    #[cfg(unix)]
    {
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        says("can't be read");
        fs::remove_file(&path).unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), &path).unwrap();
        says("symbolic link that leaves the root");
    }
}
