//! Notes on a valid config: earlier names of rules, and globs that match nothing.

use std::collections::BTreeMap;

use super::renamed::Renamed;
use super::{Config, Override, Selector};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::rule::{BuiltinRule, Level, Rule, RuleId};
use crate::model::text::RelPath;

const RENAMED: &str = "config/renamed-rule";
const UNMATCHED: &str = "config/unmatched-override";

/// The rules of this file.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: RENAMED,
        title: "Setting under a former name of a rule",
        description: "The rule has a new name. Its former names keep working, but a search for the present name does not find the setting.",
        help: "write the present name of the rule",
        level: Level::Note,
    },
    BuiltinRule {
        id: UNMATCHED,
        title: "Override for files that do not exist",
        description: "No file of the mesh matches the glob, so the override does less than it says: the files moved, or the glob is misspelt.",
        help: "correct or remove the glob; globs start at the root of the mesh",
        level: Level::Note,
    },
];

impl Config {
    /// Takes settings for the earlier names of rules as settings for the rules. Where both names are set in one place, that of today wins.
    pub fn rename<'r>(&mut self, rules: impl IntoIterator<Item = &'r Rule>) {
        let rules: Vec<&Rule> = rules.into_iter().collect();
        let now: BTreeMap<&RuleId, &RuleId> = rules
            .iter()
            .flat_map(|rule| rule.aliases.iter().map(|alias| (alias, &rule.id)))
            // A name that is a rule's own is that rule's.
            .filter(|(alias, _)| !rules.iter().any(|rule| rule.id == **alias))
            .collect();
        if now.is_empty() {
            return;
        }
        let mut renamed = Vec::new();
        for (rules, overrides) in self.layers_mut() {
            let sets = std::iter::once(rules).chain(overrides.iter_mut().map(|set| &mut set.rules));
            for set in sets {
                let mut is_old = Vec::new();
                for (selector, setting) in set.iter_mut() {
                    let Selector::Rule(id) = selector else {
                        continue;
                    };
                    let Some(new) = now.get(&*id) else {
                        continue;
                    };
                    renamed.push(Renamed {
                        old: id.clone(),
                        new: (*new).clone(),
                        at: setting.at.clone(),
                    });
                    is_old.push(id.clone());
                    *id = (*new).clone();
                }
                let own = |source: &str| !is_old.iter().any(|id| source.ends_with(id.as_str()));
                // Later entries win.
                set.sort_by_key(|(_, setting)| own(&setting.source));
            }
        }
        self.renamed.extend(renamed);
    }

    /// Notes at their places, for a mesh that has these files.
    pub fn notes(&self, files: &[&RelPath]) -> Vec<Finding> {
        let renamed = self.renamed.iter().filter_map(Renamed::note);
        let globs = self.all_overrides().flat_map(|set| unmatched(set, files));
        renamed.chain(globs).collect()
    }
}

/// The globs of an override that match none of the files.
fn unmatched<'c>(
    set: &'c Override,
    files: &'c [&'c RelPath],
) -> impl Iterator<Item = Finding> + 'c {
    let globs = set.files.iter().zip(&set.files_at);
    globs.filter_map(move |(glob, at)| {
        let matcher = crate::discover::Patterns::new(std::slice::from_ref(glob)).ok()?;
        if files.iter().any(|file| matcher.is_match(file.as_str())) {
            return None;
        }
        let message = format!("`{glob}` matches no file of the mesh");
        let mut note = note(UNMATCHED, message, at.as_ref()?);
        note.route = glob.clone();
        Some(note)
    })
}

impl Renamed {
    fn note(&self) -> Option<Finding> {
        let Self { old, new, at } = self;
        let message = format!("`{old}` is now called `{new}`");
        let mut note = note(RENAMED, message, at.as_ref()?);
        note.help = Some(format!("write `{new}`").into());
        note.route = old.to_string();
        Some(note)
    }
}

fn note(id: &'static str, message: String, at: &Location) -> Finding {
    let mut note = Finding::bare(RuleId::new(id), Level::Note, message);
    let rule = RULES.iter().find(|rule| rule.id == id);
    note.help = rule.map(|rule| rule.help.into());
    note.location = Some(at.clone());
    note
}
