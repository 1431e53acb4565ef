//! Keys that several files declare, as two dbt projects do with a model of the same name: their findings must not be
//! confused. In the first file, identities come from the key alone; in the others they include the file's name.

use std::collections::BTreeMap;

use crate::mesh::{Card, Presence};
use crate::model::entity::{DOCUMENT_KIND, EntityKey};
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// The files of keys that more than one file declares.
#[derive(Debug, Default)]
pub struct SharedKeys(BTreeMap<EntityKey, Vec<RelPath>>);

impl SharedKeys {
    /// Reads cards that are sorted by key and file.
    pub fn of(cards: &[Card]) -> Self {
        let mut shared = BTreeMap::new();
        for same in cards.chunk_by(|one, other| one.key == other.key) {
            let here = same.iter();
            let here = here.filter(|card| card.presence != Presence::Governing);
            let mut files: Vec<&RelPath> = here.map(|card| &card.file).collect();
            files.dedup();
            if let [card, ..] = same
                && files.len() > 1
                && &*card.key.kind != DOCUMENT_KIND
            {
                shared.insert(card.key.clone(), files.into_iter().cloned().collect());
            }
        }
        Self(shared)
    }

    /// Whether no key is declared in more than one file.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files that declare a key, if there is more than one; else none.
    pub fn files(&self, key: &EntityKey) -> &[RelPath] {
        self.0.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files that declare the entity of a finding, if there is more than one; else none.
    pub fn files_of(&self, finding: &Finding) -> &[RelPath] {
        let key = finding.entity.as_ref();
        key.map(|key| self.files(key)).unwrap_or_default()
    }

    /// The file that is part of a finding's identity. `None` if the key alone identifies it.
    pub(super) fn place<'f>(&self, finding: &'f Finding) -> Option<&'f RelPath> {
        let first = self.files_of(finding).first()?;
        let file = &finding.location.as_ref()?.file;
        (file != first).then_some(file)
    }
}
