//! Which findings a run reports: rules, categories, domains and owners. The mesh is always judged whole.
//! Names are resolved and reports are filtered in `judge`.

use super::finding::Finding;
use super::kinds;
use super::rule::RuleId;

/// Categories whose findings say what could not be judged, or what did not judge: no selection hides them.
pub const ALWAYS_REPORTED: [&str; 4] = ["discover", "engine", "parse", "policies"];

/// The name of a rule or of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// All rules of a category: `documentation`.
    Category(String),
    /// One rule: `kpi/bad-name`.
    Rule(RuleId),
}

impl Selector {
    /// One name, or two with a slash between; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '/')
        };
        match text.split_once('/') {
            None => is_name(text).then(|| Selector::Category(text.to_owned())),
            Some((category, name)) => {
                (is_name(category) && is_name(name)).then(|| Selector::Rule(RuleId::new(text)))
            }
        }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        match self {
            Selector::Category(category) => category,
            Selector::Rule(rule) => rule.as_str(),
        }
    }

    /// Whether it names the rule or its category.
    pub fn selects(&self, rule: &RuleId) -> bool {
        match self {
            Selector::Category(category) => category == rule.category(),
            Selector::Rule(selected) => selected == rule,
        }
    }
}

/// Which findings to report. The default reports all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Rules and categories to report; empty for all.
    pub select: Vec<Selector>,
    /// Rules and categories to leave out.
    pub ignore: Vec<Selector>,
    /// Domains of the entities to report on; empty for all.
    pub domains: Vec<String>,
    /// Teams that own the entities to report on; empty for all.
    pub owners: Vec<String>,
}

impl Selection {
    /// Every finding.
    pub const ALL: Selection = Selection {
        select: Vec::new(),
        ignore: Vec::new(),
        domains: Vec::new(),
        owners: Vec::new(),
    };

    /// Whether it reports every finding.
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }

    /// Whether it names domains or owners.
    pub fn has_names(&self) -> bool {
        !self.domains.is_empty() || !self.owners.is_empty()
    }

    /// Whether findings of a rule are reported. The longer name wins: a rule over its category. Of two equal names
    /// `ignore` wins.
    pub fn has_rule(&self, rule: &RuleId) -> bool {
        if ALWAYS_REPORTED.contains(&rule.category()) {
            return true;
        }
        let strength = |selectors: &[Selector]| {
            let matching = selectors.iter().filter(|selector| selector.selects(rule));
            let strengths = matching.map(|selector| match selector {
                Selector::Category(_) => 1,
                Selector::Rule(_) => 2,
            });
            strengths.max().unwrap_or(0)
        };
        let ignored = strength(&self.ignore);
        match strength(&self.select) {
            0 => self.select.is_empty() && ignored == 0,
            selected => selected > ignored,
        }
    }

    /// Whether a finding is reported.
    pub fn has(&self, finding: &Finding) -> bool {
        is_always_reported(finding)
            || (self.has_rule(&finding.rule)
                && is_one_of(
                    &self.domains,
                    kinds::DOMAIN,
                    finding.domain.as_deref(),
                    finding,
                )
                && is_one_of(&self.owners, kinds::TEAM, finding.owner.as_deref(), finding))
    }
}

/// Whether no selection hides a finding.
fn is_always_reported(finding: &Finding) -> bool {
    finding.incomplete || ALWAYS_REPORTED.contains(&finding.rule.category())
}

/// Whether the names are empty, or have the name that a finding belongs to. An entry of a register belongs to itself.
fn is_one_of(names: &[String], kind: &str, name: Option<&str>, finding: &Finding) -> bool {
    let own = finding.entity.as_ref();
    let own = own.filter(|entity| &*entity.kind == kind);
    let has = |name: &str| names.iter().any(|known| known == name);
    names.is_empty() || name.is_some_and(has) || own.is_some_and(|entity| has(&entity.id))
}

