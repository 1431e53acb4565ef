//! What a rule sees counted in place of its facts: in how many places each value is, and where first. Counted in their bytes:
//! the facts themselves would be many times as large.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::RuleFacts;
use crate::model::rule::Counts;
use crate::policy::engine::Datum;
use crate::policy::engine::packed::{Texts, items_of, unpack, whole_of};

/// What is known of a value while facts are gone over.
struct Tally {
    /// In how many places it is, and the last of these.
    count: usize,
    last: usize,
    /// Facts by number, and which of its values it is.
    places: Vec<(usize, usize)>,
}

impl RuleFacts<'_> {
    /// `input.counts`: values that are in enough places, always in the same order.
    pub fn counted(&self, counts: &Counts, at_least: usize) -> Datum {
        let mut tallies = self.tallies(counts);
        tallies.retain(|_, tally| tally.count >= at_least);
        for number in 0..self.len() {
            self.values_of(number, counts, &mut |index, value| {
                let tally = tallies.get_mut(value);
                if let Some(tally) = tally.filter(|tally| tally.places.len() < counts.places) {
                    tally.places.push((number, index));
                }
            });
        }
        let mut rows: Vec<(&[u8], Tally)> = tallies.into_iter().collect();
        rows.sort_by_key(|(value, _)| *value);
        let names = ["value", "count", "places"].map(Arc::<str>::from);
        let rows = rows.into_iter().filter_map(|(mut value, tally)| {
            let value = unpack(&mut value, &mut Texts::default())?;
            let places = tally.places.into_iter();
            let places = places
                .map(|(number, index)| Datum::array([Datum::number(number), Datum::number(index)]));
            let said = [value, Datum::number(tally.count), Datum::array(places)];
            Some(Datum::fields(names.iter().cloned().zip(said)))
        });
        Datum::array(rows)
    }

    /// In how many places each value is. Facts are gone over place by place, so that none is counted twice.
    fn tallies(&self, counts: &Counts) -> HashMap<&[u8], Tally> {
        let mut places: HashMap<Cow<'_, [u8]>, usize> = HashMap::new();
        let mut by_place: Vec<(usize, usize)> = Vec::with_capacity(self.len());
        for number in 0..self.len() {
            let own = || self.field(number, &counts.per).map(Cow::from);
            if let Some(place) = self.said(number, &counts.per).or_else(own) {
                let next = places.len();
                by_place.push((*places.entry(place).or_insert(next), number));
            }
        }
        by_place.sort_unstable();
        let mut tallies: HashMap<&[u8], Tally> = HashMap::new();
        for (place, number) in by_place {
            self.values_of(number, counts, &mut |_, value| {
                let tally = tallies.entry(value).or_insert_with(|| Tally {
                    count: 0,
                    last: usize::MAX,
                    places: Vec::new(),
                });
                if tally.last != place {
                    (tally.count, tally.last) = (tally.count + 1, place);
                }
            });
        }
        tallies
    }

    /// The values of a fact that count, with their indexes.
    fn values_of<'f>(
        &'f self,
        number: usize,
        counts: &Counts,
        see: &mut dyn FnMut(usize, &'f [u8]),
    ) {
        let Some(values) = self.field(number, &counts.of) else {
            return;
        };
        let except = counts.except.as_ref();
        let except = except.and_then(|except| self.field(number, except));
        let except: Vec<usize> = except
            .into_iter()
            .flat_map(items_of)
            .filter_map(whole_of)
            .collect();
        for (index, value) in items_of(values).enumerate() {
            if !except.contains(&index) {
                see(index, value);
            }
        }
    }
}
