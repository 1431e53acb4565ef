//! The next step for a blocking finding: the `govcheck waive` command for it, filled in and ready to paste into a shell.

use super::waive_terms::WaiveTerms;
use jiff::Span;

use super::ReportContext;
use super::escape::{is_unsafe, shell_word};
use super::verdict::fails_run;
use crate::model::entity::{DOCUMENT_KIND, EntityKey};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Day;

/// Days that a suggested waiver lasts, where the config allows as many.
const DAYS: u32 = 90;
/// Characters of a command: a longer one holds a name that nobody pastes.
const LIMIT: usize = 1_000;
/// Stands for an owner that no manifest names.
const OWNER: &str = "TODO: who answers for it";
const REASON: &str = "TODO: why this is acceptable until then";
const APPROVER: &str = "TODO: who approved it";

/// Where a reader pastes the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// In the folder that govcheck was called in.
    Here,
    /// At the root of a clone.
    Clone,
}

/// Whether a finding makes the run fail and a waiver could change that.
pub(super) fn is_blocking(finding: &Finding, context: &ReportContext) -> bool {
    fails_run(finding, context.fail_on) && !finding.incomplete
}

/// The last day of the waiver and the command that writes it: `govcheck waive RULE --entity KIND:ID --at ROUTE …`. `None`
/// unless the finding blocks, its rule is waivable and its names can be pasted: no control characters, not too long.
pub(super) fn waive_command(
    finding: &Finding,
    report: &Report,
    context: &ReportContext,
    shell: Shell,
) -> Option<(Day, String)> {
    let terms = context.waive.as_ref()?;
    let waivable = report.rule(&finding.rule).is_some_and(|rule| rule.waivable);
    if !waivable || !is_blocking(finding, context) {
        return None;
    }
    let until = last_day(terms)?;
    let mut command = ShellCommand::starting_in(match shell {
        Shell::Here => terms.folder.as_deref(),
        Shell::Clone => Some(context.root.trim_matches('/')),
    });
    command.word(finding.rule.as_str());
    match finding
        .entity
        .as_ref()
        .filter(|key| &*key.kind != DOCUMENT_KIND)
    {
        Some(key) => command.target(key, finding),
        None => {
            let at = finding.location.as_ref()?;
            command.option("--path", &literal_glob(at.file.as_str()));
        }
    }
    command.option("--until", &until.to_string());
    let owner = finding.owner.as_deref().map(str::trim);
    command.option(
        "--owner",
        owner.filter(|owner| !owner.is_empty()).unwrap_or(OWNER),
    );
    if terms.approval {
        command.option("--approved-by", APPROVER);
    }
    command.option("--reason", REASON);
    let can_be_pasted = !command.text.contains(is_unsafe) && command.text.chars().count() <= LIMIT;
    can_be_pasted.then_some((until, command.text))
}

fn last_day(terms: &WaiveTerms) -> Option<Day> {
    let days = DAYS.min(terms.max_days);
    terms
        .today
        .0
        .checked_add(Span::new().days(days))
        .ok()
        .map(Day)
}

/// A command under construction.
struct ShellCommand {
    text: String,
}

impl ShellCommand {
    fn starting_in(folder: Option<&str>) -> Self {
        let mut text = String::new();
        if let Some(folder) = folder.filter(|folder| !folder.is_empty()) {
            text.push_str(&format!("cd {} && ", shell_word(folder)));
        }
        text.push_str("govcheck waive");
        Self { text }
    }

    fn word(&mut self, word: &str) {
        self.text.push(' ');
        self.text.push_str(&shell_word(word));
    }

    /// A value that starts with `-` is joined to its option: apart it would be read as another one.
    fn option(&mut self, name: &str, value: &str) {
        if value.starts_with('-') {
            self.word(&format!("{name}={value}"));
        } else {
            self.word(name);
            self.word(value);
        }
    }

    /// The entity, and the one place in it where the finding is. A finding that covers several places needs them all.
    fn target(&mut self, key: &EntityKey, finding: &Finding) {
        self.option("--entity", &key.to_string());
        if finding.covers.is_empty() && !finding.route.trim().is_empty() {
            self.option("--at", &finding.route);
        }
    }
}

