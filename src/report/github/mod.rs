//! Workflow commands: annotations in a GitHub pull request. GitHub shows few of them a step, so those in files of the change come
//! first, then the worst; findings with one cause share an annotation, and the last one counts what is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use self::group::{AnnotationGroup, group_findings};
use super::escape::{cut_text, workflow_data, workflow_property};
use super::selected::filter_phrase;
use super::standing::{ClosedCounts, judged_by};
use super::{OutputFormat, ReportContext, count_of, summary};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Level;

mod group;

/// Annotations of one level that GitHub shows a step.
const PER_LEVEL: usize = 10;
/// Characters of a message.
const MESSAGE_LIMIT: usize = 4_096;
const TITLE_LIMIT: usize = 255;
/// Files that the last notice names.
const FILES_NAMED: usize = 10;
/// Places that an annotation names for the other findings of its cause.
const PLACES_NAMED: usize = 5;

pub(super) const FORMAT: OutputFormat =
    OutputFormat::new("github", "For GitHub workflows: annotations", write);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let standing = standing(report);
    let groups = group_findings(report);
    let of_level = |level| groups.iter().filter(move |group| group.level() == level);
    let overflows = Level::WORST_FIRST
        .iter()
        .any(|level| of_level(*level).count() > PER_LEVEL);
    let has_last = overflows || standing.is_some();
    let mut room = BTreeMap::from(Level::WORST_FIRST.map(|level| (level, PER_LEVEL)));
    if has_last {
        // The last notice takes one of the notices that are shown.
        room.insert(Level::Note, PER_LEVEL - 1);
    }
    let mut left_out = Vec::new();
    for group in &groups {
        match room.get_mut(&group.level()) {
            Some(room) if *room > 0 => {
                *room -= 1;
                annotation(group, context, out)?;
            }
            _ => left_out.extend(group.findings()),
        }
    }
    let mut last = Vec::from_iter(standing);
    if !left_out.is_empty() {
        last.push(left_out_message(&left_out, context));
    }
    if last.is_empty() {
        return Ok(());
    }
    let message = cut_text(&last.join("\n"), MESSAGE_LIMIT);
    writeln!(out, "::notice title=govcheck::{}", workflow_data(&message))
}

/// The counts of open and other findings, the revisions judged and the filter. `None` for a whole report without a base and
/// without suppressed findings.
fn standing(report: &Report) -> Option<String> {
    let rest = ClosedCounts::of_report(report);
    let filter = filter_phrase(report, |options| format!("`{options}`"));
    if report.comparison.is_none() && rest.phrase().is_none() && filter.is_none() {
        return None;
    }
    let mut text = summary::open_levels(report);
    for part in [rest.phrase(), judged_by(report, str::to_owned), filter] {
        text.extend(part.map(|part| format!("; {part}")));
    }
    Some(text)
}

fn annotation(
    group: &AnnotationGroup<'_>,
    context: &ReportContext,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = group.first;
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = finding
        .location
        .as_ref()
        .map_or_else(Vec::new, |at| place(at, context));
    let title = cut_text(finding.rule.as_str(), TITLE_LIMIT);
    properties.push(format!("title={}", workflow_property(&title)));
    let message = cut_text(&message(group, context), MESSAGE_LIMIT);
    writeln!(
        out,
        "::{command} {}::{}",
        properties.join(","),
        workflow_data(&message)
    )
}

fn place(at: &Location, context: &ReportContext) -> Vec<String> {
    let file = context.repository_path(at.file.as_str());
    let mut properties = vec![
        format!("file={}", workflow_property(&file)),
        format!("line={}", at.start.line),
        format!("endLine={}", at.end.line),
    ];
    // GitHub ignores columns of a place on several lines, with a complaint.
    if at.start.line == at.end.line {
        properties.push(format!("col={}", at.start.column));
        properties.push(format!("endColumn={}", at.end.column));
    }
    properties
}

fn message(group: &AnnotationGroup<'_>, context: &ReportContext) -> String {
    let finding = group.first;
    let mut text = finding.message.clone();
    // Before help and related places: a cut message keeps it.
    if let Some(others) = others(group, context) {
        text.push('\n');
        text.push_str(&others);
    }
    if let Some(help) = &finding.help {
        text.push('\n');
        text.push_str(help);
    }
    for related in &finding.related {
        let at = &related.location;
        let file = context.repository_path(at.file.as_str());
        text.push_str(&format!(
            "\n{} ({file}:{}:{})",
            related.message, at.start.line, at.start.column
        ));
    }
    text
}

