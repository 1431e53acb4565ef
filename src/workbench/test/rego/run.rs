//! Steps, run: the register VM is asked each for every binding of the variables before it.

use std::cell::Cell;
use std::sync::Arc;

use super::super::{Expression, Status, TestDifference};
use super::plan::{Ask, PlanStep, TestPlan, With, WithTarget};
use super::read::{TestFile, TestRule};
use super::runner::{Bindings, Halt, Programs, Runner, StepInput, explain_unable, extend_bindings};
use super::why;
use crate::policy::engine::{Datum, EvaluationError, ParsedModules};

/// How many times a test may ask the engine: behind that, it is one that never ends.
const MOST_ASKED: usize = 20_000;

/// What came of a test.
pub(super) enum Ran {
    Held,
    Not(Box<Expression>),
    Stopped {
        message: String,
        help: Option<String>,
    },
}

impl<'r> Runner<'r> {
    /// Runs a test.
    ///
    /// # Errors
    /// Why the register VM can't be asked.
    pub(super) fn run(&self, file: &TestFile, plan: &TestPlan) -> Result<Ran, String> {
        let mut programs = Programs::new();
        self.compile(file, &plan.steps, &mut programs)?;
        let test = RunningTest {
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
        // Without the other tests of the file, so that a broken one breaks only itself.
        let own = file.with_test(test);
        let modules: Vec<_> = others.cloned().chain([own]).collect();
        let parsed = match ParsedModules::new(&modules) {
            Ok(parsed) => parsed,
            Err(why) => return error(why.message, "fix the module; no engine can run it"),
        };
        let rule = format!("data.{}.{}", file.package, test.rule);
        match parsed.interpret(&rule, self.data, self.bounds.time) {
            Ok(value) if value.is_true() => Status::Passed,
            Ok(value) => Status::Failed(vec![TestDifference::Expression(Expression {
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

struct RunningTest<'t> {
    runner: &'t Runner<'t>,
    file: &'t TestFile,
    programs: Programs,
    asked: Cell<usize>,
}

impl RunningTest<'_> {
    /// All bindings for which the steps hold; never none.
    fn steps(&self, steps: &[PlanStep], bindings: Bindings) -> Result<Vec<Bindings>, Halt> {
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

    fn step(&self, step: &PlanStep, bindings: &Bindings, of: usize) -> Result<Vec<Bindings>, Halt> {
        match step {
            PlanStep::Plain(ask) => self.held(ask, bindings, &self.runner.seen(), &[], of),
            PlanStep::Under { with, values, ask } => {
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
            PlanStep::Every {
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
        seen: &StepInput,
        with: &[With],
        of: usize,
    ) -> Result<Vec<Bindings>, Halt> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > MOST_ASKED {
            return Err(Halt::TooMuch);
        }
        let Some(program) = self.programs.get(&ask.name) else {
            return Err(Halt::Unable(explain_unable("a step is missing")));
        };
        let rows = self.runner.rows(program, ask, bindings, seen)?;
        if rows.is_empty() {
            let mut expression =
                why::failed_expression(self.runner, self.file, (ask, with), bindings, seen);
            expression.bindings = of;
            return Err(Halt::Failed(Box::new(expression)));
        }
        Ok(rows
            .into_iter()
            .map(|row| extend_bindings(bindings, &ask.gives, row))
            .collect())
    }
}

fn under(seen: &StepInput, with: &[With], values: &Bindings) -> StepInput {
    let mut seen = seen.clone();
    for with in with {
        let Some(value) = with.value.as_ref().and_then(|name| values.get(name)) else {
            continue;
        };
        match &with.target {
            WithTarget::Input(path) => seen.input = seen.input.patched(path, value),
            WithTarget::Data(path) => seen.data = seen.data.patched(path, value),
            WithTarget::Rule(path) | WithTarget::Function { path, .. } => {
                let name = Arc::from(path.join("."));
                seen.mocks = seen.mocks.with([(name, value.clone())]);
            }
        }
    }
    seen
}
