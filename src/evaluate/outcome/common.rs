//! Texts that findings of many files have: rule ids, help, kinds of entities.

use std::collections::HashMap;
use std::sync::Arc;

use crate::policy::Pack;

/// Texts that findings of many files share: they are not written, and readers have them already.
#[derive(Debug, Default)]
pub struct Common {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Common {
    /// Ids of rules, what they say to do, and kinds of entities.
    pub fn of(pack: &Pack) -> Self {
        let rules = pack.rules.iter();
        let of_rules = rules.flat_map(|rule| [rule.rule.id.as_str(), &rule.rule.help]);
        let kinds = pack.schema.kinds.keys().map(|kind| &**kind);
        Self::with(of_rules.chain(kinds))
    }

    pub(super) fn with<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut common = Self::default();
        for (number, text) in (0..).zip(texts) {
            let text: Arc<str> = text.into();
            common.numbers.insert(Arc::clone(&text), number);
            common.texts.push(text);
        }
        common
    }

    pub(super) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The texts, by number.
    pub(super) fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }
}
