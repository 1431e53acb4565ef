//! What the terminal report looks like, and that nothing in a manifest or a policy can break it.

use std::time::Duration;

use super::FORMAT;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::model::text::{RelPath, Span, text_offset};
use crate::report::excerpt::Excerpt;
use crate::report::{ReportContext, escape, sample};

fn render(report: &Report, context: &ReportContext) -> String {
    sample::render_report(report, FORMAT, context)
}

fn plain(report: &Report) -> String {
    render(report, &ReportContext::default())
}

#[test]
fn the_file_with_the_worst_finding_comes_first_and_in_it_the_worst() {
    let mut report = sample::sample_report();
    let template = report.findings[0].clone();
    let findings = [
        ("b.yaml", Level::Note),
        ("b.yaml", Level::Error),
        ("a.yaml", Level::Warning),
        ("c.yaml", Level::Warning),
        ("c.yaml", Level::Error),
        ("d.yaml", Level::Warning),
    ];
    report.findings = findings
        .iter()
        .enumerate()
        .map(|(number, (file, level))| {
            let mut finding = template.clone();
            finding.location.as_mut().unwrap().file = RelPath::new(*file);
            finding.level = *level;
            finding.message = format!("M{number}.");
            finding
        })
        .collect();
    let text = plain(&report);
    let mut places: Vec<(usize, usize)> = (0..findings.len())
        .map(|number| (text.find(&format!("M{number}.")).unwrap(), number))
        .collect();
    places.sort_unstable();
    let order: Vec<usize> = places.into_iter().map(|(_, number)| number).collect();
    assert_eq!(order, [1, 0, 4, 3, 2, 5], "{text}");
}

#[test]
fn a_report_has_excerpts_labels_help_and_links() {
    let context = ReportContext {
        elapsed: Some(Duration::from_millis(120)),
        ..ReportContext::default()
    };
    let text = render(&sample::sample_report(), &context);
    let expected = "\
sales/orders.yaml  1 error, 1 warning

  error[ownership/unknown-team]: team `salez` is not registered, did you mean `sales`?
   ╭─[sales/orders.yaml:9:7]
 8 │       - name: email
 9 │ team: salez
   ·       ──┬──
   ·         ╰── `owner.team` of contract `orders`
   ╰────
  also: teams.yaml:2:9: `sales` is registered here
        2 │   - id: sales
  see: https://docs.example.org/ownership/unknown-team

  warning[security/unknown-classification]: column `größe😀` has the classification `secret`,
  │ which is not registered
   ╭─[sales/orders.yaml:7:25]
 5 │     properties:
 6 │       - name: größe😀
   ·               ───┬───
   ·                  ╰── the column is declared here
 7 │         classification: secret
   ·                         ───┬──
   ·                            ╰── `columns[customers.größe😀].classification` of contract `orders`
 8 │       - name: email
   ╰────
  help: Name a registered classification
  write: classification: restricted
  see: https://docs.example.org/security/unknown-classification

1 file skipped (not a manifest): `--verbose` lists it
1 error, 1 warning in 1 of 2 files · 3 entities · 3 rules · 0.12 s
failed: 1 error (`--fail-on error`, exit code 1)
";
    assert_eq!(text, expected);
}

#[test]
fn an_ascii_terminal_gets_ascii_drawing() {
    let mut report = sample::sample_report();
    report.findings.remove(0);
    let context = ReportContext {
        unicode: false,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("^^|^^"), "{text}");
}

#[test]
fn without_colour_there_is_no_escape_sequence_and_with_it_levels_differ() {
    assert!(!plain(&sample::sample_report()).contains('\u{1b}'));
    let context = ReportContext {
        color: true,
        hyperlinks: true,
        ..ReportContext::default()
    };
    let text = render(&sample::sample_report(), &context);
    assert!(text.contains("\u{1b}]8;;https://docs.example.org/ownership/unknown-team\u{1b}\\error[ownership/unknown-team]:"));
    assert!(text.contains("\u{1b}[31m") && text.contains("\u{1b}[33m"));
}

