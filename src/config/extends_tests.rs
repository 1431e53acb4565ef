//! What configs build on: presets and files, right and wrong; and the names that rules had before.

use std::collections::BTreeMap;

use super::*;
use crate::model::rule::{Level, RuleId};
use crate::model::text::RelPath;
use crate::policy::Pack;
use crate::policy::source::{BUILTIN_PACK, PackFile, PackSource};

fn pack(files: &[(&str, &str)]) -> PackSource {
    let files = files.iter().map(|(path, text)| PackFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    });
    PackSource::of("house", files.collect()).unwrap()
}

/// A config that extends, with these files in the mesh and these in the pack `house`.
fn inherit(
    text: &str,
    files: &[(&str, &str)],
    house: &[(&str, &str)],
) -> Result<Config, ConfigError> {
    let mut config = Config::parse(text, CONFIG_FILE)?;
    let builtin = PackSource::builtin();
    let house = (!house.is_empty()).then(|| pack(house));
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let own = house.iter().map(|source| ("house", source));
    config.inherit(&Shelf {
        file: &|path| Ok(files.get(path).map(ToString::to_string)),
        packs: [(BUILTIN_PACK, &builtin)].into_iter().chain(own).collect(),
    })?;
    Ok(config)
}

fn resolved(config: &Config, rule: &str, path: &str) -> Resolved {
    config.setting(&RuleId::new(rule), &RelPath::new(path))
}

fn level(config: &Config, rule: &str) -> Option<LevelSetting> {
    resolved(config, rule, "a.yaml").level
}

const ERROR: Option<LevelSetting> = Some(LevelSetting::At(Level::Error));
const WARNING: Option<LevelSetting> = Some(LevelSetting::At(Level::Warning));
const NOTE: Option<LevelSetting> = Some(LevelSetting::At(Level::Note));
const OFF: Option<LevelSetting> = Some(LevelSetting::Off);

#[test]
fn standard_is_what_holds_without_it() {
    let config = inherit("extends: standard", &[], &[]).unwrap();
    let pack = Pack::load(vec![PackSource::builtin()], &|_| false).unwrap();
    for rule in &pack.rules {
        let id = &rule.rule.id;
        let holds = config.setting(id, &RelPath::new("a.yaml"));
        assert_eq!((holds.level, holds.enforced_from), (None, None), "{id}");
        assert!(config.options(id).is_empty(), "{id}");
    }
}

#[test]
fn minimal_leaves_a_handful_and_rules_of_others() {
    let config = inherit("extends: minimal", &[], &[]).unwrap();
    let pack = Pack::load(vec![PackSource::builtin()], &|_| false).unwrap();
    let ids = pack.rules.iter().map(|rule| &rule.rule.id);
    let on = ids.filter(|id| !config.off_everywhere(id));
    assert_eq!(on.count(), 7);
    assert_eq!(level(&config, "kpi/bad-name"), OFF);
    assert_eq!(level(&config, "lineage/unresolved-port"), None);
    assert_eq!(level(&config, "kpi/house"), None, "of another pack");
    assert_eq!(level(&config, "parse/syntax"), None, "govcheck's own");
    let config = inherit("extends: minimal\nrules: {kpi: default}", &[], &[]).unwrap();
    assert_eq!(level(&config, "kpi/bad-name"), None, "taken in");
    assert_eq!(level(&config, "trust/no-retention"), OFF);
}

#[test]
fn strict_is_milder_nowhere() {
    let config = inherit("extends: strict", &[], &[]).unwrap();
    let pack = Pack::load(vec![PackSource::builtin()], &|_| false).unwrap();
    let options =
        crate::policy::options::resolve_options(&pack.rules, &|rule| config.options(rule));
    assert!(options.is_ok(), "{options:?}");
    let mut errors = 0;
    for rule in &pack.rules {
        let id = &rule.rule.id;
        let Some(LevelSetting::At(level)) = resolved(&config, id.as_str(), "a.yaml").level else {
            panic!("{id}: strict says nothing");
        };
        assert!(level >= rule.rule.severity, "{id}");
        errors += usize::from(level > rule.rule.severity);
    }
    assert!(errors > 20, "{errors}");
}

