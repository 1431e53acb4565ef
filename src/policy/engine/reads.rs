//! What a program reads of its input, told from its instructions: each register holds parts of the input, or what contains
//! some, and what is done with it says how much of them is seen. Rather more is told than is read; where it can't be told,
//! all of it. So that the values of fields that no rule reads are never made.
//!
//! - A field that is asked by name is a part. So is what is asked by another key, or found in a loop: any element.
//! - What is compared, told, or given to a builtin is seen whole, but for a few builtins that are known here.
//! - Whether a record or list is there at all is seen without what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::{ComprehensionMode, Instruction, LiteralOrRegister};
use regorus::rvm::program::RuleType;

use super::trim::{Operands, extent, operands};

/// Which parts of a value are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    all: bool,
    fields: BTreeMap<Arc<str>, Wanted>,
    /// Of the elements of a list, and of fields that are not named.
    items: Option<Box<Wanted>>,
}

impl Wanted {
    /// All of it.
    pub const fn all() -> Self {
        Self {
            all: true,
            fields: BTreeMap::new(),
            items: None,
        }
    }

    /// What of a field; none if the field is not read.
    pub fn field(&self, name: &str) -> Option<&Self> {
        if self.all {
            return Some(self);
        }
        self.fields.get(name).or(self.items.as_deref())
    }

    /// Whether that is all.
    #[cfg(test)]
    pub(super) fn is_all(&self) -> bool {
        self.all
    }

    /// The parts by name, elements as `*`.
    #[cfg(test)]
    pub(super) fn parts(&self) -> impl Iterator<Item = (String, &Self)> {
        let items = self.items.iter().map(|items| ("*".to_owned(), &**items));
        let fields = self.fields.iter();
        items.chain(fields.map(|(name, field)| (name.to_string(), field)))
    }

    /// What of each element; none if no element is read.
    pub fn items(&self) -> Option<&Self> {
        if self.all {
            return Some(self);
        }
        self.items.as_deref()
    }
}

/// What a program reads of its input.
pub(super) fn reads(program: &Program) -> Wanted {
    let Some(mut reader) = Reader::new(program) else {
        return Wanted::all();
    };
    for _ in 0..MAX_ROUNDS {
        match reader.round() {
            Some(true) if reader.parts.parts.len() <= MAX_PARTS => {}
            Some(false) => return reader.parts.wanted(ROOT),
            _ => return Wanted::all(),
        }
    }
    Wanted::all()
}

/// Rules call rules through few levels; each round passes what is known one on at least.
const MAX_ROUNDS: usize = 64;

/// The model has some two hundred fields.
const MAX_PARTS: usize = 4_096;

/// Deeper parts are read whole: a register that is indexed into itself has no end.
const MAX_DEPTH: usize = 12;

/// The input as a whole.
const ROOT: usize = 0;

/// Parts of the input that are read, as a tree.
struct Parts {
    parts: Vec<Part>,
}

#[derive(Default)]
struct Part {
    depth: usize,
    all: bool,
    fields: BTreeMap<Arc<str>, usize>,
    items: Option<usize>,
}

impl Parts {
    /// A field, or any element; the part itself if all of it is read anyway.
    fn inner(&mut self, of: usize, key: Option<&Arc<str>>) -> usize {
        let part = &mut self.parts[of];
        part.all |= part.depth >= MAX_DEPTH;
        if part.all {
            return of;
        }
        let known = match key {
            Some(key) => part.fields.get(key).copied(),
            None => part.items,
        };
        if let Some(known) = known {
            return known;
        }
        let depth = part.depth + 1;
        let inner = self.parts.len();
        match key {
            Some(key) => {
                self.parts[of].fields.insert(Arc::clone(key), inner);
            }
            None => self.parts[of].items = Some(inner),
        }
        self.parts.push(Part {
            depth,
            ..Part::default()
        });
        inner
    }

    fn wanted(&self, of: usize) -> Wanted {
        let part = &self.parts[of];
        if part.all {
            return Wanted::all();
        }
        let items = part.items.map(|items| self.wanted(items));
        let fields = part.fields.iter().map(|(name, field)| {
            let mut field = self.wanted(*field);
            // Who reads any field reads this one.
            if let Some(items) = &items {
                field.merge(items);
            }
            (Arc::clone(name), field)
        });
        Wanted {
            all: false,
            fields: fields.collect(),
            items: items.map(Box::new),
        }
    }
}

