//! `govcheck.yaml` and presets.

use govcheck::config::{Config, Shelf};
use govcheck::model::published::SchemaName;
use govcheck::model::rule::RuleId;
use govcheck::policy::Pack;
use govcheck::policy::source::{PackFile, PackSource};
use govcheck::{all_rules, rule_options};
use serde_json::Value;

use super::agreement::{Beyond, agree};
use super::yaml;

pub(super) const EVERYTHING: &str = r#"
version: 1
required_version: ">=0.1, <2"
extends: [standard, "builtin:strict", governance/common.yaml]
layout: ["domains/{domain}/{product}/**", "platform/dp-{product}/*"]
include: ["domains/**", "platform/**"]
exclude: "**/archive/**"
packs:
  - governance/policies
  - {path: rules.tar.gz, key: governance/rules.pub, algorithm: ES256, key_id: one, scope: write, unsigned: allow}
  - {path: "git+file:///srv/rules.git#v1:policies", unsigned: }
builtin: true
plain:
  policy: [governance/conftest]
  namespaces: [main, "team.*"]
  all_namespaces: false
  data: governance/data
  combine: true
  rego_version: v0
waivers: {file: governance/waivers.yaml, max_days: 90, approved_by: required}
baseline: governance/baseline.json
fail_on: warning
rules:
  documentation: warning
  kpi/bad-name: {level: error, options: {pattern: "^[a-z_]+$", max_length: 40}, enforced_from: 2027-03-01, inline: true}
  documentation/undescribed-columns: {options: {min_coverage: 80}}
  parse: default
overrides:
  - files: ["domains/legacy/**"]
    rules: {documentation/undescribed-columns: note, kpi: {level: off, enforced_from: 2027-03-01}}
  - files: domains/old/**
    rules: {}
"#;

const SMALL: &str = r#"
extends: strict
layout: "{domain}/**"
packs: {path: governance/policies}
waivers: governance/waivers.yaml
rules:
  lineage/cycle: off
overrides:
"#;

const PRESET: &str = r#"
version: 1
title: House
description: What the house agreed on.
extends: [builtin:standard]
others: warning
rules:
  documentation: warning
  kpi/bad-name: {level: error, options: {max_length: 40}}
overrides:
  - files: ["domains/legacy/**"]
    rules: {documentation: {level: note}}
"#;

/// The names of a pack's rules and of govcheck's own.
pub(super) fn known(pack: &Pack) -> Vec<RuleId> {
    let rules = all_rules(pack.all_rules().cloned()).into_iter();
    rules.map(|rule| rule.id).collect()
}

/// What a run holds a config against before it judges anything.
pub(super) fn judged(config: &Config, pack: &Pack, known: &[RuleId]) -> Result<(), String> {
    if let Some(unknown) = config.unknown_rules(known).first() {
        return Err(format!(
            "there is no rule or category `{}`",
            unknown.selector
        ));
    }
    match rule_options(&pack.rules, config) {
        Ok(_) => Ok(()),
        Err(mistakes) => Err(mistakes[0].message.clone()),
    }
}

const GLOBS: &[&str] = &["glob", "patterns are relative", "above the root"];

#[test]
fn the_schema_of_configs_agrees_with_their_reader() {
    let pack = crate::mesh::builtin();
    let known = known(&pack);
    let read = |text: &str| {
        let config = Config::parse(text, "govcheck.yaml").map_err(|error| error.to_string())?;
        judged(&config, &pack, &known)
    };
    let beyond = [
        Beyond {
            class: "globs that are none, or leave the mesh",
            says: GLOBS,
            example: ("/exclude", "a["),
        },
        Beyond {
            class: "ranges of versions that are none, or that this version is not in",
            says: &["version requirement", "the config requires"],
            example: ("/required_version", "latest"),
        },
        Beyond {
            class: "layouts that capture nothing, or are none",
            says: &["invalid layout"],
            example: ("/layout", "domains/**"),
        },
        Beyond {
            class: "rules and categories of no pack",
            says: &["there is no rule or category"],
            example: ("/rules/kpy", "error"),
        },
        Beyond {
            class: "regular expressions that do not compile",
            says: &["regular expression"],
            example: ("/rules/kpi~1bad-name/options/pattern", "("),
        },
        Beyond {
            class: "dates that do not exist",
            says: &["is not a date"],
            example: ("/rules/kpi~1bad-name/enforced_from", "2027-02-30"),
        },
    ];
    agree(
        SchemaName::Config,
        &[yaml(EVERYTHING), yaml(SMALL), Value::Null],
        &read,
        &beyond,
    );
}

#[test]
fn the_schema_of_presets_agrees_with_their_reader() {
    let pack = crate::mesh::builtin();
    let mut known = known(&pack);
    // `others` sets the rule of the preset's pack.
    known.push(RuleId::new("house/own"));
    let builtin = PackSource::builtin();
    let read = |text: &str| {
        let file = |path: &str, text: &str| PackFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let files = vec![file("presets/house.yaml", text), file("house/own.rego", "")];
        let house = PackSource::of("house", files).unwrap();
        let mut config = Config::parse("extends: house:house", "govcheck.yaml").unwrap();
        let shelf = Shelf {
            file: &|_| Ok(None),
            packs: vec![("builtin", &builtin), ("house", &house)],
        };
        config.inherit(&shelf).map_err(|error| error.to_string())?;
        judged(&config, &pack, &known)
    };
    let beyond = [
        Beyond {
            class: "presets and files that are not there",
            says: &[
                "there is no preset",
                "there is no pack",
                "has no preset",
                "there is no file",
            ],
            example: ("/extends", "nowhere"),
        },
        Beyond {
            class: "globs that are none, or leave the mesh",
            says: GLOBS,
            example: ("/overrides/0/files", "a["),
        },
        Beyond {
            class: "rules and categories of no pack",
            says: &["there is no rule or category"],
            example: ("/rules/kpy", "error"),
        },
    ];
    agree(
        SchemaName::Preset,
        &[yaml(PRESET), Value::Null],
        &read,
        &beyond,
    );
}
