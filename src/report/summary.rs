//! The last lines of a report for people: findings, files and rules judged, and the reason for an exit code other than 0.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::escape::terminal_line;
use super::paint::{Paint, Style};
use super::selected::filter_phrase;
use super::standing::{ClosedCounts, judged_by, level_adjective, none_open};
use super::{ReportContext, Verdict, count_of, life};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Level;

/// Days on which warnings become errors that are listed; further ones are counted.
const DAYS_NAMED: usize = 5;

/// The result of a run about a change, without one.
pub(super) const NOTHING_CHANGED: &str = "nothing changed, 0 files judged";

/// `3 errors, 5 warnings in 4 of 112 files · 240 entities · 21 rules · 0.12 s`. Lines above it count closed findings, name the revisions
/// and list upcoming errors; lines below it say why the run fails and what filters the report.
pub(super) fn summary_lines(report: &Report, context: &ReportContext, paint: Paint) -> String {
    let separator = if context.unicode { " · " } else { " - " };
    let verdict = Verdict::of(report, context.fail_on);
    let mut lines: Vec<String> = Vec::new();
    lines.extend(ClosedCounts::of_report(report).phrase());
    lines.extend(judged_by(report, terminal_line));
    let quoted = |rule: &str| format!("`{}`", terminal_line(rule));
    let becoming = life::becoming_errors(report);
    lines.extend(becoming.iter().take(DAYS_NAMED).map(|it| it.phrase(quoted)));
    lines.extend(later(becoming.get(DAYS_NAMED..).unwrap_or_default()));
    let mut parts = match report.open().next() {
        None => clean(report, context, paint),
        Some(_) => found(report, paint),
    };
    parts.extend(context.elapsed.map(duration));
    lines.push(parts.join(separator));
    if let Some(reason) = verdict.reason(report, context.fail_on) {
        let (word, rest) = reason.split_once(':').unwrap_or((&reason, ""));
        lines.push(format!("{}:{rest}", paint.style(Style::RedBold, word)));
    }
    let quoted = |options: &str| format!("`{}`", terminal_line(options));
    lines.extend(filter_phrase(report, quoted));
    lines.join("\n")
}

/// The warnings that become errors on days that are not listed; `None` without such days.
fn later(days: &[life::Becoming<'_>]) -> Option<String> {
    let warnings: usize = days.iter().flat_map(|day| day.rules.values()).sum();
    let verb = if warnings == 1 {
        "becomes an error"
    } else {
        "become errors"
    };
    (warnings > 0).then(|| {
        format!(
            "{} {verb} on {}",
            count_of(warnings, "warning"),
            count_of(days.len(), "later day")
        )
    })
}

/// `3 errors, 1 note`; `no findings` if there are none.
pub(super) fn count_levels<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    by_level(findings, "", |_, text| text)
}

/// The open findings: `3 errors, 1 note`, or against a base `3 new errors, 1 new note`.
pub(super) fn open_levels(report: &Report) -> String {
    match report.open().next() {
        None => none_open(report).to_owned(),
        Some(_) => by_level(report.open(), level_adjective(report), |_, text| text),
    }
}

fn by_level<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    adjective: &str,
    paint: impl Fn(Level, String) -> String,
) -> String {
    let mut counts: BTreeMap<Level, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.level).or_default() += 1;
    }
    let counts: Vec<String> = Level::WORST_FIRST
        .into_iter()
        .filter_map(|level| Some((level, *counts.get(&level)?)))
        .map(|(level, count)| paint(level, count_of(count, &format!("{adjective}{level}"))))
        .collect();
    match counts.is_empty() {
        true => "no findings".to_owned(),
        false => counts.join(", "),
    }
}

fn found(report: &Report, paint: Paint) -> Vec<String> {
    let levels = by_level(report.open(), level_adjective(report), |level, text| {
        let style = match level {
            Level::Error => Style::Red,
            Level::Warning => Style::Yellow,
            Level::Note => Style::Cyan,
        };
        paint.style(style, &text)
    });
    let places = report
        .open()
        .filter_map(|finding| finding.location.as_ref());
    let files = places.map(|at| &at.file).collect::<BTreeSet<_>>().len();
    let all = count_of(report.counts.files.max(files), "file");
    let files = match files {
        0 => format!("{levels} in {all}"),
        _ => format!("{levels} in {files} of {all}"),
    };
    vec![files, entities(report), rules(report)]
}

