//! The standing of findings: open, or why not; the count of each; and the revisions that were judged. All formats share
//! this, so that they agree.

use super::escape::cut_text;
use crate::model::comparison::RevisionName;
use crate::model::finding::{Against, Finding, Suppression};
use crate::model::report::Report;
use crate::model::waiver::Waiver;

/// Characters of a revision's name.
const NAME_LIMIT: usize = 200;

/// The standing of one finding: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Standing<'a> {
    /// It counts.
    Open,
    /// A waiver suppresses it, in the base or not.
    Waived(&'a Waiver),
    /// The baseline suppresses it, in the base or not.
    Baselined,
    /// An `exception` of the policy suppresses it.
    Excepted,
    /// Nothing suppresses it, but the base has it too.
    Unchanged,
}

impl<'a> Standing<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        match &finding.suppression {
            _ if finding.is_open() => Standing::Open,
            Some(Suppression::Waiver(waiver)) => Standing::Waived(waiver),
            Some(Suppression::Baseline) => Standing::Baselined,
            Some(Suppression::Exception) => Standing::Excepted,
            None => Standing::Unchanged,
        }
    }
}

/// Counts of findings that are not open, by reason, and of findings of the base that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ClosedCounts {
    pub(super) unchanged: usize,
    pub(super) fixed: usize,
    /// Gone with a removed entity.
    pub(super) gone: usize,
    pub(super) waived: usize,
    pub(super) baselined: usize,
    pub(super) excepted: usize,
}

impl ClosedCounts {
    pub(super) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut rest = Self::default();
        for finding in findings {
            match Standing::of(finding) {
                Standing::Open => {}
                Standing::Waived(_) => rest.waived += 1,
                Standing::Baselined => rest.baselined += 1,
                Standing::Excepted => rest.excepted += 1,
                Standing::Unchanged => rest.unchanged += 1,
            }
        }
        rest
    }

    pub(super) fn of_report(report: &Report) -> Self {
        let comparison = report.comparison.as_ref();
        let fixed = comparison.map_or(0, |it| it.fixed.len());
        Self {
            fixed,
            gone: comparison.map_or(0, |it| it.gone().count() - fixed),
            ..Self::of(&report.findings)
        }
    }

    /// `12 unchanged, 3 fixed, 2 waived, 400 in the baseline`: the counts that are not zero. `None` if all are.
    pub(super) fn phrase(self) -> Option<String> {
        let gone = match self.gone {
            1 => "gone with a removed entity",
            _ => "gone with removed entities",
        };
        let parts: Vec<String> = [
            (self.unchanged, "unchanged"),
            (self.fixed, "fixed"),
            (self.gone, gone),
            (self.waived, "waived"),
            (self.baselined, "in the baseline"),
            (self.excepted, "exempt by the policy"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The word before the level of open findings: `new ` where the base has none of them, else empty.
pub(super) fn level_adjective(report: &Report) -> &'static str {
    let all_new = || report.open().all(|it| it.against == Some(Against::New));
    match report.comparison.is_some() && all_new() {
        true => "new ",
        false => "",
    }
}

/// The phrase for no open finding: `no new findings` against a base, `no open findings` where some are suppressed or filtered out.
pub(super) fn none_open(report: &Report) -> &'static str {
    if report.selected.is_some() {
        match report.comparison.is_some() {
            true => "no new findings that match the filter",
            false => "no open findings that match the filter",
        }
    } else if report.comparison.is_some() {
        "no new findings"
    } else if report.findings.is_empty() {
        "no findings"
    } else {
        "no open findings"
    }
}

/// `v1.5.0 (8c1d…) against v1.4.0 (4748ff9…), policies of v1.4.0 (4748ff9…)`. `None` for a working tree without a base, judged by its own
/// policies. `show` escapes a revision for the format.
pub(super) fn judged_by(report: &Report, show: impl Fn(&str) -> String) -> Option<String> {
    let name = |revision: &RevisionName| {
        let RevisionName { given, commit } = revision;
        if commit.is_empty() {
            show(&cut_text(given, NAME_LIMIT))
        } else if given.starts_with(commit.as_str()) || commit.starts_with(given.as_str()) {
            show(&cut_text(commit, NAME_LIMIT))
        } else {
            let (given, commit) = (cut_text(given, NAME_LIMIT), cut_text(commit, NAME_LIMIT));
            format!("{} ({})", show(&given), show(&commit))
        }
    };
    let against = report.comparison.as_ref().map(|comparison| {
        let base = name(&comparison.base);
        match &comparison.head {
            Some(head) => format!("{} against {base}", name(head)),
            None => format!("against {base}"),
        }
    });
    let policies = report.policies.as_ref().map(name);
    match (against, policies) {
        (Some(against), Some(policies)) => Some(format!("{against}, policies of {policies}")),
        (against, policies) => {
            against.or(policies.map(|policies| format!("policies of {policies}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_finding_has_one_standing() {
        let report = sample::changed_report();
        let rest = ClosedCounts::of_report(&report);
        assert_eq!(
            rest.phrase().unwrap(),
            "1 unchanged, 1 fixed, 1 gone with a removed entity, 1 waived, 1 in the baseline"
        );
        let held_back = rest.unchanged + rest.waived + rest.baselined;
        assert_eq!(report.open().count() + held_back, report.findings.len());
        assert_eq!(
            ClosedCounts::of_report(&sample::sample_report()).phrase(),
            None
        );
    }

    #[test]
    fn findings_about_what_could_not_be_judged_stay_open_even_if_exempt() {
        let mut report = sample::changed_report();
        for finding in &mut report.findings {
            finding.incomplete = true;
        }
        assert_eq!(ClosedCounts::of(&report.findings).phrase(), None);
    }

    #[test]
    fn an_exception_comes_before_being_unchanged() {
        let mut report = sample::changed_report();
        for finding in &mut report.findings {
            finding.against = Some(Against::Unchanged);
        }
        let rest = ClosedCounts::of(&report.findings);
        assert_eq!((rest.unchanged, rest.waived, rest.baselined), (3, 1, 1));
    }

    #[test]
    fn revisions_are_named_once_each() {
        let mut report = sample::changed_report();
        let said = |report: &Report| judged_by(report, str::to_owned);
        assert_eq!(
            said(&report).unwrap(),
            "against origin/main (4748ff912345), policies of origin/main (4748ff912345)"
        );
        let comparison = report.comparison.as_mut().unwrap();
        comparison.base.given = "4748ff9".to_owned();
        comparison.head = Some(RevisionName {
            given: "v1.5.0".to_owned(),
            commit: "8c1d00000000".to_owned(),
        });
        report.policies = None;
        assert_eq!(
            said(&report).unwrap(),
            "v1.5.0 (8c1d00000000) against 4748ff912345"
        );
        assert_eq!(said(&sample::sample_report()), None);
    }
}
