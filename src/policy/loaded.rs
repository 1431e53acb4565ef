//! Modules of packs and what is known of them before they are compiled.

use std::collections::{BTreeMap, BTreeSet};

use super::check::RuleReads;
use super::engine::Module;
use super::error::PolicyFile;
use super::mesh_reads::MeshReads;
use super::policy_rule::PolicyRule;
use super::recursion::Calls;
use crate::model::rule::Scope;

/// Modules, and what is known of them before they are compiled.
pub(super) struct Loaded {
    pub(super) files: Vec<PolicyFile>,
    pub(super) modules: Vec<Module>,
    /// Sorted by id.
    pub(super) rules: Vec<PolicyRule>,
    /// Of each module that could be read.
    pub(super) trees: Vec<serde_json::Value>,
    pub(super) reads: BTreeMap<String, RuleReads>,
    pub(super) library_reads: RuleReads,
    /// Mesh rules that judge each fact by itself, as far as their own module goes.
    pub(super) by_fact: BTreeSet<String>,
    /// What is known of mesh rules of the pack in the binary, by their paths.
    pub(super) mesh_reads: BTreeMap<String, MeshReads>,
    pub(super) calls: Calls,
    /// Programs of the pack in the binary, by what they ask.
    pub(super) programs: BTreeMap<&'static str, &'static [u8]>,
    /// Whether there are modules of which nothing was known.
    pub(super) any_read: bool,
}

impl Loaded {
    /// What each mesh rule reads, by its index in the sorted rules.
    pub(super) fn mesh_reads(&self) -> BTreeMap<usize, MeshReads> {
        let rules = self.rules.iter().enumerate();
        let rules = rules.filter(|(_, rule)| rule.rule.scope == Scope::Mesh);
        let reads = rules.map(|(index, rule)| {
            let by_fact = self.by_fact.contains(&rule.path);
            let known = self.mesh_reads.get(&rule.path).cloned();
            let reads = known.unwrap_or_else(|| MeshReads::of(&self.calls, &rule.path, by_fact));
            (index, reads)
        });
        reads.collect()
    }
}

pub(super) fn module_name(pack: &str, file: &str) -> String {
    format!("{pack}/{file}")
}

pub(super) fn is_library(module: &str) -> bool {
    module.contains("/lib/")
}
