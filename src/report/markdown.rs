//! A summary in GitHub's Markdown: for the page of a job, or a comment. Verdict, table by domain and category, worst findings with
//! links to their lines. Always short enough to be shown; what is left out is said.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::{cut, markdown, terminal_line, uri_path, web_address};
use super::{Context, Verdict, count_of, rule_link, summary};
use crate::model::finding::{Finding, Location};
use crate::model::report::Report;
use crate::model::rule::Level;

/// Characters of the whole summary: a comment takes 65,536.
const LIMIT: usize = 60_000;
/// Kept free for the last lines.
const RESERVE: usize = 600;
/// Findings before the fold; the rest is folded.
const OPEN: usize = 20;
/// Characters of a message or help text.
const TEXT_LIMIT: usize = 600;
/// Characters of a name in the table, or of a path.
const NAME_LIMIT: usize = 80;
const PATH_LIMIT: usize = 300;
/// Bytes of a link to a file: one name must not use up the room of all.
const ADDRESS_LIMIT: usize = 2_000;
const DOMAIN_ROWS: usize = 30;
const CATEGORY_COLUMNS: usize = 15;

pub(super) fn write(report: &Report, context: &Context, out: &mut dyn Write) -> io::Result<()> {
    let mut text = format!("## govcheck: {}\n\n", verdict(report, context));
    let _ = writeln!(text, "{}", judged(report));
    if !report.findings.is_empty() {
        table(report, &mut text);
        findings(report, context, &mut text);
    }
    out.write_all(text.as_bytes())
}

fn verdict(report: &Report, context: &Context) -> String {
    let levels = summary::levels(&report.findings);
    match Verdict::of(report, context.fail_on) {
        Verdict::NotJudged => format!("⛔ not everything could be judged, {levels}"),
        Verdict::Findings => format!("❌ {levels}"),
        Verdict::Nothing => "⚪ no manifests found".to_owned(),
        Verdict::Clean if report.findings.is_empty() => "✅ no findings".to_owned(),
        Verdict::Clean => format!("✅ passed, {levels}"),
    }
}

fn judged(report: &Report) -> String {
    let counts = &report.counts;
    let scope = match counts.in_scope == counts.files {
        true => count_of(counts.files, "file"),
        false => format!("{} of {}", counts.in_scope, count_of(counts.files, "file")),
    };
    let entities: Vec<String> = counts
        .entities
        .iter()
        .map(|(kind, count)| markdown(&count_of(*count, &cut(kind, NAME_LIMIT))))
        .collect();
    let mut line = format!("{scope} judged by {}", count_of(counts.rules, "rule"));
    if !entities.is_empty() {
        let _ = write!(line, ": {}", entities.join(", "));
    }
    line.push('.');
    line
}

/// Findings of one domain.
#[derive(Default)]
struct Row<'a> {
    levels: BTreeMap<Level, usize>,
    categories: BTreeMap<&'a str, usize>,
}

impl<'a> Row<'a> {
    fn add(&mut self, other: &Row<'a>) {
        for (level, count) in &other.levels {
            *self.levels.entry(*level).or_default() += count;
        }
        for (category, count) in &other.categories {
            *self.categories.entry(category).or_default() += count;
        }
    }

    /// Errors, warnings, notes.
    fn worst_first(&self) -> [usize; 3] {
        Level::WORST_FIRST.map(|level| self.levels.get(&level).copied().unwrap_or_default())
    }
}

fn rows(report: &Report) -> BTreeMap<Option<&str>, Row<'_>> {
    let mut rows: BTreeMap<Option<&str>, Row<'_>> = BTreeMap::new();
    for finding in &report.findings {
        let row = rows.entry(finding.domain.as_deref()).or_default();
        *row.levels.entry(finding.level).or_default() += 1;
        *row.categories.entry(finding.rule.category()).or_default() += 1;
    }
    rows
}