/// `and 7 more like it: a.yaml:3, b.yaml:7 and 2 more places`. `None` for a single finding.
fn others(group: &AnnotationGroup<'_>, context: &ReportContext) -> Option<String> {
    if group.others.is_empty() {
        return None;
    }
    let rule = &group.first.rule;
    let what = match group.others.iter().all(|other| other.rule == *rule) {
        true => "like it",
        false => "with the same cause",
    };
    let mut text = format!("and {} more {what}", group.others.len());
    let place = |finding: &Finding| {
        let at = finding.location.as_ref()?;
        let file = context.repository_path(at.file.as_str());
        Some(format!("{file}:{}", at.start.line))
    };
    let mut seen = BTreeSet::from([place(group.first)]);
    let places = group.others.iter().map(|other| place(other));
    let places = places.filter(|place| seen.insert(place.clone()));
    let places: Vec<String> = places.flatten().collect();
    let named = places.get(..PLACES_NAMED).unwrap_or(&places);
    if !named.is_empty() {
        text.push_str(&format!(": {}", named.join(", ")));
    }
    if places.len() > named.len() {
        let more = count_of(places.len() - named.len(), "more place");
        text.push_str(&format!(" and {more}"));
    }
    Some(text)
}

fn left_out_message(left_out: &[&Finding], context: &ReportContext) -> String {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for location in left_out
        .iter()
        .filter_map(|finding| finding.location.as_ref())
    {
        *files.entry(location.file.as_str()).or_default() += 1;
    }
    let mut files: Vec<(&str, usize)> = files.into_iter().collect();
    // Stable: files with as many findings stay in the order of their paths.
    files.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut text = format!(
        "{} without an annotation ({}): GitHub shows {PER_LEVEL} of a level in a step; `govcheck --all` shows every finding",
        count_of(left_out.len(), "more finding"),
        summary::count_levels(left_out.iter().copied())
    );
    for (file, count) in files.iter().take(FILES_NAMED) {
        text.push_str(&format!("\n{count} in {}", context.repository_path(file)));
    }
    if files.len() > FILES_NAMED {
        text.push_str(&format!(
            "\nand in {}",
            count_of(files.len() - FILES_NAMED, "more file")
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::{RelPath, Span};
    use crate::report::sample;

    fn render(report: &Report) -> Vec<String> {
        let context = ReportContext {
            root: "mesh".to_owned(),
            ..ReportContext::default()
        };
        let text = sample::render_report(report, FORMAT, &context);
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn annotations_have_place_title_and_message_worst_first() {
        assert_eq!(
            render(&sample::sample_report()),
            [
                "::error file=mesh/sales/orders.yaml,line=9,endLine=9,col=7,endColumn=12,title=ownership/unknown-team::\
             team `salez` is not registered, did you mean `sales`?%0A`sales` is registered here (mesh/teams.yaml:2:9)",
                "::warning file=mesh/sales/orders.yaml,line=7,endLine=7,col=25,endColumn=31,title=security/unknown-classification::\
             column `größe😀` has the classification `secret`, which is not registered%0AName a registered classification\
             %0Athe column is declared here (mesh/sales/orders.yaml:6:15)",
            ]
        );
    }

    #[test]
    fn a_message_cannot_inject_a_command() {
        let mut report = sample::empty_report(&[("a,b:c%\n.yaml", "x")]);
        let mut finding = sample::finding_on(&report, "a/b", Level::Note, "a,b:c%\n.yaml", "x");
        finding.message = "x\n::set-output name=a::b\r::stop-commands::y 50%\u{1b}[2J".to_owned();
        report.findings.push(finding);
        assert_eq!(
            render(&report),
            [
                "::notice file=mesh/a%2Cb%3Ac%25%0A.yaml,line=1,endLine=1,col=1,endColumn=2,title=a/b::\
             x%0A::set-output name=a::b%0D::stop-commands::y 50%25\\x1b[2J"
            ]
        );
    }

    #[test]
    fn a_place_on_several_lines_has_no_columns() {
        let mut report = sample::empty_report(&[("a.yaml", "x:\n  y\n")]);
        let mut finding = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "x");
        let source = &sample::text_of(&report, "a.yaml");
        finding.location = Some(sample::location_at(
            source,
            RelPath::new("a.yaml"),
            Span::new(0, 6),
        ));
        report.findings.push(finding);
        assert_eq!(
            render(&report),
            ["::error file=mesh/a.yaml,line=1,endLine=2,title=a/b::`x` is wrong"]
        );
    }

    #[test]
    fn a_finding_without_a_place_is_shown() {
        let mut report = sample::empty_report(&[("a.yaml", "x")]);
        let mut finding = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "x");
        finding.location = None;
        report.findings.push(finding);
        assert_eq!(render(&report), ["::error title=a/b::`x` is wrong"]);
    }

    #[test]
    fn the_last_notice_counts_what_is_left_out() {
        let mut report = sample::empty_report(&[("a.yaml", "x"), ("b.yaml", "x")]);
        for level in [Level::Note, Level::Error] {
            for number in 0..12 {
                let mut finding = sample::finding_on(&report, "a/b", level, "b.yaml", "x");
                finding.route = format!("{level}{number}");
                report.findings.push(finding);
            }
        }
        report.findings.push(sample::finding_on(
            &report,
            "a/b",
            Level::Note,
            "a.yaml",
            "x",
        ));
        let lines = render(&report);
        let of = |command: &str| {
            lines
                .iter()
                .filter(|line| line.starts_with(command))
                .count()
        };
        assert_eq!((of("::error "), of("::notice "), lines.len()), (10, 10, 20));
        assert_eq!(
            lines.last().unwrap(),
            "::notice title=govcheck::6 more findings without an annotation (2 errors, 4 notes): GitHub shows 10 of a level in a \
             step; `govcheck --all` shows every finding%0A5 in mesh/b.yaml%0A1 in mesh/a.yaml"
        );
    }

    #[test]
    fn an_annotation_names_the_places_of_its_cause() {
        let text = "x\n".repeat(9);
        let mut report = sample::empty_report(&[("a.yaml", "x"), ("b.yaml", &text)]);
        let source = sample::text_of(&report, "b.yaml");
        let in_b = |line: u32| {
            let mut finding = sample::finding_on(&report, "a/b", Level::Error, "b.yaml", "x");
            let span = Span::new(line * 2 - 2, line * 2 - 1);
            finding.location = Some(sample::location_at(&source, RelPath::new("b.yaml"), span));
            finding
        };
        let mut first = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "x");
        first.help = Some("Write y".into());
        let mut findings = vec![first.clone(), first, in_b(1), in_b(2), in_b(2)];
        findings[1].help = None;
        let mut more: Vec<Finding> = (3..9).map(in_b).collect();
        report.findings = findings;
        assert_eq!(
            render(&report),
            [
                "::error file=mesh/a.yaml,line=1,endLine=1,col=1,endColumn=2,title=a/b::`x` is wrong%0A\
                 and 4 more like it: mesh/b.yaml:1, mesh/b.yaml:2%0AWrite y"
            ]
        );
        more[0].location = None;
        report.findings.append(&mut more);
        let line = render(&report).remove(0);
        assert!(
            line.contains("and 10 more like it: mesh/b.yaml:1, ")
                && line.contains(" and 2 more places%0A"),
            "{line}"
        );
    }

    #[test]
    fn an_annotation_of_several_rules_names_their_cause() {
        let mut report = sample::changed_report();
        let removed =
            sample::related_place(&report, "is removed here", "sales/orders.yaml", "orders");
        let mut one = sample::finding_on(&report, "a/b", Level::Error, "teams.yaml", "sales");
        one.related = vec![removed];
        let mut other = sample::finding_on(&report, "a/c", Level::Error, "teams.yaml", "logistics");
        other.related = one.related.clone();
        report.findings = vec![one, other];
        let line = render(&report).remove(0);
        assert!(
            line.contains("and 1 more with the same cause: mesh/teams.yaml:3%0A"),
            "{line}"
        );
    }

    #[test]
    fn a_long_message_is_cut_on_a_character() {
        let mut report = sample::empty_report(&[("a.yaml", "x")]);
        let mut finding = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "x");
        finding.message = "ü".repeat(5_000);
        report.findings.push(finding);
        let line = render(&report).remove(0);
        assert_eq!(line.matches('ü').count(), 4_095);
        assert!(line.ends_with('…'));
    }

    #[test]
    fn nothing_found_is_nothing_written() {
        assert!(render(&sample::empty_report(&[])).is_empty());
    }

    #[test]
    fn against_a_base_only_open_findings_are_annotated_and_the_rest_is_the_last_line() {
        let mut report = sample::changed_report();
        let lines = render(&report);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("ownership/unknown-team") && lines[1].contains("classification"));
        assert_eq!(
            lines[2],
            "::notice title=govcheck::1 new error, 1 new warning; 1 unchanged, 1 fixed, 1 gone with a removed entity, 1 waived, 1 in the baseline; \
             against origin/main (4748ff912345), policies of origin/main (4748ff912345)"
        );
        report.findings.retain(|finding| !finding.is_open());
        let lines = render(&report);
        assert!(
            lines.len() == 1 && lines[0].contains("::no new findings; 1 unchanged"),
            "{lines:?}"
        );
    }

    #[test]
    fn the_last_line_is_one_of_the_notices_that_are_shown() {
        let mut report = sample::changed_report();
        let mut note = report.findings[0].clone();
        note.level = Level::Note;
        report.findings = vec![note; 10];
        for (finding, number) in report.findings.iter_mut().zip(0..) {
            finding.route = format!("columns[{number}]");
        }
        let lines = render(&report);
        assert_eq!(lines.len(), 10);
        assert!(
            lines[9].contains("10 new notes; 1 fixed, 1 gone with a removed entity;")
                && lines[9].contains("%0A1 more finding without an annotation"),
            "{lines:?}"
        );
    }

    #[test]
    fn a_branch_cannot_inject_a_command() {
        let report = sample::hostile_change("x\n::stop-commands::y\r");
        let all = render(&report);
        assert!(
            all.iter().all(|line| line.starts_with("::error ")
                || line.starts_with("::warning ")
                || line.starts_with("::notice ")),
            "{all:?}"
        );
        assert!(
            all.last()
                .unwrap()
                .contains("against x%0A::stop-commands::y%0D"),
            "{all:?}"
        );
    }
}
