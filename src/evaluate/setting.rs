//! What all files of a run are judged with. Judges nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::Regex;

use super::lean_declarations::Lean;
use super::outcome::Common;
use super::profile::{Profile, RulePart, Stage};
use super::workers::{Pool, Workers};
use crate::cache::{Cache, CacheKey};
use crate::model::entity::LayoutPlace;
use crate::model::rule::Day;
use crate::model::text::RelPath;
use crate::parse::Limits;
use crate::policy::Pack;
use crate::policy::engine::{Bounds, Datum};
use crate::policy::pack::Given;

/// What all files are judged with.
pub struct Setting<'p> {
    /// Formats and rules.
    pub pack: &'p Pack,
    /// The values that a path gives an entity.
    pub place: &'p (dyn Fn(&RelPath) -> LayoutPlace + Sync),
    /// Bounds of one evaluation.
    pub bounds: Bounds,
    /// Bounds of parsing.
    pub limits: Limits,
    /// Where the time goes, if somebody asks.
    pub profile: Option<&'p Profile>,
    /// What earlier runs have worked out, if it may be used.
    pub cached: Option<Cached<'p>>,
    /// How much of an entity rules are given.
    pub given: Given,
    /// `options` and `run`: data that entity rules see.
    pub(crate) data: Datum,
    /// Texts that findings of many files have.
    pub(super) common: Arc<Common>,
    /// What has to be lifted of a document.
    pub(super) lean: Lean,
    /// Looks at the text that decide whether a rule is asked.
    pub(super) gates: BTreeMap<usize, Regex>,
    /// The machines of plain policies.
    pub(super) plain: Pool,
    /// Machines that no worker uses at the moment.
    pool: Mutex<Vec<Workers>>,
}

impl<'p> Setting<'p> {
    /// `options` are those of every rule by its id; `today` is the day of the run.
    ///
    /// # Errors
    /// An option makes an expression of its rule that does not compile; the message names the rule.
    pub fn new(
        pack: &'p Pack,
        options: &serde_json::Value,
        today: Day,
        place: &'p (dyn Fn(&RelPath) -> LayoutPlace + Sync),
        bounds: Bounds,
    ) -> Result<Self, String> {
        let data = serde_json::json!({"options": options, "run": {"today": today.to_string()}});
        Ok(Self {
            pack,
            place,
            bounds,
            limits: Limits::default(),
            profile: None,
            cached: None,
            given: Given::WhatPays,
            lean: Lean::new(pack),
            data: Datum::json(&data),
            common: Arc::new(Common::of(pack)),
            gates: pack.gates(options)?,
            plain: Pool::default(),
            pool: Mutex::new(Vec::new()),
        })
    }

    pub(super) fn take_workers(&self) -> Workers {
        // A worker that panicked with the lock leaves machines that are whole: it only pushes and pops.
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }

    pub(super) fn give_back(&self, workers: Workers) {
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(workers);
    }

    pub(crate) fn time_rule<T>(&self, rule: usize, ask: impl FnOnce() -> T) -> T {
        match self.profile {
            Some(profile) => profile.rule(rule, RulePart::Deny, ask),
            None => ask(),
        }
    }

    pub(crate) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        match self.profile {
            Some(profile) => profile.time(stage, work),
            None => work(),
        }
    }
}

/// The cache of a run.
#[derive(Debug, Clone, Copy)]
pub struct Cached<'p> {
    /// The cache.
    pub cache: &'p Cache,
    /// A hash of all that outcomes follow from but the files: pack, options, layout, day, build of govcheck.
    pub setting: CacheKey,
}

/// What a byte of a file adds to the instructions of its entities' evaluation.
pub(super) const INSTRUCTIONS: usize = 50;