/// What a selection made of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// The selection.
    pub by: Selection,
    /// How many open findings it hides.
    pub hidden: usize,
    /// Its domains and owners that the mesh does not know: with any of these, the report does not answer the question.
    pub unknown: Vec<UnknownName>,
}

/// A domain or an owner that the mesh does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// Which of the two it was meant to be.
    pub kind: NameKind,
    /// As written.
    pub name: String,
    /// The name of the mesh that is spelt like it.
    pub nearest: Option<String>,
}

/// What a name of a selection stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A business domain.
    Domain,
    /// A team that owns entities.
    Owner,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entity::EntityKey;
    use crate::model::rule::Level;

    fn selectors(names: &[&str]) -> Vec<Selector> {
        let parsed = names.iter().map(|name| Selector::parse(name).unwrap());
        parsed.collect()
    }

    #[test]
    fn the_longer_name_wins_and_ignore_wins_between_equals() {
        let has = |select: &[&str], ignore: &[&str], rule: &str| {
            let selection = Selection {
                select: selectors(select),
                ignore: selectors(ignore),
                ..Selection::ALL
            };
            selection.has_rule(&RuleId::new(rule))
        };
        assert!(has(&[], &[], "kpi/a"));
        assert!(has(&["kpi"], &[], "kpi/a"));
        assert!(!has(&["kpi"], &[], "security/a"));
        assert!(!has(&["kpi"], &["kpi/a"], "kpi/a"));
        assert!(has(&["kpi"], &["kpi/a"], "kpi/b"));
        assert!(has(&["kpi/a"], &["kpi"], "kpi/a"));
        assert!(!has(&["kpi/a"], &["kpi"], "kpi/b"));
        assert!(!has(&[], &["kpi"], "kpi/a"));
        assert!(has(&[], &["kpi"], "security/a"));
        assert!(!has(&["kpi"], &["kpi"], "kpi/a"));
        assert!(!has(&["kpi/a"], &["kpi/a"], "kpi/a"));
    }

    fn finding(rule: &str, domain: Option<&str>, owner: Option<&str>) -> Finding {
        let mut finding = Finding::bare(RuleId::new(rule), Level::Error, "m".to_owned());
        finding.domain = domain.map(ToOwned::to_owned);
        finding.owner = owner.map(ToOwned::to_owned);
        finding
    }

    #[test]
    fn domain_and_owner_must_both_fit() {
        let selection = Selection {
            domains: vec!["sales".to_owned(), "hr".to_owned()],
            owners: vec!["core".to_owned()],
            ..Selection::ALL
        };
        assert!(selection.has(&finding("kpi/a", Some("hr"), Some("core"))));
        assert!(!selection.has(&finding("kpi/a", Some("hr"), Some("other"))));
        assert!(!selection.has(&finding("kpi/a", Some("logistics"), Some("core"))));
        assert!(!selection.has(&finding("kpi/a", None, Some("core"))));
    }

    #[test]
    fn a_register_entry_belongs_to_itself() {
        let selection = Selection {
            domains: vec!["sales".to_owned()],
            ..Selection::ALL
        };
        let mut of_entry = finding("ownership/missing-owner", None, None);
        let key = |kind: &str| EntityKey {
            kind: kind.into(),
            id: "sales".into(),
        };
        of_entry.entity = Some(key("domain"));
        assert!(selection.has(&of_entry));
        of_entry.entity = Some(key("team"));
        assert!(!selection.has(&of_entry));
    }

    #[test]
    fn what_could_not_be_judged_is_always_reported() {
        let selection = Selection {
            select: selectors(&["kpi"]),
            domains: vec!["sales".to_owned()],
            ..Selection::ALL
        };
        for category in ALWAYS_REPORTED {
            assert!(selection.has(&finding(&format!("{category}/x"), None, None)));
        }
        let mut incomplete = finding("security/a", None, None);
        assert!(!selection.has(&incomplete));
        incomplete.incomplete = true;
        assert!(selection.has(&incomplete));
    }
}