fn clean(report: &Report, context: &ReportContext, paint: Paint) -> Vec<String> {
    let counts = &report.counts;
    if counts.in_scope == 0 {
        return vec!["no manifests found: nothing was checked".to_owned()];
    }
    if report.incomplete {
        return vec![
            format!("no findings in {}", count_of(counts.files, "file")),
            entities(report),
            rules(report),
        ];
    }
    if counts.nothing_changed {
        return vec![NOTHING_CHANGED.to_owned()];
    }
    let sign = if context.unicode { "✓" } else { "ok:" };
    // Waived, baselined and unchanged findings do not count, but they are not good either.
    let is_change = report.comparison.is_some();
    let verdict = match (report.findings.is_empty(), is_change) {
        _ if report.selected.is_some() && is_change => "No new finding matches the filter",
        _ if report.selected.is_some() => "No open finding matches the filter",
        // Registers without entries hold nothing that could be good.
        (true, _) if counts.entities.is_empty() && !counts.of_policies => "No findings",
        (true, _) => "All good",
        (false, true) => "No new findings",
        (false, false) => "No open findings",
    };
    let judged = format!(
        "{verdict}: {} in {} against {}",
        entities(report),
        count_of(counts.files, "file"),
        rules(report)
    );
    vec![format!("{} {judged}", paint.style(Style::Green, sign))]
}

fn rules(report: &Report) -> String {
    let noun = match report.counts.of_policies {
        true => "check",
        false => "rule",
    };
    count_of(report.counts.rules, noun)
}

fn entities(report: &Report) -> String {
    let count = report.counts.entities.values().sum();
    if report.counts.of_policies {
        return count_of(count, "rule");
    }
    match count {
        1 => "1 entity".to_owned(),
        count => format!("{count} entities"),
    }
}

