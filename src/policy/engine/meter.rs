//! The bounds of time and memory inside one instruction of the VM, which asks for them between instructions alone: all
//! turns of a loop are one, and a builtin is one.

use std::cell::Cell;
use std::time::{Duration, Instant};

use regorus::{LimitError, Value};

/// After how many turns the clock is looked at.
const TURNS: u32 = 16;

/// What a value is taken to need, and each part of one, in bytes.
const BYTES: usize = 64;

#[derive(Clone, Copy)]
struct StartedBounds {
    started: Instant,
    time: Duration,
    memory: u64,
}

thread_local! {
    static BOUNDS: Cell<Option<StartedBounds>> = const { Cell::new(None) };
}

/// Sets the bounds of the evaluation that starts now on this thread.
pub(in crate::policy::engine) fn start_bounds(time: Duration, memory: u64) {
    let started = Instant::now();
    BOUNDS.set(Some(StartedBounds {
        started,
        time,
        memory,
    }));
}

/// Counts the turns of one loop or builtin, and what they make.
pub(in crate::policy::engine) struct Meter {
    bounds: Option<StartedBounds>,
    turns: u32,
    bytes: u64,
}

impl Meter {
    pub(in crate::policy::engine) fn new() -> Self {
        Self {
            bounds: BOUNDS.get(),
            turns: 0,
            bytes: 0,
        }
    }

    /// A turn more.
    pub(in crate::policy::engine) fn turn(&mut self) -> anyhow::Result<()> {
        self.turns += 1;
        if self.turns < TURNS {
            return Ok(());
        }
        self.turns = 0;
        let Some(bounds) = self.bounds else {
            return Ok(());
        };
        let elapsed = bounds.started.elapsed();
        if elapsed > bounds.time {
            let limit = bounds.time;
            return Err(LimitError::TimeLimitExceeded { elapsed, limit }.into());
        }
        if bounds.memory > 0 && self.bytes > bounds.memory {
            let (usage, limit) = (self.bytes, bounds.memory);
            return Err(LimitError::MemoryLimitExceeded { usage, limit }.into());
        }
        Ok(())
    }

    /// A value of so many parts was made.
    pub(in crate::policy::engine) fn made(&mut self, parts: usize) {
        self.bytes = self.bytes.saturating_add((BYTES * (parts + 1)) as u64);
    }

    /// A value that a builtin made.
    pub(in crate::policy::engine) fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.bytes = self.bytes.saturating_add(text.len() as u64),
            Value::Array(items) => self.made(items.len()),
            Value::Object(fields) => self.made(fields.len()),
            Value::Set(items) => self.made(items.len()),
            _ => {}
        }
    }
}