#[test]
fn no_escape_sequence_of_a_file_or_policy_reaches_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let file = format!("a{evil}.yaml");
    let text = format!("k{evil}: secret{evil}\nother: {evil}\n");
    let mut report = sample::empty_report(&[(&file, &text), ("b.yaml", &text)]);
    let mut finding = sample::finding_on(
        &report,
        &format!("a/b{evil}"),
        Level::Error,
        &file,
        "secret",
    );
    finding.message = format!("message {evil}\n\n  error: forged");
    finding.help = Some(format!("help {evil}").into());
    finding.fix = Some(format!("fix {evil}\n{evil}"));
    finding.route = format!("route{evil}");
    finding.related = vec![
        sample::related_place(&report, evil, &file, "other"),
        sample::related_place(&report, evil, "b.yaml", "other"),
    ];
    report.findings.push(finding);
    report
        .rules
        .push(sample::sample_rule(&format!("a/b{evil}"), Level::Error));
    report.passed_over = vec![RelPath::new(file)];
    let context = ReportContext {
        verbose: true,
        hyperlinks: true,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    let bad = text.chars().find(|c| *c != '\n' && escape::is_unsafe(*c));
    assert_eq!(bad, None, "{text}");
    assert!(text.contains("\\n\\n  error:\n  │ forged"), "{text}");
}

#[test]
fn an_over_long_line_is_cut_but_keeps_its_column() {
    let long = format!(
        "{{{}\"team\":\"salez\",{}}}",
        "\"k\":1,".repeat(100_000),
        "\"k\":2,".repeat(80_000)
    );
    let mut report = sample::empty_report(&[("min.json", &long)]);
    report.findings = vec![sample::finding_on(
        &report,
        "ownership/unknown-team",
        Level::Error,
        "min.json",
        "\"salez\"",
    )];
    let text = plain(&report);
    assert!(text.contains("[min.json:1:600009]"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    let column = |needle: &str| {
        let line = text.lines().find(|line| line.contains(needle)).unwrap();
        line.chars().count() - line.split_once(needle).unwrap().1.chars().count()
    };
    assert_eq!(column(":\"salez\""), column("───┬───"), "{text}");
}

#[test]
fn tabs_and_wide_characters_keep_the_underline_below() {
    let mut report = sample::empty_report(&[("a.yaml", "\t売上:\tbad # x\n")]);
    report.findings = vec![sample::finding_on(
        &report,
        "a/b",
        Level::Error,
        "a.yaml",
        "bad",
    )];
    let text = plain(&report);
    let lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains("bad #"))
        .unwrap();
    // Four columns of tab, two characters of two columns, the colon, three columns of tab.
    assert!(lines[at].ends_with("│     売上:   bad # x"), "{text}");
    assert!(lines[at + 1].ends_with("·             ─┬─"), "{text}");
}

#[test]
fn distant_places_of_one_file_are_two_excerpts() {
    let body = format!("team: salez\n{}last: here\n", "x: 1\n".repeat(200));
    let mut report = sample::empty_report(&[("a.yaml", &body)]);
    let mut finding = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "here");
    finding.related = vec![sample::related_place(
        &report,
        "first said here",
        "a.yaml",
        "salez",
    )];
    report.findings = vec![finding];
    let text = plain(&report);
    assert!(
        text.contains("[a.yaml:1:7]") && text.contains("[a.yaml:202:7]"),
        "{text}"
    );
    assert!(
        text.contains("202 │ last: here") && text.contains("first said here"),
        "{text}"
    );
    assert!(text.lines().count() < 25, "{text}");
}

#[test]
fn a_place_on_several_lines_is_drawn_beside_them() {
    let mut report =
        sample::empty_report(&[("a.yaml", "a: 1\nowner:\n  team: x\n  people: []\nb: 2\n")]);
    let path = RelPath::new("a.yaml");
    let mut finding = sample::finding_on(&report, "a/b", Level::Note, "a.yaml", "a: 1");
    finding.location = Some(sample::location_at(
        &report.sources.get(&path).unwrap(),
        path,
        Span::new(
            5,
            text_offset("a: 1\nowner:\n  team: x\n  people: []\n".len()),
        ),
    ));
    report.findings = vec![finding];
    let text = plain(&report);
    assert!(
        text.contains("╭─▶ owner:") && text.contains("├─▶   people: []"),
        "{text}"
    );
}

