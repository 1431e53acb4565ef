//! What the names in a module mean: which variable is which, who reads it, and what every expression is as far as that can
//! be known. Bodies are read in their order; what is bound behind its use is of unknown type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::builtins;
use super::types::Ty;
use super::world::{Sees, World, defined};
use crate::model::text::Span;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{
    definitions, entries, expression, head, list, number, package_of, reference_of, span, string,
    variable,
};

/// A module with what its names mean.
#[derive(Default)]
pub(super) struct Resolved<'i> {
    /// Types of expressions, by number.
    pub(super) types: BTreeMap<u64, Ty>,
    /// What variables read, by the number of the expression.
    pub(super) read: BTreeMap<u64, usize>,
    pub(super) bindings: Vec<Binding<'i>>,
    /// Imports that are used, by the name that they give.
    pub(super) imports: BTreeSet<String>,
}

/// A variable of a definition.
pub(super) struct Binding<'i> {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) how: How,
    /// How often it is read.
    pub(super) reads: usize,
    /// What it is set to, where it is one value: `x := value`.
    pub(super) value: Option<&'i Value>,
    ty: Ty,
    is_set: bool,
}

/// How a variable comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Argument,
    Assigned,
    Some,
    Every,
    /// By its first use: `xs[i]`, `x = y`.
    Use,
}

impl<'i> Resolved<'i> {
    /// Reads all definitions of a module.
    pub(super) fn of(world: &World<'i>, module: &'i Inspected) -> Self {
        let mut resolver = Resolver::new(world, module);
        for definition in definitions(&module.tree) {
            resolver.definition(definition);
        }
        resolver.resolved
    }

    /// What an expression is.
    pub(super) fn ty(&self, node: &Value) -> Ty {
        let ty = number(node).and_then(|number| self.types.get(&number));
        ty.cloned().unwrap_or_default()
    }

    /// The expression, or what the variable that it is was set to.
    pub(super) fn meant<'n>(&self, node: &'n Value) -> &'n Value
    where
        'i: 'n,
    {
        let read = number(node).and_then(|number| self.read.get(&number));
        let value = read.and_then(|binding| self.bindings.get(*binding)?.value);
        value.unwrap_or(node)
    }
}

/// Reads definitions.
pub(super) struct Resolver<'w, 'i> {
    world: &'w World<'i>,
    module: &'i Inspected,
    package: String,
    /// Paths of imports, by the name that they give.
    imports: BTreeMap<String, String>,
    rules: BTreeSet<String>,
    sees: Sees,
    scopes: Vec<BTreeMap<String, usize>>,
    resolved: Resolved<'i>,
}

/// What an import gives its path: the name, and where that stands.
pub(super) fn import_name(module: &Inspected, import: &Value) -> Option<(String, String, Span)> {
    let path = import.get("refr").and_then(reference_of)?;
    let alias = import.get("as").filter(|alias| alias.is_object()).map(span);
    Some(match alias {
        Some(alias) => (module.file.text.slice(alias).to_owned(), path, alias),
        None => {
            let last = path.rsplit('.').next().unwrap_or_default().to_owned();
            (last, path, import.get("refr").map(span).unwrap_or_default())
        }
    })
}

impl<'w, 'i> Resolver<'w, 'i> {
    fn new(world: &'w World<'i>, module: &'i Inspected) -> Self {
        let imports = list(&module.tree, "imports");
        let imports = imports.filter_map(|import| import_name(module, import));
        let rules = definitions(&module.tree).filter_map(defined);
        Self {
            world,
            module,
            package: package_of(&module.tree),
            imports: imports.map(|(name, path, _)| (name, path)).collect(),
            rules: rules.map(ToOwned::to_owned).collect(),
            sees: Sees::default(),
            scopes: Vec::new(),
            resolved: Resolved::default(),
        }
    }

    /// What a rule is, by all its definitions.
    pub(super) fn type_of_rule(world: &'w World<'i>, module: &'i Inspected, name: &str) -> Ty {
        let mut resolver = Self::new(world, module);
        let own = definitions(&module.tree).filter(|rule| defined(rule) == Some(name));
        let mut types = own.map(|definition| resolver.definition(definition));
        let first = types.next().unwrap_or_default();
        types.fold(first, Ty::merge)
    }

