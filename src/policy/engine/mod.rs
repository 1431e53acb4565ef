//! The Rego engine: the only folder that imports regorus. Compiles rules for the register VM, one program per kind of
//! entity, and evaluates them within bounds. Values cross this border as [`Datum`], opaque to everybody else.

mod kept;
mod maker;
mod mend;
pub mod packed;
mod plain;
mod promise;
mod reads;
mod regexes;
#[cfg(test)]
mod regexes_tests;
mod same;
pub mod scan;
mod settle;
#[cfg(test)]
mod settle_tests;
#[cfg(test)]
mod tests;
mod texts;
#[cfg(test)]
mod texts_tests;
mod trace;
mod tree;
mod trim;
mod values;

pub use kept::Kept;
pub use promise::{Promise, Together};
use trace::Traced;
pub use trace::{Lines, Parsed, Trace};

pub use maker::{Maker, Source};
pub use values::Datum;

pub use plain::{RegoVersion, compile_plain, parse_plain, plain_datum, plain_key, program_plain};

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::time::Duration;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::{Program, RegoVM};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{CompiledPolicy, Engine, MemoryBudgetConfig, Value};

use crate::model::caught::caught;
use crate::model::text::Span;
use crate::model::wanted::Wanted;

/// Bounds of one evaluation: of all rules of a kind on one entity, or of one rule on the mesh.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Wall time.
    pub time: Duration,
    /// Bytes that it may ask for, given back or not.
    pub memory: u64,
    /// Instructions of the register VM: the bound that does not depend on the machine.
    pub instructions: usize,
}

/// A module as text, with the name that its errors carry.
#[derive(Debug, Clone)]
pub struct Module {
    /// The name in errors.
    pub name: String,
    /// Rego.
    pub text: String,
}

/// Why a module, or a set of them, can't be used.
#[derive(Debug, Clone)]
pub struct RegoError {
    /// The module, if regorus names one.
    pub module: Option<String>,
    /// The text, if regorus names a place.
    pub span: Option<Span>,
    /// Line, 1-based, and column, 1-based in characters, where no span is known.
    pub position: Option<(u32, u32)>,
    /// What is wrong, as a phrase.
    pub message: String,
}

/// Why an evaluation gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluationError {
    /// The time or instruction bound was hit.
    Time(String),
    /// The memory bound was hit.
    Memory(String),
    /// A builtin panicked.
    Panic(String),
    /// Anything else that ended it.
    Runtime(String),
}

/// Rules compiled together; programs are made from it by entry points.
#[derive(Clone)]
pub struct Compiled {
    policy: CompiledPolicy,
    /// Who wants to know which lines its programs evaluate.
    trace: Option<Trace>,
}

/// A program for the register VM.
#[derive(Clone)]
pub struct Judge {
    program: Arc<Program>,
    trace: Option<Traced>,
}

/// Reads one module and gives its syntax tree.
///
/// # Errors
/// The module is no Rego.
pub fn parse(module: &Module) -> Result<serde_json::Value, RegoError> {
    let mut modules = Modules::default();
    modules.read(module)?;
    let read = modules.0.get_modules().first();
    Ok(read.map(|read| tree::tree(read)).unwrap_or_default())
}

/// Whether a module is Rego of before 1.0.
pub fn is_v0(module: &Module) -> bool {
    let mut engine = Engine::new();
    engine.set_rego_v0(true);
    plain::add_v0(&mut engine, module).is_ok()
}

/// Modules to be compiled together.
#[derive(Clone, Default)]
pub struct Modules(Engine);

impl Modules {
    /// Reads one module.
    ///
    /// # Errors
    /// The module is no Rego; it is left out.
    pub fn read(&mut self, module: &Module) -> Result<(), RegoError> {
        let read = self.0.add_policy(module.name.clone(), module.text.clone());
        read.map(|_| ())
            .map_err(|error| rendered(&error.to_string()))
    }

