//! JUnit XML, as the test tabs of CI systems read it, valid under the schema of Jenkins' xUnit plugin (`junit-10.xsd`), which has no
//! place for a line except in texts. A suite for each file, with its domain as package, in it a test case for each rule that has findings:
//! it fails if they make the run fail, is an error if something could not be judged, is skipped if all of them are exempt or in the
//! base, and passes with its text in `system-out` otherwise.
//! Rules without any finding are passed cases of a suite of their own, so that a clean run is not an empty one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::escape::{cut_text, xml_attribute, xml_text};
use super::standing::{ClosedCounts, Standing};
use super::{OutputFormat, ReportContext, count_of, verdict};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::RuleId;

/// Characters of the message attribute, which is shown in lists.
const MESSAGE_LIMIT: usize = 500;
/// The most findings in the text of one case.
const FINDINGS_TOLD: usize = 100;
/// The suite of findings whose entity is in no domain.
const NO_DOMAIN: &str = "no domain";
const PASSED_SUITE: &str = "rules without findings";

/// Findings of one rule in one file.
struct JunitCase<'a> {
    rule: &'a RuleId,
    file: String,
    /// Those that count.
    findings: Vec<&'a Finding>,
    /// Those that do not.
    rest: Vec<&'a Finding>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CaseOutcome {
    Passed,
    Skipped,
    Failure,
    Error,
}

/// Numbers of a suite, or of all.
#[derive(Default, Clone, Copy)]
struct SuiteTally {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// A suite: the cases of one file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SuiteName<'a> {
    domain: &'a str,
    /// `None` for findings on the mesh as a whole.
    file: Option<String>,
}

impl SuiteTally {
    fn add(&mut self, outcome: CaseOutcome) {
        self.tests += 1;
        self.failures += usize::from(outcome == CaseOutcome::Failure);
        self.errors += usize::from(outcome == CaseOutcome::Error);
        self.skipped += usize::from(outcome == CaseOutcome::Skipped);
    }

    fn attributes(self) -> String {
        let Self {
            tests,
            failures,
            errors,
            skipped,
        } = self;
        // No time: the same bytes for the same input.
        format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\""
        )
    }

    /// As those of a suite, of which the schema has all but the skipped for the whole.
    fn attributes_of_all(self) -> String {
        let Self {
            tests,
            failures,
            errors,
            ..
        } = self;
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0\"")
    }
}