impl Wanted {
    /// Reads what another one reads, too.
    fn merge(&mut self, other: &Self) {
        if other.all {
            *self = Self::all();
        }
        if self.all {
            return;
        }
        let before = self.items.clone();
        for (name, field) in &mut self.fields {
            if let Some(theirs) = other.field(name) {
                field.merge(theirs);
            }
        }
        for (name, theirs) in &other.fields {
            if !self.fields.contains_key(name) {
                let mut field = theirs.clone();
                if let Some(items) = &before {
                    field.merge(items);
                }
                self.fields.insert(Arc::clone(name), field);
            }
        }
        match (&mut self.items, &other.items) {
            (Some(own), Some(theirs)) => own.merge(theirs),
            (own @ None, Some(theirs)) => *own = Some(theirs.clone()),
            (_, None) => {}
        }
    }
}

/// So many collections of the program's own are told apart around a part of the input; deeper ones are one.
const LAYERS: usize = 5;

/// What a register may hold: parts of the input that it may be, parts that may be elements of it, elements of those, and so
/// on; in the last layer also all that may be deeper.
#[derive(Clone, Default, PartialEq)]
struct Held([BTreeSet<usize>; LAYERS]);

impl Held {
    fn input() -> Self {
        let mut held = Self::default();
        held.0[0].insert(ROOT);
        held
    }

    /// Parts that may be anywhere in it.
    fn anywhere(parts: &BTreeSet<usize>) -> Self {
        Self(std::array::from_fn(|_| parts.clone()))
    }

    fn parts(&self) -> BTreeSet<usize> {
        self.0.iter().flatten().copied().collect()
    }

    /// A collection that it is in.
    fn around(&self) -> Self {
        let mut around = Self::default();
        for (layer, parts) in self.0.iter().enumerate() {
            around.0[(layer + 1).min(LAYERS - 1)].extend(parts);
        }
        around
    }

    /// An element, where it is a collection of the program's own.
    fn element(&self) -> Self {
        Self(std::array::from_fn(|layer| {
            self.0[(layer + 1).min(LAYERS - 1)].clone()
        }))
    }

    /// Says whether that is more than was known.
    fn add(&mut self, other: &Self) -> bool {
        let mut more = false;
        for (own, theirs) in self.0.iter_mut().zip(&other.0) {
            let before = own.len();
            own.extend(theirs);
            more |= own.len() != before;
        }
        more
    }
}

/// Instructions with registers of their own: the body of a rule, what takes a function's arguments apart, or what is in no
/// rule and asks rules.
struct Region {
    rule: Option<usize>,
    pcs: Vec<usize>,
    /// Registers that hold one literal throughout.
    literals: BTreeMap<u8, u16>,
    /// The rules that it asks by number.
    calls: BTreeSet<usize>,
    /// Whether it may ask any other rule.
    looks_up: bool,
}

struct Reader<'p> {
    program: &'p Program,
    regions: Vec<Region>,
    parts: Parts,
    /// By rule: registers that its bodies share.
    shared: Vec<BTreeSet<u8>>,
    /// By rule and register, or by region and register.
    held: BTreeMap<(Option<usize>, usize, u8), Held>,
    results: Vec<Held>,
    /// Regions about which more is known than when they were gone through.
    open: Vec<bool>,
    /// Rules about whose shared registers more is known.
    more: BTreeSet<usize>,
    /// Whether more is known than before the region at hand was gone through.
    changed: bool,
}

