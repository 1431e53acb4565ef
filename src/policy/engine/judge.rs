//! Programs for the register VM, and workers that evaluate them within bounds.

use std::sync::Arc;

use regorus::Value;
use regorus::rvm::{Program, RegoVM};

use super::bounds::Bounds;
use super::error::{EvaluationError, classify_error};
use super::machine::new_machine;
use super::meter;
use super::optimise::{constants, input_use, loops};
use super::trace::Traced;
use super::values::Datum;
use crate::model::caught::catch_panic;
use crate::model::wanted::Projection;

/// A program for the register VM.
#[derive(Clone)]
pub struct Judge {
    pub(in crate::policy::engine) program: Arc<Program>,
    pub(in crate::policy::engine) trace: Option<Traced>,
}

/// A register VM with its program and data, for one worker.
pub struct Worker {
    pub(in crate::policy::engine) vm: RegoVM,
    pub(in crate::policy::engine) judge: Judge,
    pub(in crate::policy::engine) data: Value,
    pub(in crate::policy::engine) bounds: Bounds,
    pub(in crate::policy::engine) more: usize,
}

impl Judge {
    /// How many instructions the program has.
    pub fn size(&self) -> usize {
        self.program.instructions.len()
    }

    /// What the program reads of its input; all of it for those who want to see what is done.
    pub fn reads(&self) -> Projection {
        match self.trace {
            Some(_) => Projection::all(),
            None => input_use::input_use(&self.program),
        }
    }

    /// A worker of this program on `data`.
    pub fn worker(&self, data: &Datum, bounds: Bounds) -> Worker {
        Worker {
            vm: new_machine(&self.program, &data.0, bounds),
            judge: self.clone(),
            data: data.0.clone(),
            bounds,
            more: 0,
        }
    }

    /// The same, its plain loops made to take their turns in one go: worth it where a loop has many.
    #[must_use]
    pub fn hastened(&self) -> Self {
        if self.trace.is_some() {
            // Who wants to know which lines are evaluated wants to know it of all turns.
            return self.clone();
        }
        let mut program = (*self.program).clone();
        loops::optimise_loops(&mut program);
        Self {
            program: Arc::new(program),
            trace: None,
        }
    }

    /// A worker for many inputs on the same `data`, by one thread: what depends only on data is computed once, here.
    pub fn settled(&self, data: &Datum, bounds: Bounds) -> Worker {
        if self.trace.is_some() {
            // Who wants to know which lines are evaluated wants to know it of all of them.
            return self.worker(data, bounds);
        }
        let data = Datum(constants::unshare_value(&data.0));
        let own = |program: Program| Judge {
            program: Arc::new(program),
            trace: None,
        };
        let program = constants::settle_constants(&self.program, |program, entry_points| {
            let mut worker = own(program.clone()).worker(&data, bounds);
            let nothing = Datum(Value::Undefined);
            let values = entry_points
                .iter()
                .map(|entry| worker.evaluate(entry, &nothing));
            values.map(|value| Some(value.ok()?.0)).collect()
        });
        own(program).worker(&data, bounds)
    }
}

impl Worker {
    /// Evaluates on other data from now on; refused only where data and rules overlap.
    pub fn set_data(&mut self, data: &Datum) {
        self.data = data.0.clone();
        let _ = self.vm.set_data(self.data.clone());
    }

    /// Gives the next evaluations so many instructions beyond the bounds.
    pub fn allow(&mut self, more: usize) {
        self.more = more;
        self.vm
            .set_max_instructions(self.bounds.instructions.saturating_add(more));
    }

    /// Evaluates one entry point on an input.
    ///
    /// # Errors
    /// A bound was hit, a builtin panicked, or the evaluation ended otherwise without an answer.
    pub fn evaluate(&mut self, entry_point: &str, input: &Datum) -> Result<Datum, EvaluationError> {
        self.vm.set_input(input.0.clone());
        meter::start_bounds(self.bounds.time, self.bounds.memory);
        let vm = &mut self.vm;
        let outcome = catch_panic(|| vm.execute_entry_point_by_name(entry_point));
        let error = match outcome {
            Ok(Ok(value)) => {
                if let Some(trace) = &self.judge.trace {
                    let asked = (&self.data, &input.0);
                    trace.follow(
                        &self.judge.program,
                        asked,
                        entry_point,
                        (self.bounds, &value),
                    );
                }
                return Ok(Datum(value));
            }
            Ok(Err(error)) => classify_error(&error),
            Err(panic) => EvaluationError::Panic(panic),
        };
        // What an error or a panic leaves behind in a machine is not to be trusted.
        self.vm = new_machine(&self.judge.program, &self.data, self.bounds);
        self.allow(self.more);
        Err(error)
    }
}
