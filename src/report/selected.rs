//! What a report is limited to, in words: every format that people read says so.

use super::count_of;
use super::escape::cut_text;
use crate::model::report::Report;
use crate::model::selection::{Selected, Selection, Selector};

/// Characters of the options.
const OPTIONS_LIMIT: usize = 300;

/// ``filtered by `--select security`: 14 open findings hidden``; `None` for a report with every finding. `quote` puts the
/// options in backticks and escapes them for where they go.
pub(super) fn filter_phrase(report: &Report, quote: impl Fn(&str) -> String) -> Option<String> {
    let Selected { by, hidden, .. } = report.selected.as_ref()?;
    let options = quote(&cut_text(&selection_options(by), OPTIONS_LIMIT));
    let hidden = match hidden {
        0 => "it hides no open finding".to_owned(),
        hidden => format!(
            "{} hidden, with no effect on the exit code",
            count_of(*hidden, "open finding")
        ),
    };
    Some(format!("filtered by {options}: {hidden}"))
}

/// The options of the command line that make a selection.
pub(super) fn selection_options(selection: &Selection) -> String {
    let names = |selectors: &[Selector]| -> Vec<String> {
        let names = selectors.iter().map(|it| it.as_str().to_owned());
        names.collect()
    };
    let options = [
        ("--select", names(&selection.select)),
        ("--ignore", names(&selection.ignore)),
        ("--domain", selection.domains.clone()),
        ("--owner", selection.owners.clone()),
    ];
    let given = options.iter().filter(|(_, names)| !names.is_empty());
    let given = given.map(|(option, names)| format!("{option} {}", names.join(",")));
    given.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_filter_is_named_with_what_it_hides() {
        let phrase = |report: &Report| filter_phrase(report, |text| format!("`{text}`"));
        let mut report = sample::sample_report();
        assert_eq!(phrase(&report), None);
        report.selected = Some(sample::sample_selection(0));
        assert_eq!(
            phrase(&report).unwrap(),
            "filtered by `--select security --ignore security/x,kpi --domain sales --owner core`: it hides no open finding"
        );
        report.selected = Some(sample::sample_selection(2));
        let said = phrase(&report).unwrap();
        assert!(
            said.ends_with(": 2 open findings hidden, with no effect on the exit code"),
            "{said}"
        );
    }
}
