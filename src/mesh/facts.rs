//! Facts: what mesh rules have collected. Kept as bytes with the card of their entity, made values for one rule at a time.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use foldhash::fast::RandomState;

use super::{Card, Mesh};
use crate::model::path::ModelPath;
use crate::policy::engine::Datum;
use crate::policy::engine::packed::{
    FieldName, Texts, is_packed, pack, pack_length, unpack, unpack_length, unpack_with,
};

/// The facts of one entity, those of each rule together and in the order of their values. Those of files that were judged one
/// after the other lie in one block: whole blocks go back to the system once nobody asks about facts any more.
#[derive(Debug, Clone)]
pub struct Facts {
    block: Arc<[u8]>,
    /// Where in the block, in bytes.
    range: [u32; 2],
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Facts {}

/// The most bytes of a block: with the two counts before it, 64 KiB.
const BLOCK: usize = 64 * 1024 - 16;

impl Default for Facts {
    fn default() -> Self {
        Self::none()
    }
}

/// One fact: its rule by index in the pack, and its value's bytes.
type Entry<'f> = (usize, &'f [u8]);

impl Facts {
    /// No facts; all that have none share that.
    pub(super) fn none() -> Self {
        static NONE: LazyLock<Arc<[u8]>> = LazyLock::new(|| Arc::from([]));
        Self {
            block: Arc::clone(&NONE),
            range: [0, 0],
        }
    }

    /// A block of their own.
    fn alone(bytes: &[u8]) -> Self {
        let end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self {
            block: bytes.into(),
            range: [0, end],
        }
    }

    /// Puts facts of several entities into blocks of nearly one size, which leave no gaps in memory.
    pub fn together(mut all: &mut [&mut Self]) {
        while !all.is_empty() {
            let mut length = 0;
            let fits = all.iter().take_while(|facts| {
                length += facts.bytes().len();
                length <= BLOCK
            });
            // Those of one entity that are more than a block are left where they are.
            let fits = fits.count();
            let (block, rest) = std::mem::take(&mut all).split_at_mut(fits.max(1));
            if fits > 1 {
                Self::in_one_block(block);
            }
            all = rest;
        }
    }

    fn in_one_block(all: &mut [&mut Self]) {
        let length = all.iter().map(|facts| facts.bytes().len()).sum();
        let mut bytes = Vec::with_capacity(length);
        all.iter()
            .for_each(|facts| bytes.extend_from_slice(facts.bytes()));
        let block: Arc<[u8]> = bytes.into();
        let mut start = 0;
        for facts in all {
            let end = start + (facts.range[1] - facts.range[0]);
            if end > start {
                **facts = Self {
                    block: Arc::clone(&block),
                    range: [start, end],
                };
            }
            start = end;
        }
    }

    /// Their bytes, for stores.
    pub fn bytes(&self) -> &[u8] {
        let [start, end] = self.range;
        let own = self.block.get(start as usize..end as usize);
        own.unwrap_or_default()
    }

    /// From bytes that [`bytes`](Self::bytes) gave; none if they are others.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (_, value) = entry(bytes, &mut rest)?;
            if !is_packed(value) {
                return None;
            }
        }
        Some(Self::alone(bytes))
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let all = self.bytes();
        let mut rest = all;
        std::iter::from_fn(move || entry(all, &mut rest))
    }

    /// The value of the fact that begins at a byte.
    fn value(&self, at: u32) -> Option<&[u8]> {
        let all = self.bytes();
        let mut rest = all.get(at as usize..)?;
        entry(all, &mut rest).map(|(_, value)| value)
    }
}

