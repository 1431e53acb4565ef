//! Rules that depend on themselves, found at load over all modules: Rego has no recursion, and the register VM would
//! run out of stack, which nothing can catch. Reads syntax trees, compiles nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::check::{package_of, rules, span, span_of, variable};
use super::error::{PolicyFile, PolicyMistake};
use crate::model::text::Span;

/// What every rule of every module refers to.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// By full path without `data.`: `govcheck.lib.words.said`.
    rules: BTreeMap<String, Definition>,
}

#[derive(Debug)]
struct Definition {
    file: PolicyFile,
    span: Span,
    /// Paths as written, resolved against package and imports, rule or not.
    to: BTreeSet<String>,
}

/// A reference as it is written: `a.b[c].d` is `a`, then `b`; what stands behind a bracket is not known here.
struct Chain<'n> {
    base: &'n str,
    fields: Vec<&'n str>,
}

impl References {
    /// Takes down what the rules of a module refer to.
    pub(crate) fn add(&mut self, file: &PolicyFile, module: &Value) {
        let package = package_of(module);
        let imports = imports(file, module);
        for rule in rules(module) {
            let Some((head, name)) = head(rule) else {
                continue;
            };
            let mut written = Vec::new();
            for (part, value) in head.as_object().into_iter().flatten() {
                if part != "refr" {
                    collect(value, &mut written);
                }
            }
            collect(
                rule.pointer("/Spec/bodies").unwrap_or(&Value::Null),
                &mut written,
            );
            let arguments = arguments(head);
            let to = written
                .iter()
                .filter(|chain| !arguments.contains(chain.base))
                .map(|chain| resolve(chain, &package, &imports));
            let definition = self
                .rules
                .entry(format!("{package}.{name}"))
                .or_insert_with(|| Definition {
                    file: file.clone(),
                    span: head.get("refr").map(span_of).unwrap_or_default(),
                    to: BTreeSet::new(),
                });
            definition.to.extend(to);
        }
    }

    /// One mistake for every rule that comes back to itself, at the first of the rules on its way round.
    pub(crate) fn mistakes(&self) -> Vec<PolicyMistake> {
        let edges: BTreeMap<&str, Vec<&str>> = self
            .rules
            .iter()
            .map(|(path, rule)| (path.as_str(), self.reached(rule)))
            .collect();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let mut mistakes = Vec::new();
        for (path, rule) in &self.rules {
            if told.contains(path.as_str()) {
                continue;
            }
            let Some(round) = way_back(path, &edges) else {
                continue;
            };
            told.extend(&round);
            let shown: Vec<String> = round
                .iter()
                .chain([&path.as_str()])
                .map(|step| format!("`{}`", step.rsplit('.').next().unwrap_or(step)))
                .collect();
            let message = format!("rule depends on itself: {}", shown.join(" needs "));
            let help = "Rego has no recursion: go through nested values with `walk(x)`, through a graph with `graph.reachable`";
            mistakes.push(rule.file.mistake(rule.span, message, help));
        }
        mistakes
    }

    /// The rules that one refers to: by name, through a value in it, or through its whole package.
    fn reached(&self, rule: &Definition) -> Vec<&str> {
        let within = |inner: &str, outer: &str| {
            inner == outer
                || inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        self.rules
            .keys()
            .map(String::as_str)
            .filter(|path| {
                rule.to
                    .iter()
                    .any(|to| within(to, path) || within(path, to))
            })
            .collect()
    }
}

/// The shortest way from a rule back to itself, itself first.
fn way_back<'p>(start: &'p str, edges: &BTreeMap<&'p str, Vec<&'p str>>) -> Option<Vec<&'p str>> {
    let mut before: BTreeMap<&str, &'p str> = BTreeMap::new();
    let mut front = vec![start];
    while let Some(at) = (!front.is_empty()).then(|| front.remove(0)) {
        for next in edges.get(at).into_iter().flatten() {
            if *next == start {
                let mut way = vec![at];
                let mut step = at;
                while let Some(earlier) = before.get(step) {
                    way.push(earlier);
                    step = earlier;
                }
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(next) {
                before.insert(next, at);
                front.push(next);
            }
        }
    }
    None
}

fn head(rule: &Value) -> Option<(&Value, &str)> {
    let head = match rule.get("Default") {
        Some(default) => default,
        None => rule.pointer("/Spec/head")?.as_object()?.values().next()?,
    };
    let mut refr = head.get("refr")?;
    loop {
        if let Some(name) = variable(refr) {
            return Some((head, name));
        }
        refr = refr.as_object()?.values().next()?.get("refr")?;
    }
}

fn arguments(head: &Value) -> BTreeSet<&str> {
    let mut written = Vec::new();
    collect(head.get("args").unwrap_or(&Value::Null), &mut written);
    written.into_iter().map(|chain| chain.base).collect()
}

/// Names that stand for a path: `import data.govcheck.lib.words as w`.
fn imports(file: &PolicyFile, module: &Value) -> BTreeMap<String, String> {
    let list = module.get("imports").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|import| {
            let chain = chain(import.get("refr")?, &mut Vec::new())?;
            let path = (chain.base == "data").then(|| chain.fields.join("."))?;
            let alias = import.get("as").map(|alias| file.text.slice(span(alias)));
            let alias = alias.or(chain.fields.last().copied())?;
            Some((alias.to_owned(), path))
        })
        .collect()
}

fn resolve(chain: &Chain<'_>, package: &str, imports: &BTreeMap<String, String>) -> String {
    let fields = chain.fields.join(".");
    let base = match (chain.base, imports.get(chain.base)) {
        ("data", _) => return fields,
        ("input", _) => return "input".to_owned(),
        (_, Some(path)) => path.clone(),
        (name, None) => format!("{package}.{name}"),
    };
    if fields.is_empty() {
        base
    } else {
        format!("{base}.{fields}")
    }
}

/// Every reference below a node, whole: not also the beginnings of it.
fn collect<'n>(node: &'n Value, written: &mut Vec<Chain<'n>>) {
    match node {
        Value::Object(_) => {
            let mut brackets = Vec::new();
            if let Some(chain) = chain(node, &mut brackets) {
                written.push(chain);
                brackets
                    .into_iter()
                    .for_each(|index| collect(index, written));
            } else {
                node.as_object()
                    .into_iter()
                    .flat_map(|fields| fields.values())
                    .for_each(|value| collect(value, written));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, written)),
        _ => {}
    }
}

/// A variable or a chain of dots and brackets on one; the brackets' contents are handed back.
fn chain<'n>(node: &'n Value, brackets: &mut Vec<&'n Value>) -> Option<Chain<'n>> {
    if let Some(base) = variable(node) {
        return Some(Chain {
            base,
            fields: Vec::new(),
        });
    }
    if let Some(dot) = node.get("RefDot") {
        let whole = brackets.len();
        let mut chain = chain(dot.get("refr")?, brackets)?;
        if brackets.len() == whole {
            chain
                .fields
                .extend(dot.pointer("/field/1").and_then(Value::as_str));
        }
        return Some(chain);
    }
    let bracket = node.get("RefBrack")?;
    let chain = chain(bracket.get("refr")?, brackets)?;
    brackets.push(bracket.get("index")?);
    Some(chain)
}
