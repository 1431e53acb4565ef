//! The machines that evaluate rules, one set for each worker, kept from file to file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::policy::engine::{Datum, Maker, Worker};

/// One worker's machines, and what formats express by format and kind: kept from file to file.
#[derive(Default)]
pub(super) struct Workers {
    pub(super) kinds: BTreeMap<Arc<str>, KindWorkers>,
    pub(super) expressed: BTreeMap<(Arc<str>, Arc<str>), Datum>,
    pub(super) maker: Maker,
    /// Rules that ran out of time on an entity of the file at hand: they are not tried on its other entities.
    pub(super) spent: BTreeSet<usize>,
}

/// The machines of one kind of entity.
pub(super) struct KindWorkers {
    pub(super) together: Worker,
    /// Each rule by itself, from the first failed evaluation on: the others' findings are kept, and the culprit is
    /// named. Both ways find the same; this one is slower, but does not fail first to be done again.
    pub(super) alone: Option<Vec<SingleRuleWorker>>,
    /// Each rule by itself, to know what it takes.
    pub(super) timed: Option<Vec<SingleRuleWorker>>,
}

/// The machine of one rule by itself.
pub(super) struct SingleRuleWorker {
    pub(super) rule: usize,
    /// None if the rule can't be compiled by itself.
    pub(super) machine: Option<(Worker, String)>,
}

/// Machines that no worker uses at the moment.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Worker>>);

impl Pool {
    pub(super) fn take(&self) -> Option<Worker> {
        // A worker that panicked with the lock leaves machines that are whole: it only pushes and pops.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    pub(super) fn give_back(&self, worker: Worker) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
    }
}