pub(super) const FORMAT: OutputFormat =
    OutputFormat::new("junit", "For the test tab of a CI system: JUnit XML", write);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(report, context);
    let passed = passed_rules(report);
    let tallies: Vec<SuiteTally> = suites.values().map(|cases| tally(cases, context)).collect();
    let mut all = SuiteTally {
        tests: passed.len(),
        ..SuiteTally::default()
    };
    for tally in &tallies {
        all.tests += tally.tests;
        all.failures += tally.failures;
        all.errors += tally.errors;
        all.skipped += tally.skipped;
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"govcheck\" {}>",
        all.attributes_of_all()
    )?;
    for ((name, cases), tally) in suites.iter().zip(tallies) {
        open_suite(&name.attributes(), tally, out)?;
        for case in cases.values() {
            write_case(case, context, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if !passed.is_empty() {
        let tally = SuiteTally {
            tests: passed.len(),
            ..SuiteTally::default()
        };
        open_suite(&format!("name=\"{PASSED_SUITE}\""), tally, out)?;
        for rule in passed {
            let (name, class) = (xml_attribute(rule.as_str()), xml_attribute(rule.category()));
            writeln!(
                out,
                "    <testcase name=\"{name}\" classname=\"{class}\" time=\"0\"/>"
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// By domain and file, then by rule.
type Suites<'a> = BTreeMap<SuiteName<'a>, BTreeMap<&'a RuleId, JunitCase<'a>>>;

/// Where findings without a place are.
const WHOLE_MESH: &str = "the mesh as a whole";

impl SuiteName<'_> {
    fn attributes(&self) -> String {
        let domain = xml_attribute(self.domain);
        match &self.file {
            Some(file) => {
                let file = xml_attribute(file);
                format!("name=\"{file}\" package=\"{domain}\" file=\"{file}\"")
            }
            None => format!("name=\"{WHOLE_MESH}\" package=\"{domain}\""),
        }
    }
}

fn suites<'a>(report: &'a Report, context: &ReportContext) -> Suites<'a> {
    let mut suites = Suites::new();
    for finding in &report.findings {
        let domain = finding.domain.as_deref().unwrap_or(NO_DOMAIN);
        let location = finding.location.as_ref();
        let file = location.map(|at| context.repository_path(at.file.as_str()));
        let shown = file.clone().unwrap_or_else(|| WHOLE_MESH.to_owned());
        let case = suites
            .entry(SuiteName { domain, file })
            .or_default()
            .entry(&finding.rule)
            .or_insert_with(|| JunitCase {
                rule: &finding.rule,
                file: shown,
                findings: Vec::new(),
                rest: Vec::new(),
            });
        match finding.is_open() {
            true => case.findings.push(finding),
            false => case.rest.push(finding),
        }
    }
    suites
}

/// Rules of the packs and govcheck's own that found nothing.
fn passed_rules(report: &Report) -> Vec<&RuleId> {
    let selection = report.selected.as_ref().map(|selected| &selected.by);
    let is_reported = |rule: &RuleId| selection.is_none_or(|selection| selection.has_rule(rule));
    let found: BTreeSet<&RuleId> = report
        .findings
        .iter()
        .map(|finding| &finding.rule)
        .collect();
    report
        .rules
        .iter()
        .map(|rule| &rule.id)
        .filter(|rule| !found.contains(rule) && is_reported(rule))
        .collect()
}

fn tally(cases: &BTreeMap<&RuleId, JunitCase<'_>>, context: &ReportContext) -> SuiteTally {
    let mut tally = SuiteTally::default();
    for case in cases.values() {
        tally.add(outcome(case, context));
    }
    tally
}

fn outcome(case: &JunitCase<'_>, context: &ReportContext) -> CaseOutcome {
    if case.findings.iter().any(|finding| finding.incomplete) {
        CaseOutcome::Error
    } else if case
        .findings
        .iter()
        .any(|finding| verdict::fails_run(finding, context.fail_on))
    {
        CaseOutcome::Failure
    } else if case.findings.is_empty() {
        CaseOutcome::Skipped
    } else {
        CaseOutcome::Passed
    }
}

fn open_suite(name: &str, tally: SuiteTally, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  <testsuite {name} {}>", tally.attributes())
}

fn write_case(
    case: &JunitCase<'_>,
    context: &ReportContext,
    out: &mut dyn Write,
) -> io::Result<()> {
    let first = case.findings.iter().chain(&case.rest).next();
    writeln!(
        out,
        "    <testcase name=\"{}\" classname=\"{}\" time=\"0\">",
        xml_attribute(case.rule.as_str()),
        xml_attribute(&case.file),
    )?;
    let text = xml_text(&text(case));
    let element = match outcome(case, context) {
        CaseOutcome::Passed => {
            writeln!(out, "      <system-out>{text}</system-out>")?;
            return writeln!(out, "    </testcase>");
        }
        CaseOutcome::Skipped => {
            let why = xml_attribute(&rest(case).unwrap_or_default());
            writeln!(out, "      <skipped message=\"{why}\">{text}</skipped>")?;
            return writeln!(out, "    </testcase>");
        }
        CaseOutcome::Failure => "failure",
        CaseOutcome::Error => "error",
    };
    let mut message = cut_text(first.map_or("", |finding| &finding.message), MESSAGE_LIMIT);
    // In a list of failures the text is not shown, and the case has no attribute for the line.
    if let Some(at) = first.and_then(|finding| finding.location.as_ref()) {
        message.insert_str(0, &format!("line {}: ", at.start.line));
    }
    if case.findings.len() > 1 {
        message.push_str(&format!(" (and {} more)", case.findings.len() - 1));
    }
    let level = case
        .findings
        .iter()
        .map(|finding| finding.level)
        .max()
        .map_or("error", |level| level.as_str());
    writeln!(
        out,
        "      <{element} message=\"{}\" type=\"{level}\">{text}</{element}>",
        xml_attribute(&message)
    )?;
    writeln!(out, "    </testcase>")
}

/// `2 unchanged, 1 waived`: what does not count in a case.
fn rest(case: &JunitCase<'_>) -> Option<String> {
    ClosedCounts::of(case.rest.iter().copied()).phrase()
}

/// Every finding of a case that counts: place, level, message, help; and the number of the others. If none counts, every one, and why not.
fn text(case: &JunitCase<'_>) -> String {
    let (told, number) = match case.findings.is_empty() {
        true => (&case.rest, None),
        false => (&case.findings, rest(case)),
    };
    let mut lines = Vec::new();
    for finding in told.iter().take(FINDINGS_TOLD) {
        let at = finding.location.as_ref().map_or_else(String::new, |at| {
            format!("{}:{}:{}: ", case.file, at.start.line, at.start.column)
        });
        lines.push(format!("{at}{}: {}", finding.level, finding.message));
        lines.extend(finding.help.as_ref().map(|help| format!("  {help}")));
        lines.extend(why_not(finding).map(|why| format!("  {why}")));
    }
    if told.len() > FINDINGS_TOLD {
        lines.push(count_of(told.len() - FINDINGS_TOLD, "more finding"));
    }
    lines.extend(number.map(|number| format!("beside it: {number}")));
    lines.join("\n")
}

fn why_not(finding: &Finding) -> Option<String> {
    match Standing::of(finding) {
        Standing::Open => None,
        Standing::Unchanged => Some("unchanged".to_owned()),
        Standing::Baselined => Some("in the baseline".to_owned()),
        Standing::Excepted => Some("exempt by the policy".to_owned()),
        Standing::Waived(waiver) => Some(format!(
            "waived until {}: {}",
            waiver.expires, waiver.reason
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Level;
    use crate::report::sample;

    fn render(report: &Report) -> String {
        let context = ReportContext {
            root: "mesh".to_owned(),
            ..ReportContext::default()
        };
        let text = sample::render_report(report, FORMAT, &context);
        assert_well_formed(&text);
        text
    }

    /// XML 1.0: only its characters, only its five named entities, every element closed in turn.
    fn assert_well_formed(text: &str) {
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert_eq!(text.chars().find(|c| !allowed(*c)), None, "{text}");
        for entity in text.split('&').skip(1) {
            let name = entity.split(';').next().unwrap();
            assert!(
                ["amp", "lt", "gt", "quot", "apos", "#10"].contains(&name),
                "&{name};"
            );
        }
        let mut open = Vec::new();
        let body = text
            .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
            .unwrap();
        for tag in body.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("a tag has an end");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn a_rule_that_a_filter_leaves_out_has_not_passed() {
        let mut report = sample::sample_report();
        assert!(passed_rules(&report).contains(&&RuleId::new("discovery/duplicate-id")));
        report.selected = Some(sample::sample_selection(1));
        assert_eq!(passed_rules(&report), Vec::<&RuleId>::new());
    }

    #[test]
    fn what_fails_the_run_fails_its_case_and_the_rest_passes() {
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"govcheck\" tests=\"3\" failures=\"1\" errors=\"0\" time=\"0\">
  <testsuite name=\"mesh/sales/orders.yaml\" package=\"sales\" file=\"mesh/sales/orders.yaml\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0\">
    <testcase name=\"ownership/unknown-team\" classname=\"mesh/sales/orders.yaml\" time=\"0\">
      <failure message=\"line 9: team `salez` is not registered, did you mean `sales`?\" type=\"error\">\
mesh/sales/orders.yaml:9:7: error: team `salez` is not registered, did you mean `sales`?</failure>
    </testcase>
    <testcase name=\"security/unknown-classification\" classname=\"mesh/sales/orders.yaml\" time=\"0\">
      <system-out>mesh/sales/orders.yaml:7:25: warning: column `größe😀` has the classification `secret`, which is not registered
  Name a registered classification</system-out>
    </testcase>
  </testsuite>
  <testsuite name=\"rules without findings\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">
    <testcase name=\"discovery/duplicate-id\" classname=\"discovery\" time=\"0\"/>
  </testsuite>
</testsuites>
";
        assert_eq!(render(&sample::sample_report()), expected);
    }

    #[test]
    fn what_could_not_be_judged_is_an_error() {
        let mut report = sample::sample_report();
        report.incomplete = true;
        report.findings[0].incomplete = true;
        let text = render(&report);
        assert!(text.contains("failures=\"1\" errors=\"1\""), "{text}");
        assert!(
            text.contains("<error message=\"line 7: column `größe😀`"),
            "{text}"
        );
    }

    #[test]
    fn findings_of_a_rule_in_a_file_are_one_case() {
        let mut report = sample::sample_report();
        let again = report.findings[1].clone();
        report.findings.push(again);
        let text = render(&report);
        assert!(
            text.contains("file=\"mesh/sales/orders.yaml\" tests=\"2\""),
            "{text}"
        );
        assert!(
            text.contains("did you mean `sales`? (and 1 more)\""),
            "{text}"
        );
        assert_eq!(text.matches(":9:7: error:").count(), 2, "{text}");
    }

    #[test]
    fn hostile_text_is_still_xml() {
        let evil = "]]>\u{1b}\u{0}\u{ffff}\u{fffe}\u{b}\"'<x a=\"&amp;\">\r\n\u{85}😀";
        let mut report = sample::empty_report(&[(evil, "x")]);
        let mut finding = sample::finding_on(&report, evil, Level::Error, evil, "x");
        finding.message = evil.to_owned();
        finding.help = Some(evil.into());
        finding.domain = Some(evil.to_owned());
        report.findings.push(finding);
        report.rules.push(sample::sample_rule(evil, Level::Error));
        report
            .rules
            .push(sample::sample_rule(&format!("{evil}2"), Level::Error));
        let text = render(&report);
        assert!(
            text.contains("]]&gt;\\x1b\\x00\\u{ffff}\\u{fffe}"),
            "{text}"
        );
    }

    #[test]
    fn a_clean_run_and_a_finding_without_a_place_are_reported() {
        let mut report = sample::empty_report(&[("a.yaml", "x")]);
        let text = render(&report);
        assert!(
            text.contains("tests=\"3\" failures=\"0\" errors=\"0\""),
            "{text}"
        );
        let mut finding = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "x");
        (finding.location, finding.domain) = (None, None);
        report.findings.push(finding);
        let text = render(&report);
        assert!(
            text.contains("<testsuite name=\"the mesh as a whole\" package=\"no domain\""),
            "{text}"
        );
        assert!(
            text.contains("<testcase name=\"a/b\" classname=\"the mesh as a whole\" time=\"0\">"),
            "{text}"
        );
    }

    #[test]
    fn what_does_not_count_is_skipped_and_says_why() {
        let mut report = sample::changed_report();
        let text = render(&report);
        assert!(
            text.contains("tests=\"3\" failures=\"1\" errors=\"0\" time")
                && text.contains("skipped=\"1\""),
            "{text}"
        );
        let expected = "    \
    <testcase name=\"discovery/duplicate-id\" classname=\"mesh/teams.yaml\" time=\"0\">
      <skipped message=\"1 unchanged, 1 waived, 1 in the baseline\">mesh/teams.yaml:1:1: error: `teams` is wrong
  unchanged
mesh/teams.yaml:2:9: error: `sales` is wrong
  waived until 2027-03-31: two teams merge in spring
mesh/teams.yaml:3:9: error: `logistics` is wrong
  in the baseline</skipped>
    </testcase>
";
        assert!(text.contains(expected), "{text}");
        report.findings[2].against = Some(crate::model::finding::Against::New);
        let text = render(&report);
        assert!(
            text.contains("tests=\"3\" failures=\"2\" errors=\"0\" time")
                && !text.contains("skipped=\"1\""),
            "{text}"
        );
        let mixed = "<failure message=\"line 1: `teams` is wrong\" type=\"error\">mesh/teams.yaml:1:1: error: `teams` is wrong\n\
                     beside it: 1 waived, 1 in the baseline</failure>";
        assert!(text.contains(mixed), "{text}");
    }

    #[test]
    fn a_hostile_waiver_is_still_xml() {
        render(&sample::hostile_change("]]>\u{1b}<x a=\"&amp;\">\u{0}'"));
    }
}
