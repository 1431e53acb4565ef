//! What a summary looks like, and that nothing in a manifest can break it.

use super::findings::OPEN;
use super::{FORMAT, LIMIT, MARKER};
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::model::text::{RelPath, Span};
use crate::report::{ReportContext, sample};

fn render(report: &Report) -> String {
    let context = ReportContext {
        root: "mesh".to_owned(),
        blob: Some("https://github.com/acme/mono/blob/4748ff9".to_owned()),
        waive: Some(sample::sample_terms()),
        ..ReportContext::default()
    };
    let text = sample::render_report(report, FORMAT, &context);
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
  <details><summary>Waive it until 2027-02-27</summary>

  ```sh
  cd mesh && govcheck waive ownership/unknown-team --entity contract:orders --at owner.team --until 2027-02-27 --owner sales \
--reason 'TODO: why this is acceptable until then'
  ```

  </details>
- ⚠️ column `größe😀` has the classification `secret`, which is not registered  
  [mesh/sales/orders.yaml&#58;7](https://github.com/acme/mono/blob/4748ff9/mesh/sales/orders.yaml#L7) · \
[security/unknown-classification](https://docs.example.org/security/unknown-classification) · Name a registered classification
";
    assert_eq!(render(&sample::sample_report()), expected);
}

#[test]
fn the_verdict_is_that_of_the_exit_code() {
    let mut report = sample::sample_report();
    let said = |report: &Report, fail_on| {
        let context = ReportContext {
            fail_on,
            ..ReportContext::default()
        };
        let text = sample::render_report(report, FORMAT, &context);
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
        "## govcheck: ⛔ the check is incomplete, 1 error, 1 warning"
    );
    assert_eq!(
        of(&sample::empty_report(&[("a.yaml", "x")])),
        "## govcheck: ✅ no findings"
    );
    assert_eq!(
        of(&sample::empty_report(&[])),
        "## govcheck: ⚪ no manifests found"
    );
}

#[test]
fn without_an_address_places_are_text() {
    for blob in [None, Some("javascript:alert(1)".to_owned())] {
        let context = ReportContext {
            blob,
            ..ReportContext::default()
        };
        let text = sample::render_report(&sample::sample_report(), FORMAT, &context);
        assert!(text.contains("\n  sales/orders.yaml&#58;9 · ["), "{text}");
        assert!(!text.contains("javascript"), "{text}");
    }
}

#[test]
fn no_text_of_a_file_becomes_markup() {
    let evil = "</details>\n\n# x | [y](http://z) <img src=a> @me `|` ``` \u{202e}";
    let mut report = sample::empty_report(&[(evil, "a:\n  b\n")]);
    let mut finding = sample::finding_on(&report, evil, Level::Error, evil, "a");
    finding.message = evil.to_owned();
    finding.help = Some(evil.into());
    finding.domain = Some(evil.to_owned());
    let source = &sample::text_of(&report, evil);
    finding.location = Some(sample::location_at(
        source,
        RelPath::new(evil),
        Span::new(0, 6),
    ));
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
fn items_over_the_limit_are_left_out_and_counted() {
    let mut report = sample::empty_report(&[("a.yaml", "x")]);
    for number in 0..3_000 {
        let level = if number % 2 == 0 {
            Level::Note
        } else {
            Level::Error
        };
        let category = number % 40;
        let rule = format!("c{category}/b");
        let mut finding = sample::finding_on(&report, &rule, level, "a.yaml", "x");
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
        "\n_{} more findings left out for length ({} errors, 1500 notes): `govcheck --all` shows every finding._\n",
        3_000 - shown,
        1_500 - shown
    );
    assert!(text.ends_with(&left_out), "{text}");
}

#[test]
fn a_long_path_has_no_link_and_hides_nothing() {
    let long = format!("{}.yaml", "ü/".repeat(2_000));
    let mut report = sample::empty_report(&[(&long, "x"), ("b.yaml", "x")]);
    for file in [long.as_str(), "b.yaml"] {
        let finding = sample::finding_on(&report, "a/b", Level::Error, file, "x");
        report.findings.push(finding);
    }
    let text = render(&report);
    assert!(
        text.contains("/b.yaml#L1)") && !text.contains("%C3%BC"),
        "{text}"
    );
    assert!(!text.contains("left out"), "{text}");
}

#[test]
fn against_a_base_it_is_a_comment_by_owner_with_what_the_change_means() {
    let mut report = sample::changed_report();
    report.findings[0].owner = Some("logistics".to_owned());
    let expected = "\
<!-- govcheck -->
## govcheck: ❌ 1 new error, 1 new warning

2 files judged by 3 rules: 1 contract, 2 teams.

1 unchanged, 1 fixed, 1 gone with a removed entity, 1 waived, 1 in the baseline; against `origin/main` (`4748ff912345`), policies of `origin/main` (`4748ff912345`).

### New findings

**sales**: 1 error

- ❌ team `salez` is not registered, did you mean `sales`?  
  [mesh/sales/orders.yaml&#58;9](https://github.com/acme/mono/blob/4748ff9/mesh/sales/orders.yaml#L9) · \
[ownership/unknown-team](https://docs.example.org/ownership/unknown-team) · \
read directly by product `billing`, indirectly by product `forecast`
  <details><summary>Waive it until 2027-02-27</summary>

  ```sh
  cd mesh && govcheck waive ownership/unknown-team --entity contract:orders --at owner.team --until 2027-02-27 --owner sales \
--reason 'TODO: why this is acceptable until then'
  ```

  Waivers come from `origin/main`: this one takes effect once it is merged there.

  </details>

**logistics**: 1 warning

- ⚠️ column `größe😀` has the classification `secret`, which is not registered  
  [mesh/sales/orders.yaml&#58;7](https://github.com/acme/mono/blob/4748ff9/mesh/sales/orders.yaml#L7) · \
[security/unknown-classification](https://docs.example.org/security/unknown-classification) · Name a registered classification

### Next versions

1 version does not fit its change:

- contract `orders`&#58; 1\\.2\\.0 → 2\\.0\\.0 \\(major\\), not 1\\.3\\.0&#58; column `email` removed

### Removed

1 entity, with 1 finding that counts as gone, not as fixed:

- contract `returns` \\(owner `sales`, domain `sales`\\) · mesh/sales/returns.yaml · 1 finding gone with it

### Renamed

1 entity has another id:

- contract `refunds` → `paybacks` in sales/paybacks.yaml

### Consumers

2 affected products (1 direct, 1 indirect) of 1 owner:

- product `billing` \\(owner `finance`, domain `finance`\\) reads contract `orders` · \
[mesh/finance/billing.yaml](https://github.com/acme/mono/blob/4748ff9/mesh/finance/billing.yaml)
- product `forecast` \\(owner `finance`, domain `finance`\\) reads contract `orders` through product `billing` · \
[mesh/finance/forecast.yaml](https://github.com/acme/mono/blob/4748ff9/mesh/finance/forecast.yaml)

### Waivers about to expire

1 waiver expires within 14 days:

- 3 days, until 2027-03-31: discovery/duplicate-id `team:sales` · jane@&#8203;acme.example · GOV-12 · two teams merge in spring

### Fixed

1 finding fixed:

- ✅ `gone` is wrong · mesh/sales/orders.yaml&#58;2 · lifecycle/unknown-status
";
    assert_eq!(render(&report), expected);
}

#[test]
fn a_change_without_new_findings_passes() {
    let mut report = sample::changed_report();
    report.findings.retain(|finding| !finding.is_open());
    let text = render(&report);
    assert!(
        text.starts_with("<!-- govcheck -->\n## govcheck: ✅ no new findings\n"),
        "{text}"
    );
    assert!(
        !text.contains("### New findings") && text.contains("### Fixed"),
        "{text}"
    );
    report.comparison = None;
    let text = render(&report);
    assert!(
        text.starts_with("## govcheck: ✅ no open findings\n"),
        "{text}"
    );
    assert!(
        text.contains("\n1 unchanged, 1 waived, 1 in the baseline; policies of `origin/main`"),
        "{text}"
    );
}

/// Tags of HTML and blocks of code that are open at the end of the text, and code spans that were cut in two.
fn broken_markup(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let (mut open, mut fence) = (0, None);
    for line in text.lines().map(str::trim) {
        if let Some(end) = &fence {
            if line == *end {
                fence = None;
            }
        } else if line.starts_with("```") {
            fence = Some(line.trim_end_matches("sh").to_owned());
        } else if line.starts_with("<details>") {
            open += 1;
        } else if line == "</details>" {
            open -= 1;
        } else if line.replace("\\`", "").matches('`').count() % 2 == 1 {
            broken.push(line.to_owned());
        }
    }
    if open != 0 || fence.is_some() {
        broken.push("details or code".to_owned());
    }
    broken
}

#[test]
fn a_hostile_name_stays_inside_the_code_of_its_command() {
    let mut report = sample::changed_report();
    let evil = "x``` </details> '; rm -rf ~ # @me";
    report.findings[1].entity = Some(sample::entity_key("contract", evil));
    report.findings[1].owner = Some(evil.to_owned());
    let text = render(&report);
    assert_eq!(broken_markup(&text), Vec::<String>::new(), "{text}");
    let (before, after) = text.split_once("\n  ````sh\n").unwrap();
    let (code, after) = after.split_once("\n  ````\n").unwrap();
    assert_eq!(code.lines().count(), 1);
    assert!(
        code.contains("'x``` </details> '\\''; rm -rf ~ # @me'"),
        "{code}"
    );
    for prose in [before, after] {
        assert!(!prose.contains("@me") && !prose.contains("x```"), "{text}");
    }
}

#[test]
fn findings_come_before_the_commands_that_waive_them() {
    let mut report = sample::changed_report();
    let mut error = report.findings[1].clone();
    error.message = "long ".repeat(60);
    report.findings = vec![error; 90];
    let text = render(&report);
    assert_eq!(text.matches("\n- ❌").count(), 90);
    let commands = text.matches("govcheck waive").count();
    assert!((10..90).contains(&commands), "{commands}");
    assert!(text.contains("\n### Fixed\n"), "{text}");
}

#[test]
fn every_blocking_finding_links_its_rule() {
    let mut report = sample::sample_report();
    let again = report.findings.clone();
    report.findings.extend(again);
    let text = render(&report);
    let links = |rule: &str| text.matches(&format!("[{rule}](https")).count();
    assert_eq!(links("ownership/unknown-team"), 2, "{text}");
    assert_eq!(
        links("security/unknown-classification"),
        1,
        "a warning blocks nothing"
    );
}

#[test]
fn no_text_of_a_change_becomes_markup_or_pings_anybody() {
    let evil = "</details>\n<!-- govcheck -->\n# x | [y](http://z) <img src=a> @me #12 acme/mesh#3 GH-4 `|` ``` ` \u{202e}";
    let text = render(&sample::hostile_change(evil));
    // Neither code nor the targets of links are read for markup or names.
    let code = regex::Regex::new(r"[^\\](`[^`]*[^\\`]`|\]\(https://github\.com[^)]*\))").unwrap();
    let prose = code.replace_all(&text, "");
    for markup in [
        "</details>",
        "\n# ",
        "](http://z",
        "<img",
        "@me",
        "#12",
        "#3",
        "GH-4",
        "\u{202e}",
    ] {
        assert!(!prose.contains(markup), "{markup:?} in\n{text}");
    }
    assert!(
        text.starts_with(MARKER) && prose.matches("<!--").count() == 1,
        "{text}"
    );
    assert_eq!(broken_markup(&text), Vec::<String>::new(), "{text}");
}

#[test]
fn a_comment_is_cut_from_the_least_important_end() {
    let mut report = sample::changed_report();
    let long = format!("`{}` @a", "*x".repeat(300));
    let comparison = report.comparison.as_mut().unwrap();
    comparison.fixed[0].message = long.clone();
    comparison.fixed = vec![comparison.fixed[0].clone(); 300];
    comparison.affected = vec![comparison.affected[0].clone(); 100];
    comparison.versions[0].reasons = vec![long.clone(); 3];
    comparison.versions = vec![comparison.versions[0].clone(); 30];
    comparison.removed = vec![comparison.removed[0].clone(); 40];
    let text = render(&report);
    assert!(
        text.chars().count() > LIMIT - 3_000,
        "{}",
        text.chars().count()
    );
    assert_eq!(broken_markup(&text), Vec::<String>::new(), "{text}");
    // What is more important is there in whole; the last is cut.
    assert_eq!(text.matches("\n- contract ").count(), 30 + 40 + 1);
    assert_eq!(text.matches("\n- product ").count(), 100);
    let fixed = text.matches("\n- ✅").count();
    assert!((1..300).contains(&fixed), "{fixed}");
    assert!(
        text.ends_with(&format!(
            "\n_{} more left out for length._\n\n</details>\n",
            300 - fixed
        )),
        "{text}"
    );
    // New findings take the room of all that follows.
    let mut error = report.findings[1].clone();
    error.message = long;
    for number in 0..300 {
        error.owner = Some(format!("@team-{}", number % 30));
        error.level = if number < 20 {
            Level::Error
        } else {
            Level::Note
        };
        report.findings.push(error.clone());
    }
    let text = render(&report);
    assert_eq!(broken_markup(&text), Vec::<String>::new(), "{text}");
    assert_eq!(text.matches("\n- ❌").count(), 21, "{text}");
    assert!(
        text.contains(" more findings left out for length ("),
        "{text}"
    );
    for section in ["Next versions", "Removed", "Consumers", "Fixed"] {
        let (_, after) = text.split_once(&format!("### {section}\n")).unwrap();
        let this = after.split("\n### ").next().unwrap();
        assert!(this.contains(" more left out for length._\n"), "{section}");
    }
}

#[test]
fn findings_beyond_the_fold_keep_their_owner() {
    let mut report = sample::changed_report();
    let error = report.findings[1].clone();
    report.findings = vec![error; 25];
    let text = render(&report);
    let (before, after) = text
        .split_once("<details><summary>5 more findings</summary>\n\n")
        .unwrap();
    assert_eq!(before.matches("\n- ❌").count(), OPEN);
    assert!(
        after.starts_with("**sales**: 25 errors\n\n- ❌ "),
        "{after}"
    );
    assert_eq!(after.matches("\n- ❌").count(), 5);
}