    /// Reads a definition, and says what it makes its name.
    fn definition(&mut self, definition: &'i Value) -> Ty {
        let name = defined(definition).unwrap_or_default();
        self.sees = self.world.sees(self.module, name);
        if let Some(default) = definition.get("Default") {
            let value = default.get("value").map(|value| self.expression(value));
            return value.unwrap_or_default();
        }
        let Some(spec) = definition.get("Spec") else {
            return Ty::Unknown;
        };
        let Some((kind, head)) = head_of(spec) else {
            return Ty::Unknown;
        };
        self.scopes.push(BTreeMap::new());
        for argument in list(head, "args") {
            self.bind(argument, How::Argument, Ty::Unknown, None);
        }
        let mut made: Option<Ty> = None;
        let mut bodies = 0;
        for body in list(spec, "bodies") {
            bodies += 1;
            self.scopes.push(BTreeMap::new());
            if let Some(query) = body.get("query") {
                self.query(query);
            }
            let own = body.get("assign").filter(|assign| assign.is_object());
            let is_else = body.get("is_else").and_then(Value::as_bool) == Some(true);
            let ty = match own.and_then(|assign| assign.get("value")) {
                Some(value) if is_else => self.expression(value),
                _ if is_else => Ty::Bool,
                _ => self.head(kind, head),
            };
            self.scopes.pop();
            made = Some(match made {
                Some(made) => made.merge(ty),
                None => ty,
            });
        }
        if bodies == 0 {
            made = Some(self.head(kind, head));
        }
        self.scopes.pop();
        match kind {
            "Func" => Ty::Unknown,
            _ => made.unwrap_or_default(),
        }
    }

    fn head(&mut self, kind: &str, head: &'i Value) -> Ty {
        let refr = head.get("refr");
        let keyed = refr.filter(|refr| variable(refr).is_none());
        if let Some(index) = keyed.and_then(|refr| refr.pointer("/RefBrack/index")) {
            self.expression(index);
        }
        let key = head.get("key").filter(|key| key.is_object());
        if let Some(key) = key {
            let ty = self.expression(key);
            return Ty::Set(Box::new(ty));
        }
        let assign = head.get("assign").filter(|assign| assign.is_object());
        let value = assign.and_then(|assign| assign.get("value"));
        let ty = value.map(|value| self.expression(value));
        match (kind, keyed) {
            (_, Some(_)) => Ty::Unknown,
            _ => ty.unwrap_or(Ty::Bool),
        }
    }

    fn query(&mut self, query: &'i Value) {
        let literals = || list(query, "stmts").filter_map(|statement| statement.get("literal"));
        // A body may use what it binds further down.
        for literal in literals() {
            self.announce(literal);
        }
        for statement in list(query, "stmts") {
            if let Some(literal) = statement.get("literal") {
                self.literal(literal);
            }
            for with in list(statement, "with_mods") {
                with.get("as").map(|value| self.expression(value));
            }
        }
    }

    fn announce(&mut self, literal: &'i Value) {
        let Some((kind, inner)) = expression(literal) else {
            return;
        };
        match kind {
            "SomeVars" => {
                for place in list(inner, "vars").map(span) {
                    let name = self.module.file.text.slice(place).to_owned();
                    self.declare(name, place, How::Some);
                }
            }
            "SomeIn" => {
                for part in ["key", "value"].iter().filter_map(|part| inner.get(part)) {
                    self.announce_pattern(part, How::Some);
                }
            }
            "Expr" => {
                let assigned = inner.pointer("/expr/AssignExpr");
                let declares =
                    |assigned: &&Value| assigned.get("op").and_then(Value::as_str) == Some("ColEq");
                if let Some(left) = assigned.filter(declares).and_then(|a| a.get("lhs")) {
                    self.announce_pattern(left, How::Assigned);
                }
            }
            _ => {}
        }
    }

    fn announce_pattern(&mut self, pattern: &'i Value, how: How) {
        if let Some(name) = variable(pattern) {
            if name != "_" {
                self.declare(name.to_owned(), span(pattern), how);
            }
            return;
        }
        match expression(pattern) {
            Some(("Array", inner)) => {
                list(inner, "items").for_each(|item| self.announce_pattern(item, how));
            }
            Some(("Object", inner)) => {
                entries(inner).for_each(|(_, value)| self.announce_pattern(value, how));
            }
            _ => {}
        }
    }

