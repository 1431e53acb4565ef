//! Makes a [`Selection`] of the names that somebody wrote, and filters a finished report by it.

use std::collections::BTreeSet;

use crate::model::report::Report;
use crate::model::rule::Rule;
use crate::model::selection::{
    ALWAYS_REPORTED, NameKind, Selected, Selection, Selector, UnknownName,
};
use crate::model::text::nearest_name;

/// A name that selects no rule. The user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// No pack has it.
    #[error("unknown rule or category `{name}`")]
    UnknownRule {
        /// As written.
        name: String,
        /// A rule or category that is spelt like it.
        nearest: Option<String>,
    },
    /// Its findings are reported whatever is selected.
    #[error("`{name}` cannot be ignored; its findings show what could not be checked")]
    AlwaysReported {
        /// As written.
        name: String,
    },
}

impl SelectionError {
    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            Self::UnknownRule { nearest, .. } => match nearest {
                Some(near) => format!("did you mean `{near}`?"),
                None => "run `govcheck rules` to list all rules and categories".to_owned(),
            },
            Self::AlwaysReported { name } => format!(
                "fix the files, add them to `exclude`, or set the level in `govcheck.yaml`: `rules: {{{name}: note}}`"
            ),
        }
    }
}

/// The rules and categories to report, and those to leave out, by the names of today. Names that rules had before count.
pub fn select_rules(
    select: &[String],
    ignore: &[String],
    rules: &[Rule],
) -> Result<Selection, SelectionError> {
    let resolve = |names: &[String]| {
        let resolved = names.iter().map(|name| resolve_rule(name, rules));
        resolved.collect::<Result<Vec<_>, _>>()
    };
    let ignored = resolve(ignore)?;
    let category = |selector: &Selector| match selector {
        Selector::Category(category) => category.clone(),
        Selector::Rule(rule) => rule.category().to_owned(),
    };
    let is_refused = |selector: &&Selector| ALWAYS_REPORTED.contains(&&*category(selector));
    if let Some(refused) = ignored.iter().find(is_refused) {
        let name = refused.as_str().to_owned();
        return Err(SelectionError::AlwaysReported { name });
    }
    Ok(Selection {
        select: resolve(select)?,
        ignore: ignored,
        ..Selection::ALL
    })
}

fn resolve_rule(name: &str, rules: &[Rule]) -> Result<Selector, SelectionError> {
    let selector = Selector::parse(name.trim());
    let known = |selector: &Selector| rules.iter().any(|rule| selector.selects(&rule.id));
    if let Some(selector) = selector.as_ref().filter(|selector| known(selector)) {
        return Ok(selector.clone());
    }
    let renamed = selector.iter().find_map(|selector| match selector {
        Selector::Rule(old) => rules.iter().find(|rule| rule.aliases.contains(old)),
        Selector::Category(_) => None,
    });
    match renamed {
        Some(rule) => Ok(Selector::Rule(rule.id.clone())),
        None => Err(SelectionError::UnknownRule {
            name: name.to_owned(),
            nearest: nearest_rule(name.trim(), rules),
        }),
    }
}

/// The rule or category that was most likely meant.
fn nearest_rule(name: &str, rules: &[Rule]) -> Option<String> {
    let bare = name.rsplit('/').next().unwrap_or(name);
    // Right but for its category, or without one.
    let same_name = rules.iter().find(|rule| rule.id.name() == bare);
    // A category whose rules have moved.
    let moved = || {
        let was_in = |rule: &&Rule| rule.aliases.iter().any(|old| old.category() == name);
        let rule = rules.iter().find(was_in)?;
        Some(rule.id.category().to_owned())
    };
    let spelt = || {
        let ids = rules.iter().map(|rule| rule.id.as_str());
        let all = match name.contains('/') {
            true => nearest_name(name, ids)?,
            false => nearest_name(name, rules.iter().map(|rule| rule.id.category()).chain(ids))?,
        };
        Some(all.to_owned())
    };
    let by_name = || {
        let near = nearest_name(bare, rules.iter().map(|rule| rule.id.name()))?;
        let rule = rules.iter().find(|rule| rule.id.name() == near)?;
        Some(rule.id.to_string())
    };
    let same_name = same_name.map(|rule| rule.id.to_string());
    same_name.or_else(moved).or_else(spelt).or_else(by_name)
}

