//! METADATA of rules: what is read of it, and the place of everything that is wrong with it.

use super::*;
use crate::model::text::SourceText;

fn read_text(text: &str) -> Result<Rule, Vec<PolicyMistake>> {
    let file = PolicyFile {
        pack: "p".to_owned(),
        file: "kpi/bad-name.rego".to_owned(),
        text: Arc::new(SourceText::new(text.to_owned())),
    };
    read_metadata(&file, &RuleId::new("kpi/bad-name"), &["kpi", "product"])
}

const GOOD: &str = "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   entities: [kpi]\n#   help: H\npackage govcheck.kpi.bad_name\n";

#[test]
fn reads_all_that_a_rule_says() {
    let rule = read_text(GOOD).unwrap();
    assert_eq!((rule.severity, rule.scope), (Level::Error, Scope::Entity));
    assert!(rule.waivable && !rule.inline);
}

#[test]
fn a_mistake_is_at_its_line() {
    let cases = [
        (
            GOOD.replace("severity: error", "severity: fatal"),
            5,
            "unknown `fatal`",
        ),
        (GOOD.replace("help: H", "hlep: H"), 7, "unknown `hlep`"),
        (
            GOOD.replace("[kpi]", "[kpis]"),
            6,
            "unknown entity kind `kpis`",
        ),
        (
            GOOD.replace("# METADATA", "# NOTHING"),
            1,
            "the rule has no METADATA",
        ),
        (GOOD.replace("#   help: H\n", ""), 5, "`help` is missing"),
    ];
    mistakes(&cases);
}

#[test]
fn a_rule_is_in_grace_until_its_day_and_holds_without_one() {
    let state = |lines: &str| {
        let custom = format!("severity: error\n{lines}");
        read_text(&GOOD.replace("severity: error\n", &custom)).map(|rule| rule.state)
    };
    assert_eq!(state("").unwrap(), State::Enabled);
    assert_eq!(
        state("#   enforced_from: 2027-03-01\n").unwrap(),
        State::Grace
    );
    assert_eq!(state("#   state: draft\n").unwrap(), State::Draft);
    let old = "#   state: deprecated\n#   successor: kpi/malformed-name\n";
    assert_eq!(state(old).unwrap(), State::Deprecated);
}

#[test]
fn a_life_that_does_not_fit_is_a_mistake() {
    let with = |lines: &str| {
        let custom = format!("severity: error\n{lines}");
        GOOD.replace("severity: error\n", &custom)
    };
    let day = "#   enforced_from: 2027-03-01\n";
    mistakes(&[
        (with("#   state: grace\n"), 6, "has no end date"),
        (
            with(&format!("#   state: enabled\n{day}")),
            7,
            "cannot be combined with `state: enabled`",
        ),
        (
            with(day).replace("severity: error", "severity: warning"),
            5,
            "grace only applies",
        ),
        (with("#   state: deprecated\n"), 6, "has no successor"),
        (
            with("#   successor: kpi/x\n"),
            6,
            "needs `state: deprecated`",
        ),
        (with("#   state: drafty\n"), 6, "unknown `drafty`"),
    ]);
}

fn mistakes(cases: &[(String, u32, &str)]) {
    for (text, line, message) in cases {
        let mistakes = read_text(text).unwrap_err();
        let [mistake] = mistakes.as_slice() else {
            panic!("{mistakes:?}")
        };
        assert!(mistake.message.contains(message), "{}", mistake.message);
        assert_eq!(mistake.start.line, *line, "{}", mistake.message);
    }
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    let text = GOOD
        .replace("title: T", "titel: T")
        .replace("severity: error", "severity: [error]")
        .replace(
            "help: H",
            "hlep: H\n#   options:\n#     - a\n#   aliases: [x]",
        );
    let mistakes = read_text(&text).unwrap_err();
    let told: Vec<String> = mistakes
        .iter()
        .map(|mistake| {
            let on = mistake.text.slice(mistake.span);
            format!("{}: {} on {on}", mistake.start.line, mistake.message)
        })
        .collect();
    assert_eq!(
        told,
        [
            "2: METADATA: unknown `titel` on titel",
            "5: METADATA: custom.severity: invalid type: sequence, expected one of its names on #   severity: [error]",
            "7: METADATA: unknown `hlep` on hlep",
            "9: METADATA: custom.options: invalid type: sequence, expected a map on #     - a",
        ]
    );
}

#[test]
fn the_help_for_authors_lists_all_keys() {
    let told = |error: String| -> Vec<String> {
        let (_, expected) = error.split_once("expected one of ").unwrap();
        let quoted = expected.split('`').skip(1).step_by(2);
        quoted.map(ToOwned::to_owned).collect()
    };
    let unknown = "no-such-key: 1";
    let mut keys = told(
        serde_yaml::from_str::<Metadata>(unknown)
            .unwrap_err()
            .to_string(),
    );
    keys.extend(told(
        serde_yaml::from_str::<Custom>(unknown)
            .unwrap_err()
            .to_string(),
    ));
    keys.extend(told(
        serde_yaml::from_str::<FactGrouping>(unknown)
            .unwrap_err()
            .to_string(),
    ));
    keys.extend(told(
        serde_yaml::from_str::<FactCounts>(unknown)
            .unwrap_err()
            .to_string(),
    ));
    assert!(keys.len() > 25, "{keys:?}");
    for key in keys {
        assert!(KEYS.contains(&key), "{key}");
    }
}