    /// Compiles them together; `entry` is the path of any rule among them: `data.govcheck.kpi.bad_name.deny`.
    ///
    /// # Errors
    /// They do not compile.
    pub fn compile(mut self, entry: &str) -> Result<Compiled, RegoError> {
        let policy = self.0.compile_with_entrypoint(&entry.into());
        let policy = policy.map_err(|error| rendered(&error.to_string()))?;
        Ok(Compiled {
            policy,
            trace: None,
        })
    }
}

/// Reads modules and compiles them together, as [`Modules::compile`] does.
///
/// # Errors
/// One is no Rego, or they do not compile.
pub fn compile(modules: &[Module], entry: &str) -> Result<Compiled, RegoError> {
    let mut all = Modules::default();
    for module in modules {
        all.read(module)?;
    }
    all.compile(entry)
}

impl Compiled {
    /// A program for these entry points.
    ///
    /// # Errors
    /// The register VM can't run a rule that they need.
    pub fn program(&self, entry_points: &[&str]) -> Result<Judge, RegoError> {
        let mut program = self.mended(entry_points)?;
        if self.trace.is_none() {
            // Who wants to know which lines are evaluated wants to know it of all instructions.
            trim::trim(&mut program);
        }
        regexes::install(&mut program);
        Ok(Judge {
            program: Arc::new(program),
            trace: self.trace.as_ref().map(Trace::of_program),
        })
    }

    /// What the compiler makes of them, and what it leaves out.
    fn mended(&self, entry_points: &[&str]) -> Result<Program, RegoError> {
        let program =
            Compiler::compile_from_policy(&self.policy, entry_points).map_err(|error| {
                let mut shown = rendered(&error.to_string());
                shown.span = error
                    .span
                    .as_ref()
                    .map(|span| Span::new(span.start, span.end));
                shown
            })?;
        let mut mended = Arc::unwrap_or_clone(program);
        mend::mend(&mut mended).map_err(|message| rendered(&message))?;
        Ok(mended)
    }
}

/// A register VM with its program and data, for one worker.
pub struct Worker {
    vm: RegoVM,
    judge: Judge,
    data: Value,
    bounds: Bounds,
    more: usize,
}

impl Judge {
    /// How many instructions the program has.
    pub fn size(&self) -> usize {
        self.program.instructions.len()
    }

    /// What the program reads of its input; all of it for those who want to see what is done.
    pub fn reads(&self) -> Wanted {
        match self.trace {
            Some(_) => Wanted::all(),
            None => reads::reads(&self.program),
        }
    }