/// Reads the next fact of `all`. Where several rules collect the same, the value stands with the first: the length of the
/// others is none, and the byte follows where that one begins.
fn entry<'f>(all: &'f [u8], rest: &mut &'f [u8]) -> Option<Entry<'f>> {
    let rule = unpack_length(rest)?;
    let mut length = unpack_length(rest)?;
    if length == 0 {
        let start = unpack_length(rest)?;
        // What stands before it alone, and is no such place itself.
        let mut first = all.get(start..all.len() - rest.len())?;
        unpack_length(&mut first)?;
        length = unpack_length(&mut first).filter(|length| *length > 0)?;
        return Some((rule, first.get(..length)?));
    }
    let (value, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some((rule, value))
}

/// Facts of one entity that come one by one.
#[derive(Debug, Default)]
pub struct FactsBuilder {
    bytes: Vec<u8>,
    value: Vec<u8>,
    /// Where each value begins with its rule, by the value.
    first: HashMap<Box<[u8]>, usize, RandomState>,
}

impl FactsBuilder {
    /// Adds a fact of a rule, by its index in the pack. Those of one rule come in the order of their values.
    pub fn push(&mut self, rule: usize, value: &Datum) {
        self.value.clear();
        pack(value, &mut self.value);
        let start = self.bytes.len();
        pack_length(rule, &mut self.bytes);
        if let Some(first) = self.first.get(self.value.as_slice()) {
            pack_length(0, &mut self.bytes);
            pack_length(*first, &mut self.bytes);
            return;
        }
        self.first.insert(self.value.as_slice().into(), start);
        pack_length(self.value.len(), &mut self.bytes);
        self.bytes.extend_from_slice(&self.value);
    }

    /// All of them.
    pub fn finish(&self) -> Facts {
        if self.bytes.is_empty() {
            return Facts::none();
        }
        Facts::alone(&self.bytes)
    }
}

/// What the host says of the facts of one card: `entity`, `kind`, `id` and `file`.
struct Said {
    card: u32,
    fields: [Datum; 4],
}

/// The facts of one rule, in the order of the mesh: by entity, file, document and value.
pub struct RuleFacts<'m> {
    mesh: &'m Mesh,
    /// Of each fact its card, and at which byte of the card's facts it begins.
    facts: Vec<(u32, u32)>,
}

impl Mesh {
    /// The facts of one rule, by its index in the pack.
    pub fn facts_of(&self, rule: usize) -> RuleFacts<'_> {
        let mut all = self.facts_of_all([rule]);
        let facts = all.remove(&rule).unwrap_or_default();
        RuleFacts { mesh: self, facts }
    }

    /// The facts of some rules, by their indexes in the pack: all facts are gone over once.
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
                let (Some((rule, _)), Ok(at)) = (entry(own, &mut rest), u32::try_from(at)) else {
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
        let at = unpack(&mut value, &mut Texts::default())?.get("at");
        at.map_or_else(|| Some(ModelPath::root()), |at| at.as_path())
    }

    /// Some of them as the rule sees them, with what the host adds: `entity`, `kind`, `id`, `file` and their number as `ref`.
    pub fn values(&self, numbers: impl Iterator<Item = usize>) -> Datum {
        let names = ["entity", "kind", "id", "file", "ref"].map(FieldName::new);
        let mut texts = Texts::default();
        let mut last: Option<Said> = None;
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
                last = Some(Said { card: at, fields });
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

    /// Of each fact of another mesh the number that it has here: none if its entity has other facts, or is gone.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(rule: usize, text: &str) -> Facts {
        let mut builder = FactsBuilder::default();
        builder.push(rule, &Datum::json(&serde_json::json!({ "text": text })));
        builder.finish()
    }

    #[test]
    fn facts_that_are_put_together_stay_what_they_are() {
        let long = "x".repeat(BLOCK + 1);
        let mut all: Vec<Facts> = (0..3_000)
            .map(|number| match number % 7 {
                0 => Facts::none(),
                _ if number == 1_002 => facts(number, &long),
                _ => facts(number, &format!("{number}").repeat(number % 30)),
            })
            .collect();
        let before = all.clone();
        Facts::together(&mut all.iter_mut().collect::<Vec<_>>());
        assert_eq!(all, before);
        let blocks: std::collections::BTreeSet<_> = all
            .iter()
            .map(|facts| (facts.block.as_ptr(), facts.block.len()))
            .collect();
        assert!(blocks.len() < 20, "{}", blocks.len());
        let large = blocks.iter().filter(|(_, length)| *length > BLOCK);
        assert_eq!(large.count(), 1);
    }
}