    fn declare(&mut self, name: String, span: Span, how: How) -> usize {
        let number = self.resolved.bindings.len();
        self.resolved.bindings.push(Binding {
            name: name.clone(),
            span,
            how,
            reads: 0,
            value: None,
            ty: Ty::Unknown,
            is_set: false,
        });
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, number);
        }
        number
    }

    fn known(&self, name: &str) -> Option<usize> {
        let mut scopes = self.scopes.iter().rev();
        scopes.find_map(|scope| scope.get(name).copied())
    }

    /// Sets the variables of a pattern to the parts of a value.
    fn bind(&mut self, pattern: &'i Value, how: How, ty: Ty, value: Option<&'i Value>) {
        if let Some(name) = variable(pattern) {
            if name == "_" {
                return;
            }
            let place = span(pattern);
            let announced = self.known(name).filter(|number| {
                let binding = self.resolved.bindings.get(*number);
                binding.is_some_and(|binding| binding.span == place)
            });
            let number = announced.unwrap_or_else(|| self.declare(name.to_owned(), place, how));
            self.set(number, ty.clone(), value);
            self.note(pattern, ty);
            return;
        }
        match expression(pattern) {
            Some(("Array", inner)) => {
                for (index, item) in list(inner, "items").enumerate() {
                    self.bind(item, how, ty.item(index), None);
                }
            }
            Some(("Object", inner)) => {
                for (key, part) in entries(inner) {
                    self.expression(key);
                    let field = string(key).and_then(|key| self.world.follow(&ty, key));
                    self.bind(part, how, field.unwrap_or_default(), None);
                }
            }
            _ => drop(self.expression(pattern)),
        }
    }

    fn set(&mut self, number: usize, ty: Ty, value: Option<&'i Value>) {
        if let Some(binding) = self.resolved.bindings.get_mut(number) {
            binding.ty = ty;
            binding.value = value;
            binding.is_set = true;
        }
    }

    fn note(&mut self, node: &Value, ty: Ty) {
        if let Some(number) = number(node) {
            self.resolved.types.insert(number, ty);
        }
    }

    fn literal(&mut self, literal: &'i Value) {
        let Some((kind, inner)) = expression(literal) else {
            return;
        };
        let part = |name: &str| inner.get(name).filter(|part| part.is_object());
        match kind {
            "SomeIn" => {
                let ty = part("collection").map(|node| self.expression(node));
                let ty = ty.unwrap_or_default();
                if let Some(key) = part("key") {
                    self.bind(key, How::Some, ty.key(), None);
                }
                if let Some(value) = part("value") {
                    self.bind(value, How::Some, ty.element(), None);
                }
            }
            "Every" => {
                let ty = part("domain").map(|node| self.expression(node));
                let ty = ty.unwrap_or_default();
                self.scopes.push(BTreeMap::new());
                let given = [("key", ty.key()), ("value", ty.element())];
                for (name, ty) in given {
                    let Some(place) = part(name).map(span) else {
                        continue;
                    };
                    let name = self.module.file.text.slice(place).to_owned();
                    if name != "_" {
                        let number = self.declare(name, place, How::Every);
                        self.set(number, ty, None);
                    }
                }
                if let Some(query) = inner.get("query") {
                    self.query(query);
                }
                self.scopes.pop();
            }
            "Expr" | "NotExpr" => {
                if let Some(node) = inner.get("expr") {
                    self.expression(node);
                }
            }
            _ => {}
        }
    }

    fn expression(&mut self, node: &'i Value) -> Ty {
        let ty = self.type_of(node);
        self.note(node, ty.clone());
        ty
    }

    fn type_of(&mut self, node: &'i Value) -> Ty {
        let Some((kind, inner)) = expression(node) else {
            return Ty::Unknown;
        };
        match kind {
            "String" | "RawString" => Ty::Text,
            "Number" => Ty::Number,
            "Bool" => Ty::Bool,
            "Var" => self.variable(node),
            "Array" => Ty::Tuple(
                list(inner, "items")
                    .map(|item| self.expression(item))
                    .collect(),
            ),
            "Set" => {
                let items: Vec<Ty> = list(inner, "items")
                    .map(|item| self.expression(item))
                    .collect();
                Ty::Set(Box::new(Ty::Tuple(items).element()))
            }
            "Object" => self.object(inner),
            "ArrayCompr" => Ty::list(self.comprehension(inner, &["term"])),
            "SetCompr" => Ty::Set(Box::new(self.comprehension(inner, &["term"]))),
            "ObjectCompr" => Ty::Map(Box::new(self.comprehension(inner, &["key", "value"]))),
            "Call" => self.call(inner),
            "RefDot" => {
                let of = inner.get("refr").map(|refr| self.expression(refr));
                let field = inner.pointer("/field/1").and_then(Value::as_str);
                self.follow(&of.unwrap_or_default(), field.unwrap_or_default())
            }
            "RefBrack" => self.brackets(inner),
            "AssignExpr" => self.assignment(inner),
            "ArithExpr" => self.arithmetic(inner),
            "BinExpr" => {
                let [left, right] = self.sides(inner);
                left.merge(right)
            }
            "UnaryExpr" => {
                inner.get("expr").map(|node| self.expression(node));
                Ty::Number
            }
            "BoolExpr" => {
                self.sides(inner);
                Ty::Bool
            }
            "Membership" => {
                for part in ["key", "value", "collection"] {
                    let part = inner.get(part).filter(|part| part.is_object());
                    part.map(|node| self.expression(node));
                }
                Ty::Bool
            }
            _ => Ty::Unknown,
        }
    }

    fn sides(&mut self, inner: &'i Value) -> [Ty; 2] {
        ["lhs", "rhs"].map(|side| {
            let side = inner.get(side).map(|node| self.expression(node));
            side.unwrap_or_default()
        })
    }

    fn arithmetic(&mut self, inner: &'i Value) -> Ty {
        match self.sides(inner) {
            [Ty::Set(of), _] => Ty::Set(of),
            // A position that starts with 1 is one all the same.
            [Ty::Index, _] | [_, Ty::Index] => Ty::Index,
            [Ty::Number, Ty::Number] => Ty::Number,
            _ => Ty::Unknown,
        }
    }

    fn variable(&mut self, node: &'i Value) -> Ty {
        let name = variable(node).unwrap_or_default();
        if name == "_" {
            return Ty::Unknown;
        }
        if let Some(binding) = self.known(name) {
            if let Some(number) = number(node) {
                self.resolved.read.insert(number, binding);
            }
            let Some(binding) = self.resolved.bindings.get_mut(binding) else {
                return Ty::Unknown;
            };
            binding.reads += 1;
            return binding.ty.clone();
        }
        match name {
            "input" => self.sees.input.clone(),
            "data" => self.sees.data.clone(),
            name if self.rules.contains(name) => {
                let known = self.world.rule(&self.package, name);
                known.unwrap_or_default()
            }
            name if self.imports.contains_key(name) => {
                self.resolved.imports.insert(name.to_owned());
                self.imported(name)
            }
            name => {
                let number = self.declare(name.to_owned(), span(node), How::Use);
                self.set(number, Ty::Unknown, None);
                Ty::Unknown
            }
        }
    }

    fn imported(&self, name: &str) -> Ty {
        let path = self.imports.get(name).map(String::as_str);
        let mut steps = path.unwrap_or_default().split('.');
        let start = match steps.next() {
            Some("data") => self.sees.data.clone(),
            Some("input") => self.sees.input.clone(),
            _ => Ty::Unknown,
        };
        steps.fold(start, |ty, step| self.follow(&ty, step))
    }

    fn follow(&self, ty: &Ty, name: &str) -> Ty {
        self.world.follow(ty, name).unwrap_or_default()
    }

    fn object(&mut self, inner: &'i Value) -> Ty {
        let mut fields = BTreeMap::new();
        let mut is_known = true;
        for (key, value) in entries(inner) {
            self.expression(key);
            let ty = self.expression(value);
            match string(key) {
                Some(key) => drop(fields.insert(key.to_owned(), ty)),
                None => is_known = false,
            }
        }
        match is_known {
            true => Ty::Object(fields),
            false => Ty::Map(Box::default()),
        }
    }

    /// The last of the parts, once the query is read.
    fn comprehension(&mut self, inner: &'i Value, parts: &[&str]) -> Ty {
        self.scopes.push(BTreeMap::new());
        if let Some(query) = inner.get("query") {
            self.query(query);
        }
        let mut last = Ty::Unknown;
        for part in parts.iter().filter_map(|part| inner.get(part)) {
            last = self.expression(part);
        }
        self.scopes.pop();
        last
    }

    fn call(&mut self, inner: &'i Value) -> Ty {
        if let Some(function) = inner.get("fcn") {
            self.function(function);
        }
        let parameters: Vec<&Value> = list(inner, "params").collect();
        let types: Vec<Ty> = parameters
            .iter()
            .map(|node| self.expression(node))
            .collect();
        let name = inner.get("fcn").and_then(reference_of).unwrap_or_default();
        let is_own = name.split('.').next().is_some_and(|root| {
            self.rules.contains(root) || self.imports.contains_key(root) || root == "data"
        });
        match is_own {
            true => Ty::Unknown,
            false => builtins::result(self.world, &name, &parameters, &types),
        }
    }

    /// A function is named, not read.
    fn function(&mut self, function: &'i Value) {
        match expression(function) {
            Some(("RefDot" | "RefBrack", inner)) => {
                if let Some(refr) = inner.get("refr") {
                    self.function(refr);
                }
            }
            _ => {
                let name = variable(function).unwrap_or_default();
                if self.known(name).is_none() && self.imports.contains_key(name) {
                    self.resolved.imports.insert(name.to_owned());
                }
            }
        }
    }

    fn brackets(&mut self, inner: &'i Value) -> Ty {
        let of = inner.get("refr").map(|refr| self.expression(refr));
        let of = of.unwrap_or_default();
        let Some(index) = inner.get("index") else {
            return Ty::Unknown;
        };
        if let Some(key) = string(index) {
            self.note(index, Ty::Text);
            return self.follow(&of, key);
        }
        if let Some(at) = index.pointer("/Number/value").and_then(Value::as_u64) {
            self.note(index, Ty::Number);
            return of.item(usize::try_from(at).unwrap_or(usize::MAX));
        }
        // The first use of a variable in brackets iterates.
        let iterates = variable(index).filter(|name| self.iterates(name));
        match iterates {
            Some("_") => {}
            Some(name) => {
                let known = self.known(name);
                let number =
                    known.unwrap_or_else(|| self.declare(name.to_owned(), span(index), How::Use));
                self.set(number, of.key(), None);
                self.expression(index);
            }
            None => drop(self.expression(index)),
        }
        of.element()
    }

    fn iterates(&self, name: &str) -> bool {
        let known = self
            .known(name)
            .and_then(|at| self.resolved.bindings.get(at));
        match known {
            Some(binding) => binding.how == How::Some && !binding.is_set,
            None => {
                name == "_"
                    || !(name == "input"
                        || name == "data"
                        || self.rules.contains(name)
                        || self.imports.contains_key(name))
            }
        }
    }

    fn assignment(&mut self, inner: &'i Value) -> Ty {
        let (Some(left), Some(right)) = (inner.get("lhs"), inner.get("rhs")) else {
            return Ty::Unknown;
        };
        if inner.get("op").and_then(Value::as_str) == Some("ColEq") {
            let ty = self.expression(right);
            self.bind(left, How::Assigned, ty, Some(right));
            return Ty::Bool;
        }
        let is_open = |of: &Self, node: &Value| {
            variable(node).is_some_and(|name| of.iterates(name) && name != "_")
        };
        for (open, value) in [(left, right), (right, left)] {
            if is_open(self, open) {
                let ty = self.expression(value);
                self.expression(open);
                let read = number(open).and_then(|number| self.resolved.read.get(&number).copied());
                let name = variable(open).unwrap_or_default();
                if let Some(binding) = read.or_else(|| self.known(name)) {
                    self.set(binding, ty, None);
                }
                return Ty::Bool;
            }
        }
        self.sides(inner);
        Ty::Bool
    }
}

/// The kind of a head, and what is in it.
fn head_of(spec: &Value) -> Option<(&str, &Value)> {
    expression(spec.get("head")?)
}

/// The values that a definition gives its name: the key of a set, what is assigned.
pub(super) fn given(definition: &Value) -> Option<&Value> {
    let head = head(definition)?;
    let key = head.get("key").filter(|key| key.is_object());
    key.or_else(|| head.pointer("/assign/value"))
}