impl<'p> Reader<'p> {
    fn new(program: &'p Program) -> Option<Self> {
        let mut regions = Vec::new();
        let mut shared = Vec::new();
        let mut outside = vec![true; program.instructions.len()];
        for (rule, info) in program.rule_infos.iter().enumerate() {
            let mut common = BTreeSet::from([info.result_reg]);
            let arguments = info.function_info.as_ref().map_or(0, |of| of.num_params);
            common.extend(0..=u8::try_from(arguments).ok()?);
            for block in info.destructuring_blocks.iter().flatten() {
                let (start, end) = extent(program, *block)?;
                for pc in start..end {
                    let Operands { reads, writes } = operands(program, pc)?;
                    common.extend(reads.into_iter().chain(writes));
                }
            }
            let blocks = info.destructuring_blocks.iter().flatten();
            for start in blocks.chain(info.definitions.iter().flatten()) {
                let (start, end) = extent(program, *start)?;
                outside.get_mut(start..end)?.fill(false);
                let pcs = (start..end).collect();
                regions.push(Region::new(program, Some(rule), pcs, &common)?);
            }
            shared.push(common);
        }
        let rest = (0..program.instructions.len()).filter(|pc| outside[*pc]);
        regions.push(Region::new(
            program,
            None,
            rest.collect(),
            &BTreeSet::new(),
        )?);
        Some(Self {
            program,
            open: vec![true; regions.len()],
            more: BTreeSet::new(),
            regions,
            parts: Parts {
                parts: vec![Part::default()],
            },
            results: vec![Held::default(); program.rule_infos.len()],
            shared,
            held: BTreeMap::new(),
            changed: false,
        })
    }

    /// Goes once through the regions about which more is known than before; says whether there were any.
    fn round(&mut self) -> Option<bool> {
        let regions = std::mem::take(&mut self.regions);
        let open = std::mem::take(&mut self.open);
        self.open = vec![false; regions.len()];
        let mut any = false;
        for (at, region) in regions.iter().enumerate() {
            if !open[at] {
                continue;
            }
            any = true;
            let of = Of { region, at };
            loop {
                self.changed = false;
                for pc in &region.pcs {
                    self.step(of, *pc)?;
                }
                if !self.changed {
                    break;
                }
            }
            let told: Vec<usize> = region
                .rule
                .into_iter()
                .filter(|rule| self.told(*rule))
                .collect();
            let more = std::mem::take(&mut self.more);
            for (other, region) in regions.iter().enumerate() {
                let asks = |rule: &usize| region.looks_up || region.calls.contains(rule);
                self.open[other] |=
                    told.iter().any(asks) || region.rule.is_some_and(|rule| more.contains(&rule));
            }
        }
        self.regions = regions;
        Some(any)
    }

    /// What a rule gives, from the register that holds it; says whether that is more than was known.
    fn told(&mut self, rule: usize) -> bool {
        let info = &self.program.rule_infos[rule];
        let key = (Some(rule), 0, info.result_reg);
        let held = self.held.get(&key).cloned().unwrap_or_default();
        let bodies: usize = info.definitions.iter().map(Vec::len).sum();
        // Several answers of one rule are compared.
        if bodies > 1 || !matches!(info.rule_type, RuleType::Complete) {
            self.whole(&held);
        }
        self.results[rule].add(&held)
    }

    fn place(&self, of: Of<'_>, register: u8) -> (Option<usize>, usize, u8) {
        match of.region.rule {
            Some(rule) if self.shared[rule].contains(&register) => (Some(rule), 0, register),
            _ => (None, of.at, register),
        }
    }

    fn held(&self, of: Of<'_>, register: u8) -> Held {
        let held = self.held.get(&self.place(of, register));
        held.cloned().unwrap_or_default()
    }

    fn put(&mut self, of: Of<'_>, register: u8, held: &Held) {
        let place = self.place(of, register);
        self.add(place, held);
    }

    fn add(&mut self, place: (Option<usize>, usize, u8), held: &Held) {
        if *held != Held::default() && self.held.entry(place).or_default().add(held) {
            self.changed = true;
            self.more.extend(place.0);
        }
    }

    /// All of it is seen.
    fn whole(&mut self, held: &Held) {
        for part in held.parts() {
            let part = &mut self.parts.parts[part];
            part.all = true;
        }
    }

    fn whole_of(&mut self, of: Of<'_>, registers: &[u8]) {
        for register in registers {
            let held = self.held(of, *register);
            self.whole(&held);
        }
    }

    /// A field of what is held, or any element.
    fn inner(&mut self, held: &Held, key: Option<&Arc<str>>) -> Held {
        let mut element = held.element();
        for part in &held.0[0] {
            element.0[0].insert(self.parts.inner(*part, key));
        }
        element
    }

