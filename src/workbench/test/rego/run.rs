//! Steps, run: the register VM is asked each for every binding of the variables before it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Difference, Expression, Status};
use super::known::Known;
use super::plan::{Ask, Plan, Step, Target, With};
use super::read::{TestFile, TestRule};
use super::why;
use super::write::{self, HOST};
use crate::policy::engine::{Bounds, Datum, EvaluationError, Judge, Parsed, Trace};
use crate::workbench::judge::Bench;

/// How many times a test may ask the engine: behind that, it is one that never ends.
const MOST_ASKED: usize = 20_000;

/// The values of variables.
pub(super) type Bindings = BTreeMap<String, Datum>;

/// Runs tests of the modules that it knows.
pub(super) struct Runner<'r> {
    pub(super) known: &'r Known,
    data: &'r Datum,
    bounds: Bounds,
    trace: Option<&'r Trace>,
    /// Modules by what is replaced in them.
    parsed: RefCell<BTreeMap<String, Parsed>>,
}

/// What came of a test.
pub(super) enum Ran {
    Held,
    Not(Box<Expression>),
    Stopped {
        message: String,
        help: Option<String>,
    },
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
pub(super) struct Seen {
    pub(super) input: Datum,
    pub(super) data: Datum,
    pub(super) mocks: Datum,
}

/// The programs of one test's steps, by the name of the rule that asks.
type Programs = BTreeMap<String, (Judge, String)>;

impl<'r> Runner<'r> {
    pub(super) fn new(
        bench: &Bench<'_>,
        known: &'r Known,
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

    /// Runs a test.
    ///
    /// # Errors
    /// Why the register VM can't be asked.
    pub(super) fn run(&self, file: &TestFile, plan: &Plan) -> Result<Ran, String> {
        let mut programs = Programs::new();
        self.compile(file, &plan.steps, &mut programs)?;
        let test = Test {
            runner: self,
            file,
            programs,
            asked: Cell::new(0),
        };
        let stopped = |message: String, help: &str| Ran::Stopped {
            message,
            help: Some(help.to_owned()),
        };
        Ok(match test.steps(&plan.steps, Bindings::new()) {
            Ok(_) => Ran::Held,
            Err(Halt::Failed(expression)) => Ran::Not(expression),
            Err(Halt::Evaluation(error)) => {
                let (message, help) = told(&error);
                stopped(message, help)
            }
            Err(Halt::TooMuch) => stopped(
                format!("the test runs more than {MOST_ASKED} evaluations"),
                "use fewer values, or split the test",
            ),
            Err(Halt::Unable(why)) => return Err(why),
        })
    }

    /// Asks the interpreter instead.
    pub(super) fn interpret(&self, file: &TestFile, test: &TestRule) -> Status {
        let error = |message: String, help: &str| Status::Error {
            message,
            help: Some(help.to_owned()),
        };
        let others = self.known.modules().map(|known| &known.module);
        let others = others.filter(|module| module.name != file.helpers.name);
        // Without the other tests of the file, so that a broken one breaks itself alone.
        let own = file.with_test(test);
        let modules: Vec<_> = others.cloned().chain([own]).collect();
        let parsed = match Parsed::new(&modules) {
            Ok(parsed) => parsed,
            Err(why) => return error(why.message, "fix the module; no engine can run it"),
        };
        let rule = format!("data.{}.{}", file.package, test.rule);
        match parsed.interpret(&rule, self.data, self.bounds.time) {
            Ok(value) if value.is_true() => Status::Passed,
            Ok(value) => Status::Failed(vec![Difference::Expression(Expression {
                line: test.line,
                text: test.name.clone(),
                values: vec![(test.name.clone(), value.to_string())],
                bindings: 1,
            })]),
            Err(why) => {
                let (message, help) = told(&why);
                error(message, help)
            }
        }
    }

    pub(super) fn parsed(&self, with: &[With]) -> Result<Parsed, String> {
        let key = write::replaced(with);
        if let Some(parsed) = self.parsed.borrow().get(&key) {
            return Ok(parsed.clone());
        }
        let parsed = Parsed::new(&write::modules(self.known, with))
            .map_err(|error| unable(&error.message))?;
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
        let module = write::steps(file, asks.iter().copied());
        let names: Vec<&str> = entries.iter().map(String::as_str).collect();
        let parsed = self.parsed(with)?.with(&[module]);
        let compiled = parsed.and_then(|parsed| parsed.compile(first, self.trace));
        let judge = compiled.and_then(|compiled| compiled.program(&names));
        let judge = judge.map_err(|error| unable(&error.message))?;
        let programs = asks.iter().zip(&entries);
        Ok(programs
            .map(|(ask, entry)| (ask.name.clone(), (judge.clone(), entry.clone())))
            .collect())
    }

    fn compile(
        &self,
        file: &TestFile,
        steps: &[Step],
        programs: &mut Programs,
    ) -> Result<(), String> {
        let mut plain = Vec::new();
        for step in steps {
            match step {
                Step::Plain(ask) => plain.push(ask),
                Step::Under { with, values, ask } => {
                    plain.push(values);
                    programs.extend(self.program(file, with, &[ask])?);
                }
                Step::Every { domain, steps, .. } => {
                    plain.push(domain);
                    self.compile(file, steps, programs)?;
                }
            }
        }
        programs.extend(self.program(file, &[], &plain)?);
        Ok(())
    }

    /// What is seen without `with`.
    fn seen(&self) -> Seen {
        Seen {
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
        seen: &Seen,
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
            .map_err(|why| Halt::Unable(unable(&why)))?;
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

fn unable(why: &str) -> String {
    format!(
        "the main engine cannot run it: {}",
        why.trim_end_matches('.')
    )
}

fn told(error: &EvaluationError) -> (String, &'static str) {
    let loops = "look for an endless or very long loop in the test or in the tested rule";
    match error {
        EvaluationError::Time(bound) => (format!("the test exceeded its limit of {bound}"), loops),
        EvaluationError::Memory(bound) => {
            (format!("the test exceeded its limit of {bound}"), loops)
        }
        EvaluationError::Panic(why) => (
            format!("the engine crashed: {why}"),
            "report the crash as a bug in govcheck",
        ),
        EvaluationError::Runtime(why) => (
            format!("the engine has no result: {why}"),
            "fix the test or the rule",
        ),
    }
}

struct Test<'t> {
    runner: &'t Runner<'t>,
    file: &'t TestFile,
    programs: Programs,
    asked: Cell<usize>,
}

impl Test<'_> {
    /// All bindings for which the steps hold; never none.
    fn steps(&self, steps: &[Step], bindings: Bindings) -> Result<Vec<Bindings>, Halt> {
        let mut all = vec![bindings];
        for step in steps {
            let mut next = Vec::new();
            let mut failed = None;
            for bindings in &all {
                match self.step(step, bindings, all.len()) {
                    Ok(held) => next.extend(held),
                    // For other bindings it may hold.
                    Err(Halt::Failed(expression)) => {
                        failed.get_or_insert(expression);
                    }
                    Err(halt) => return Err(halt),
                }
            }
            if let Some(expression) = failed.filter(|_| next.is_empty()) {
                return Err(Halt::Failed(expression));
            }
            next.sort();
            next.dedup();
            all = next;
        }
        Ok(all)
    }

    fn step(&self, step: &Step, bindings: &Bindings, of: usize) -> Result<Vec<Bindings>, Halt> {
        match step {
            Step::Plain(ask) => self.held(ask, bindings, &self.runner.seen(), &[], of),
            Step::Under { with, values, ask } => {
                let values_of = self.held(values, bindings, &self.runner.seen(), &[], of)?;
                let mut held = Vec::new();
                let mut failed = None;
                for values in values_of {
                    let seen = under(&self.runner.seen(), with, &values);
                    match self.held(ask, bindings, &seen, with, of) {
                        Ok(more) => held.extend(more),
                        Err(Halt::Failed(expression)) => failed = failed.or(Some(expression)),
                        Err(halt) => return Err(halt),
                    }
                }
                match failed.filter(|_| held.is_empty()) {
                    Some(expression) => Err(Halt::Failed(expression)),
                    None => Ok(held),
                }
            }
            Step::Every {
                domain,
                key,
                value,
                steps,
            } => {
                let domains = self.held(domain, bindings, &self.runner.seen(), &[], of)?;
                for walked in domains {
                    let walked = walked.get("govcheck_domain").and_then(Datum::pairs);
                    for (index, element) in walked.unwrap_or_default() {
                        let mut inner = bindings.clone();
                        inner.extend(key.iter().map(|key| (key.clone(), index.clone())));
                        inner.insert(value.clone(), element);
                        self.steps(steps, inner)?;
                    }
                }
                Ok(vec![bindings.clone()])
            }
        }
    }

    /// The bindings for which an ask holds; never none.
    fn held(
        &self,
        ask: &Ask,
        bindings: &Bindings,
        seen: &Seen,
        with: &[With],
        of: usize,
    ) -> Result<Vec<Bindings>, Halt> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > MOST_ASKED {
            return Err(Halt::TooMuch);
        }
        let Some(program) = self.programs.get(&ask.name) else {
            return Err(Halt::Unable(unable("a step is missing")));
        };
        let rows = self.runner.rows(program, ask, bindings, seen)?;
        if rows.is_empty() {
            let mut expression = why::why(self.runner, self.file, (ask, with), bindings, seen);
            expression.bindings = of;
            return Err(Halt::Failed(Box::new(expression)));
        }
        Ok(rows
            .into_iter()
            .map(|row| extended(bindings, &ask.gives, row))
            .collect())
    }
}

/// Bindings and some more.
pub(super) fn extended(bindings: &Bindings, names: &[String], row: Vec<Datum>) -> Bindings {
    let mut all = bindings.clone();
    all.extend(names.iter().cloned().zip(row));
    all
}

fn under(seen: &Seen, with: &[With], values: &Bindings) -> Seen {
    let mut seen = seen.clone();
    for with in with {
        let Some(value) = with.value.as_ref().and_then(|name| values.get(name)) else {
            continue;
        };
        match &with.target {
            Target::Input(path) => seen.input = seen.input.patched(path, value),
            Target::Data(path) => seen.data = seen.data.patched(path, value),
            Target::Rule(path) | Target::Function { path, .. } => {
                let name = Arc::from(path.join("."));
                seen.mocks = seen.mocks.with([(name, value.clone())]);
            }
        }
    }
    seen
}
