//! The packs as they would be with what is tried: added, or in the place of what has the same id.

use std::collections::BTreeSet;

use crate::model::rule::RuleId;
use crate::policy::source::{PackFile, PackSource};

/// What is tried.
pub struct Tried {
    /// A pack that is not in the config. `None` if its rules are in the packs already.
    pub pack: Option<PackSource>,
    /// The rules that it is about.
    pub rules: BTreeSet<RuleId>,
    /// Of these, rules of packs that the tried files replace.
    pub replaced: BTreeSet<RuleId>,
}

/// The packs with what is tried among them. Its rules and formats take the place of those of the same path.
pub fn add_tried(
    sources: &[PackSource],
    pack: Option<PackSource>,
) -> (Vec<PackSource>, BTreeSet<RuleId>) {
    let Some(pack) = pack else {
        return (sources.to_vec(), BTreeSet::new());
    };
    let mut replaced = BTreeSet::new();
    let mut all = sources.to_vec();
    for source in &mut all {
        source.files.retain(|file| {
            let one_of_a_kind = file.is_rule() || file.is_format() || file.is_shape();
            let again = one_of_a_kind && pack.files.iter().any(|own| own.path == file.path);
            if again {
                replaced.extend(rule_of(file));
            }
            !again
        });
    }
    all.push(pack);
    (all, replaced)
}

/// The id of the rule that a file is, by its path.
fn rule_of(file: &PackFile) -> Option<RuleId> {
    let id = file.path.strip_suffix(".rego")?;
    file.is_rule().then(|| RuleId::new(id))
}

impl Tried {
    /// The rules of a pack.
    pub fn rules_of(pack: &PackSource) -> BTreeSet<RuleId> {
        pack.files.iter().filter_map(rule_of).collect()
    }

    /// A pack with one of its rules, and the `lib/` that it needs.
    pub fn only(mut pack: PackSource, rule: &RuleId) -> PackSource {
        let own = format!("{rule}.");
        pack.files
            .retain(|file| file.path.starts_with(&own) || file.is_library());
        pack
    }
}
