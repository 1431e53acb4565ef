//! Which entities a change removes: declared in the base, declared nowhere in the head.

use std::collections::BTreeMap;

use super::cause::MeshSide;
use crate::evaluate::places::{Address, locate_addresses};
use crate::evaluate::setting::Setting;
use crate::mesh::{Card, Mesh};
use crate::model::comparison::RemovedEntity;
use crate::model::entity::EntityKey;
use crate::model::path::ModelPath;
use crate::model::text::RelPath;

/// The entities that changed files of the base declare and no file of the head, sorted by entity, without findings. Those
/// in `renamed` have another id now, and an id made of a path follows its renamed file.
pub(crate) fn removed_entities(
    setting: &Setting<'_>,
    base: &MeshSide<'_>,
    head: &Mesh,
    renames: &BTreeMap<RelPath, RelPath>,
    renamed: &BTreeMap<EntityKey, EntityKey>,
) -> Vec<RemovedEntity> {
    let is_declared = |key: &EntityKey| head.declares(key);
    let is_removed = |card: &Card| {
        let new = renames.get(&card.file);
        let moved = new.and_then(|new| card.key.moved(&card.file, new));
        !is_declared(&card.key)
            && !renamed.contains_key(&card.key)
            && !moved.is_some_and(|key| is_declared(&key))
    };
    let mut removed = base.entities();
    removed.retain(|_, card| is_removed(card));
    // A card from the cache has neither owner nor domain: the file says them.
    let address = |card: &Card| Address::of(card, ModelPath::root());
    let addresses = removed.values().map(|card| address(card)).collect();
    let places = locate_addresses(
        setting,
        &base.mapped.contexts,
        base.mapped.source,
        addresses,
    );
    let removed = removed.into_values().map(|card| {
        let found = places.found.get(&address(card));
        RemovedEntity {
            entity: card.key.clone(),
            owner: found.and_then(|found| found.owner.clone()),
            domain: found.and_then(|found| found.domain.clone()),
            file: card.file.clone(),
            findings: Vec::new(),
        }
    });
    removed.collect()
}