/// A glob that matches only one path.
fn literal_glob(path: &str) -> String {
    let mut glob = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            glob.push('\\');
        }
        glob.push(c);
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Level;
    use crate::model::text::RelPath;
    use crate::report::sample;

    fn context() -> ReportContext {
        ReportContext {
            waive: Some(sample::sample_terms()),
            ..ReportContext::default()
        }
    }

    /// The command for the error of the sample.
    fn command(report: &Report, context: &ReportContext, shell: Shell) -> Option<String> {
        waive_command(&report.findings[1], report, context, shell).map(|(_, command)| command)
    }

    fn here(report: &Report, context: &ReportContext) -> Option<String> {
        command(report, context, Shell::Here)
    }

    #[test]
    fn a_command_names_rule_place_last_day_and_owner() {
        let report = sample::sample_report();
        assert_eq!(
            here(&report, &context()).unwrap(),
            "govcheck waive ownership/unknown-team --entity contract:orders --at owner.team --until 2027-02-27 \
             --owner sales --reason 'TODO: why this is acceptable until then'"
        );
        let mut strict = context();
        let terms = strict.waive.as_mut().unwrap();
        (terms.max_days, terms.approval) = (30, true);
        let said = here(&report, &strict).unwrap();
        assert!(said.contains(" --until 2026-12-29 "), "{said}");
        assert!(
            said.contains(" --approved-by 'TODO: who approved it' "),
            "{said}"
        );
    }

    #[test]
    fn only_a_blocking_finding_of_a_waivable_rule_has_one() {
        let mut report = sample::sample_report();
        let not_failing = ReportContext {
            fail_on: None,
            ..context()
        };
        assert_eq!(here(&report, &not_failing), None);
        assert_eq!(
            here(&report, &ReportContext::default()),
            None,
            "waivers have no place"
        );
        report.findings[1].incomplete = true;
        assert_eq!(
            here(&report, &context()),
            None,
            "what was not judged can't be waived"
        );
        report.findings[1].incomplete = false;
        report.rules[1].waivable = false;
        assert_eq!(here(&report, &context()), None);
    }

    #[test]
    fn a_finding_without_an_entity_is_waived_by_its_path() {
        let mut report = sample::sample_report();
        let finding = &mut report.findings[1];
        finding.entity = Some(sample::entity_key(DOCUMENT_KIND, "x"));
        finding.location.as_mut().unwrap().file = RelPath::new("-a/{x}[1]*.yaml");
        finding.owner = None;
        let said = here(&report, &context()).unwrap();
        assert!(
            said.contains(" '--path=-a/\\{x\\}\\[1\\]\\*.yaml' ") && !said.contains("--at"),
            "{said}"
        );
        assert!(
            said.contains(" --owner 'TODO: who answers for it' "),
            "{said}"
        );
        report.findings[1].location = None;
        assert_eq!(here(&report, &context()), None);
    }

    #[test]
    fn several_covered_places_are_waived_together() {
        let mut report = sample::sample_report();
        report.findings[1].covers = vec!["columns[a]".to_owned(), "columns[b]".to_owned()];
        assert!(!here(&report, &context()).unwrap().contains("--at"));
    }

    #[test]
    fn the_command_changes_to_the_root_of_the_mesh() {
        let mut context = context();
        context.root = "my mesh/".to_owned();
        let at_the_root = command(&sample::sample_report(), &context, Shell::Clone).unwrap();
        assert!(
            at_the_root.starts_with("cd 'my mesh' && govcheck waive "),
            "{at_the_root}"
        );
        context.waive.as_mut().unwrap().folder = Some("../mesh".to_owned());
        let here = here(&sample::sample_report(), &context).unwrap();
        assert!(here.starts_with("cd ../mesh && govcheck waive "), "{here}");
    }

    #[test]
    fn a_hostile_name_is_one_word_or_no_command() {
        let mut report = sample::sample_report();
        report.findings[1].level = Level::Error;
        report.findings[1].entity = Some(sample::entity_key(
            "contract",
            "x'; rm -rf ~; $(id) `id` \"",
        ));
        let said = here(&report, &context()).unwrap();
        let quoted = " --entity 'contract:x'\\''; rm -rf ~; $(id) `id` \"' ";
        assert!(said.contains(quoted), "{said}");
        for hidden in ["a\nb", "a\u{1b}[2J", "a\u{202e}b", &"x".repeat(1_000)] {
            report.findings[1].entity = Some(sample::entity_key("contract", hidden));
            assert_eq!(here(&report, &context()), None, "{hidden:?}");
        }
    }
}
