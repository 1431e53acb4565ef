//! A summary in GitHub's Markdown: for the page of a job, or a comment. Verdict, table by domain and category, worst findings with
//! links to their lines. Always short enough to be shown; what is left out is said.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::{cut, markdown};
use super::{Context, Verdict, count_of, summary};
use crate::model::report::Report;

mod findings;
mod table;
mod text;

use text::NAME_LIMIT;

/// Characters of the whole summary: a comment takes 65,536.
const LIMIT: usize = 60_000;
/// Kept free for the last lines.
const RESERVE: usize = 600;

pub(super) fn write(report: &Report, context: &Context, out: &mut dyn Write) -> io::Result<()> {
    let mut text = format!("## govcheck: {}\n\n", verdict(report, context));
    let _ = writeln!(text, "{}", judged(report));
    if !report.findings.is_empty() {
        table::table(report, &mut text);
        findings::findings(report, context, &mut text);
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

#[cfg(test)]
mod tests {
    use super::findings::OPEN;
    use super::*;
    use crate::model::rule::Level;
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