/// Hundredths below ten seconds, tenths below a minute.
fn duration(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        0..10 => format!("{:.2} s", elapsed.as_secs_f64()),
        10..60 => format!("{:.1} s", elapsed.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const PLAIN: Paint = Paint {
        color: false,
        hyperlinks: false,
    };

    fn summary(report: &Report, unicode: bool) -> String {
        let context = ReportContext {
            unicode,
            elapsed: Some(Duration::from_millis(123)),
            ..ReportContext::default()
        };
        summary_lines(report, &context, PLAIN)
    }

    #[test]
    fn findings_are_counted_by_level_file_entity_and_rule() {
        let expected = "1 error, 1 warning in 1 of 2 files · 3 entities · 3 rules · 0.12 s\n\
                        failed: 1 error (`--fail-on error`, exit code 1)";
        assert_eq!(summary(&sample::sample_report(), true), expected);
        assert_eq!(
            summary(&sample::sample_report(), false),
            expected.replace('·', "-")
        );
    }

    #[test]
    fn a_clean_run_says_what_was_judged() {
        let report = sample::empty_report(&[("a.yaml", "x")]);
        assert_eq!(
            summary(&report, true),
            "✓ All good: 3 entities in 1 file against 3 rules · 0.12 s"
        );
        assert_eq!(
            summary(&report, false),
            "ok: All good: 3 entities in 1 file against 3 rules - 0.12 s"
        );
    }

    #[test]
    fn nothing_is_called_good_where_there_is_no_entity() {
        let mut report = sample::empty_report(&[("register.yaml", "x")]);
        report.counts.entities.clear();
        assert_eq!(
            summary(&report, true),
            "✓ No findings: 0 entities in 1 file against 3 rules · 0.12 s"
        );
    }

    #[test]
    fn against_a_base_the_rest_and_the_revisions_are_a_line_each() {
        let mut report = sample::changed_report();
        assert_eq!(
            summary(&report, true),
            "1 unchanged, 1 fixed, 1 gone with a removed entity, 1 waived, 1 in the baseline\n\
             against origin/main (4748ff912345), policies of origin/main (4748ff912345)\n\
             1 new error, 1 new warning in 1 of 2 files · 3 entities · 3 rules · 0.12 s\n\
             failed: 1 error (`--fail-on error`, exit code 1)"
        );
        report.findings.retain(|finding| !finding.is_open());
        let said = summary(&report, true);
        assert!(
            said.contains("\n✓ No new findings: 3 entities in 2 files"),
            "{said}"
        );
        report.comparison = None;
        report.policies = None;
        assert_eq!(
            summary(&report, false),
            "1 unchanged, 1 waived, 1 in the baseline\n\
             ok: No open findings: 3 entities in 2 files against 3 rules - 0.12 s"
        );
    }

    #[test]
    fn the_last_line_names_the_filter_of_the_report() {
        let mut report = sample::sample_report();
        report.selected = Some(sample::sample_selection(2));
        let said = summary(&report, true);
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("filtered by `--select security "),
            "{said}"
        );
        report.findings.clear();
        let said = summary(&report, true);
        assert!(!said.contains("All good"), "{said}");
        assert!(
            said.starts_with("✓ No open finding matches the filter: 3 entities in 2 files"),
            "{said}"
        );
        assert!(said.ends_with("2 open findings hidden, with no effect on the exit code"));
    }

    #[test]
    fn upcoming_errors_are_listed_with_their_day() {
        let mut report = sample::sample_report();
        report.findings[0].error_from =
            Some(crate::model::rule::Day("2027-03-01".parse().unwrap()));
        let said = summary(&report, true);
        let line = "1 warning becomes an error on 2027-03-01 (`security/unknown-classification`)\n";
        assert!(said.starts_with(line), "{said}");
    }

    #[test]
    fn days_beyond_the_first_five_are_a_number() {
        let mut report = sample::sample_report();
        let warning = report.findings.remove(0);
        for day in 1..=8 {
            let mut warning = warning.clone();
            let day = jiff::civil::date(2027, 3, day.min(7));
            warning.error_from = Some(crate::model::rule::Day(day));
            report.findings.push(warning);
        }
        let said = summary(&report, true);
        assert_eq!(said.matches(" on 2027-03-").count(), 5, "{said}");
        assert!(
            said.contains("\n3 warnings become errors on 2 later days\n"),
            "{said}"
        );
    }

    #[test]
    fn the_name_of_a_revision_cannot_steer_the_terminal() {
        let mut report = sample::changed_report();
        report.policies = None;
        report.comparison.as_mut().unwrap().base.given = "x\u{1b}[2J\ny".to_owned();
        let said = summary(&report, true);
        assert!(
            said.contains("\nagainst x\\x1b[2J\\ny (4748ff912345)\n"),
            "{said}"
        );
    }

    #[test]
    fn a_run_without_a_change_says_so_unless_it_is_incomplete() {
        let mut report = sample::empty_report(&[("a.yaml", "x")]);
        report.counts.nothing_changed = true;
        let said = "nothing changed, 0 files judged · 0.12 s";
        assert_eq!(summary(&report, true), said);
        report.incomplete = true;
        assert!(!summary(&report, true).contains(said));
    }

    #[test]
    fn nothing_judged_is_not_all_good() {
        let mut incomplete = sample::empty_report(&[("a.yaml", "x")]);
        incomplete.incomplete = true;
        for report in [incomplete, sample::empty_report(&[])] {
            let said = summary(&report, true);
            assert!(!said.contains("All good"), "{said}");
            let is_told = said.contains("nothing was checked") || said.contains("incomplete");
            assert!(is_told, "{said}");
        }
    }

    #[test]
    fn durations_are_as_exact_as_one_can_use() {
        let said = |millis| duration(Duration::from_millis(millis));
        assert_eq!(
            (said(5), said(12_340), said(125_000)),
            ("0.01 s".into(), "12.3 s".into(), "2 min 5 s".into())
        );
    }
}
