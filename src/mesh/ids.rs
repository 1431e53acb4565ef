//! The ids of a kind, to find the one that somebody meant who wrote another: the same as [`nearest_name`](crate::model::text::nearest_name)
//! of all, without looking closely at each.

use std::collections::BTreeMap;

use super::Mesh;
use crate::model::text::{
    FURTHEST, MOST_LETTERS, MOST_NAMES, edit_distance, is_near, letters_within,
};

/// Ids by how many letters they have.
pub struct Ids<'m>(BTreeMap<usize, Vec<Id<'m>>>);

struct Id<'m> {
    id: &'m str,
    lower: String,
    letters: u64,
}

impl Mesh {
    /// The ids of a kind, each once.
    pub fn ids<'m>(&'m self, kind: &'m str) -> Ids<'m> {
        let mut ids: BTreeMap<usize, Vec<Id<'m>>> = BTreeMap::new();
        for card in self.first_of(kind) {
            if letters_within(&card.key.id, MOST_LETTERS + FURTHEST).is_none() {
                continue;
            }
            let lower = card.key.id.to_lowercase();
            let same_length = ids.entry(lower.chars().count()).or_default();
            same_length.push(Id {
                id: &card.key.id,
                letters: letters(&lower),
                lower,
            });
        }
        Ids(ids)
    }
}

impl<'m> Ids<'m> {
    /// The one that was most likely meant, if any is near; never what was written. None is near a name of more than
    /// [`MOST_LETTERS`], and no more than [`MOST_NAMES`] that have nearly the same letters are looked at closely.
    pub fn nearest(&self, got: &str) -> Option<&'m str> {
        letters_within(got, MOST_LETTERS)?;
        let lower = got.to_lowercase();
        let (length, own) = (lower.chars().count(), letters(&lower));
        let lengths = length.saturating_sub(FURTHEST)..=length + FURTHEST;
        let candidates = self.0.range(lengths).flat_map(|(_, ids)| ids);
        // Each difference takes away one letter or adds one, or both.
        let may_be = |id: &&Id<'m>| {
            let (gone, new) = (own & !id.letters, id.letters & !own);
            gone.count_ones().max(new.count_ones()) as usize <= FURTHEST && id.id != got
        };
        candidates
            .filter(may_be)
            .take(MOST_NAMES)
            .map(|id| (edit_distance(&lower, &id.lower), id.id))
            .filter(|(distance, id)| is_near(*distance, got, id))
            .min()
            .map(|(_, id)| id)
    }
}

/// Which letters a text has, a bit for each or for some.
fn letters(text: &str) -> u64 {
    let bit = |letter: char| 1 << (u32::from(letter) % 64);
    text.chars().fold(0, |all, letter| all | bit(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{Card, Facts};
    use crate::model::entity::EntityKey;
    use crate::model::text::{RelPath, nearest_name};
    use crate::model::work;
    use crate::policy::engine::Datum;
    use crate::policy::engine::codec::Packed;

    fn mesh(ids: &[String]) -> Mesh {
        let card = |id: &String| Card {
            key: EntityKey {
                kind: "contract".into(),
                id: id.as_str().into(),
            },
            file: RelPath::new("a.yaml"),
            document: 0,
            ordinal: 0,
            fields: Packed::of(&Datum::object()),
            facts: Facts::default(),
            text: 0,
            presence: crate::mesh::Presence::Declared,
        };
        Mesh::new(ids.iter().map(card).collect())
    }

    #[test]
    fn the_nearest_id_is_the_nearest_of_all() {
        let letters: Vec<char> = "abcÄ-İ".chars().collect();
        let mut state = 7_u64;
        let mut dice = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % bound
        };
        let mut word = || -> String {
            (0..=dice(9))
                .map(|_| letters[dice(letters.len())])
                .collect()
        };
        let ids: Vec<String> = (0..60).map(|_| word()).collect();
        let mesh = mesh(&ids);
        let known = mesh.ids("contract");
        let mut found = 0;
        for got in ids.iter().cloned().chain((0..400).map(|_| word())) {
            let others = ids.iter().map(String::as_str).filter(|id| *id != got);
            let expected = nearest_name(&got, others);
            assert_eq!(known.nearest(&got), expected, "{got}");
            found += usize::from(expected.is_some());
        }
        assert!(found > 100, "{found}");
        assert_eq!(mesh.ids("product").nearest("abc"), None);
    }

    #[test]
    fn many_and_long_ids_take_bounded_work() {
        let steps = |letters: usize, count: usize| {
            let ids: Vec<String> = (0..count)
                .map(|n| format!("{}{n:06}", "n".repeat(letters)))
                .collect();
            let mesh = mesh(&ids);
            let known = mesh.ids("contract");
            work::steps_of(|| {
                known.nearest(&"n".repeat(letters + 5));
            })
        };
        assert_eq!(steps(1_000, 400), 0);
        assert_eq!(steps(20, 4_000), steps(20, 1_000));
    }
}
