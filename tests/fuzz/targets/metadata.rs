//! Any text as the METADATA of a rule; one that has a `package` of its own is a whole module.
#![no_main]

use govcheck::policy::Pack;
use govcheck::policy::error::PolicyError;
use govcheck::policy::source::{PackFile, PackSource};
use govcheck_fuzz::hold_span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let module = match text.contains("\npackage ") || text.starts_with("package ") {
        true => text.to_owned(),
        false => {
            let lines: String = text.lines().map(|line| format!("# {line}\n")).collect();
            format!("# METADATA\n{lines}package govcheck.kpi.odd\n\ndeny contains {{\"message\": \"m\", \"at\": []}} if input.id\n")
        }
    };
    let files = vec![PackFile {
        path: "kpi/odd.rego".to_owned(),
        text: module,
    }];
    let source = PackSource::of("house", files).expect("a rule makes a pack");
    match Pack::load(vec![source], &|_| true) {
        Ok(pack) => assert!(!pack.rules.is_empty()),
        Err(PolicyError::Mistakes(mistakes)) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                hold_span(&mistake.text, mistake.span);
                assert_eq!(mistake.text.position(mistake.span.start), mistake.start);
                assert!(!mistake.message.is_empty() && !mistake.help.is_empty());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