    /// The name in the literal that a key is; none where it may be any.
    fn name(&self, literal: u16) -> Option<&'p Arc<str>> {
        match self.program.literals.get(usize::from(literal))? {
            Value::String(name) => Some(name),
            _ => None,
        }
    }

    fn index(&mut self, of: Of<'_>, (dest, container, key): (u8, u8, u8)) {
        let literal = of.region.literals.get(&key);
        let name = literal.and_then(|literal| self.name(*literal));
        let held = self.held(of, container);
        let inner = self.inner(&held, name);
        self.put(of, dest, &inner);
        self.whole_of(of, &[key]);
    }

    fn chain(&mut self, of: Of<'_>, held: Held, path: &[LiteralOrRegister]) -> Held {
        let mut held = held;
        for step in path {
            let name = match step {
                LiteralOrRegister::Literal(literal) => self.name(*literal),
                LiteralOrRegister::Register(key) => {
                    self.whole_of(of, &[*key]);
                    let literal = of.region.literals.get(key);
                    literal.and_then(|literal| self.name(*literal))
                }
            };
            held = self.inner(&held, name);
        }
        held
    }

    /// What is put into a collection is in it.
    fn contain(&mut self, of: Of<'_>, collection: u8, values: &[u8]) {
        for value in values {
            let around = self.held(of, *value).around();
            self.put(of, collection, &around);
        }
    }

    fn elements(&mut self, of: Of<'_>, collection: u8, (key, value): (u8, u8)) {
        let held = self.held(of, collection);
        let inner = self.inner(&held, None);
        self.put(of, value, &inner);
        // The key of a set's element is the element; that of a list or an object is no part.
        self.put(of, key, &held.element());
    }

    fn step(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let data = &self.program.instruction_data;
        match *self.program.instructions.get(pc)? {
            Instruction::LoadInput { dest } => {
                self.put(of, dest, &Held::input());
            }
            Instruction::Move { dest, src } => {
                let held = self.held(of, src);
                self.put(of, dest, &held);
            }
            Instruction::Index {
                dest,
                container,
                key,
            } => self.index(of, (dest, container, key)),
            Instruction::IndexLiteral {
                dest,
                container,
                literal_idx,
            } => {
                let held = self.held(of, container);
                let inner = self.inner(&held, self.name(literal_idx));
                self.put(of, dest, &inner);
            }
            Instruction::ChainedIndex { params_index } => {
                let params = data.chained_index_params.get(usize::from(params_index))?;
                let root = self.held(of, params.root);
                let held = self.chain(of, root, &params.path_components);
                self.put(of, params.dest, &held);
            }
            Instruction::LoopStart { params_index } => {
                let params = data.loop_params.get(usize::from(params_index))?;
                let registers = (params.key_reg, params.value_reg);
                self.elements(of, params.collection, registers);
            }
            Instruction::ComprehensionBegin { params_index } => {
                let params = &data.comprehension_begin_params;
                let params = params.get(usize::from(params_index))?;
                if params.collection_reg != params.result_reg {
                    let registers = (params.key_reg, params.value_reg);
                    self.elements(of, params.collection_reg, registers);
                }
            }
            Instruction::ComprehensionYield { value_reg, key_reg } => {
                self.yielded(of, pc, value_reg, key_reg)?;
            }
            Instruction::CallRule { dest, rule_index } => {
                let held = self.results.get(usize::from(rule_index))?.clone();
                self.put(of, dest, &held);
                if of.region.rule.is_none() {
                    self.whole(&held);
                }
            }
            Instruction::VirtualDataDocumentLookup { .. } => {
                self.any_rule(of, pc)?;
            }
            Instruction::FunctionCall { params_index } => {
                let params = data.function_call_params.get(usize::from(params_index))?;
                let function = usize::from(params.func_rule_index);
                for (argument, register) in (1..).zip(params.arg_registers()) {
                    let held = self.held(of, *register);
                    self.add((Some(function), 0, argument), &held);
                }
                let held = self.results.get(function)?.clone();
                self.put(of, params.dest, &held);
            }
            Instruction::BuiltinCall { params_index } => {
                let params = data.builtin_call_params.get(usize::from(params_index))?;
                let known = &self.program.builtin_info_table;
                let name = &known.get(usize::from(params.builtin_index))?.name;
                self.builtin(of, name, params.dest, params.arg_registers());
            }
            Instruction::ArrayPush { arr, value } => self.contain(of, arr, &[value]),
            Instruction::ArrayCreate { params_index } => {
                let params = data.array_create_params.get(usize::from(params_index))?;
                self.contain(of, params.dest, &params.elements);
            }
            Instruction::ObjectCreate { params_index } => {
                let params = data.object_create_params.get(usize::from(params_index))?;
                let fixed = params.literal_key_fields.iter().map(|(_, value)| *value);
                let free = params.fields.iter().map(|(_, value)| *value);
                let values: Vec<u8> = fixed.chain(free).collect();
                self.contain(of, params.dest, &values);
                let keys: Vec<u8> = params.fields.iter().map(|(key, _)| *key).collect();
                self.whole_of(of, &keys);
            }
            // Beside a plain value, what is none is seen without what is in it.
            Instruction::Eq { left, right, .. }
            | Instruction::Ne { left, right, .. }
            | Instruction::Lt { left, right, .. }
            | Instruction::Le { left, right, .. }
            | Instruction::Gt { left, right, .. }
            | Instruction::Ge { left, right, .. }
            | Instruction::AssertEq { left, right }
                if self.is_plain(of, left) || self.is_plain(of, right) => {}
            // How many there are is seen without what they are.
            Instruction::Count { collection, .. } => {
                let held = self.held(of, collection);
                self.inner(&held, None);
            }
            // Whether something is there is seen without what is in it.
            Instruction::Guard { .. } | Instruction::Not { .. } => {}
            _ => self.other(of, pc)?,
        }
        Some(())
    }

    /// Whether a register holds a plain value that is written down.
    fn is_plain(&self, of: Of<'_>, register: u8) -> bool {
        let literal = of.region.literals.get(&register);
        let value = literal.and_then(|literal| self.program.literals.get(usize::from(*literal)));
        matches!(
            value,
            Some(Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null)
        )
    }

    /// Whatever compares, tells or keeps.
    fn other(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let Operands { reads, writes } = operands(self.program, pc)?;
        self.whole_of(of, &reads);
        // A set may have what is added to it, all of which is known to be read whole.
        let held = self.anywhere(of, &reads);
        writes.iter().for_each(|write| self.put(of, *write, &held));
        Some(())
    }

    /// What some registers hold, wherever in a value made of them.
    fn anywhere(&self, of: Of<'_>, registers: &[u8]) -> Held {
        let parts = registers
            .iter()
            .flat_map(|register| self.held(of, *register).parts());
        Held::anywhere(&parts.collect())
    }

    fn yielded(&mut self, of: Of<'_>, pc: usize, value: u8, key: Option<u8>) -> Option<()> {
        let begin = of.region.comprehension_around(self.program, pc)?;
        let Instruction::ComprehensionBegin { params_index } = self.program.instructions[begin]
        else {
            return None;
        };
        let params = &self.program.instruction_data.comprehension_begin_params;
        let params = params.get(usize::from(params_index))?;
        // What is there twice in a set or under one key is compared.
        match params.mode {
            ComprehensionMode::Array => {}
            ComprehensionMode::Set => self.whole_of(of, &[value]),
            ComprehensionMode::Object => {
                self.whole_of(of, &[value, key.unwrap_or(params.key_reg)]);
            }
        }
        self.contain(of, params.result_reg, &[value]);
        Some(())
    }

    /// A lookup below `data` may ask any rule, and give an object of several.
    fn any_rule(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let Operands { reads, writes } = operands(self.program, pc)?;
        self.whole_of(of, &reads);
        let held = Held::anywhere(&self.results.iter().flat_map(Held::parts).collect());
        writes.iter().for_each(|write| self.put(of, *write, &held));
        Some(())
    }

    /// A few builtins see less than all that they are given.
    fn builtin(&mut self, of: Of<'_>, name: &str, dest: u8, arguments: &[u8]) {
        let literal = |register: u8| {
            let literal = of.region.literals.get(&register)?;
            self.program.literals.get(usize::from(*literal))
        };
        match (name, arguments) {
            ("count", [collection]) => {
                let held = self.held(of, *collection);
                self.inner(&held, None);
            }
            (name, _) if OF_TEXT.contains(&name) => {}
            ("object.get", [object, key, default]) => {
                let mut held = self.held(of, *object);
                // A key that is not written down may be a path, and lead anywhere.
                let Some(path) = literal(*key).and_then(path_of) else {
                    return self.seen_by_builtin(of, dest, arguments);
                };
                for name in path {
                    held = self.inner(&held, Some(name));
                }
                self.put(of, dest, &held);
                let default = self.held(of, *default);
                self.put(of, dest, &default);
            }
            ("object.filter", [object, keys]) => {
                let Some(names) = literal(*keys).and_then(path_of) else {
                    return self.seen_by_builtin(of, dest, arguments);
                };
                let held = self.held(of, *object);
                for name in names {
                    let field = self.inner(&held, Some(name)).around();
                    self.put(of, dest, &field);
                }
            }
            ("array.concat" | "array.slice" | "array.reverse", [first, rest @ ..]) => {
                let lists = if name == "array.concat" {
                    arguments
                } else {
                    std::slice::from_ref(first)
                };
                for list in lists {
                    let held = self.held(of, *list);
                    let elements = self.inner(&held, None).around();
                    self.put(of, dest, &elements);
                }
                if name != "array.concat" {
                    self.whole_of(of, rest);
                }
            }
            _ => self.seen_by_builtin(of, dest, arguments),
        }
    }

    fn seen_by_builtin(&mut self, of: Of<'_>, dest: u8, arguments: &[u8]) {
        self.whole_of(of, arguments);
        let held = self.anywhere(of, arguments);
        self.put(of, dest, &held);
    }
}