#[test]
fn what_decided_is_named_down_to_the_line() {
    let config = inherit(
        "extends: [strict, common.yaml]\nrules: {kpi/duplicate: note}",
        &[(
            "common.yaml",
            "title: All teams\nrules:\n  kpi/synonym-clash: note\n",
        )],
        &[],
    )
    .unwrap();
    let by = |rule: &str| resolved(&config, rule, "a.yaml").level_by.unwrap();
    assert_eq!(
        by("kpi/bad-name"),
        "preset strict, builtin/presets/strict.yaml:9 rules.kpi/bad-name"
    );
    assert_eq!(
        by("kpi/incomplete"),
        "preset strict, builtin/presets/strict.yaml:3 others"
    );
    assert_eq!(
        by("kpi/synonym-clash"),
        "common.yaml:3 rules.kpi/synonym-clash"
    );
    assert_eq!(by("kpi/duplicate"), "govcheck.yaml:2 rules.kpi/duplicate");
}

#[test]
fn later_entries_win_and_its_own_settings_win_over_all() {
    let files = [
        (
            "a.yaml",
            "rules: {kpi/x: error, kpi/y: error}\noverrides:\n- {files: 'd/**', rules: {kpi/x: warning, kpi/z: note}}",
        ),
        (
            "b.yaml",
            "extends: a.yaml\nrules: {kpi/y: warning}\noverrides:\n- {files: 'd/e/**', rules: {kpi/z: off}}",
        ),
    ];
    let config = inherit("extends: b.yaml", &files, &[]).unwrap();
    let at = |config: &Config, rule: &str, path: &str| resolved(config, rule, path).level;
    assert_eq!(at(&config, "kpi/x", "c.yaml"), ERROR);
    assert_eq!(at(&config, "kpi/x", "d/c.yaml"), WARNING);
    assert_eq!(at(&config, "kpi/y", "c.yaml"), WARNING);
    assert_eq!(at(&config, "kpi/z", "d/c.yaml"), NOTE);
    assert_eq!(at(&config, "kpi/z", "d/e/c.yaml"), OFF);
    let config = inherit(
        "extends: [b.yaml, a.yaml]\nrules: {kpi: note}\noverrides:\n- {files: 'd/f/**', rules: {kpi: error}}",
        &files,
        &[],
    )
    .unwrap();
    assert_eq!(at(&config, "kpi/x", "d/c.yaml"), NOTE, "own over inherited");
    assert_eq!(at(&config, "kpi/x", "d/f/c.yaml"), ERROR);
    let config = inherit("extends: [b.yaml, a.yaml]", &files, &[]).unwrap();
    assert_eq!(at(&config, "kpi/y", "c.yaml"), ERROR, "the later entry");
}

#[test]
fn options_and_days_are_inherited_one_by_one() {
    let files = [(
        "a.yaml",
        "rules: {kpi/x: {level: error, options: {a: 1, b: 2}, enforced_from: 2027-03-01}}",
    )];
    let own = "extends: a.yaml\nrules: {kpi/x: {options: {b: 3}}}";
    let config = inherit(own, &files, &[]).unwrap();
    let options = config.options(&RuleId::new("kpi/x"));
    assert_eq!(
        serde_json::Value::from(options),
        serde_json::json!({"a": 1, "b": 3})
    );
    let holds = resolved(&config, "kpi/x", "a.yaml");
    assert_eq!(holds.enforced_from.unwrap().to_string(), "2027-03-01");
    let own = "extends: a.yaml\nrules: {kpi/x: error}";
    let holds = resolved(&inherit(own, &files, &[]).unwrap(), "kpi/x", "a.yaml");
    assert_eq!((holds.level, holds.enforced_from), (ERROR, None), "at once");
}

