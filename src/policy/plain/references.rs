//! Which places of its input a rule's body looks at: references followed through variables, helper rules and functions,
//! with the values of variables where the engine reported them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body::{list_bodies, list_imports, walk_plain};
use super::modules::PlainModule;
use super::probe::{element_key, wildcard_name};
use crate::model::path::Step;
use crate::policy::engine::Datum;
use crate::policy::syntax::{
    definition_head, list_definitions, list_elements, node_span, reference_of, string_text,
    variable_name, visit_nodes,
};

/// Trees and names are followed so deep.
const FOLLOWED: usize = 128;
/// Helpers are followed so deep.
const DEPTH: usize = 4;

/// A place of the input as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) steps: Vec<Step>,
    /// Whether that is all of it; else a step depends on what is not known.
    pub(crate) whole: bool,
    /// Whether the body itself says it; else a helper does, or a value was looked for.
    pub(crate) direct: bool,
}

/// Finds the places of the input that hold a value.
pub(crate) type Search<'s> = dyn Fn(&Datum) -> Vec<Vec<Step>> + 's;

/// What a name stands for.
enum Meaning<'m> {
    /// Another expression.
    Is(&'m Value),
    /// An element of a collection, whose key may have a variable.
    In(&'m Value, String),
    /// A place.
    At(Reference),
}

/// The names of one body.
pub(crate) struct BodyNames<'m> {
    modules: &'m [PlainModule],
    module: &'m PlainModule,
    meanings: BTreeMap<String, Meaning<'m>>,
    imports: BTreeMap<String, String>,
    /// The values of variables, where the engine reported them.
    values: Option<&'m Datum>,
    search: Option<&'m Search<'m>>,
    depth: usize,
}

impl<'m> BodyNames<'m> {
    /// The names of a body; `values` are those of its variables.
    pub(crate) fn of(
        modules: &'m [PlainModule],
        module: &'m PlainModule,
        body: &'m Value,
        values: Option<&'m Datum>,
        search: Option<&'m Search<'m>>,
    ) -> Self {
        let mut names = Self {
            modules,
            module,
            meanings: BTreeMap::new(),
            imports: list_imports(module).into_iter().collect(),
            values,
            search,
            depth: 0,
        };
        names.learn(body);
        names
    }

