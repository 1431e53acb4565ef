//! Registers under a governing revision: which entries count where manifests refer to them. An entry of the governing revision
//! counts as that revision has it, whatever the change does to it; one that the change adds counts if its file may hold such
//! entries. Each entry is decided by itself, so that a register which is deleted, hidden or extended turns no rule off.

use std::collections::{BTreeMap, BTreeSet};

use super::card::{Card, Presence};
use super::cards::Mesh;
use super::facts::Facts;
use crate::discover::Patterns;
use crate::lift::schema::Schema;
use crate::model::entity::EntityKey;
use crate::model::text::RelPath;

/// The register entries of the revision that governs.
pub struct Governance<'g> {
    schema: &'g Schema,
    entries: BTreeMap<&'g EntityKey, &'g Card>,
    /// Which files may add entries. `None`: those that held entries of the same kind before.
    registers: Option<&'g Patterns>,
    holders: BTreeSet<(&'g str, &'g RelPath)>,
}

impl<'g> Governance<'g> {
    /// The entries of a mesh; `registers` are the globs of files that may add some.
    pub fn of(mesh: &'g Mesh, schema: &'g Schema, registers: Option<&'g Patterns>) -> Self {
        let is_entry = |card: &&Card| is_register_entry(schema, card);
        let entries = mesh.cards.iter().filter(is_entry);
        Self {
            schema,
            registers,
            holders: entries
                .clone()
                .map(|card| (&*card.key.kind, &card.file))
                .collect(),
            // Of two with one key the first counts.
            entries: entries.rev().map(|card| (&card.key, card)).collect(),
        }
    }

    /// The same mesh, in which the entries of the governing revision count.
    #[must_use]
    pub fn govern(&self, mesh: Mesh) -> Mesh {
        let mut cards = mesh.cards;
        let mut declared = BTreeSet::new();
        for card in &mut cards {
            if !is_register_entry(self.schema, card) {
                continue;
            }
            declared.insert(card.key.clone());
            match self.entries.get(&card.key) {
                Some(entry) => {
                    card.fields = entry.fields.clone();
                    card.facts = entry.facts.clone();
                }
                None if self.admits(card) => {}
                None => {
                    card.presence = Presence::NotInForce;
                    card.facts = Facts::none();
                }
            }
        }
        let missing = self.entries.values();
        let missing = missing.filter(|entry| !declared.contains(&entry.key));
        cards.extend(missing.map(|entry| Card {
            presence: Presence::Governing,
            // Its place is in another revision: this one may have something else there.
            ordinal: usize::MAX,
            ..Card::clone(entry)
        }));
        Mesh::new(cards)
    }

    /// The files of a mesh whose entries do not count as they are there, and those of entries that it lacks.
    pub fn files_not_in_force(&self, mesh: &Mesh) -> BTreeSet<RelPath> {
        let mut files = BTreeSet::new();
        let mut declared = BTreeSet::new();
        for card in &mesh.cards {
            if !is_register_entry(self.schema, card) {
                continue;
            }
            declared.insert(&card.key);
            let counts = match self.entries.get(&card.key) {
                Some(entry) => entry.fields == card.fields,
                None => self.admits(card),
            };
            if !counts {
                files.insert(card.file.clone());
            }
        }
        let missing = self.entries.values();
        let missing = missing.filter(|entry| !declared.contains(&entry.key));
        files.extend(missing.map(|entry| entry.file.clone()));
        files
    }

    fn admits(&self, card: &Card) -> bool {
        match self.registers {
            Some(globs) => globs.is_match(card.file.as_str()),
            None => self.holders.contains(&(&*card.key.kind, &card.file)),
        }
    }
}

/// Whether an entity is an entry of a register: of a kind that `policies/model.yaml` marks as `governed`, unless its field
/// `registered` says otherwise.
fn is_register_entry(schema: &Schema, card: &Card) -> bool {
    let fields = card.fields.datum();
    let registered = fields.get("registered").and_then(|value| value.as_bool());
    schema.governs(&card.key.kind, registered)
}