#[test]
fn a_pack_brings_presets_of_its_own() {
    let house = [
        (
            "presets/house.yaml",
            "extends: gentle\nrules: {kpi/bad-name: error}",
        ),
        ("presets/gentle.yaml", "others: note"),
        ("presets/strict.yaml", "extends: builtin:strict"),
        ("kpi/own.rego", ""),
    ];
    let config = inherit("extends: house", &[], &house).unwrap();
    assert_eq!(level(&config, "kpi/bad-name"), ERROR);
    assert_eq!(level(&config, "kpi/own"), NOTE);
    assert_eq!(level(&config, "kpi/duplicate"), None, "not of this pack");
    let config = inherit("extends: house:strict", &[], &house).unwrap();
    assert_eq!(level(&config, "kpi/incomplete"), ERROR);
    let error = inherit("extends: strict", &[], &house).unwrap_err();
    assert!(error.message.contains("several packs"), "{error}");
    let help = error.help.unwrap();
    assert!(help.contains("`strict`, `house:strict`"), "{help}");
}

/// The config, files of the mesh, where the mistake is, part of the message, part of the help.
type Mistake<'t> = (&'t str, &'t [(&'t str, &'t str)], &'t str, &'t str, &'t str);

const MISTAKES: &[Mistake<'_>] = &[
    (
        "version: 1\nextends: strct\n",
        &[],
        "govcheck.yaml:2:10",
        "there is no preset `strct`",
        "did you mean `strict`?",
    ),
    (
        "extends:\n- strict\n- zzz\n",
        &[],
        "govcheck.yaml:3:3",
        "there is no preset `zzz`",
        "`minimal`, `standard`, `strict`",
    ),
    (
        "extends: builtin:zzz\n",
        &[],
        "govcheck.yaml:1:10",
        "pack `builtin` has no preset `zzz`",
        "`strict`",
    ),
    (
        "extends: bultin:strict\n",
        &[],
        "govcheck.yaml:1:10",
        "there is no pack `bultin`",
        "did you mean `builtin`?",
    ),
    (
        "extends: gone.yaml\n",
        &[],
        "govcheck.yaml:1:10",
        "there is no file `gone.yaml`",
        "root of the mesh",
    ),
    (
        "extends: ../a.yaml\n",
        &[],
        "govcheck.yaml:1:10",
        "outside the root",
        "below the root",
    ),
    (
        "extends: /etc/a.yaml\n",
        &[],
        "govcheck.yaml:1:10",
        "outside the root",
        "",
    ),
    (
        "extends: ''\n",
        &[],
        "govcheck.yaml:1:10",
        "empty name",
        "`standard`",
    ),
    (
        "extends: a.yaml\n",
        &[("a.yaml", "rules: {}\nextends: a.yaml\n")],
        "a.yaml:2:10",
        "`a.yaml` extends itself",
        "remove one",
    ),
    (
        "extends: a.yaml\n",
        &[("a.yaml", "extends: b.yaml"), ("b.yaml", "extends: a.yaml")],
        "b.yaml:1:10",
        "`a.yaml` extends itself through `a.yaml`, `b.yaml`",
        "remove one",
    ),
    (
        "extends: a.yaml\n",
        &[("a.yaml", "rules: {}\npacks: [x]\n")],
        "a.yaml:2:1",
        "`packs` can't be inherited",
        "set `packs` in `govcheck.yaml`",
    ),
    (
        "extends: a.yaml\n",
        &[("a.yaml", "rulez: {}\n")],
        "a.yaml:1:1",
        "unknown key `rulez`; did you mean `rules`?",
        "",
    ),
    (
        "extends: a.yaml\n",
        &[("a.yaml", "rules: {}\nothers: off\n")],
        "a.yaml:2:1",
        "only a preset of a pack can set `others`",
        "categories",
    ),
    (
        "extends: a.yaml\n",
        &[("a.yaml", "rules:\n  kpi: warn\n")],
        "a.yaml:2:8",
        "unknown level `warn`",
        "`default`",
    ),
];

#[test]
fn mistakes_have_file_and_line_and_the_next_step() {
    for (text, files, place, message, help) in MISTAKES {
        let error = inherit(text, files, &[]).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with(&format!("{place}: ")), "{text}\n{said}");
        assert!(said.contains(message), "{text}\n{said}");
        let next = error.help.unwrap_or_default();
        assert!(next.contains(help), "{text}\n{next}");
    }
}

