//! The same entities in two revisions: which ones a change may have touched, and what each was before.

use std::collections::{BTreeMap, BTreeSet};

use super::card::{Card, Presence};
use super::cards::Mesh;
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::entity::EntityKey;
use crate::model::text::RelPath;

/// One entity in two revisions, by the indexes of its cards; one of the two may be absent, not both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityPair {
    /// Its card in the base.
    pub base: Option<usize>,
    /// Its card in the head.
    pub head: Option<usize>,
}

/// Pairs of all entities that a changed file of either side declares, matched by key: one that moved between files is
/// the same. Where a key is declared more than once, those of one file belong together, the others in their order.
pub fn pair_entities(
    base: &Mesh,
    head: &Mesh,
    changed_in_base: &BTreeSet<RelPath>,
    changed_in_head: &BTreeSet<RelPath>,
) -> Vec<EntityPair> {
    let keys = |mesh: &'_ Mesh, changed: &BTreeSet<RelPath>| -> BTreeSet<EntityKey> {
        let touched = mesh
            .declared()
            .filter(|card| &*card.key.kind != DOCUMENT_KIND && changed.contains(&card.file));
        touched.map(|card| card.key.clone()).collect()
    };
    let mut touched = keys(base, changed_in_base);
    touched.append(&mut keys(head, changed_in_head));
    let is_changed = |mesh: &Mesh, card: Option<usize>, changed: &BTreeSet<RelPath>| {
        card.and_then(|card| mesh.cards.get(card))
            .is_some_and(|card| changed.contains(&card.file))
    };
    let mut pairs: Vec<EntityPair> = touched
        .iter()
        .flat_map(|key| matched(declared(base, key), declared(head, key)))
        .filter(|pair| {
            is_changed(base, pair.base, changed_in_base)
                || is_changed(head, pair.head, changed_in_head)
        })
        .collect();
    pairs.sort();
    pairs
}

/// The cards that declare a key with their indexes, in order.
fn declared<'m>(mesh: &'m Mesh, key: &EntityKey) -> Vec<(usize, &'m Card)> {
    let start = mesh.cards.partition_point(|card| card.key < *key);
    let cards = mesh.cards.iter().enumerate().skip(start);
    let cards = cards.take_while(|(_, card)| card.key == *key);
    let here = cards.filter(|(_, card)| card.presence != Presence::Governing);
    here.collect()
}

fn matched(base: Vec<(usize, &Card)>, head: Vec<(usize, &Card)>) -> Vec<EntityPair> {
    let mut by_file: BTreeMap<&RelPath, Vec<usize>> = BTreeMap::new();
    // The last one first, so that `pop` gives them in order.
    for (index, card) in head.iter().rev() {
        by_file.entry(&card.file).or_default().push(*index);
    }
    let mut pairs = Vec::new();
    let mut moved = Vec::new();
    for (index, card) in base {
        match by_file.get_mut(&card.file).and_then(Vec::pop) {
            Some(same) => pairs.push(EntityPair {
                base: Some(index),
                head: Some(same),
            }),
            None => moved.push(index),
        }
    }
    let mut left: Vec<usize> = by_file.into_values().flatten().collect();
    left.sort_unstable();
    let longest = moved.len().max(left.len());
    pairs.extend((0..longest).map(|at| EntityPair {
        base: moved.get(at).copied(),
        head: left.get(at).copied(),
    }));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Facts;
    use crate::policy::engine::Datum;
    use crate::policy::engine::codec::Packed;

    fn mesh(cards: &[(&str, &str)]) -> Mesh {
        let card = |(ordinal, (key, file)): (usize, &(&str, &str))| {
            let (kind, id) = key.split_once(':').unwrap();
            Card {
                key: EntityKey {
                    kind: kind.into(),
                    id: id.into(),
                },
                file: RelPath::new(*file),
                document: 0,
                ordinal,
                fields: Packed::of(&Datum::object()),
                facts: Facts::default(),
                text: 0,
                presence: Presence::Declared,
            }
        };
        Mesh::new(cards.iter().enumerate().map(card).collect())
    }

    /// `contract:a x.yaml>y.yaml`, sorted; a side that is absent is empty.
    fn paired(
        base: &[(&str, &str)],
        head: &[(&str, &str)],
        changed_in_base: &[&str],
        changed_in_head: &[&str],
    ) -> Vec<String> {
        let (base, head) = (mesh(base), mesh(head));
        let files = |names: &[&str]| names.iter().map(|name| RelPath::new(*name)).collect();
        let found = pair_entities(
            &base,
            &head,
            &files(changed_in_base),
            &files(changed_in_head),
        );
        let shown = found.iter().map(|pair| {
            let before = pair.base.map(|index| &base.cards[index]);
            let after = pair.head.map(|index| &head.cards[index]);
            let file = |card: Option<&Card>| card.map_or("", |card| card.file.as_str()).to_owned();
            let key = &before.or(after).unwrap().key;
            format!("{key} {}>{}", file(before), file(after))
        });
        let mut shown: Vec<String> = shown.collect();
        shown.sort();
        shown
    }

    #[test]
    fn an_entity_is_the_same_whatever_file_it_is_in() {
        let moved = paired(
            &[("contract:a", "old.yaml")],
            &[("contract:a", "new.yaml")],
            &["old.yaml"],
            &["new.yaml"],
        );
        assert_eq!(moved, ["contract:a old.yaml>new.yaml"]);
    }

    #[test]
    fn what_came_or_went_has_one_side() {
        let found = paired(
            &[("contract:a", "f.yaml"), ("contract:b", "f.yaml")],
            &[("contract:b", "f.yaml"), ("contract:c", "f.yaml")],
            &["f.yaml"],
            &["f.yaml"],
        );
        let expected = [
            "contract:a f.yaml>",
            "contract:b f.yaml>f.yaml",
            "contract:c >f.yaml",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn unchanged_files_and_documents_are_left_out() {
        let same = [("contract:a", "a.yaml"), ("document:f.yaml", "f.yaml")];
        assert!(paired(&same, &same, &["f.yaml"], &["f.yaml"]).is_empty());
    }

    #[test]
    fn of_a_key_declared_twice_those_of_one_file_belong_together() {
        let found = paired(
            &[("contract:a", "p.yaml"), ("contract:a", "q.yaml")],
            &[("contract:a", "q.yaml"), ("contract:a", "r.yaml")],
            &["p.yaml"],
            &["r.yaml"],
        );
        // That of q.yaml is as it was.
        assert_eq!(found, ["contract:a p.yaml>r.yaml"]);
        let fewer = paired(
            &[("contract:a", "f.yaml"), ("contract:a", "f.yaml")],
            &[("contract:a", "f.yaml")],
            &["f.yaml"],
            &["f.yaml"],
        );
        assert_eq!(fewer, ["contract:a f.yaml>", "contract:a f.yaml>f.yaml"]);
    }
}