    fn learn(&mut self, body: &'m Value) {
        // `visit` has no lifetimes to give: the tree is walked here.
        match body {
            Value::Object(fields) => {
                for (name, node) in fields {
                    self.learn_one(name, node);
                    self.learn(node);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    fn learn_one(&mut self, name: &str, node: &'m Value) {
        let side = |side: &str| node.get(side).filter(|side| side.is_object());
        match name {
            "AssignExpr" => {
                for (to, from) in [("lhs", "rhs"), ("rhs", "lhs")] {
                    if let (Some(to), Some(from)) = (side(to).and_then(variable_name), side(from)) {
                        self.meanings
                            .entry(to.to_owned())
                            .or_insert(Meaning::Is(from));
                        break;
                    }
                }
            }
            "SomeIn" => {
                let Some((value, collection)) = side("value").zip(side("collection")) else {
                    return;
                };
                let key = side("key")
                    .and_then(variable_name)
                    .filter(|key| *key != "_");
                let key =
                    key.map_or_else(|| element_key(node_span(value).start), ToOwned::to_owned);
                if let Some(value) = variable_name(value) {
                    let meaning = Meaning::In(collection, key);
                    self.meanings.entry(value.to_owned()).or_insert(meaning);
                }
            }
            "Every" => {
                let value = node
                    .get("value")
                    .map(node_span)
                    .map(|place| self.module.slice(place));
                if let Some((value, domain)) = value.zip(side("domain")) {
                    let meaning = Meaning::In(domain, String::new());
                    self.meanings.entry(value.to_owned()).or_insert(meaning);
                }
            }
            _ => {}
        }
    }

    /// The place that an expression is, if it is one.
    pub(crate) fn resolve(&self, node: &'m Value) -> Option<Reference> {
        self.resolve_within(node, 24)
    }

    fn resolve_within(&self, node: &'m Value, left: usize) -> Option<Reference> {
        let left = left.checked_sub(1)?;
        if let Some(name) = variable_name(node) {
            return self.resolve_name(name, left);
        }
        if let Some(dot) = node.get("RefDot") {
            let field = dot.pointer("/field/1").and_then(Value::as_str)?;
            let from = self.resolve_within(dot.get("refr")?, left)?;
            return Some(from.then(Some(Step::Key(field.into()))));
        }
        if let Some(bracket) = node.get("RefBrack") {
            let from = self.resolve_within(bracket.get("refr")?, left)?;
            let step = bracket.get("index").and_then(|index| self.step(index));
            return Some(from.then(step));
        }
        let call = node.get("Call")?;
        let function = call.get("fcn").and_then(reference_of)?;
        let parameter = |at: usize| list_elements(call, "params").nth(at);
        match function.as_str() {
            "object.get" => {
                let from = self.resolve_within(parameter(0)?, left)?;
                let key = parameter(1)?;
                let keys: Vec<&Value> = match key.get("Array") {
                    Some(array) => list_elements(array, "items").collect(),
                    None => vec![key],
                };
                let reach = |from: Reference, key: &&'m Value| from.then(self.step(key));
                Some(keys.iter().fold(from, reach))
            }
            "lower" | "upper" | "trim_space" | "trim" | "to_number" | "count" => {
                self.resolve_within(parameter(0)?, left)
            }
            _ => None,
        }
    }

    fn resolve_name(&self, name: &str, left: usize) -> Option<Reference> {
        if name == "input" {
            return Some(Reference::root());
        }
        let found = match self.meanings.get(name) {
            Some(Meaning::At(reference)) => Some(reference.clone()),
            Some(Meaning::Is(node)) => self.resolve_within(node, left),
            Some(Meaning::In(collection, key)) => {
                let from = self.resolve_within(collection, left);
                from.map(|from| from.then(self.told(key).and_then(|key| step_of(&key))))
            }
            None => self.imports.get(name).and_then(|path| {
                let mut parts = path.split('.');
                (parts.next() == Some("input")).then(|| Reference {
                    steps: parts.map(|part| Step::Key(part.into())).collect(),
                    whole: true,
                    direct: true,
                })
            }),
        };
        found.or_else(|| self.by_value(name))
    }

    /// What the engine says that a variable was.
    fn told(&self, name: &str) -> Option<Datum> {
        self.values.and_then(|values| values.get(name))
    }

    /// A variable that a helper made: its value is looked for in the input.
    fn by_value(&self, name: &str) -> Option<Reference> {
        let places = (self.search?)(&self.told(name)?);
        let first = places.first()?.clone();
        Some(Reference {
            steps: first,
            whole: true,
            direct: places.len() == 1,
        })
    }

    fn step(&self, index: &Value) -> Option<Step> {
        if let Some(text) = string_text(index) {
            return Some(Step::Key(text.into()));
        }
        if let Some(number) = index.pointer("/Number/value").and_then(Value::as_u64) {
            return usize::try_from(number).ok().map(Step::Index);
        }
        match variable_name(index)? {
            "_" => step_of(&self.told(&wildcard_name(node_span(index).start))?),
            name => match (self.told(name), self.meanings.get(name)) {
                (Some(value), _) => step_of(&value),
                (None, Some(Meaning::Is(node))) => {
                    string_text(node).map(|text| Step::Key(text.into()))
                }
                _ => None,
            },
        }
    }

    /// All places that an expression looks at, in its order.
    pub(crate) fn looked_at(&self, node: &'m Value) -> Vec<Reference> {
        let mut found = Vec::new();
        self.collect(node, FOLLOWED, &mut found);
        found.retain(|reference| !reference.steps.is_empty());
        let mut distinct: Vec<Reference> = Vec::new();
        for reference in found {
            if !distinct.contains(&reference) {
                distinct.push(reference);
            }
        }
        distinct
    }

    fn collect(&self, node: &'m Value, left: usize, found: &mut Vec<Reference>) {
        let Some(left) = left.checked_sub(1) else {
            return;
        };
        match node {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    match name.as_str() {
                        "RefDot" | "RefBrack" | "Var" => match self.resolve(node) {
                            Some(reference) => found.push(reference),
                            None => {
                                self.follow(node, &[], found);
                                let meaning =
                                    variable_name(node).and_then(|name| self.meanings.get(name));
                                if let Some(Meaning::Is(meaning)) = meaning {
                                    self.collect(meaning, left, found);
                                }
                                if name != "Var" {
                                    self.collect(inner, left, found);
                                }
                            }
                        },
                        "Call" => match self.resolve(node) {
                            Some(reference) => found.push(reference),
                            None => self.call(inner, left, found),
                        },
                        "field" | "span" => {}
                        _ => self.collect(inner, left, found),
                    }
                }
            }
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.collect(item, left, found)),
            _ => {}
        }
    }

    fn call(&self, call: &'m Value, left: usize, found: &mut Vec<Reference>) {
        let parameters: Vec<&Value> = list_elements(call, "params").collect();
        let before = found.len();
        if let Some(function) = call.get("fcn") {
            self.follow(function, &parameters, found);
        }
        if found.len() == before {
            for parameter in parameters {
                self.collect(parameter, left, found);
            }
        }
    }

    /// A helper, and what it looks at: of several places what they have in common.
    fn follow(&self, name: &'m Value, parameters: &[&'m Value], found: &mut Vec<Reference>) {
        let Some((package, rule)) = self.helper(name).filter(|_| self.depth < DEPTH) else {
            return;
        };
        let mut inner = Vec::new();
        for body in list_bodies(self.modules, &package, &rule) {
            let mut names = BodyNames::of(self.modules, body.module, body.body, None, None);
            names.depth = self.depth + 1;
            let arguments = list_elements(
                body.rule.pointer("/head/Func").unwrap_or(&Value::Null),
                "args",
            );
            for (argument, given) in arguments.zip(parameters) {
                let place = self.resolve(given);
                if let Some((name, place)) = variable_name(argument).zip(place) {
                    names.meanings.insert(name.to_owned(), Meaning::At(place));
                }
            }
            inner.extend(names.looked_at(body.body));
        }
        let Some(first) = inner.first().cloned() else {
            return;
        };
        let common = inner
            .iter()
            .skip(1)
            .fold(first.steps.clone(), |mut common, other| {
                let same = common
                    .iter()
                    .zip(&other.steps)
                    .take_while(|(a, b)| a == b)
                    .count();
                common.truncate(same);
                common
            });
        if !common.is_empty() {
            found.push(Reference {
                whole: inner.iter().all(|reference| reference.whole),
                direct: inner.iter().all(|other| other.steps == common),
                steps: common,
            });
        }
    }