#[test]
fn hostile_places_never_break_the_drawing() {
    for body in [
        "",
        "\n",
        "a",
        "a\n",
        "a\r\n\r\nb",
        "\u{feff}x",
        "é\u{301}\u{301}\n\n",
    ] {
        let mut report = sample::empty_report(&[("a.yaml", body)]);
        let path = RelPath::new("a.yaml");
        let source = report.sources.get(&path).unwrap();
        for start in 0..=text_offset(body.len()) + 1 {
            for end in start..=text_offset(body.len()) + 2 {
                let mut finding = sample::finding_on(&report, "a/b", Level::Error, "a.yaml", "");
                finding.location = Some(sample::location_at(
                    &source,
                    path.clone(),
                    Span::new(start, end),
                ));
                finding.related = vec![sample::related_place(&report, "here", "a.yaml", "")];
                report.findings.push(finding);
            }
        }
        let context = ReportContext {
            all: true,
            ..ReportContext::default()
        };
        let text = render(&report, &context);
        assert!(text.contains("a.yaml:1:1"), "{body:?}\n{text}");
        assert!(!text.contains("Failed to read"), "{body:?}\n{text}");
    }
}

#[test]
fn a_finding_without_text_or_place_is_still_shown() {
    let mut report = sample::sample_report();
    report.sources = crate::model::sources::Sources::default();
    report.findings[0].location = None;
    report.findings[0].entity = None;
    let text = plain(&report);
    assert!(text.contains("the mesh as a whole  1 warning"), "{text}");
    assert!(text.contains("  at: sales/orders.yaml:9:7\n"), "{text}");
    assert!(
        text.contains("  also: sales/orders.yaml:6:15: the column is declared here\n"),
        "{text}"
    );
}

#[test]
fn a_rule_without_a_link_names_the_command_that_explains_it_once() {
    let mut report = sample::sample_report();
    report.rules[1].related_resources.clear();
    let again = report.findings[1].clone();
    report.findings.push(again);
    let text = plain(&report);
    assert_eq!(
        text.matches("see: govcheck explain ownership/unknown-team")
            .count(),
        1,
        "{text}"
    );
}

#[test]
fn quiet_is_only_the_summary_and_verbose_lists_skipped_files() {
    let mut context = ReportContext {
        quiet: true,
        ..ReportContext::default()
    };
    let report = sample::sample_report();
    assert_eq!(
        render(&report, &context),
        "1 error, 1 warning in 1 of 2 files · 3 entities · 3 rules\n\
         failed: 1 error (`--fail-on error`, exit code 1)\n"
    );
    context.quiet = false;
    context.verbose = true;
    assert!(render(&report, &context).contains("skipped: ci/values.yaml (not a manifest)\n"));
}

#[test]
fn a_narrow_terminal_wraps_at_forty_columns() {
    let context = ReportContext {
        width: 3,
        ..ReportContext::default()
    };
    let mut report = sample::sample_report();
    report.findings[0].help = Some("word ".repeat(30).into());
    let text = render(&report, &context);
    let help = text
        .lines()
        .skip_while(|line| !line.contains("help:"))
        .take_while(|line| !line.contains("write:"));
    let widths: Vec<usize> = help.map(|line| line.chars().count()).collect();
    assert!(
        widths.len() > 3 && widths.iter().all(|width| *width <= 40),
        "{text}"
    );
}

#[test]
fn many_findings_in_a_large_file_are_drawn_from_a_few_lines_each() {
    let context = ReportContext {
        all: true,
        ..ReportContext::default()
    };
    let body = "key: value\n".repeat(100_000);
    let mut report = sample::empty_report(&[
        ("big.yaml", &body),
        ("min.json", &"\"k\":1,".repeat(200_000)),
    ]);
    let last = sample::text_of(&report, "big.yaml")
        .line_span(99_999)
        .unwrap();
    for (file, at) in [("big.yaml", last.start), ("min.json", 1_000_000)] {
        let path = RelPath::new(file);
        let place = sample::location_at(
            &report.sources.get(&path).unwrap(),
            path,
            Span::new(at, at + 3),
        );
        let mut finding = sample::finding_on(&report, "a/b", Level::Error, file, "k");
        finding.location = Some(place);
        report.findings.extend(std::iter::repeat_n(finding, 5_000));
    }
    let text = render(&report, &context);
    assert_eq!(text.matches("error[a/b]").count(), 10_000);
    // miette looks at all that it is given, for each finding again.
    let first = report.findings.iter().step_by(5_000);
    for at in first.filter_map(|finding| finding.location.as_ref()) {
        let source = report.sources.get(&at.file).unwrap();
        let excerpt = Excerpt::new(&source, &[at], 80, "…");
        assert!(excerpt.text.len() < 300, "{}", excerpt.text.len());
    }
}

