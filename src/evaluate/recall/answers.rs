//! Answers of mesh rules in the cache, keyed by all that the rules saw: a rule whose facts and kinds are the same as in an
//! earlier run is not asked again. For a rule that judges each fact by itself, this holds for each stretch of facts.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::cache::{Cache, CacheKey, Hash256, open_sealed, seal_content};
use crate::evaluate::answer::Answers;
use crate::evaluate::setting::Cached;
use crate::mesh::{Mesh, RuleFacts};

/// On average one entity in this many begins a new stretch of facts. A hash of its key decides, so that adding or removing
/// an entity changes only its own stretch.
const ENTITIES: u64 = 64;

/// Facts that lie side by side, and what is known of them.
pub(crate) struct Stretch {
    /// Their numbers.
    pub(crate) facts: Range<usize>,
    key: CacheKey,
    is_known: bool,
}

/// What kinds of a mesh are like, by name.
pub(crate) struct KindHashes(BTreeMap<Arc<str>, CacheKey>);

impl KindHashes {
    /// Of some kinds.
    pub(crate) fn of(mesh: &Mesh, kinds: impl Iterator<Item = Arc<str>>) -> Self {
        let digest = |kind: &Arc<str>| {
            let mut hash = Hash256::of(b"kind");
            mesh.seen_of(kind).for_each(|part| hash.add(part));
            hash.finish()
        };
        Self(
            kinds
                .map(|kind| (Arc::clone(&kind), digest(&kind)))
                .collect(),
        )
    }

    /// A hash of all that a rule sees but its facts.
    pub(crate) fn seen<'k>(
        &self,
        cached: &Cached<'_>,
        rule: &str,
        reads: impl Iterator<Item = &'k Arc<str>>,
    ) -> CacheKey {
        let mut hash = Hash256::of(b"rule");
        hash.add(&cached.setting);
        hash.add(rule.as_bytes());
        for kind in reads {
            hash.add(kind.as_bytes());
            hash.add(self.0.get(kind).map_or(&[], CacheKey::as_slice));
        }
        hash.finish()
    }
}

/// Splits the facts of a rule into stretches; one stretch if it must see all of them. `seen` is a hash of its other input.
pub(crate) fn split_facts(facts: &RuleFacts<'_>, by_fact: bool, seen: &CacheKey) -> Vec<Stretch> {
    let begin = || {
        let mut hash = Hash256::of(b"answers");
        hash.add(seen);
        hash
    };
    let mut all = Vec::new();
    let (mut start, mut hash) = (0, begin());
    for run in facts.runs() {
        if by_fact && run.start > start && begins(facts, run.start) {
            let hash = std::mem::replace(&mut hash, begin());
            all.push(Stretch::of(start..run.start, hash));
            start = run.start;
        }
        hash.add(&(run.len() as u64).to_le_bytes());
        facts.seen(&run).for_each(|part| hash.add(part));
    }
    if !by_fact || start < facts.len() {
        all.push(Stretch::of(start..facts.len(), hash));
    }
    all
}

fn begins(facts: &RuleFacts<'_>, number: usize) -> bool {
    let mut hasher = DefaultHasher::new();
    facts.card(number).map(|card| &card.key).hash(&mut hasher);
    hasher.finish().is_multiple_of(ENTITIES)
}

impl Stretch {
    fn of(facts: Range<usize>, hash: Hash256) -> Self {
        Self {
            facts,
            key: hash.finish(),
            is_known: false,
        }
    }

    /// The cached answers about these facts, which are numbered from the first of them.
    pub(crate) fn recall(&mut self, cache: &Cache) -> Option<Answers> {
        let answers = open_sealed(&cache.record(&self.key)?)?;
        self.is_known = true;
        Some(answers)
    }

    /// Whether the answers about these facts are still to be cached.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_known
    }

    /// Remembers it for later runs.
    pub(crate) fn keep(&self, cache: &Cache, answers: &Answers) {
        if let Some(bytes) = seal_content(answers) {
            cache.put(self.key, &bytes);
        }
    }
}
