//! The facts of one rule over a whole mesh.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::facts::{HostFields, next_entry};
use super::{Card, Mesh};
use crate::model::path::ModelPath;
use crate::policy::engine::Datum;
use crate::policy::engine::codec::{FieldName, SharedTexts, unpack_datum, unpack_with};

/// The facts of one rule, in the order of the mesh: by entity, file, document and value.
pub struct RuleFacts<'m> {
    pub(super) mesh: &'m Mesh,
    /// Of each fact its card, and at which byte of the card's facts it begins.
    pub(super) facts: Vec<(u32, u32)>,
}

impl Mesh {
    /// The facts of one rule, by its index in the pack.
    pub fn facts_of(&self, rule: usize) -> RuleFacts<'_> {
        let mut all = self.facts_of_all([rule]);
        let facts = all.remove(&rule).unwrap_or_default();
        RuleFacts { mesh: self, facts }
    }

    /// The facts of some rules, by their indexes in the pack, in one pass.
    pub fn facts_of_each(&self, rules: &[usize]) -> Vec<RuleFacts<'_>> {
        let mut all = self.facts_of_all(rules.iter().copied());
        let facts = rules
            .iter()
            .map(|rule| all.remove(rule).unwrap_or_default());
        facts.map(|facts| RuleFacts { mesh: self, facts }).collect()
    }

    fn facts_of_all(
        &self,
        rules: impl IntoIterator<Item = usize>,
    ) -> BTreeMap<usize, Vec<(u32, u32)>> {
        // Lists of millions that grow would take twice the room.
        let sizes = self.fact_sizes();
        let room = |rule| sizes.get(&rule).map_or(0, |(count, _)| *count);
        let rules = rules.into_iter();
        let rules = rules.map(|rule| (rule, Vec::with_capacity(room(rule))));
        let mut all: BTreeMap<usize, Vec<(u32, u32)>> = rules.collect();
        for (number, card) in (0..).zip(&self.cards) {
            let own = card.facts.bytes();
            let mut rest = own;
            loop {
                let at = own.len() - rest.len();
                let (Some((rule, _)), Ok(at)) = (next_entry(own, &mut rest), u32::try_from(at))
                else {
                    break;
                };
                if let Some(facts) = all.get_mut(&rule) {
                    facts.push((number, at));
                }
            }
        }
        all
    }

    /// How many facts each rule has, by its index in the pack, and how many bytes they are.
    pub fn fact_sizes(&self) -> BTreeMap<usize, (usize, usize)> {
        let mut sizes = BTreeMap::new();
        for (rule, value) in self.cards.iter().flat_map(|card| card.facts.entries()) {
            let size: &mut (usize, usize) = sizes.entry(rule).or_default();
            *size = (size.0 + 1, size.1 + value.len());
        }
        sizes
    }
}

impl<'m> RuleFacts<'m> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// The card of a fact's entity, by the fact's number.
    pub fn card(&self, number: usize) -> Option<&'m Card> {
        let (card, _) = self.facts.get(number)?;
        self.mesh.cards.get(*card as usize)
    }

    pub(super) fn value(&self, number: usize) -> Option<&'m [u8]> {
        let (_, at) = self.facts.get(number)?;
        self.card(number)?.facts.value(*at)
    }

    /// Where in its entity a fact is: its own `at`.
    pub fn at(&self, number: usize) -> Option<ModelPath> {
        let mut value = self.value(number)?;
        let at = unpack_datum(&mut value, &mut SharedTexts::default())?.get("at");
        at.map_or_else(|| Some(ModelPath::root()), |at| at.as_path())
    }

    /// Some of them as the rule sees them, with what the host adds: `entity`, `kind`, `id`, `file` and their number as `ref`.
    pub fn values(&self, numbers: impl Iterator<Item = usize>) -> Datum {
        let names = ["entity", "kind", "id", "file", "ref"].map(FieldName::new);
        let mut texts = SharedTexts::default();
        let mut last: Option<HostFields> = None;
        let values = numbers.filter_map(|number| {
            let (at, _) = *self.facts.get(number)?;
            if last.as_ref().is_none_or(|last| last.card != at) {
                let card = self.card(number)?;
                let fields = [
                    Datum::text(&card.key.to_string()),
                    Datum::shared_text(&card.key.kind),
                    Datum::shared_text(&card.key.id),
                    Datum::shared_text(card.file.shared()),
                ];
                last = Some(HostFields { card: at, fields });
            }
            let number_of = Datum::number(number);
            let said = last.as_ref()?.fields.iter().chain([&number_of]).cloned();
            let more: Vec<(FieldName, Datum)> = names.iter().cloned().zip(said).collect();
            unpack_with(&mut self.value(number)?, &mut texts, &more)
        });
        Datum::array(values)
    }

    /// What the rule sees as `input`.
    pub fn input(&self, numbers: impl Iterator<Item = usize>) -> Datum {
        Datum::fields([(Arc::from("facts"), self.values(numbers))])
    }

    /// Whether the rule sees the same in two meshes.
    pub fn same(&self, other: &RuleFacts<'_>) -> bool {
        self.len() == other.len()
            && self
                .runs()
                .zip(other.runs())
                .all(|(own, theirs)| self.same_run(&own, other, &theirs))
    }

    /// Of each fact of another mesh the number that it has here. `None` if its entity has other facts, or is gone.
    pub fn matched(&self, other: &RuleFacts<'_>) -> Vec<Option<usize>> {
        let mut matched = vec![None; other.len()];
        let mut own = self.runs().peekable();
        for theirs in other.runs() {
            let place = |facts: &RuleFacts<'_>, run: &Range<usize>| {
                let card = facts.card(run.start)?;
                let place = (
                    card.key.clone(),
                    card.file.clone(),
                    card.document,
                    card.ordinal,
                );
                Some(place)
            };
            let there = place(other, &theirs);
            while own.next_if(|run| place(self, run) < there).is_some() {}
            let same = own.next_if(|run| place(self, run) == there);
            if let Some(run) = same.filter(|run| self.same_run(run, other, &theirs)) {
                for (to, number) in matched.iter_mut().skip(theirs.start).zip(run) {
                    *to = Some(number);
                }
            }
        }
        matched
    }

    /// The facts of each card, one card after the other.
    pub fn runs(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut start = 0;
        std::iter::from_fn(move || {
            let (card, _) = self.facts.get(start)?;
            let rest = self.facts.get(start..).unwrap_or_default();
            let count = rest.iter().take_while(|(other, _)| other == card).count();
            let end = start + count;
            Some(std::mem::replace(&mut start, end)..end)
        })
    }

    /// All that the rule sees of some facts of one card but their numbers, part by part.
    pub fn seen(&self, run: &Range<usize>) -> impl Iterator<Item = &'m [u8]> + '_ {
        let card = self.card(run.start).into_iter();
        let own = card.flat_map(|card| [&*card.key.kind, &*card.key.id, card.file.as_str()]);
        let values = run.clone().filter_map(|number| self.value(number));
        own.map(str::as_bytes).chain(values)
    }

    /// Whether the facts of a card here are those of one there: of the same entity in the same file.
    fn same_run(&self, own: &Range<usize>, other: &RuleFacts<'_>, theirs: &Range<usize>) -> bool {
        let cards = self.card(own.start).zip(other.card(theirs.start));
        let values = || own.clone().map(|number| self.value(number));
        own.len() == theirs.len()
            && cards.is_some_and(|(one, two)| {
                one.key == two.key
                    && one.file == two.file
                    && (one.facts == two.facts
                        || values().eq(theirs.clone().map(|number| other.value(number))))
            })
    }
}
