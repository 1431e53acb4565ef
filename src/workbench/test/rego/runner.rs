//! Asks the register VM for the bindings of one step. Which steps a test has is not known here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::known::TestedModules;
use super::plan::{Ask, PlanStep, With};
use super::read::TestFile;
use super::write;
use super::write::HOST;
use crate::policy::engine::{Bounds, Datum, EvaluationError, Judge, ParsedModules, Trace};
use crate::workbench::judge::Bench;
use crate::workbench::test::Expression;

/// The values of variables.
pub(super) type Bindings = BTreeMap<String, Datum>;

/// Runs tests of the modules that it knows.
pub(super) struct Runner<'r> {
    pub(super) known: &'r TestedModules,
    pub(super) data: &'r Datum,
    pub(super) bounds: Bounds,
    pub(super) trace: Option<&'r Trace>,
    /// Modules by what is replaced in them.
    pub(super) parsed: RefCell<BTreeMap<String, ParsedModules>>,
}

/// Why a test goes no further.
pub(super) enum Halt {
    /// It does not hold.
    Failed(Box<Expression>),
    /// The engine gave no answer.
    Evaluation(EvaluationError),
    /// It has been asked too often.
    TooMuch,
    /// The register VM can't be asked this.
    Unable(String),
}

/// What a step sees: input, data, and what replaces rules.
#[derive(Clone)]
pub(super) struct StepInput {
    pub(super) input: Datum,
    pub(super) data: Datum,
    pub(super) mocks: Datum,
}

/// The programs of one test's steps, by the name of the rule that asks.
pub(super) type Programs = BTreeMap<String, (Judge, String)>;

impl<'r> Runner<'r> {
    pub(super) fn new(
        bench: &Bench<'_>,
        known: &'r TestedModules,
        data: &'r Datum,
        trace: Option<&'r Trace>,
    ) -> Self {
        Self {
            known,
            data,
            bounds: bench.bounds,
            trace,
            parsed: RefCell::default(),
        }
    }

    pub(super) fn parsed(&self, with: &[With]) -> Result<ParsedModules, String> {
        let key = write::replacement_key(with);
        if let Some(parsed) = self.parsed.borrow().get(&key) {
            return Ok(parsed.clone());
        }
        let parsed = ParsedModules::new(&write::replaced_modules(self.known, with))
            .map_err(|error| explain_unable(&error.message))?;
        self.parsed.borrow_mut().insert(key, parsed.clone());
        Ok(parsed)
    }

    /// A program for asks that see the same rules.
    pub(super) fn program(
        &self,
        file: &TestFile,
        with: &[With],
        asks: &[&Ask],
    ) -> Result<Programs, String> {
        let entry = |ask: &&Ask| format!("data.{}.{}", file.package, ask.name);
        let entries: Vec<String> = asks.iter().map(entry).collect();
        let Some(first) = entries.first() else {
            return Ok(Programs::new());
        };
        let module = write::step_module(file, asks.iter().copied());
        let names: Vec<&str> = entries.iter().map(String::as_str).collect();
        let parsed = self.parsed(with)?.with(&[module]);
        let compiled = parsed.and_then(|parsed| parsed.compile(first, self.trace));
        let judge = compiled.and_then(|compiled| compiled.program(&names));
        let judge = judge.map_err(|error| explain_unable(&error.message))?;
        let programs = asks.iter().zip(&entries);
        Ok(programs
            .map(|(ask, entry)| (ask.name.clone(), (judge.clone(), entry.clone())))
            .collect())
    }

    pub(super) fn compile(
        &self,
        file: &TestFile,
        steps: &[PlanStep],
        programs: &mut Programs,
    ) -> Result<(), String> {
        let mut plain = Vec::new();
        for step in steps {
            match step {
                PlanStep::Plain(ask) => plain.push(ask),
                PlanStep::Under { with, values, ask } => {
                    plain.push(values);
                    programs.extend(self.program(file, with, &[ask])?);
                }
                PlanStep::Every { domain, steps, .. } => {
                    plain.push(domain);
                    self.compile(file, steps, programs)?;
                }
            }
        }
        programs.extend(self.program(file, &[], &plain)?);
        Ok(())
    }

    /// What is seen without `with`.
    pub(super) fn seen(&self) -> StepInput {
        StepInput {
            input: Datum::undefined(),
            data: self.data.clone(),
            mocks: Datum::object(),
        }
    }

    /// The bindings that an ask gives, one list for each way to bind.
    pub(super) fn rows(
        &self,
        (judge, entry): &(Judge, String),
        ask: &Ask,
        bindings: &Bindings,
        seen: &StepInput,
    ) -> Result<Vec<Vec<Datum>>, Halt> {
        let used = ask.uses.iter().filter_map(|name| {
            let value = bindings.get(name)?;
            Some((Arc::from(name.as_str()), value.clone()))
        });
        let host = Datum::fields([
            (Arc::from("env"), Datum::fields(used)),
            (Arc::from("mocks"), seen.mocks.clone()),
        ]);
        let data = seen.data.with([(Arc::from(HOST), host)]);
        judge
            .accepts(&data)
            .map_err(|why| Halt::Unable(explain_unable(&why)))?;
        let answer = judge
            .worker(&data, self.bounds)
            .evaluate(entry, &seen.input);
        let rows = answer
            .map_err(Halt::Evaluation)?
            .items()
            .unwrap_or_default();
        Ok(rows.iter().filter_map(Datum::items).collect())
    }
}

pub(super) fn explain_unable(why: &str) -> String {
    format!(
        "the main engine cannot run it: {}",
        why.trim_end_matches('.')
    )
}

/// Adds bindings for `names`.
pub(super) fn extend_bindings(bindings: &Bindings, names: &[String], row: Vec<Datum>) -> Bindings {
    let mut all = bindings.clone();
    all.extend(names.iter().cloned().zip(row));
    all
}
