//! What a rule sees counted in place of its facts: in how many places each value is, and where first. Counted in their bytes:
//! the facts themselves would be many times as large.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::RuleFacts;
use crate::model::rule::FactCounts;
use crate::policy::engine::Datum;
use crate::policy::engine::codec::{SharedTexts, items_of, unpack_datum, whole_of};

/// The state of a value while facts are counted.
struct ValueCount {
    /// In how many places it is, and the last of these.
    count: usize,
    last: usize,
    /// Facts by number, and which of its values it is.
    places: Vec<(usize, usize)>,
}

impl RuleFacts<'_> {
    /// `input.counts`: values that are in enough places, always in the same order.
    pub fn counted(&self, counts: &FactCounts, at_least: usize) -> Datum {
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
        let mut rows: Vec<(&[u8], ValueCount)> = tallies.into_iter().collect();
        rows.sort_by_key(|(value, _)| *value);
        let names = ["value", "count", "places"].map(Arc::<str>::from);
        let rows = rows.into_iter().filter_map(|(mut value, tally)| {
            let value = unpack_datum(&mut value, &mut SharedTexts::default())?;
            let places = tally.places.into_iter();
            let places = places
                .map(|(number, index)| Datum::array([Datum::number(number), Datum::number(index)]));
            let said = [value, Datum::number(tally.count), Datum::array(places)];
            Some(Datum::fields(names.iter().cloned().zip(said)))
        });
        Datum::array(rows)
    }

    /// In how many places each value is. Facts are read place by place, so that none is counted twice.
    fn tallies(&self, counts: &FactCounts) -> HashMap<&[u8], ValueCount> {
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
        let mut tallies: HashMap<&[u8], ValueCount> = HashMap::new();
        for (place, number) in by_place {
            self.values_of(number, counts, &mut |_, value| {
                let tally = tallies.entry(value).or_insert_with(|| ValueCount {
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
        counts: &FactCounts,
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::mesh::{Card, FactsBuilder, Mesh};
    use crate::model::entity::EntityKey;
    use crate::model::rule::AtLeast;
    use crate::model::text::RelPath;
    use crate::policy::engine::codec::Packed;

    /// What is counted, one by one.
    type Expected = BTreeMap<String, (usize, Vec<(usize, usize)>)>;

    fn card(number: usize, fact: &serde_json::Value) -> Card {
        let mut facts = FactsBuilder::default();
        facts.push(3, &Datum::json(fact));
        Card {
            key: EntityKey {
                kind: "contract".into(),
                id: format!("{number:03}").into(),
            },
            file: RelPath::new("a.yaml"),
            document: 0,
            ordinal: 0,
            fields: Packed::of(&Datum::object()),
            facts: facts.finish(),
            text: 0,
            presence: crate::mesh::Presence::Declared,
        }
    }

    #[test]
    fn values_are_counted_once_a_place_and_shown_at_their_first() {
        let mut state = 5_u64;
        let mut dice = |bound: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % bound
        };
        let (mut cards, mut expected) = (Vec::new(), Expected::new());
        let mut products: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for number in 0..60 {
            let names: Vec<u64> = (0..dice(6)).map(|_| dice(12)).collect();
            let (product, without) = (dice(7), dice(6));
            for (index, name) in names.iter().enumerate() {
                if index as u64 == without {
                    continue;
                }
                let name = format!("n{name}");
                let (_, places) = expected.entry(name.clone()).or_default();
                if places.len() < 3 {
                    places.push((number, index));
                }
                products.entry(name).or_default().insert(product);
            }
            let names: Vec<String> = names.iter().map(|name| format!("n{name}")).collect();
            let fact =
                serde_json::json!({"names": names, "product": product, "defined": [without]});
            cards.push(card(number, &fact));
        }
        for (name, (count, _)) in &mut expected {
            *count = products[name].len();
        }
        expected.retain(|_, (count, _)| *count >= 5);
        assert!((2..12).contains(&expected.len()), "{expected:?}");
        let counts = FactCounts {
            of: "names".to_owned(),
            per: "product".to_owned(),
            except: Some("defined".to_owned()),
            at_least: AtLeast::Number(5),
            places: 3,
        };
        let mesh = Mesh::new(cards);
        let counted = mesh.facts_of(3).counted(&counts, 5).to_json();
        let counted: Expected = counted
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let number =
                    |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
                let places = row["places"].as_array().unwrap().iter();
                let places = places.map(|place| (number(&place[0]), number(&place[1])));
                (
                    row["value"].as_str().unwrap().to_owned(),
                    (number(&row["count"]), places.collect()),
                )
            })
            .collect();
        assert_eq!(counted, expected);
        let by_entity = FactCounts {
            per: "id".to_owned(),
            ..counts
        };
        let counted = mesh.facts_of(3).counted(&by_entity, 1).to_json();
        let most = counted
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| row["count"].as_u64())
            .max();
        assert!(most.unwrap() > 7, "entities, not products: {counted}");
    }
}