/// Builtins of plain values: of what is none they see nothing but that.
const OF_TEXT: &[&str] = &[
    "contains",
    "endswith",
    "indexof",
    "lower",
    "regex.match",
    "replace",
    "split",
    "startswith",
    "substring",
    "to_number",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "upper",
];

/// The names of a path that is written down: `"team"` or `["owner", "team"]`.
fn path_of(literal: &Value) -> Option<Vec<&Arc<str>>> {
    match literal {
        Value::String(name) => Some(vec![name]),
        Value::Array(steps) => {
            let steps = steps.iter().map(|step| match step {
                Value::String(name) => Some(name),
                _ => None,
            });
            steps.collect()
        }
        _ => None,
    }
}

/// A region by its number.
#[derive(Clone, Copy)]
struct Of<'r> {
    region: &'r Region,
    at: usize,
}

impl Region {
    /// `shared` are the registers that other regions of the rule write, too.
    fn new(
        program: &Program,
        rule: Option<usize>,
        pcs: Vec<usize>,
        shared: &BTreeSet<u8>,
    ) -> Option<Self> {
        let mut writes: BTreeMap<u8, usize> = BTreeMap::new();
        let mut literals = BTreeMap::new();
        let (mut calls, mut looks_up) = (BTreeSet::new(), false);
        for pc in &pcs {
            for register in operands(program, *pc)?.writes {
                *writes.entry(register).or_default() += 1;
            }
            match program.instructions[*pc] {
                Instruction::Load { dest, literal_idx } => {
                    literals.insert(dest, literal_idx);
                }
                Instruction::CallRule { rule_index, .. } => {
                    calls.insert(usize::from(rule_index));
                }
                Instruction::FunctionCall { params_index } => {
                    let params = &program.instruction_data.function_call_params;
                    let call = params.get(usize::from(params_index))?;
                    calls.insert(usize::from(call.func_rule_index));
                }
                Instruction::VirtualDataDocumentLookup { .. } => looks_up = true,
                _ => {}
            }
        }
        literals
            .retain(|register, _| writes.get(register) == Some(&1) && !shared.contains(register));
        Some(Self {
            rule,
            pcs,
            literals,
            calls,
            looks_up,
        })
    }

    /// The beginning of the innermost comprehension around an instruction.
    fn comprehension_around(&self, program: &Program, pc: usize) -> Option<usize> {
        let before = self.pcs.iter().rev().skip_while(|at| **at >= pc);
        let mut around = before.filter(|at| match program.instructions[**at] {
            Instruction::ComprehensionBegin { params_index } => {
                let params = &program.instruction_data.comprehension_begin_params;
                let params = params.get(usize::from(params_index));
                params.is_some_and(|params| usize::from(params.comprehension_end) > pc)
            }
            _ => false,
        });
        around.next().copied()
    }
}