#[test]
fn a_preset_that_extends_itself_is_an_error() {
    let house = [("presets/house.yaml", "title: House\nextends: house")];
    let error = inherit("extends: house", &[], &house).unwrap_err();
    assert_eq!(
        error.to_string(),
        "house/presets/house.yaml:2:10: `house:house` extends itself through `house:house`"
    );
    assert!(error.help.unwrap().contains("`builtin:strict`"));
}

#[test]
fn depth_and_number_are_bounded() {
    let name = |at: usize| format!("f{at}.yaml");
    let deep: Vec<(String, String)> = (0..20)
        .map(|at| (name(at), format!("extends: {}", name(at + 1))))
        .collect();
    let lists: Vec<(String, String)> = (0..7)
        .map(|at| {
            let next = vec![name(at + 1); 10].join(", ");
            (name(at), format!("extends: [{next}]"))
        })
        .chain([(name(7), "rules: {}".to_owned())])
        .collect();
    for files in [deep, lists] {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let error = inherit("extends: f0.yaml", &files, &[]).unwrap_err();
        let message = "beyond what a configuration may extend";
        assert!(error.message.contains(message), "{error}");
    }
}

fn renamed(text: &str) -> Config {
    let mut config = Config::parse(text, CONFIG_FILE).unwrap();
    let own = "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   entities: [kpi]\n#   help: H\n\
               #   aliases: [kpi/old, kpi/older]\npackage govcheck.kpi.new\n\ndeny contains {\"message\": \"m\", \"at\": []} if input.id == \"x\"\n";
    let pack = Pack::load(vec![pack(&[("kpi/new.rego", own)])], &|_| false).unwrap();
    config.rename(pack.rules.iter().map(|rule| &rule.rule));
    config
}

#[test]
fn settings_for_an_earlier_name_hold_for_the_rule_and_say_so() {
    let config = renamed("rules:\n  kpi/old: {level: note, options: {a: 1}}\n");
    assert_eq!(level(&config, "kpi/new"), NOTE);
    assert_eq!(config.options(&RuleId::new("kpi/new"))["a"], 1);
    assert!(config.unknown_rules(&[RuleId::new("kpi/new")]).is_empty());
    let notes = config.notes(&[]);
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].message, "`kpi/old` is now called `kpi/new`");
    let at = notes[0].location.as_ref().unwrap();
    assert_eq!((at.start.line, at.start.column, at.end.column), (2, 3, 10));
    assert!(renamed("rules: {kpi/new: note}").notes(&[]).is_empty());
}

#[test]
fn of_two_names_in_one_place_the_present_one_wins() {
    for text in [
        "rules: {kpi/new: note, kpi/old: off, kpi/older: error}",
        "rules: {kpi/older: error, kpi/old: off, kpi/new: note}",
    ] {
        let config = renamed(text);
        assert_eq!(level(&config, "kpi/new"), NOTE, "{text}");
        assert_eq!(config.notes(&[]).len(), 2);
    }
    let config = renamed("rules: {kpi/new: note}\noverrides:\n- {files: a, rules: {kpi/old: off}}");
    assert_eq!(resolved(&config, "kpi/new", "a").level, OFF);
}

#[test]
fn a_glob_that_matches_no_file_is_a_note_at_its_place() {
    let config = Config::parse(
        "overrides:\n- files: ['domains/sales/**', 'domains/slaes/**']\n  rules: {kpi: off}\n",
        CONFIG_FILE,
    )
    .unwrap();
    let file = RelPath::new("domains/sales/a.yaml");
    let notes = config.notes(&[&file]);
    assert_eq!(notes.len(), 1);
    assert_eq!(
        notes[0].message,
        "`domains/slaes/**` matches no file of the mesh"
    );
    let at = notes[0].location.as_ref().unwrap();
    assert_eq!((at.start.line, at.start.column), (2, 31));
}
