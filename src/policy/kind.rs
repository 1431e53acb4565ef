//! The program of one kind of entity: what it asks, and what of an entity it is given.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::check::RuleReads;
use super::engine::{Judge, Promise};
use crate::model::wanted::Projection;

/// The judges of one kind of entity.
pub struct KindProgram {
    pub(super) program: Promise,
    reads: OnceLock<Projection>,
    /// How many entities were judged before it was known what is read of them.
    judged: AtomicUsize,
    /// What to ask, one after the other.
    pub entry_points: Vec<EntryPoint>,
    /// Rules asked, to find the one to blame when an evaluation fails.
    pub rules: Vec<usize>,
}

impl KindProgram {
    pub(super) fn new(program: Promise, entry_points: Vec<EntryPoint>, rules: Vec<usize>) -> Self {
        Self {
            program,
            reads: OnceLock::new(),
            judged: AtomicUsize::new(0),
            entry_points,
            rules,
        }
    }

    /// The program.
    pub fn judge(&self) -> Judge {
        self.program.judge()
    }

    /// What it reads of an entity, once that is known.
    pub fn known(&self, given: Given) -> Option<&Projection> {
        match given {
            Given::Whole => None,
            Given::Read => Some(self.wanted(given)),
            Given::WhatPays => self.reads.get(),
        }
    }

    /// What is made values of an entity for it.
    pub fn wanted(&self, given: Given) -> &Projection {
        match given {
            Given::Whole => &ALL,
            Given::Read => self.reads.get_or_init(|| self.judge().reads()),
            Given::WhatPays => match self.reads.get() {
                Some(known) => known,
                None => {
                    let judged = self.judged.fetch_add(1, Ordering::Relaxed);
                    match judged == self.judge().size() / READ_MEANWHILE {
                        true => self.wanted(Given::Read),
                        false => &ALL,
                    }
                }
            },
        }
    }
}

/// How much of an entity rules are given. What they find is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// All of it.
    Whole,
    /// What they read.
    Read,
    /// What they read, once there are so many entities that it pays to know that.
    WhatPays,
}

static ALL: Projection = Projection::all();

/// While values are made of all of an entity, so many instructions can be read to know which of them rules read.
const READ_MEANWHILE: usize = 40;

/// An entry point that gives `{"deny": {rule: set}, "facts": {rule: set}}`; of change rules, `advice` instead of `facts`.
pub struct EntryPoint {
    /// Its path.
    pub name: String,
    /// The rules that it asks.
    pub rules: Vec<usize>,
    /// Whether it is one rule with `text_matches`, asked only where the document's text matches.
    pub gated: bool,
    /// What its rules read of `input` that is costly to build.
    pub reads: RuleReads,
}