    /// The package and name of a helper that a reference leads to.
    fn helper(&self, node: &Value) -> Option<(String, String)> {
        let path = reference_of(node)?;
        let (first, rest) = path.split_once('.').unwrap_or((&path, ""));
        let whole = match (first, self.imports.get(first)) {
            ("data", _) => path.clone(),
            (_, Some(import)) => format!("{import}.{rest}").trim_end_matches('.').to_owned(),
            _ => format!("data.{}.{path}", self.module.package),
        };
        let whole = whole.strip_prefix("data.")?;
        let (package, rule) = whole.rsplit_once('.')?;
        let is_there = self.modules.iter().any(|module| {
            module.package == package
                && list_definitions(&module.tree).any(|own| {
                    definition_head(own).and_then(|head| variable_name(head.get("refr")?))
                        == Some(rule)
                })
        });
        is_there.then(|| (package.to_owned(), rule.to_owned()))
    }
}

impl Reference {
    fn root() -> Self {
        Self {
            steps: Vec::new(),
            whole: true,
            direct: true,
        }
    }

    /// One step on, if it is known; behind an unknown step nothing is.
    fn then(mut self, step: Option<Step>) -> Self {
        match step {
            Some(step) if self.whole => self.steps.push(step),
            _ => self.whole = false,
        }
        self
    }
}

fn step_of(key: &Datum) -> Option<Step> {
    match key.as_text() {
        Some(text) => Some(Step::Key(text.into())),
        None => key.as_index().map(Step::Index),
    }
}

/// Whether an expression calls, compares or negates nothing: it only takes something out of something.
pub(crate) fn is_reference(node: &Value) -> bool {
    let mut calls = false;
    walk_plain(node, &mut |name, _| {
        calls |= matches!(name, "Call" | "BoolExpr")
    });
    visit_nodes(node, &mut |name, _| calls |= name.ends_with("Compr"));
    !calls
}
