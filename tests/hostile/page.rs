//! The table of attacks in SECURITY.md, written from the data.

use std::fs;
use std::path::Path;

use super::KINDS;
use super::attack::{Attack, Ending, Kind};
use super::expect::check_data;

const START: &str =
    "<!-- attacks: written by `GOVCHECK_ATTACKS=overwrite cargo test hostile::page` -->\n";
const END: &str = "<!-- end of attacks -->\n";

/// The goal of the table.
const FEWEST: usize = 200;

fn table() -> String {
    let kinds: Vec<Kind> = KINDS.iter().map(|name| Kind::read(name)).collect();
    let all = || kinds.iter().flat_map(|kind| &kind.attacks);
    let count = |ending: Ending| all().filter(|it| it.ending() == ending).count();
    let mut text = format!(
        "\n{} attacks: {} held, {} refused, {} documented, {} open.\n\n| kind | the pull request | outcome |\n| --- | --- | --- |\n",
        all().count(),
        count(Ending::Held),
        count(Ending::Refused),
        count(Ending::Documented),
        count(Ending::Open),
    );
    for kind in &kinds {
        for attack in &kind.attacks {
            let name = attack.name.replace('|', "\\|");
            text.push_str(&format!(
                "| {} | {name} | {} |\n",
                kind.title,
                outcome(kind, attack)
            ));
        }
    }
    text.push('\n');
    text
}

fn outcome(kind: &Kind, attack: &Attack) -> String {
    let rules = attack.wanted_rules(kind).iter();
    let mut rules: Vec<&str> = rules.map(|it| it.split(' ').next().unwrap()).collect();
    rules.dedup();
    let rules: String = rules.iter().map(|rule| format!(", `{rule}`")).collect();
    match (&attack.documented, &attack.open) {
        (Some(decision), _) => format!("documented: [{}]({})", decision.why, decision.page),
        (None, Some(why)) => format!("open: {why}"),
        (None, None) if attack.ending() == Ending::Refused => format!("refused{rules}"),
        (None, None) => format!("held{rules}"),
    }
}

#[test]
fn the_table_of_attacks_is_the_data() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(START).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let table = table();
    if std::env::var_os("GOVCHECK_ATTACKS").is_some_and(|it| it == "overwrite") {
        fs::write(&path, format!("{before}{START}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, table,
        "run `GOVCHECK_ATTACKS=overwrite cargo test hostile::page`"
    );
}

#[test]
fn there_are_enough_attacks_and_each_can_fail() {
    let mut count = 0;
    let mut names = std::collections::BTreeSet::new();
    for name in KINDS {
        let kind = Kind::read(name);
        for attack in &kind.attacks {
            check_data(&kind, attack);
            assert!(
                names.insert(attack.name.clone()),
                "{}: named twice",
                attack.name
            );
            count += 1;
        }
    }
    assert!(count >= FEWEST, "{count} attacks");
}

#[test]
fn what_is_not_stopped_is_stated_on_a_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in KINDS {
        for attack in &Kind::read(name).attacks {
            let Some(decision) = &attack.documented else {
                continue;
            };
            let file = decision.page.split('#').next().unwrap();
            let page = fs::read_to_string(root.join(file)).unwrap();
            assert!(
                page.contains(&decision.quote),
                "{}: {file} does not say {:?}",
                attack.name,
                decision.quote
            );
        }
    }
}
