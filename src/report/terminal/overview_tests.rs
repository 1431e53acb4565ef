//! That a report with many findings stays on two screens, and what is on them.

use super::FORMAT;
use super::view::{REPORT_LINES, SHOW_ALL_UP_TO};
use crate::model::finding::{Against, Finding};
use crate::model::report::Report;
use crate::model::rule::{Day, Level};
use crate::report::{ReportContext, sample};

fn render(report: &Report, context: &ReportContext) -> String {
    sample::render_report(report, FORMAT, context)
}

fn plain(report: &Report) -> String {
    render(report, &ReportContext::default())
}

/// A report over one file, `a.yaml`, and so many findings of each rule at a level.
fn with(rules: &[(&str, Level, usize)]) -> Report {
    let mut report = sample::empty_report(&[("a.yaml", "key: value\n")]);
    for (rule, level, count) in rules {
        report.rules.push(sample::sample_rule(rule, *level));
        for number in 0..*count {
            let mut finding = sample::finding_on(&report, rule, *level, "a.yaml", "value");
            finding.message = format!("{rule} number {number}");
            report.findings.push(finding);
        }
    }
    report
}

/// The findings shown in full, in order: the text after `level[rule]:`.
fn in_full(text: &str) -> Vec<&str> {
    let headings = text
        .lines()
        .filter_map(|line| line.trim().split_once("]: "));
    headings.map(|(_, message)| message).collect()
}

#[test]
fn few_findings_are_all_in_full_and_many_are_an_overview() {
    let text = plain(&with(&[("a/b", Level::Error, 8)]));
    assert_eq!(in_full(&text).len(), 8);
    assert!(!text.contains("findings in full"), "{text}");
    let text = plain(&with(&[("a/b", Level::Error, SHOW_ALL_UP_TO + 1)]));
    assert_eq!(in_full(&text).len(), 3, "{text}");
    assert!(
        text.contains("\n3 of 31 findings in full: `--all` shows every finding, `--select RULE` those of one rule\n"),
        "{text}"
    );
}

#[test]
fn thirty_findings_that_do_not_fit_in_full_are_a_line_each() {
    let report = with(&[("a/b", Level::Warning, 10), ("c/d", Level::Error, 20)]);
    let text = plain(&report);
    assert!(text.lines().count() <= REPORT_LINES, "{text}");
    let shown = [
        "c/d number 0",
        "c/d number 1",
        "c/d number 2",
        "a/b number 0",
        "a/b number 1",
        "a/b number 2",
    ];
    assert_eq!(in_full(&text), shown, "{text}");
    for finding in &report.findings {
        let said = text.matches(&format!("] {}\n", finding.message)).count();
        let is_shown = shown.contains(&&*finding.message);
        assert_eq!(said == 1, !is_shown, "{}: {text}", finding.message);
    }
    assert!(
        text.contains("\n6 of 30 findings in full: `--all` shows the others in full, too\n"),
        "{text}"
    );
    assert!(!text.contains("most common fix"), "{text}");
}

#[test]
fn all_shows_every_finding_by_file_as_a_short_report_does() {
    let context = ReportContext {
        all: true,
        ..ReportContext::default()
    };
    let text = render(&with(&[("a/b", Level::Error, 200)]), &context);
    assert_eq!(in_full(&text).len(), 200);
    assert!(text.starts_with("a.yaml  200 errors\n\n"), "{text}");
}

#[test]
fn the_worst_come_first_then_the_new_then_the_order_of_the_report() {
    let mut report = with(&[
        ("n/note", Level::Note, 20),
        ("w/one", Level::Warning, 5),
        ("e/one", Level::Error, 4),
        ("e/two", Level::Error, 2),
    ]);
    // What could not be judged counts although the base has it.
    for finding in &mut report.findings {
        finding.against = Some(Against::New);
        if finding.message == "e/one number 0" {
            finding.against = Some(Against::Unchanged);
        }
        finding.incomplete = ["e/one number 0", "e/two number 0"].contains(&&*finding.message);
    }
    let text = plain(&report);
    assert_eq!(
        in_full(&text),
        [
            "e/two number 0",
            "e/one number 0",
            "e/one number 1",
            "e/one number 2",
            "e/two number 1",
            "w/one number 0",
            "w/one number 1",
            "w/one number 2",
            "n/note number 0",
            "n/note number 1",
        ],
        "{text}"
    );
    assert!(text.contains("10 of 31 findings in full"), "{text}");
}

