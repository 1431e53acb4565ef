//! The Rego engine: the only folder that imports regorus. Compiles rules for the register VM, one program per kind of
//! entity, and evaluates them within bounds. Values cross this border as [`Datum`], opaque to everybody else.

mod kept;
mod mend;
pub mod packed;
mod plain;
mod promise;
mod reads;
mod regexes;
#[cfg(test)]
mod regexes_tests;
mod same;
mod settle;
#[cfg(test)]
mod settle_tests;
#[cfg(test)]
mod tests;
mod trace;
mod tree;
mod trim;

pub use kept::Kept;
pub use promise::{Promise, Together};
pub use reads::Wanted;
use trace::Traced;
pub use trace::{Lines, Parsed, Trace};

pub use plain::{RegoVersion, compile_plain, parse_plain, plain_datum, plain_key, program_plain};

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::time::Duration;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::{Program, RegoVM};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{CompiledPolicy, Engine, MemoryBudgetConfig, Value};

use crate::model::caught::caught;
use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::entity::{Lifted, LiftedId, LiftedValue};
use crate::model::path::{ModelPath, Step};
use crate::model::text::{SourceText, Span};

/// A Rego value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Datum(Value);

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
    let read = engine.add_policy(module.name.clone(), module.text.clone());
    read.is_ok()
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

