//! Where the time goes, stage by stage, summed over all workers. Measures, and changes nothing.

use std::sync::atomic::{AtomicU64, Ordering};
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

/// Time by stage.
#[derive(Debug, Default)]
pub struct Profile {
    nanoseconds: [AtomicU64; Stage::ALL.len()],
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

    /// The time of a stage so far.
    pub fn spent(&self, stage: Stage) -> Duration {
        self.nanoseconds
            .get(stage as usize)
            .map_or(Duration::ZERO, |n| {
                Duration::from_nanos(n.load(Ordering::Relaxed))
            })
    }
}