#[test]
fn the_table_counts_every_finding_by_rule_with_the_most_common_fix() {
    let mut report = with(&[("w/one", Level::Warning, 40), ("e/one", Level::Error, 7)]);
    for (at, finding) in report.findings.iter_mut().enumerate() {
        finding.help = Some("Name the team that owns it".into());
        if at < 30 {
            finding.fix = Some("owner: sales".to_owned());
        }
    }
    let text = plain(&report);
    let table = "
  count  level    files  rule   most common fix
      7  error        1  e/one  Name the team that owns it
     40  warning      1  w/one  write `owner: sales`

";
    assert!(text.contains(table), "{text}");
}

#[test]
fn a_narrow_terminal_has_the_remedy_below_and_many_rules_are_a_number() {
    let rules: Vec<String> = (10..60)
        .map(|number| format!("category/rule-{number}"))
        .collect();
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| (rule.as_str(), Level::Error, 1))
        .collect();
    let mut report = with(&rules);
    for finding in &mut report.findings {
        finding.help = Some("Do what the rule says, word by word".into());
    }
    let context = ReportContext {
        width: 60,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    assert!(
        text.contains("      1  error      1  category/rule-10\n         Do what the rule says, word by word\n"),
        "{text}"
    );
    assert!(
        text.contains("\n  … and 40 more rules: `--statistics` lists every rule\n"),
        "{text}"
    );
    let context = ReportContext {
        statistics: true,
        width: 60,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    assert_eq!(text.matches("category/rule-").count(), 50, "{text}");
    assert!(
        in_full(&text).is_empty() && !text.contains("more rules"),
        "{text}"
    );
    assert!(text.contains("\n50 errors in 1 of 1 file"), "{text}");
}

#[test]
fn an_ascii_terminal_gets_an_ascii_overview() {
    let rules: Vec<String> = (10..60).map(|number| format!("a/rule-{number}")).collect();
    let rules: Vec<_> = rules.iter().map(|it| (&**it, Level::Error, 1)).collect();
    let mut report = with(&rules);
    for finding in &mut report.findings {
        finding.help = Some("word ".repeat(40).into());
        finding.route = "columns[long].name".repeat(9);
    }
    let context = ReportContext {
        unicode: false,
        width: 60,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("\n  ... and 40 more rules: "), "{text}");
}

#[test]
fn what_could_not_be_judged_is_in_full_or_named() {
    let mut report = with(&[
        ("a/b", Level::Error, 100),
        ("parse/syntax-error", Level::Error, 20),
    ]);
    for finding in report.findings.iter_mut().skip(100) {
        finding.incomplete = true;
    }
    report.incomplete = true;
    let text = plain(&report);
    assert!(
        in_full(&text)[0].starts_with("parse/syntax-error"),
        "{text}"
    );
    let named = "\nincomplete: a.yaml:1:6 (parse/syntax-error), a.yaml:1:6 (parse/syntax-error), ";
    assert!(text.contains(named), "{text}");
    assert!(text.contains(" and 12 more\n"), "{text}");
    // First in the table, whatever else is worse or more.
    let mut table = text
        .lines()
        .skip_while(|line| !line.contains("count  level"));
    let first = table.nth(1).unwrap();
    assert!(first.contains("parse/syntax-error"), "{text}");
}

#[test]
fn a_first_run_ends_with_what_to_do_next() {
    let steps = |report: &Report, context: &ReportContext| {
        let text = render(report, context);
        let steps = text.lines().filter(|line| line.starts_with("next: `"));
        let steps: Vec<String> = steps.map(str::to_owned).collect();
        assert!(
            steps.is_empty() || text.ends_with(&format!("{}\n", steps.join("\n"))),
            "{text}"
        );
        steps
            .iter()
            .map(|step| step.split('`').nth(1).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut context = ReportContext {
        first_run: true,
        ..ReportContext::default()
    };
    let both = ["govcheck init", "govcheck baseline write"];
    assert_eq!(steps(&sample::sample_report(), &context), both);
    assert_eq!(steps(&with(&[("a/b", Level::Error, 99)]), &context), both);
    let clean = sample::empty_report(&[("a.yaml", "x")]);
    assert_eq!(steps(&clean, &context), ["govcheck init"]);
    let mut incomplete = sample::sample_report();
    incomplete.incomplete = true;
    assert_eq!(steps(&incomplete, &context), ["govcheck init"]);
    assert!(steps(&sample::empty_report(&[]), &context).is_empty());
    context.quiet = true;
    assert!(steps(&sample::sample_report(), &context).is_empty());
    assert!(steps(&sample::sample_report(), &ReportContext::default()).is_empty());
}

/// A number that looks like chance and is the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn text(&mut self, most: usize) -> String {
        "word ".repeat(self.below(most))
    }

    fn finding(&mut self, report: &Report) -> Finding {
        let rule = format!("category/rule-{}", self.below(80));
        let level = Level::WORST_FIRST[self.below(3)];
        let mut finding = sample::finding_on(report, &rule, level, "big.yaml", "value");
        finding.message = format!("m {}", self.text(400));
        finding.help = Some(self.text(400).into());
        finding.fix = (self.below(2) == 0).then(|| "line: 1\n".repeat(self.below(30)));
        let related = || sample::related_place(report, "here too", "big.yaml", "other");
        finding.related = (0..self.below(12)).map(|_| related()).collect();
        finding.incomplete = self.below(9) == 0;
        if self.below(5) == 0 {
            finding.location = None;
        }
        if self.below(7) == 0 {
            let day = jiff::civil::date(2027, 1, 1)
                .saturating_add(jiff::Span::new().days(i64::try_from(self.below(300)).unwrap()));
            finding.error_from = Some(Day(day));
        }
        finding
    }
}

#[test]
fn whatever_a_report_holds_it_stays_on_two_screens() {
    let mut chance = Chance(7);
    for round in 0..60 {
        let mut report = sample::changed_report();
        let big = format!(
            "key: value\n{}other: {}\n",
            "x: 1\n".repeat(50),
            "y".repeat(3_000)
        );
        report.sources =
            sample::empty_report(&[("big.yaml", &big), ("teams.yaml", sample::TEAMS)]).sources;
        let few = SHOW_ALL_UP_TO - 10 + chance.below(20);
        let count = few + 300 * chance.below(2);
        report.findings = (0..count).map(|_| chance.finding(&report)).collect();
        report.incomplete = true;
        let comparison = report.comparison.as_mut().unwrap();
        comparison.fixed = vec![comparison.fixed[0].clone(); chance.below(6)];
        comparison.versions = vec![comparison.versions[0].clone(); chance.below(60)];
        let context = ReportContext {
            width: [3, 20, 40, 80, 140, 10_000][chance.below(6)],
            color: chance.below(2) == 0,
            unicode: chance.below(2) == 0,
            first_run: true,
            ..ReportContext::default()
        };
        let text = render(&report, &context);
        let lines = text.lines().count();
        assert!(
            lines <= REPORT_LINES,
            "{lines} lines in round {round}:\n{text}"
        );
        assert!(
            text.contains(&format!(" of {count} findings in full")),
            "{text}"
        );
        assert_eq!(text, render(&report, &context), "round {round}");
    }
}

#[test]
fn thirty_thousand_findings_are_two_screens_and_all_are_counted() {
    let report = with(&[
        ("a/many", Level::Warning, 29_990),
        ("b/few", Level::Error, 10),
    ]);
    let text = plain(&report);
    assert!(text.lines().count() <= REPORT_LINES, "{text}");
    for count in [
        " 29990  warning",
        "    10  error",
        "6 of 30000 findings in full",
    ] {
        assert!(text.contains(count), "{count}:\n{text}");
    }
    assert_eq!(text, plain(&report));
}