#[test]
fn names_stay_whole_where_lines_break() {
    let mut report = sample::sample_report();
    let name = "`strictly-confidential/customer-data.v2`";
    report.findings[0].message = format!("column has the classification {name}, which is not");
    report.findings[0].help = Some(format!("Do not write the classification {name} there").into());
    report.findings[1].related[0].message = format!("the classification {name} is registered");
    for width in [70, 80] {
        let context = ReportContext {
            width,
            ..ReportContext::default()
        };
        let text = render(&report, &context);
        assert_eq!(text.matches(name).count(), 3, "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{text}");
    }
}

#[test]
fn a_label_without_room_is_its_end() {
    let mut report = sample::sample_report();
    report.findings[0].route = format!("columns[{}].classification", "long_".repeat(10));
    let context = ReportContext {
        width: 60,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    assert!(text.contains("╰── `classification`\n"), "{text}");
}

#[test]
fn a_label_says_the_entity_by_name_and_only_where_that_says_something() {
    let uuid = "53581432-6c55-4ba2-a65f-72344a91553a";
    for (id, route, label) in [
        ("orders", "owner.team", "`owner.team` of contract `orders`"),
        ("orders", "", "contract `orders`"),
        (
            uuid,
            "owner.team",
            "`owner.team` of contract `Orders of all shops`",
        ),
        // Made from the path, which is above the excerpt, or absent.
        ("sales/orders.yaml", "owner.team", "`owner.team`"),
        ("sales/orders.yaml#2", "owner.team", "`owner.team`"),
        ("", "owner.team", "`owner.team`"),
        (" ", "owner.team", "`owner.team`"),
    ] {
        let mut report = sample::sample_report();
        report.findings.remove(0);
        let key = sample::entity_key("contract", id);
        report.names.add(&key, "Orders of all shops");
        report.findings[0].entity = Some(key);
        report.findings[0].route = route.to_owned();
        let text = plain(&report);
        assert!(text.contains(&format!("╰── {label}\n")), "{id:?}: {text}");
    }
    let mut report = sample::sample_report();
    report.findings.remove(0);
    report.findings[0].entity = Some(sample::entity_key("contract", "sales/orders.yaml"));
    report.findings[0].route.clear();
    let text = plain(&report);
    assert!(
        !text.contains("╰── "),
        "no label is better than an empty one: {text}"
    );
}

#[test]
fn no_line_ends_with_a_space() {
    let mut report = sample::empty_report(&[("a.yaml", "\nx: bad\n\ny: 1\n")]);
    report.findings = vec![sample::finding_on(
        &report,
        "a/b",
        Level::Error,
        "a.yaml",
        "bad",
    )];
    let text = plain(&report);
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
}

#[test]
fn against_a_base_open_findings_are_shown_in_full_and_the_rest_in_lines() {
    let mut context = ReportContext::default();
    let report = sample::changed_report();
    let text = render(&report, &context);
    let (full, rest) = text.split_once("\nfixed:").unwrap();
    assert!(
        full.starts_with("sales/orders.yaml  1 error, 1 warning\n"),
        "{text}"
    );
    assert_eq!(full.matches("╭─[").count(), 2, "{text}");
    assert!(!full.contains("duplicate-id"), "{text}");
    let expected = " lifecycle/unknown-status at sales/orders.yaml:2:9: `gone` is wrong
removed: contract `returns` (owner `sales`, domain `sales`) in sales/returns.yaml; 1 finding gone with it
renamed: contract `refunds` → `paybacks` in sales/paybacks.yaml
version: contract `orders`: 1.2.0 → 2.0.0 (major), not 1.3.0: column `email` removed
consumers: 2 affected products (1 direct, 1 indirect) of 1 owner
1 file skipped (not a manifest): `--verbose` lists it
1 unchanged, 1 fixed, 1 gone with a removed entity, 1 waived, 1 in the baseline
against origin/main (4748ff912345), policies of origin/main (4748ff912345)
1 new error, 1 new warning in 1 of 2 files · 3 entities · 3 rules
failed: 1 error (`--fail-on error`, exit code 1)
";
    assert_eq!(rest, expected);
    context.verbose = true;
    let text = render(&report, &context);
    let waived = "\nwaived: discovery/duplicate-id at teams.yaml:2:9 until 2027-03-31 \
                  (jane@acme.example, GOV-12, teams.yaml:2:3): two teams merge in spring\n";
    assert!(text.contains(waived), "{text}");
    assert!(
        text.contains("\nconsumer: product `billing` (owner `finance`, domain `finance`) reads contract `orders` (finance/billing.yaml)\n"),
        "{text}"
    );
}

#[test]
fn a_blocking_finding_ends_with_its_readers_and_the_command_that_waives_it() {
    let mut context = ReportContext {
        waive: Some(sample::sample_terms()),
        ..ReportContext::default()
    };
    let report = sample::changed_report();
    let text = render(&report, &context);
    let expected = "  read: directly by product `billing`, indirectly by product `forecast`\n  \
                    waive: govcheck waive ownership/unknown-team --entity contract:orders --at owner.team --until 2027-02-27 \
                    --owner sales --reason 'TODO: why this is acceptable until then'\n";
    assert!(text.contains(expected), "{text}");
    assert_eq!(
        text.matches("\n  waive:").count(),
        1,
        "a warning blocks nothing: {text}"
    );
    let policies =
        "\nwaivers: they come from `origin/main`: a new one takes effect once it is merged there\n";
    assert!(text.contains(policies), "{text}");
    context.fail_on = None;
    let text = render(&report, &context);
    assert!(
        !text.contains("waive:") && !text.contains("waivers:"),
        "{text}"
    );
}

#[test]
fn many_removed_entities_are_listed_in_part() {
    let mut report = sample::changed_report();
    let comparison = report.comparison.as_mut().unwrap();
    comparison.removed = vec![comparison.removed[0].clone(); 22];
    let text = plain(&report);
    assert_eq!(text.matches("\nremoved: contract").count(), 10, "{text}");
    assert!(
        text.contains("\nremoved: 12 more: `--verbose` lists them\n"),
        "{text}"
    );
}

#[test]
fn many_fixed_findings_are_a_number_unless_asked_for() {
    let mut report = sample::changed_report();
    let comparison = report.comparison.as_mut().unwrap();
    comparison.fixed = vec![comparison.fixed[0].clone(); 6];
    comparison.versions = vec![comparison.versions[0].clone(); 21];
    let mut context = ReportContext {
        unicode: false,
        ..ReportContext::default()
    };
    let lines = |context: &ReportContext, tag: &str| {
        let text = render(&report, context);
        assert!(text.contains("1 unchanged, 6 fixed, 1 gone"), "{text}");
        text.lines().filter(|line| line.starts_with(tag)).count()
    };
    assert_eq!(
        (lines(&context, "fixed:"), lines(&context, "version:")),
        (0, 11)
    );
    context.verbose = true;
    assert_eq!(
        (lines(&context, "fixed:"), lines(&context, "version:")),
        (6, 21)
    );
    context.verbose = false;
    let text = render(&report, &context);
    assert!(
        text.contains("\nversion: 11 more: `--verbose` lists them\n"),
        "{text}"
    );
    assert!(text.contains("1.2.0 -> 2.0.0"), "{text}");
}

#[test]
fn no_escape_sequence_of_a_change_or_waiver_reaches_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\n::error::x";
    let report = sample::hostile_change(evil);
    let context = ReportContext {
        verbose: true,
        ..ReportContext::default()
    };
    let text = render(&report, &context);
    let bad = text.chars().find(|c| *c != '\n' && escape::is_unsafe(*c));
    assert_eq!(bad, None, "{text}");
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("::")),
        "{text}"
    );
}
