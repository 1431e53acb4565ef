//! Attacks on the gate: what a pull request may try, so that it stays green although the policy of its base would stop it.
//!
//! `attacks/*.yaml` holds them, a file for each kind, and `shared.yaml` what they have in common. Each attack is built as a base
//! and a head in a git repository, and the scripts of the Action judge it. The table of SECURITY.md is written from the same data:
//! `GOVCHECK_ATTACKS=overwrite cargo test hostile::page` renews it. `GOVCHECK_ATTACK=words` runs the attacks whose names hold the words.

use std::time::{Duration, Instant};

mod attack;
mod build;
mod expect;
mod files;
mod page;
mod run;
mod runner_log;

use attack::{Attack, Event, Kind};

/// No attack keeps the Action busy for longer, on a busy machine and without optimisation.
const LONGEST: Duration = Duration::from_secs(60);

/// A test for each kind of attack.
macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// The names of the kinds, in the order of the table.
        const KINDS: &[&str] = &[$(stringify!($kind)),*];

        $(
            #[test]
            fn $kind() {
                run_all(&Kind::read(stringify!($kind)));
            }
        )*
    };
}

kinds! {
    bounds,
    clones,
    comments,
    config,
    departures,
    exceptions,
    hidden_manifests,
    identity,
    names_and_trees,
    output,
    registers,
    roots,
}

/// Runs the attacks of a kind and reports all that did not end as they must.
fn run_all(kind: &Kind) {
    let wanted = std::env::var("GOVCHECK_ATTACK").unwrap_or_default();
    let mut wrong = Vec::new();
    for attack in kind.attacks.iter().filter(|it| it.name.contains(&wanted)) {
        for event in &attack.events {
            if let Err(why) = run_one(kind, attack, *event) {
                wrong.push(format!("{} ({}):\n{why}", attack.name, event.name()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} attacks did not end as they must\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

fn run_one(kind: &Kind, attack: &Attack, event: Event) -> Result<(), String> {
    let start = Instant::now();
    let ran = run::run(&build::build(kind, attack, event), attack, event);
    let took = start.elapsed();
    if std::env::var_os("GOVCHECK_ATTACK").is_some() {
        eprintln!("{took:?}  {} ({})", attack.name, event.name());
    }
    expect::check(kind, attack, &ran)?;
    if took > LONGEST {
        return Err(format!("took {took:?}"));
    }
    Ok(())
}

/// Each attack hides the same offence, which without any trick is stopped; and the base without it passes.
#[test]
fn without_an_attack_the_offence_is_stopped_and_the_base_is_not() {
    let offence = Kind::read("config");
    for (event, head, code) in [
        (Event::PullRequest, true, 1),
        (Event::PullRequestTarget, true, 1),
        (Event::PullRequest, false, 0),
        (Event::PullRequestTarget, false, 0),
    ] {
        let mut kind = offence.clone();
        if !head {
            kind.head.clear();
        }
        let control = Attack::named("control", code);
        let ran = run::run(&build::build(&kind, &control, event), &control, event);
        assert_eq!(ran.code, Some(code), "{event:?}\n{}", ran.log);
        let rules: &[&str] = if head {
            &["ownership/unknown-team"]
        } else {
            &[]
        };
        assert_eq!(ran.blocking_rules(), rules, "{event:?}\n{}", ran.log);
    }
}
