//! Where declarations of one revision are in another. Two that share a key are two: one has moved only if its old place no
//! longer declares the key.

use std::collections::{BTreeMap, BTreeSet};

use super::card::{Card, Presence};
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::entity::EntityKey;
use crate::model::text::RelPath;

/// The declarations of an older revision in a newer one.
#[derive(Debug, Default)]
pub struct Moves {
    /// Of keys that are not declared in the same single file of both: file by file, where each is now.
    now: BTreeMap<EntityKey, BTreeMap<RelPath, Option<RelPath>>>,
    /// Files that declare a key beside all that declared it before.
    added: BTreeMap<EntityKey, BTreeSet<RelPath>>,
    /// Keys that several files of one revision declare.
    shared: BTreeSet<EntityKey>,
}

impl Moves {
    /// Compares the cards of two meshes, each sorted by key. A file that git takes for renamed is preferred; beyond that,
    /// declarations whose place is gone belong to new ones in order of their files.
    pub fn between(base: &[Card], head: &[Card], renames: &BTreeMap<RelPath, RelPath>) -> Self {
        let mut moves = Self::default();
        let (mut base, mut head) = (Declarations(base), Declarations(head));
        while let Some(key) = base.next_key().into_iter().chain(head.next_key()).min() {
            let key = key.clone();
            let (old, new) = (base.take(&key), head.take(&key));
            if let ([one], [other]) = (old, new)
                && one.file == other.file
                && one.presence == other.presence
            {
                continue;
            }
            let (old, new) = (files(old), files(new));
            if old.len() > 1 || new.len() > 1 {
                moves.shared.insert(key.clone());
            }
            let (now, added) = matched(&old, &new, renames);
            if !old.is_empty() && !added.is_empty() {
                moves.added.insert(key.clone(), added);
            }
            moves.now.insert(key, now);
        }
        moves
    }

    /// Whether more than one file of a revision declares a key.
    pub fn is_shared(&self, key: &EntityKey) -> bool {
        self.shared.contains(key)
    }

    /// Whether a file declares a key that other files still declare, so that the entity has not moved.
    pub fn is_added(&self, key: &EntityKey, file: &RelPath) -> bool {
        self.added
            .get(key)
            .is_some_and(|files| files.contains(file))
    }

    /// The file that has the declaration of a key that `file` had. `None` if it is gone.
    pub fn place<'f>(&'f self, key: &EntityKey, file: &'f RelPath) -> Option<&'f RelPath> {
        match self.now.get(key) {
            None => Some(file),
            // What is declared elsewhere stays with its file.
            Some(places) => places.get(file).map_or(Some(file), Option::as_ref),
        }
    }
}

fn matched(
    old: &BTreeSet<&RelPath>,
    new: &BTreeSet<&RelPath>,
    renames: &BTreeMap<RelPath, RelPath>,
) -> (BTreeMap<RelPath, Option<RelPath>>, BTreeSet<RelPath>) {
    let mut come: BTreeSet<&RelPath> = new.difference(old).copied().collect();
    let mut places = BTreeMap::new();
    for file in old {
        let renamed = || renames.get(*file).filter(|now| come.contains(now));
        let now = match new.contains(file) {
            true => Some(*file),
            false => renamed(),
        };
        if let Some(now) = now {
            come.remove(now);
            places.insert((*file).clone(), Some(now.clone()));
        }
    }
    let mut come = come.into_iter();
    for file in old {
        places
            .entry((*file).clone())
            .or_insert_with(|| come.next().cloned());
    }
    (places, come.cloned().collect())
}

/// Sorted cards that are taken key by key.
struct Declarations<'m>(&'m [Card]);

impl<'m> Declarations<'m> {
    fn next_key(&mut self) -> Option<&'m EntityKey> {
        // Whole documents are known by their files.
        let of_document = |card: &Card| &*card.key.kind == DOCUMENT_KIND;
        while self.0.first().is_some_and(of_document) {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        self.0.first().map(|card| &card.key)
    }

    fn take(&mut self, key: &EntityKey) -> &'m [Card] {
        let count = self.0.iter().take_while(|card| card.key == *key).count();
        let (own, rest) = self.0.split_at_checked(count).unwrap_or_default();
        self.0 = rest;
        own
    }
}

fn files(cards: &[Card]) -> BTreeSet<&RelPath> {
    let here = cards.iter();
    let here = here.filter(|card| card.presence != Presence::Governing);
    here.map(|card| &card.file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{Facts, Mesh};
    use crate::policy::engine::Datum;
    use crate::policy::engine::codec::Packed;

    fn key() -> EntityKey {
        EntityKey {
            kind: "contract".into(),
            id: "a".into(),
        }
    }

    fn mesh(files: &[&str]) -> Mesh {
        let card = |file: &&str| Card {
            key: key(),
            file: RelPath::new(*file),
            document: 0,
            ordinal: 0,
            fields: Packed::of(&Datum::object()),
            facts: Facts::default(),
            text: 0,
            presence: Presence::Declared,
        };
        Mesh::new(files.iter().map(card).collect())
    }

    /// Where each file's declaration is now, and the files that declare the key beside them.
    fn moved(base: &[&str], head: &[&str], renames: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let renames = renames.iter();
        let renames = renames.map(|(old, new)| (RelPath::new(*old), RelPath::new(*new)));
        let renames = renames.collect();
        let moves = Moves::between(&mesh(base).cards, &mesh(head).cards, &renames);
        let now = base.iter().map(|file| {
            let file = RelPath::new(*file);
            let now = moves.place(&key(), &file);
            format!("{file}>{}", now.map_or("", |now| now.as_str()))
        });
        let added = head.iter().copied();
        let added = added.filter(|file| moves.is_added(&key(), &RelPath::new(*file)));
        (now.collect(), added.map(str::to_owned).collect())
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_declaration_has_moved_only_if_its_old_place_is_gone() {
        assert_eq!(moved(&["x"], &["y"], &[]), (texts(&["x>y"]), vec![]));
        assert_eq!(
            moved(&["x"], &["x", "y"], &[]),
            (texts(&["x>x"]), texts(&["y"]))
        );
        assert_eq!(
            moved(&["x", "y"], &["y", "z"], &[]),
            (texts(&["x>z", "y>y"]), vec![])
        );
        assert_eq!(
            moved(&["x", "y"], &["y"], &[]),
            (texts(&["x>", "y>y"]), vec![])
        );
        assert_eq!(
            moved(&[], &["x", "y"], &[]),
            (vec![], vec![]),
            "all of it is new"
        );
    }

    #[test]
    fn of_two_that_move_git_says_which_is_which() {
        let (old, new) = (["x", "y"], ["v", "w"]);
        assert_eq!(moved(&old, &new, &[]).0, ["x>v", "y>w"]);
        assert_eq!(moved(&old, &new, &[("x", "w")]).0, ["x>w", "y>v"]);
    }
}
