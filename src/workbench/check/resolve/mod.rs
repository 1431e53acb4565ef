//! What the names in a module mean: which variable is which, who reads it, and what every expression is as far as that can
//! be known. Bodies are read in their order; what is bound behind its use is of unknown type.

mod bodies;
mod expressions;
mod scopes;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::types::Ty;
use super::world::{PackWorld, Sees, defined_name};
use crate::model::text::Span;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{
    definition_head, expression_kind, expression_number, list_definitions, list_elements,
    node_span, package_of, reference_of, variable_name,
};

/// A module with what its names mean.
#[derive(Default)]
pub(super) struct ResolvedModule<'i> {
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

/// How a variable is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Argument,
    Assigned,
    Some,
    Every,
    /// By its first use: `xs[i]`, `x = y`.
    Use,
}

impl<'i> ResolvedModule<'i> {
    /// Reads all definitions of a module.
    pub(super) fn of(world: &PackWorld<'i>, module: &'i Inspected) -> Self {
        let mut resolver = Resolver::new(world, module);
        for definition in list_definitions(&module.tree) {
            resolver.definition(definition);
        }
        resolver.resolved
    }

    /// What an expression is.
    pub(super) fn ty(&self, node: &Value) -> Ty {
        let ty = expression_number(node).and_then(|number| self.types.get(&number));
        ty.cloned().unwrap_or_default()
    }

    /// The expression, or what the variable that it is was set to.
    pub(super) fn meant<'n>(&self, node: &'n Value) -> &'n Value
    where
        'i: 'n,
    {
        let read = expression_number(node).and_then(|number| self.read.get(&number));
        let value = read.and_then(|binding| self.bindings.get(*binding)?.value);
        value.unwrap_or(node)
    }
}

/// Reads definitions.
pub(super) struct Resolver<'w, 'i> {
    world: &'w PackWorld<'i>,
    module: &'i Inspected,
    package: String,
    /// Paths of imports, by the name that they give.
    imports: BTreeMap<String, String>,
    rules: BTreeSet<String>,
    sees: Sees,
    scopes: Vec<BTreeMap<String, usize>>,
    resolved: ResolvedModule<'i>,
}

/// The name that an import gives its path, and the place of the name.
pub(super) fn import_name(module: &Inspected, import: &Value) -> Option<(String, String, Span)> {
    let path = import.get("refr").and_then(reference_of)?;
    let alias = import
        .get("as")
        .filter(|alias| alias.is_object())
        .map(node_span);
    Some(match alias {
        Some(alias) => (module.file.text.slice(alias).to_owned(), path, alias),
        None => {
            let last = path.rsplit('.').next().unwrap_or_default().to_owned();
            (
                last,
                path,
                import.get("refr").map(node_span).unwrap_or_default(),
            )
        }
    })
}

impl<'w, 'i> Resolver<'w, 'i> {
    fn new(world: &'w PackWorld<'i>, module: &'i Inspected) -> Self {
        let imports = list_elements(&module.tree, "imports");
        let imports = imports.filter_map(|import| import_name(module, import));
        let rules = list_definitions(&module.tree).filter_map(defined_name);
        Self {
            world,
            module,
            package: package_of(&module.tree),
            imports: imports.map(|(name, path, _)| (name, path)).collect(),
            rules: rules.map(ToOwned::to_owned).collect(),
            sees: Sees::default(),
            scopes: Vec::new(),
            resolved: ResolvedModule::default(),
        }
    }

    /// What a rule is, by all its definitions.
    pub(super) fn type_of_rule(world: &'w PackWorld<'i>, module: &'i Inspected, name: &str) -> Ty {
        let mut resolver = Self::new(world, module);
        let own = list_definitions(&module.tree).filter(|rule| defined_name(rule) == Some(name));
        let mut types = own.map(|definition| resolver.definition(definition));
        let first = types.next().unwrap_or_default();
        types.fold(first, Ty::merge)
    }

    /// Reads a definition, and says what it makes its name.
    fn definition(&mut self, definition: &'i Value) -> Ty {
        let name = defined_name(definition).unwrap_or_default();
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
        for argument in list_elements(head, "args") {
            self.bind(argument, How::Argument, Ty::Unknown, None);
        }
        let mut made: Option<Ty> = None;
        let mut bodies = 0;
        for body in list_elements(spec, "bodies") {
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
        let keyed = refr.filter(|refr| variable_name(refr).is_none());
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
}

/// The kind of a head, and what is in it.
fn head_of(spec: &Value) -> Option<(&str, &Value)> {
    expression_kind(spec.get("head")?)
}

/// The value that a definition assigns: the key of a set, else the assigned expression. `None` for a bare rule.
pub(super) fn assigned_value(definition: &Value) -> Option<&Value> {
    let head = definition_head(definition)?;
    let key = head.get("key").filter(|key| key.is_object());
    key.or_else(|| head.pointer("/assign/value"))
}