/// A row for each domain, worst first, a column for each level and each category.
fn table(report: &Report, text: &mut String) {
    let mut all = Row::default();
    let mut rows: Vec<(String, Row<'_>)> = rows(report)
        .into_iter()
        .map(|(domain, row)| {
            all.add(&row);
            (domain.map_or_else(|| "_no domain_".to_owned(), cell), row)
        })
        .collect();
    // Stable: domains that are as bad stay in the order of their names.
    rows.sort_by_key(|(_, row)| Reverse(row.worst_first()));
    let categories: Vec<&str> = all.categories.keys().copied().collect();
    let shown = categories.get(..CATEGORY_COLUMNS).unwrap_or(&categories);
    let mut heading = vec!["domain".to_owned()];
    heading.extend(Level::WORST_FIRST.map(|level| format!("{level}s")));
    heading.extend(shown.iter().map(|category| cell(category)));
    let _ = write!(text, "\n| {} |\n|", heading.join(" | "));
    text.push_str(" --- |");
    text.push_str(&" ---: |".repeat(heading.len() - 1));
    text.push('\n');
    let rest = rows.split_off(rows.len().min(DOMAIN_ROWS));
    for (domain, row) in &rows {
        table_row(domain, row, shown, text);
    }
    if !rest.is_empty() {
        let mut folded = Row::default();
        rest.iter().for_each(|(_, row)| folded.add(row));
        table_row(
            &format!("_{}_", count_of(rest.len(), "more domain")),
            &folded,
            shown,
            text,
        );
    }
    if rows.len() > 1 {
        table_row("**all**", &all, shown, text);
    }
    if categories.len() > shown.len() {
        let more = count_of(categories.len() - shown.len(), "more category column");
        let _ = writeln!(text, "\n_{more} left out._");
    }
}

fn table_row(name: &str, row: &Row<'_>, categories: &[&str], text: &mut String) {
    // A nought that stands out of nothing is harder to read than an empty cell.
    let number = |count: usize| {
        if count == 0 {
            String::new()
        } else {
            count.to_string()
        }
    };
    let mut cells = vec![name.to_owned()];
    cells.extend(row.worst_first().map(number));
    cells.extend(
        categories
            .iter()
            .map(|category| number(row.categories.get(category).copied().unwrap_or_default())),
    );
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// A name in a table. Code in a cell could hold the `|` that ends it, so there is none.
fn cell(name: &str) -> String {
    markdown(&terminal_line(&cut(name, NAME_LIMIT)).replace('`', "'"))
}

/// The worst findings, as many as there is room for.
fn findings(report: &Report, context: &Context, text: &mut String) {
    let mut worst: Vec<&Finding> = report.findings.iter().collect();
    // Stable: findings of one level stay in the order of the report. What was not judged comes before all.
    worst.sort_by_key(|finding| Reverse((finding.incomplete, finding.level)));
    let (mut room, mut told) = (LIMIT.saturating_sub(RESERVE + text.chars().count()), 0);
    text.push_str("\n### Worst findings\n\n");
    let mut linked = BTreeSet::new();
    for finding in &worst {
        let item = item(finding, report, context, linked.insert(&finding.rule));
        let length = item.chars().count();
        if length > room {
            break;
        }
        room -= length;
        if told == OPEN {
            let rest = count_of(worst.len() - OPEN, "more finding");
            let _ = write!(text, "\n<details><summary>{rest}</summary>\n\n");
        }
        text.push_str(&item);
        told += 1;
    }
    if told > OPEN {
        text.push_str("\n</details>\n");
    }
    if let Some(left_out) = worst.get(told..).filter(|rest| !rest.is_empty()) {
        let left_out: Vec<Finding> = left_out.iter().map(|finding| (*finding).clone()).collect();
        let _ = writeln!(
            text,
            "\n_{} left out for length ({}): `govcheck` prints all._",
            count_of(left_out.len(), "more finding"),
            summary::levels(&left_out)
        );
    }
}

fn item(finding: &Finding, report: &Report, context: &Context, first_of_rule: bool) -> String {
    let icon = match finding.level {
        _ if finding.incomplete => "⛔",
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Note => "ℹ️",
    };
    let rule = markdown(&terminal_line(finding.rule.as_str()));
    let rule = match report.rule(&finding.rule).and_then(rule_link) {
        Some(address) if first_of_rule => format!("[{rule}]({})", address),
        _ => rule,
    };
    let at = finding
        .location
        .as_ref()
        .map_or_else(|| "the mesh as a whole".to_owned(), |at| place(at, context));
    let message = line(&finding.message);
    let mut item = format!("- {icon} {message}  \n  {at} · {rule}");
    if let Some(help) = &finding.help {
        let _ = write!(item, " · {}", line(help));
    }
    item.push('\n');
    item
}

/// Text of a policy or file on one line.
fn line(text: &str) -> String {
    markdown(&terminal_line(&cut(text.trim(), TEXT_LIMIT)))
}

/// `path:line`, linked to the lines at the judged commit where their address is known.
fn place(at: &Location, context: &Context) -> String {
    let path = context.repository_path(at.file.as_str());
    let (first, last) = (at.start.line, at.end.line.max(at.start.line));
    let shown = markdown(&terminal_line(&cut(&path, PATH_LIMIT)));
    let shown = format!("{shown}&#58;{first}");
    let Some(blob) = context.blob.as_deref().and_then(web_address) else {
        return shown;
    };
    let lines = match first == last {
        true => format!("L{first}"),
        false => format!("L{first}-L{last}"),
    };
    let target = format!("{blob}/{}#{lines}", uri_path(&path));
    if target.len() > ADDRESS_LIMIT {
        return shown;
    }
    format!("[{shown}]({target})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::{RelPath, Span};
    use crate::report::{Format, sample};

    fn render(report: &Report) -> String {
        let context = Context {
            root: "mesh".to_owned(),
            blob: Some("https://github.com/acme/mono/blob/4748ff9".to_owned()),
            ..Context::default()
        };
        let text = sample::render(report, Format::Markdown, &context);
        assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
        text
    }

    #[test]
    fn a_summary_has_verdict_table_and_linked_findings_worst_first() {
        let expected = "\
## govcheck: ❌ 1 error, 1 warning

2 files judged by 3 rules: 1 contract, 2 teams.

| domain | errors | warnings | notes | ownership | security |
| --- | ---: | ---: | ---: | ---: | ---: |
| sales | 1 | 1 |  | 1 | 1 |

### Worst findings

- ❌ team `salez` is not registered, did you mean `sales`?  
  [mesh/sales/orders.yaml&#58;9](https://github.com/acme/mono/blob/4748ff9/mesh/sales/orders.yaml#L9) · \
[ownership/unknown-team](https://docs.example.org/ownership/unknown-team)
- ⚠️ column `größe😀` has the classification `secret`, which is not registered  
  [mesh/sales/orders.yaml&#58;7](https://github.com/acme/mono/blob/4748ff9/mesh/sales/orders.yaml#L7) · \
[security/unknown-classification](https://docs.example.org/security/unknown-classification) · Name a registered classification
";
        assert_eq!(render(&sample::report()), expected);
    }

    #[test]
    fn the_verdict_is_that_of_the_exit_code() {
        let mut report = sample::report();
        let said = |report: &Report, fail_on| {
            let context = Context {
                fail_on,
                ..Context::default()
            };
            let text = sample::render(report, Format::Markdown, &context);
            text.lines().next().unwrap().to_owned()
        };
        let of = |report: &Report| said(report, Some(Level::Error));
        assert_eq!(of(&report), "## govcheck: ❌ 1 error, 1 warning");
        assert_eq!(
            said(&report, None),
            "## govcheck: ✅ passed, 1 error, 1 warning"
        );
        report.incomplete = true;
        assert_eq!(
            of(&report),
            "## govcheck: ⛔ not everything could be judged, 1 error, 1 warning"
        );
        assert_eq!(
            of(&sample::empty(&[("a.yaml", "x")])),
            "## govcheck: ✅ no findings"
        );
        assert_eq!(
            of(&sample::empty(&[])),
            "## govcheck: ⚪ no manifests found"
        );
    }

    #[test]
    fn without_an_address_places_are_text() {
        for blob in [None, Some("javascript:alert(1)".to_owned())] {
            let context = Context {
                blob,
                ..Context::default()
            };
            let text = sample::render(&sample::report(), Format::Markdown, &context);
            assert!(text.contains("\n  sales/orders.yaml&#58;9 · ["), "{text}");
            assert!(!text.contains("javascript"), "{text}");
        }
    }

    #[test]
    fn no_text_of_a_file_becomes_markup() {
        let evil = "</details>\n\n# x | [y](http://z) <img src=a> @me `|` ``` \u{202e}";
        let mut report = sample::empty(&[(evil, "a:\n  b\n")]);
        let mut finding = sample::finding(&report, evil, Level::Error, evil, "a");
        finding.message = evil.to_owned();
        finding.help = Some(evil.to_owned());
        finding.domain = Some(evil.to_owned());
        let source = &report.sources[&RelPath::new(evil)];
        finding.location = Some(sample::spanned(source, RelPath::new(evil), Span::new(0, 6)));
        report.findings.push(finding);
        let text = render(&report);
        for markup in [
            "</details>",
            "\n# ",
            "](http://z",
            "<img",
            "@me",
            "\u{202e}",
        ] {
            assert!(!text.contains(markup), "{markup:?} in\n{text}");
        }
        let row = text
            .lines()
            .find(|line| line.contains("&lt;/details"))
            .unwrap();
        assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        assert!(text.contains("#L1-L2)"), "{text}");
    }

    #[test]
    fn what_is_too_much_is_left_out_and_said() {
        let mut report = sample::empty(&[("a.yaml", "x")]);
        for number in 0..3_000 {
            let level = if number % 2 == 0 {
                Level::Note
            } else {
                Level::Error
            };
            let category = number % 40;
            let rule = format!("c{category}/b");
            let mut finding = sample::finding(&report, &rule, level, "a.yaml", "x");
            finding.domain = Some(format!("d{:02}", number % 50));
            finding.message = "*".repeat(1_000);
            report.findings.push(finding);
        }
        let text = render(&report);
        assert!(
            text.chars().count() > LIMIT - 3_000,
            "{}",
            text.chars().count()
        );
        assert!(text.contains("\n| _20 more domains_ | "), "{text}");
        assert!(
            text.contains("\n_25 more category columns left out._\n"),
            "{text}"
        );
        let shown = text.matches("\n- ").count();
        assert!(shown > OPEN && !text.contains("- ℹ️"), "{shown}");
        assert!(
            text.contains("<details><summary>2980 more findings</summary>"),
            "{text}"
        );
        let left_out = format!(
            "\n_{} more findings left out for length ({} errors, 1500 notes): `govcheck` prints all._\n",
            3_000 - shown,
            1_500 - shown
        );
        assert!(text.ends_with(&left_out), "{text}");
    }

    #[test]
    fn a_long_path_has_no_link_and_hides_nothing() {
        let long = format!("{}.yaml", "ü/".repeat(2_000));
        let mut report = sample::empty(&[(&long, "x"), ("b.yaml", "x")]);
        for file in [long.as_str(), "b.yaml"] {
            let finding = sample::finding(&report, "a/b", Level::Error, file, "x");
            report.findings.push(finding);
        }
        let text = render(&report);
        assert!(
            text.contains("/b.yaml#L1)") && !text.contains("%C3%BC"),
            "{text}"
        );
        assert!(!text.contains("left out"), "{text}");
    }
}