/// The domains and owners that a mesh knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// Registered, or named by an entity or its path.
    pub domains: BTreeSet<String>,
    /// Registered, or named by an entity.
    pub owners: BTreeSet<String>,
}

impl KnownNames {
    /// Adds the domains and owners of a report's findings.
    pub fn add_report(&mut self, report: &Report) {
        let gone = report.comparison.iter().flat_map(|it| it.gone());
        for finding in report.findings.iter().chain(gone) {
            self.domains.extend(finding.domain.clone());
            self.owners.extend(finding.owner.clone());
        }
    }

    /// The domains and owners of a selection that are none of these.
    pub fn unknown(&self, selection: &Selection) -> Vec<UnknownName> {
        let of = |kind: NameKind, names: &[String], known: &BTreeSet<String>| {
            let unknown = names.iter().filter(|name| !known.contains(*name));
            let named = unknown.map(|name| UnknownName {
                kind,
                name: name.clone(),
                nearest: nearest_name(name, known.iter().map(String::as_str))
                    .map(ToOwned::to_owned),
            });
            named.collect::<Vec<_>>()
        };
        let domains = of(NameKind::Domain, &selection.domains, &self.domains);
        let owners = of(NameKind::Owner, &selection.owners, &self.owners);
        domains.into_iter().chain(owners).collect()
    }
}

/// Leaves in a report what a selection has, and records that it did.
pub fn filter_report(report: &mut Report, selection: &Selection, known: &KnownNames) {
    let before = report.open().count();
    report.findings.retain(|finding| selection.has(finding));
    let hidden = before - report.open().count();
    if let Some(comparison) = &mut report.comparison {
        comparison.retain_gone(&|finding| selection.has(finding));
    }
    report.selected = Some(Selected {
        by: selection.clone(),
        hidden,
        unknown: known.unknown(selection),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::RuleId;

    /// The rules of the host, and one that had other names.
    fn rules() -> Vec<Rule> {
        let mut rules = crate::all_rules(std::iter::empty());
        let mut renamed = rules[0].clone();
        renamed.id = RuleId::new("kpi/bad-name");
        renamed.aliases = ["metrics/odd-name", "kpi/odd-name"].map(RuleId::new).into();
        rules.push(renamed);
        rules
    }

    fn select(name: &str) -> Result<Selection, SelectionError> {
        select_rules(&[name.to_owned()], &[], &rules())
    }

    #[test]
    fn earlier_names_select_the_rule_by_its_name_of_today() {
        let expected = vec![Selector::Rule(RuleId::new("kpi/bad-name"))];
        for name in [
            "kpi/bad-name",
            "kpi/odd-name",
            "metrics/odd-name",
            " kpi/bad-name ",
        ] {
            assert_eq!(select(name).unwrap().select, expected, "{name}");
        }
    }

    #[test]
    fn a_name_that_selects_nothing_has_the_one_that_was_meant() {
        let cases = [
            ("metrics", "kpi"),
            ("bad-name", "kpi/bad-name"),
            ("security/bad-name", "kpi/bad-name"),
            ("kpi/bad-nam", "kpi/bad-name"),
            ("bad-nme", "kpi/bad-name"),
            ("wavers", "waivers"),
        ];
        for (name, near) in cases {
            let error = select(name).unwrap_err();
            assert_eq!(error.help(), format!("did you mean `{near}`?"), "{name}");
        }
        for name in ["", "zzzzzzzzz", "kpi/", "/", "a b"] {
            let error = select(name).unwrap_err();
            assert!(
                error.help().contains("`govcheck rules`"),
                "{name}: {}",
                error.help()
            );
        }
    }

    #[test]
    fn what_could_not_be_judged_can_be_selected_and_not_ignored() {
        assert!(select("parse").is_ok());
        let ignore = |name: &str| select_rules(&[], &[name.to_owned()], &rules());
        for name in ["parse", "engine/panic", "discover", "policies"] {
            let error = ignore(name).unwrap_err();
            assert_eq!(
                error,
                SelectionError::AlwaysReported {
                    name: name.to_owned()
                }
            );
        }
        assert!(ignore("waivers").is_ok() && ignore("config").is_ok());
    }
}
