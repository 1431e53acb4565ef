//! Outcomes of files in the cache.

use crate::cache::{Cache, CacheKey};
use crate::evaluate::outcome::{Outcome, decode_outcome, encode_outcome};
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// An outcome that is known.
pub(crate) fn recall_outcome(cache: &Cache, key: &CacheKey) -> Option<Outcome> {
    decode_outcome(&cache.outcome(key)?)
}

/// Remembers an outcome, unless it says that something could not be judged in time or memory: another run may.
pub(crate) fn keep_outcome(cache: &Cache, key: CacheKey, file: &RelPath, outcome: &Outcome) {
    if outcome.findings.read(file).iter().any(is_unsure) {
        return;
    }
    if let Some(bytes) = encode_outcome(file, outcome) {
        cache.put(key, &bytes);
    }
}

/// Whether a finding says that something could not be judged: in more time it may.
pub(crate) fn is_unsure(finding: &Finding) -> bool {
    finding.incomplete && finding.rule.category() == "engine"
}
