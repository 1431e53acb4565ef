//! Where the time goes, stage by stage and rule by rule, summed over all workers. Measures, and changes nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Finding the files.
    Walk,
    /// Looking whether they are as an earlier run saw them.
    Look,
    /// Reading their bytes.
    Read,
    /// Bytes to documents.
    Parse,
    /// Documents to entities.
    Lift,
    /// Entities to Rego values.
    Input,
    /// Entity rules.
    Evaluate,
    /// Places of what entity rules found.
    Locate,
    /// Taking outcomes from the cache.
    Recall,
    /// Mesh rules, and the places of what they found.
    Mesh,
}

impl Stage {
    /// All stages, in the order of the work.
    pub const ALL: [Stage; 10] = [
        Stage::Walk,
        Stage::Look,
        Stage::Read,
        Stage::Parse,
        Stage::Lift,
        Stage::Input,
        Stage::Evaluate,
        Stage::Locate,
        Stage::Recall,
        Stage::Mesh,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Walk => "walk",
            Stage::Look => "look",
            Stage::Read => "read",
            Stage::Parse => "parse",
            Stage::Lift => "lift",
            Stage::Input => "input",
            Stage::Evaluate => "evaluate",
            Stage::Locate => "locate",
            Stage::Recall => "recall",
            Stage::Mesh => "mesh",
        }
    }
}

/// What rules do, each asked by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RulePart {
    /// Judging: of an entity, of the mesh.
    Deny,
    /// Collecting facts of an entity for the mesh.
    Facts,
}

impl RulePart {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            RulePart::Deny => "deny",
            RulePart::Facts => "facts",
        }
    }
}

/// The time of one part of a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// All evaluations together.
    pub time: Duration,
    /// How many there were.
    pub asked: u64,
}

/// Time by stage, and by rule.
#[derive(Debug, Default)]
pub struct Profile {
    nanoseconds: [AtomicU64; Stage::ALL.len()],
    rules: Mutex<BTreeMap<(usize, RulePart), Spent>>,
}

impl Profile {
    /// Does some work and counts the time.
    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        let elapsed = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if let Some(counter) = self.nanoseconds.get(stage as usize) {
            counter.fetch_add(elapsed, Ordering::Relaxed);
        }
        done
    }

    /// Asks a rule, by its index in the pack, and counts the time.
    pub fn rule<T>(&self, rule: usize, part: RulePart, ask: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let said = ask();
        let time = started.elapsed();
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = rules.entry((rule, part)).or_default();
        spent.time += time;
        spent.asked += 1;
        said
    }

    /// The time of each rule's parts so far, the longest first; of as long ones in the order of the pack.
    pub fn rules(&self) -> Vec<(usize, RulePart, Spent)> {
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = rules
            .iter()
            .map(|((rule, part), spent)| (*rule, *part, *spent));
        let mut parts: Vec<_> = parts.collect();
        parts.sort_by_key(|(.., spent)| std::cmp::Reverse(spent.time));
        parts
    }

    /// The time of a stage so far.
    pub fn spent(&self, stage: Stage) -> Duration {
        self.nanoseconds
            .get(stage as usize)
            .map_or(Duration::ZERO, |n| {
                Duration::from_nanos(n.load(Ordering::Relaxed))
            })
    }
}
