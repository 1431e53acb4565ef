//! Facts that a rule must see together: those that share a value, and those that share one with them. Compares bytes,
//! without building values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::RuleFacts;
use crate::model::rule::FactGrouping;
use crate::model::text::text_offset;
use crate::policy::engine::codec::{field_of, items_of, key_of};

impl RuleFacts<'_> {
    /// The numbers of facts that must be seen together, group by group in the order of their first facts: those groups of
    /// which a rule may have something to say.
    pub fn together(&self, together: &FactGrouping) -> Vec<Vec<u32>> {
        let mut leaders = Leaders((0..text_offset(self.len())).collect());
        let mut has: Vec<bool> = Vec::with_capacity(self.len());
        let mut first_with: HashMap<Cow<'_, [u8]>, u32> = HashMap::new();
        for number in 0..self.len() {
            let own = text_offset(number);
            for field in &together.by {
                self.keys(number, field, &mut |key| match first_with.entry(key) {
                    Entry::Vacant(free) => drop(free.insert(own)),
                    Entry::Occupied(first) => leaders.join(*first.get(), own),
                });
            }
            let with = together.with.as_ref();
            has.push(with.is_none_or(|with| self.field(number, with).is_some()));
        }
        drop(first_with);
        leaders.groups(&has, together.at_least)
    }

    /// Passes on the keys that group the facts by a field.
    pub(super) fn keys<'f>(
        &'f self,
        number: usize,
        field: &str,
        see: &mut dyn FnMut(Cow<'f, [u8]>),
    ) {
        let said = self.said(number, field);
        match (said, self.field(number, field)) {
            (Some(said), _) => see(said),
            (None, Some(value)) => items_of(value).for_each(|item| see(key_of(item).into())),
            (None, None) => {}
        }
    }

    /// The value of a field that the host adds to a fact. `None` for other fields.
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
struct Leaders(Vec<u32>);

impl Leaders {
    /// The leader of a fact's group: the first fact of it.
    fn of(&mut self, number: u32) -> u32 {
        let mut at = number;
        while let Some(next) = self.next(at).filter(|next| *next != at) {
            // Halves the path for the next search.
            let further = self.next(next).unwrap_or(next);
            if let Some(own) = self.0.get_mut(at as usize) {
                *own = further;
            }
            at = further;
        }
        at
    }

    fn next(&self, number: u32) -> Option<u32> {
        self.0.get(number as usize).copied()
    }

    fn join(&mut self, one: u32, two: u32) {
        let (one, two) = (self.of(one), self.of(two));
        if let Some(leader) = self.0.get_mut(one.max(two) as usize) {
            *leader = one.min(two);
        }
    }

    /// The groups that are large enough and have a fact that `has` something. How large each becomes is counted first: lists
    /// of a million numbers that grow would take twice the room, and most groups may be wanted by nobody.
    fn groups(mut self, has: &[bool], at_least: usize) -> Vec<Vec<u32>> {
        let numbers = 0..text_offset(self.0.len());
        let mut sizes: Vec<u32> = vec![0; self.0.len()];
        let mut wanted: Vec<bool> = vec![false; self.0.len()];
        for number in numbers.clone() {
            let leader = self.of(number) as usize;
            sizes[leader] += 1;
            wanted[leader] |= has[number as usize];
        }
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for number in numbers {
            let leader = self.of(number);
            let size = sizes[leader as usize] as usize;
            if size < at_least || !wanted[leader as usize] {
                continue;
            }
            let at = *places.entry(leader).or_insert(groups.len());
            match groups.get_mut(at) {
                Some(group) => group.push(number),
                None => {
                    let mut group = Vec::with_capacity(size);
                    group.push(number);
                    groups.push(group);
                }
            }
        }
        groups
    }
}