    /// A worker of this program on `data`.
    pub fn worker(&self, data: &Datum, bounds: Bounds) -> Worker {
        Worker {
            vm: machine(self, &data.0, bounds),
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
        trim::rounds::hasten(&mut program);
        Self {
            program: Arc::new(program),
            trace: None,
        }
    }

    /// A worker for many inputs on the same `data`, by one thread: what data alone decides is computed once, here.
    pub fn settled(&self, data: &Datum, bounds: Bounds) -> Worker {
        if self.trace.is_some() {
            // Who wants to know which lines are evaluated wants to know it of all of them.
            return self.worker(data, bounds);
        }
        let data = Datum(settle::apart(&data.0));
        let own = |program: Program| Judge {
            program: Arc::new(program),
            trace: None,
        };
        let program = settle::settled(&self.program, |program, entry_points| {
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

fn machine(judge: &Judge, data: &Value, bounds: Bounds) -> RegoVM {
    let mut vm = RegoVM::new();
    vm.set_max_instructions(bounds.instructions);
    vm.set_execution_timer_config(Some(ExecutionTimerConfig {
        limit: bounds.time,
        check_interval: NonZeroU32::new(1024).unwrap_or(NonZeroU32::MIN),
    }));
    vm.set_memory_budget_config(
        NonZeroU64::new(bounds.memory).map(|limit| MemoryBudgetConfig { limit }),
    );
    // A builtin that is given a wrong type is undefined, as in OPA: with strict errors the VM would drop what
    // the rest of the rule's body finds, without a word.
    vm.set_strict_builtin_errors(false);
    vm.load_program(Arc::clone(&judge.program));
    // Refused only when data and rules overlap, and data is the host's own.
    let _ = vm.set_data(data.clone());
    vm
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
        trim::rounds::meter::start(self.bounds.time, self.bounds.memory);
        let vm = &mut self.vm;
        let outcome = caught(|| vm.execute_entry_point_by_name(entry_point));
        let error = match outcome {
            Ok(Ok(value)) => {
                if let Some(trace) = &self.judge.trace {
                    let asked = (&self.data, &input.0);
                    trace.follow(&self.judge, asked, entry_point, (self.bounds, &value));
                }
                return Ok(Datum(value));
            }
            Ok(Err(error)) => classify(&error),
            Err(panic) => EvaluationError::Panic(panic),
        };
        // What an error or a panic leaves behind in a machine is not to be trusted.
        self.vm = machine(&self.judge, &self.data, self.bounds);
        self.allow(self.more);
        Err(error)
    }
}

fn classify(error: &regorus::rvm::vm::VmError) -> EvaluationError {
    use regorus::rvm::vm::VmError;
    let text = error.to_string();
    // The program counter means nothing to anybody, and differs from release to release.
    let text = text.split(" (pc=").next().unwrap_or(&text).to_owned();
    match error {
        VmError::TimeLimitExceeded { limit, .. } => EvaluationError::Time(match limit.as_secs() {
            0 => format!("{} ms of time", limit.as_millis()),
            seconds => format!("{seconds} s of time"),
        }),
        VmError::InstructionLimitExceeded { limit, .. } => {
            EvaluationError::Time(format!("{limit} instructions"))
        }
        VmError::MemoryBudgetExceeded { budget, .. } => {
            EvaluationError::Memory(format!("{} MiB of memory", budget / (1024 * 1024)))
        }
        VmError::MemoryLimitExceeded { limit, .. } => {
            EvaluationError::Memory(format!("{} MiB of memory", limit / (1024 * 1024)))
        }
        _ => EvaluationError::Runtime(text),
    }
}

/// Takes apart what regorus has rendered: `--> name:line:col`, an excerpt, `error: message`; or `name:line:col error: message`.
fn rendered(text: &str) -> RegoError {
    let message = text
        .rsplit_once("error: ")
        .map_or(text, |(_, message)| message)
        .lines()
        .next()
        .unwrap_or(text)
        .trim()
        .to_owned();
    let place = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("--> "))
        .map(str::trim);
    let place = place.or_else(|| text.split_once(" error: ").map(|(place, _)| place));
    let mut parts = place.unwrap_or_default().rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse().ok());
    let line = parts.next().and_then(|part| part.parse().ok());
    let position = line.zip(column);
    RegoError {
        module: parts
            .next()
            .filter(|_| position.is_some())
            .map(ToOwned::to_owned),
        span: None,
        position,
        message,
    }
}

/// The tree-walking interpreter, for tests that hold the register VM's answers against its own. Never judges.
pub struct Interpreter(Engine);

impl Interpreter {
    /// An interpreter of these modules, without data.
    ///
    /// # Errors
    /// A module is no Rego.
    pub fn new(modules: &[Module]) -> Result<Self, RegoError> {
        let mut engine = Engine::new();
        for module in modules {
            engine
                .add_policy(module.name.clone(), module.text.clone())
                .map_err(|error| rendered(&error.to_string()))?;
        }
        engine.set_strict_builtin_errors(false);
        Ok(Self(engine))
    }

    /// Evaluates on `data` from now on.
    ///
    /// # Errors
    /// Data is no object.
    pub fn set_data(&mut self, data: &Datum) -> Result<(), RegoError> {
        self.0.clear_data();
        self.0
            .add_data(data.0.clone())
            .map_err(|error| rendered(&error.to_string()))
    }

    /// Evaluates one rule on an input; `rule` is its path: `data.govcheck.kpi.bad_name.deny`.
    ///
    /// # Errors
    /// The modules do not compile, there is no such rule, or the evaluation fails.
    pub fn evaluate(&mut self, rule: &str, input: &Datum) -> Result<Datum, RegoError> {
        self.0.set_input(input.0.clone());
        self.0
            .eval_rule(rule.to_owned())
            .map(Datum)
            .map_err(|error| rendered(&error.to_string()))
    }
}
