//! The report for spreadsheets and audits: a row for each finding, whether it counts or not, RFC 4180. A spreadsheet runs what looks like a formula, so that nothing does.

use std::io::{self, Write};

use super::escape::csv_field;
use super::{OutputFormat, ReportContext};
use crate::model::finding::{Against, Finding, Suppression};
use crate::model::report::Report;

const COLUMNS: [&str; 16] = [
    "rule",
    "level",
    "file",
    "line",
    "column",
    "end_line",
    "end_column",
    "entity",
    "domain",
    "owner",
    "message",
    "help",
    "fingerprint",
    "against",
    "suppressed_by",
    "until",
];

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "csv",
    "For spreadsheets: one row for each finding, RFC 4180",
    write,
);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}\r\n", COLUMNS.join(","))?;
    for finding in &report.findings {
        let fields = row(finding, context).map(|field| csv_field(&field));
        write!(out, "{}\r\n", fields.join(","))?;
    }
    Ok(())
}

/// In the order of [`COLUMNS`].
fn row(finding: &Finding, context: &ReportContext) -> [String; COLUMNS.len()] {
    let at = finding.location.as_ref();
    let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    let (suppressed_by, until) = match &finding.suppression {
        Some(Suppression::Waiver(waiver)) if waiver.inline => ("comment", Some(waiver.expires)),
        Some(Suppression::Waiver(waiver)) => ("waiver", Some(waiver.expires)),
        Some(Suppression::Baseline) => ("baseline", None),
        Some(Suppression::Exception) => ("exception", None),
        None => ("", None),
    };
    let until = until.map(|day| day.to_string());
    [
        finding.rule.to_string(),
        finding.level.to_string(),
        at.map(|at| context.repository_path(at.file.as_str()))
            .unwrap_or_default(),
        number(at.map(|at| at.start.line)),
        number(at.map(|at| at.start.column)),
        number(at.map(|at| at.end.line)),
        number(at.map(|at| at.end.column)),
        finding
            .entity
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        finding.domain.clone().unwrap_or_default(),
        finding.owner.clone().unwrap_or_default(),
        finding.message.clone(),
        finding.help.as_deref().unwrap_or_default().to_owned(),
        finding.fingerprint.clone(),
        finding.against.map_or("", Against::as_str).to_owned(),
        suppressed_by.to_owned(),
        until.unwrap_or_default(),
    ]
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
        sample::render_report(report, FORMAT, &context)
    }

    #[test]
    fn a_finding_is_a_row_under_the_names_of_the_columns() {
        let fingerprint = format!("{:0>32}", "abc123");
        let expected = format!(
            "rule,level,file,line,column,end_line,end_column,entity,domain,owner,message,help,fingerprint,against,suppressed_by,until\r\n\
             security/unknown-classification,warning,mesh/sales/orders.yaml,7,25,7,31,contract:orders,sales,sales,\
             \"column `größe😀` has the classification `secret`, which is not registered\",Name a registered classification,{fingerprint},,,\r\n\
             ownership/unknown-team,error,mesh/sales/orders.yaml,9,7,9,12,contract:orders,sales,sales,\
             \"team `salez` is not registered, did you mean `sales`?\",,{fingerprint},,,\r\n"
        );
        assert_eq!(render(&sample::sample_report()), expected);
    }

    #[test]
    fn no_text_becomes_a_formula_or_another_row() {
        let mut report = sample::empty_report(&[("=a.yaml", "x")]);
        let mut finding = sample::finding_on(&report, "a/b", Level::Note, "=a.yaml", "x");
        finding.message = "=HYPERLINK(\"http://x\",\"y\")\r\nnext,1\u{1b}".to_owned();
        finding.domain = Some("@SUM(1)".to_owned());
        finding.owner = Some("\t+1".to_owned());
        finding.help = Some(" -2".into());
        finding.location = None;
        report.findings.push(finding);
        let text = sample::render_report(&report, FORMAT, &ReportContext::default());
        let row = text.split_once("\r\n").unwrap().1;
        assert!(
            row.starts_with("a/b,note,,,,,,contract:orders,'@SUM(1),\\t+1,"),
            "{row}"
        );
        assert!(
            row.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\nnext,1\\x1b\",' -2,"),
            "{row}"
        );
    }

    #[test]
    fn without_findings_only_the_heading_is_written() {
        assert_eq!(
            render(&sample::empty_report(&[])).matches("\r\n").count(),
            1
        );
    }

    #[test]
    fn every_finding_has_its_standing() {
        let text = render(&sample::changed_report());
        let ends: Vec<String> = text
            .lines()
            .skip(1)
            .map(|row| row.rsplitn(4, ',').take(3).collect::<Vec<_>>().join(" "))
            .collect();
        // From the last column to the first of the three.
        assert_eq!(
            ends,
            [
                "  new",
                "  new",
                "  unchanged",
                "2027-03-31 waiver new",
                " baseline unchanged"
            ]
        );
    }
}