/// Takes apart what regorus has rendered: `--> name:line:col`, an excerpt, `error: message`.
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
    let mut parts = place.unwrap_or_default().rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse().ok());
    let line = parts.next().and_then(|part| part.parse().ok());
    RegoError {
        module: parts.next().map(ToOwned::to_owned),
        span: None,
        position: line.zip(column),
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

impl Datum {
    /// An empty object.
    pub fn object() -> Self {
        Self(Value::new_object())
    }

    /// Text.
    pub fn text(text: &str) -> Self {
        Self(Value::String(text.into()))
    }

    /// Text that is shared, not copied.
    pub fn shared_text(text: &Arc<str>) -> Self {
        Self(Value::String(Arc::clone(text)))
    }

    /// A whole number.
    pub fn number(number: usize) -> Self {
        Self(Value::from(number))
    }

    /// An object of fields; later ones win.
    pub fn fields(fields: impl IntoIterator<Item = (Arc<str>, Datum)>) -> Self {
        let map: BTreeMap<Value, Value> = fields
            .into_iter()
            .map(|(key, value)| (Value::String(key), value.0))
            .collect();
        Self(Value::from(map))
    }

    /// An array.
    pub fn array(items: impl IntoIterator<Item = Datum>) -> Self {
        Self(Value::from(
            items.into_iter().map(|item| item.0).collect::<Vec<_>>(),
        ))
    }

    /// From JSON.
    pub fn json(value: &serde_json::Value) -> Self {
        Self(Value::from(value.clone()))
    }

    /// As JSON; sets are arrays.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }

    /// The same object with some fields more.
    #[must_use]
    pub fn with(&self, fields: impl IntoIterator<Item = (Arc<str>, Datum)>) -> Self {
        let mut all: BTreeMap<Value, Value> = match &self.0 {
            Value::Object(object) => object
                .iter_sorted()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            _ => BTreeMap::new(),
        };
        all.extend(
            fields
                .into_iter()
                .map(|(key, value)| (Value::String(key), value.0)),
        );
        Self(Value::from(all))
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<Datum> {
        match &self.0 {
            Value::Object(object) => object.get(&Value::String(name.into())).cloned().map(Datum),
            _ => None,
        }
    }

    /// The fields of an object, sorted by name; keys that are no text are left out.
    pub fn entries(&self) -> Vec<(Arc<str>, Datum)> {
        match &self.0 {
            Value::Object(object) => object
                .iter_sorted()
                .filter_map(|(key, value)| match key {
                    Value::String(key) => Some((Arc::clone(key), Datum(value.clone()))),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The elements of an array or a set, in order.
    pub fn items(&self) -> Option<Vec<Datum>> {
        match &self.0 {
            Value::Array(items) => Some(items.iter().cloned().map(Datum).collect()),
            Value::Set(items) => Some(items.iter().cloned().map(Datum).collect()),
            _ => None,
        }
    }

    /// Text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number from zero.
    pub fn as_index(&self) -> Option<usize> {
        self.0
            .as_u64()
            .ok()
            .and_then(|number| usize::try_from(number).ok())
    }

    /// A path: an array of text and whole numbers.
    pub fn as_path(&self) -> Option<ModelPath> {
        let steps = match &self.0 {
            Value::Array(items) => items.iter().map(step).collect::<Option<Vec<_>>>()?,
            _ => return None,
        };
        Some(ModelPath(steps))
    }

    /// Whether the value is undefined: the rule had nothing to say.
    pub fn is_undefined(&self) -> bool {
        self.0 == Value::Undefined
    }
}

fn step(value: &Value) -> Option<Step> {
    match value {
        Value::String(key) => Some(Step::Key(Arc::clone(key))),
        number => number
            .as_u64()
            .ok()
            .and_then(|number| usize::try_from(number).ok())
            .map(Step::Index),
    }
}

/// What is wanted of an entity's fields, as a Rego object.
pub fn lifted_datum(
    lifted: &Lifted,
    id: LiftedId,
    (document, text): (&Document, &SourceText),
    wanted: &Wanted,
) -> Datum {
    Datum(lifted_value(lifted, id, (document, text), wanted))
}

/// What is wanted of a node of a document, as a Rego value, aliases and merge keys expanded.
pub fn document_datum(
    document: &Document,
    node: NodeId,
    text: &SourceText,
    wanted: &Wanted,
) -> Datum {
    Datum(node_value((document, text), node, wanted))
}

fn lifted_value(
    lifted: &Lifted,
    id: LiftedId,
    from: (&Document, &SourceText),
    wanted: &Wanted,
) -> Value {
    let node = lifted.node(id);
    match &node.value {
        LiftedValue::Bool(value) => Value::Bool(*value),
        LiftedValue::Int(value) => Value::from(*value),
        LiftedValue::Float(value) => Value::from(*value),
        LiftedValue::String(value) => Value::String(Arc::clone(value)),
        LiftedValue::List(items) => {
            let value = |wanted| {
                let items = items.iter();
                let values = items.map(|item| lifted_value(lifted, *item, from, wanted));
                values.collect::<Vec<_>>()
            };
            Value::from(wanted.items().map_or_else(Vec::new, value))
        }
        LiftedValue::Map(fields) => {
            let fields = fields.iter().filter_map(|(key, value)| {
                let value = lifted_value(lifted, *value, from, wanted.field(key)?);
                Some((Value::String(Arc::clone(key)), value))
            });
            Value::from(fields.collect::<BTreeMap<_, _>>())
        }
        LiftedValue::Raw => node
            .origin
            .map_or(Value::Null, |origin| node_value(from, origin.node, wanted)),
    }
}

fn node_value(from: (&Document, &SourceText), node: NodeId, wanted: &Wanted) -> Value {
    let (document, text) = from;
    let node = document.resolve(node);
    match &document.node(node).kind {
        NodeKind::Null | NodeKind::Alias(_) => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::from(*value),
        NodeKind::Float(value) => float_value(*value, text.slice(document.span(node))),
        NodeKind::String(value) => Value::String(Arc::clone(value)),
        NodeKind::Sequence { .. } => {
            let value = |wanted| {
                let items = document.items(node).iter();
                let values = items.map(|item| node_value(from, *item, wanted));
                values.collect::<Vec<_>>()
            };
            Value::from(wanted.items().map_or_else(Vec::new, value))
        }
        NodeKind::Mapping { .. } => {
            // The first of duplicates wins.
            let entries = document.entries(node).iter().rev();
            let fields = entries.filter_map(|entry| {
                let key = key_value(document, entry.key, text);
                let wanted = match &key {
                    Value::String(name) => wanted.field(name)?,
                    _ => wanted.items()?,
                };
                Some((key, node_value(from, entry.value, wanted)))
            });
            Value::from(fields.collect::<BTreeMap<_, _>>())
        }
    }
}

/// Exact where that costs nothing: `1e9999999` would be computed to its last digit, and no bound reaches there.
/// What is no number to JSON stays text.
fn float_value(value: f64, written: &str) -> Value {
    const EXACT: usize = 64;
    if !value.is_finite() {
        return Value::String(written.into());
    }
    let exact = (written.len() <= EXACT && (value != 0.0 || !written.contains(['e', 'E'])))
        .then(|| Value::from_numeric_string(written).ok())
        .flatten();
    exact.unwrap_or_else(|| Value::from(value))
}

fn key_value(document: &Document, key: NodeId, text: &SourceText) -> Value {
    match document.as_str(key) {
        Some(name) => Value::String(Arc::clone(name)),
        None => Value::String(text.slice(document.span(key)).into()),
    }
}
