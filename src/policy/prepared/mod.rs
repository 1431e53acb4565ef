//! Precomputed data of the built-in pack: its model, METADATA, what its rules read and call, and their programs. `tests`
//! compute it from `policies/`, and fail when it is stale. It is never used for other policies.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;
use serde::{Deserialize, Serialize};

use super::check::RuleReads;
use super::mesh_reads::MeshReads;
use super::policy_rule::PolicyRule;
use super::recursion::RuleReferences;
use super::source::PackSource;
use super::tested;
use crate::lift::schema::Schema;

/// Of which policies it was worked out, by their digest.
const POLICIES: &str = include_str!("policies.digest");
/// `model.json`, `pack.json`, `calls.json` and `programs.bin`, made smaller by `build.rs`: they are a third of a megabyte.
const MODEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/model.json.deflate"));
const PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pack.json.deflate"));
const CALLS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/calls.json.deflate"));
const PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/programs.bin.deflate"));

/// What is known of the pack.
#[derive(Serialize, Deserialize)]
pub(super) struct Prepared {
    /// Its rules, sorted by id.
    pub(super) rules: Vec<PolicyRule>,
    /// What each rule reads of `input` that is costly to build, by its path.
    pub(super) reads: BTreeMap<String, RuleReads>,
    /// What its libraries read of it.
    pub(super) library_reads: RuleReads,
    /// What each mesh rule reads, by its path.
    pub(super) mesh_reads: BTreeMap<String, MeshReads>,
}

impl Prepared {
    /// What is known, if it is true of these packs.
    pub(super) fn of(sources: &[PackSource]) -> Option<Self> {
        let is_there = sources.iter().any(PackSource::is_builtin);
        let holds = is_there && is_current() && tested::is_tested(sources);
        holds
            .then(|| serde_json::from_slice(&inflated(PACK)).ok())
            .flatten()
    }
}

/// Whether it was worked out of the policies in this binary.
fn is_current() -> bool {
    POLICIES.trim() == env!("GOVCHECK_POLICIES")
}

/// The common model. `None` if it was not computed from the policies in this binary.
pub(super) fn prepared_model() -> Option<Schema> {
    let model = is_current().then(|| inflated(MODEL))?;
    serde_json::from_slice(&model).ok()
}

/// Which rules call which in the pack, for rules of other packs that call them.
pub(super) fn prepared_calls() -> BTreeMap<String, RuleReferences> {
    serde_json::from_slice(&inflated(CALLS)).unwrap_or_default()
}

/// The programs of the whole pack as bytes, by their entry points.
pub(super) fn prepared_programs() -> BTreeMap<&'static str, &'static [u8]> {
    static INFLATED: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = INFLATED.get_or_init(|| inflated(PROGRAMS));
    postcard::from_bytes(bytes).unwrap_or_default()
}

/// Decompresses what `build.rs` compressed. Empty for any other bytes, which then hold no pack, calls or programs.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    match DeflateDecoder::new(bytes).read_to_end(&mut all) {
        Ok(_) => all,
        Err(_) => Vec::new(),
    }
}
