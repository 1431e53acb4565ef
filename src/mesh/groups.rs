//! Facts that a rule must see together: those that have a value in common, and those that have one in common with them. Told
//! from their bytes, without making values of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::RuleFacts;
use crate::model::rule::Together;
use crate::policy::engine::packed::{field_of, items_of, key_of};

impl RuleFacts<'_> {
    /// The numbers of facts that must be seen together, group by group in the order of their first facts: those groups of
    /// which a rule may have something to say.
    pub fn together(&self, together: &Together) -> Vec<Vec<usize>> {
        let mut leaders = Leaders((0..self.len()).collect());
        let mut has: Vec<bool> = Vec::with_capacity(self.len());
        let mut first_with: HashMap<Cow<'_, [u8]>, usize> = HashMap::new();
        for number in 0..self.len() {
            for field in &together.by {
                self.keys(number, field, &mut |key| match first_with.entry(key) {
                    Entry::Vacant(free) => drop(free.insert(number)),
                    Entry::Occupied(first) => leaders.join(*first.get(), number),
                });
            }
            let with = together.with.as_ref();
            has.push(with.is_none_or(|with| self.field(number, with).is_some()));
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut of_leader: HashMap<usize, usize> = HashMap::new();
        for number in 0..self.len() {
            let at = *of_leader.entry(leaders.of(number)).or_insert(groups.len());
            match groups.get_mut(at) {
                Some(group) => group.push(number),
                None => groups.push(vec![number]),
            }
        }
        groups.retain(|group| {
            let has = |number: &usize| has.get(*number).copied().unwrap_or_default();
            group.len() >= together.at_least && group.iter().any(has)
        });
        groups
    }

    /// What the values of a field are told by.
    fn keys<'f>(&'f self, number: usize, field: &str, see: &mut dyn FnMut(Cow<'f, [u8]>)) {
        let said = self.said(number, field);
        match (said, self.field(number, field)) {
            (Some(said), _) => see(said),
            (None, Some(value)) => items_of(value).for_each(|item| see(key_of(item).into())),
            (None, None) => {}
        }
    }

    /// What the host says of a fact.
    pub(super) fn said(&self, number: usize, field: &str) -> Option<Cow<'_, [u8]>> {
        let card = self.card(number)?;
        Some(match field {
            "id" => card.key.id.as_bytes().into(),
            "kind" => card.key.kind.as_bytes().into(),
            "file" => card.file.as_str().as_bytes().into(),
            "entity" => card.key.to_string().into_bytes().into(),
            _ => return None,
        })
    }

    /// What a fact itself has in a field, as bytes.
    pub(super) fn field(&self, number: usize, field: &str) -> Option<&[u8]> {
        field_of(self.value(number)?, field)
    }
}

/// Of each fact another one of its group, or itself if it leads it.
struct Leaders(Vec<usize>);

impl Leaders {
    /// The leader of a fact's group: the first fact of it.
    fn of(&mut self, number: usize) -> usize {
        let mut at = number;
        while let Some(next) = self.0.get(at).copied().filter(|next| *next != at) {
            // Half of the way is saved for whoever asks next.
            let further = self.0.get(next).copied().unwrap_or(next);
            if let Some(own) = self.0.get_mut(at) {
                *own = further;
            }
            at = further;
        }
        at
    }

    fn join(&mut self, one: usize, two: usize) {
        let (one, two) = (self.of(one), self.of(two));
        if let Some(leader) = self.0.get_mut(one.max(two)) {
            *leader = one.min(two);
        }
    }
}
