//! Facts: what mesh rules have collected. Kept as bytes with the card of their entity, made values for one rule at a time.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use foldhash::fast::RandomState;

use crate::policy::engine::Datum;
use crate::policy::engine::codec::{is_packed, pack_datum, pack_length, unpack_length};

/// The facts of one entity, those of each rule together and in the order of their values. Facts of files that were judged in a row
/// share a block, so that whole blocks are freed once facts are no longer needed.
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
type FactEntry<'f> = (usize, &'f [u8]);

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

    /// Reads what [`bytes`](Self::bytes) gave. `None` for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (_, value) = next_entry(bytes, &mut rest)?;
            if !is_packed(value) {
                return None;
            }
        }
        Some(Self::alone(bytes))
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = FactEntry<'_>> {
        let all = self.bytes();
        let mut rest = all;
        std::iter::from_fn(move || next_entry(all, &mut rest))
    }

    /// The value of the fact that begins at a byte.
    pub(super) fn value(&self, at: u32) -> Option<&[u8]> {
        let all = self.bytes();
        let mut rest = all.get(at as usize..)?;
        next_entry(all, &mut rest).map(|(_, value)| value)
    }
}

/// Reads the next fact of `all`. If several rules collect the same value, only the first entry holds it: the others have
/// the length zero and the offset of the first. `None` at the end, and for damaged bytes.
pub(super) fn next_entry<'f>(all: &'f [u8], rest: &mut &'f [u8]) -> Option<FactEntry<'f>> {
    let rule = unpack_length(rest)?;
    let mut length = unpack_length(rest)?;
    if length == 0 {
        let start = unpack_length(rest)?;
        // Only an earlier entry, and one that holds a value itself.
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
        pack_datum(value, &mut self.value);
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

/// The fields that the host adds to the facts of one card: `entity`, `kind`, `id` and `file`.
pub(super) struct HostFields {
    pub(super) card: u32,
    pub(super) fields: [Datum; 4],
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
