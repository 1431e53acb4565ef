//! Rules that ask themselves, by whatever way round. OPA refuses them; the engine would run out of stack, which ends the
//! whole process and can't be caught.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{PolicyFile, PolicyMistake};
use super::rules::RECURSION;
use super::syntax::{
    definition_head, list_definitions, list_elements, name_of, node_span, package_of, reference_of,
    reference_path, variable_name, visit_nodes,
};
use crate::model::text::Span;

/// Who asks whom, among all modules of a run.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    rules: BTreeMap<String, RuleCalls>,
}

#[derive(Debug, Default)]
struct RuleCalls {
    /// Where it is named; not known of the pack in the binary, which has no rings.
    place: Option<(PolicyFile, Span)>,
    asked: RuleReferences,
}

/// What a rule asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleReferences {
    /// Full paths, of a rule or of something in or above it.
    paths: BTreeSet<String>,
    /// Paths that lead into `input`.
    input: BTreeSet<String>,
}

impl Calls {
    /// Adds what is known of the pack in the binary.
    pub(crate) fn take(&mut self, known: BTreeMap<String, RuleReferences>) {
        let known = known.into_iter().map(|(name, asked)| {
            let place = None;
            (name, RuleCalls { place, asked })
        });
        self.rules.extend(known);
    }

    /// Adds a module's definitions.
    pub(crate) fn add(&mut self, file: &PolicyFile, module: &Value) {
        let package = format!("data.{}", package_of(module));
        let imports: BTreeMap<String, String> = list_elements(module, "imports")
            .filter_map(|import| {
                let path = import.get("refr").and_then(reference_of)?;
                let alias = import
                    .get("as")
                    .filter(|alias| alias.is_object())
                    .map(node_span);
                let last = path.rsplit('.').next().unwrap_or_default().to_owned();
                Some((
                    alias.map_or(last, |alias| file.text.slice(alias).to_owned()),
                    path,
                ))
            })
            .collect();
        for rule in list_definitions(module) {
            let Some(refr) = definition_head(rule).and_then(|head| head.get("refr")) else {
                continue;
            };
            let Some(name) = name_of(refr) else {
                continue;
            };
            let asks = self
                .rules
                .entry(format!("{package}.{name}"))
                .or_insert_with(|| RuleCalls {
                    place: Some((file.clone(), node_span(refr))),
                    asked: RuleReferences::default(),
                });
            let asks = &mut asks.asked;
            let own = locals(file, rule);
            let named_at = node_span(refr).start;
            references(rule, &mut |path, at| {
                // The head names the rule, it does not ask it.
                if at.start != named_at {
                    if path == "input" || path.starts_with("input.") {
                        asks.input.insert(path.to_owned());
                    }
                    asks.paths.extend(absolute(path, &package, &imports, &own));
                }
            });
        }
    }

    /// What the rules ask, by name.
    #[cfg(test)]
    pub(crate) fn known(&self) -> BTreeMap<String, RuleReferences> {
        let rules = self.rules.iter();
        rules
            .map(|(name, asks)| (name.clone(), asks.asked.clone()))
            .collect()
    }

    /// One mistake for each ring.
    pub(crate) fn rings(&self) -> Vec<PolicyMistake> {
        if self.rules.values().all(|asks| asks.place.is_none()) {
            return Vec::new();
        }
        let edges: BTreeMap<&str, Vec<&str>> = self
            .rules
            .iter()
            .map(|(name, asks)| (name.as_str(), self.asked(&asks.asked)))
            .collect();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let mut mistakes = Vec::new();
        for (name, asks) in &self.rules {
            let Some((file, place)) = &asks.place else {
                continue;
            };
            if told.contains(name.as_str()) {
                continue;
            }
            if let Some(ring) = way_back(name, &edges) {
                told.extend(ring.iter().copied());
                let mut shown: Vec<String> = ring.iter().map(|name| short(name)).collect();
                shown.push(short(name));
                let message = format!("recursive rule: {}", shown.join(" → "));
                let help = "unroll the recursion into a fixed number of steps, or use `graph.reachable`; rename local variables that have the name of a rule";
                mistakes.push(file.mistake(*place, message, help).of(RECURSION));
            }
        }
        mistakes
    }

    /// A rule and those that it asks, by whatever way: what each reads, as full paths.
    pub(crate) fn reached(&self, rule: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut reached = BTreeMap::new();
        let mut open: Vec<&str> = self
            .rules
            .get_key_value(rule)
            .map(|(rule, _)| rule.as_str())
            .into_iter()
            .collect();
        while let Some(rule) = open.pop() {
            let Some(asks) = self.rules.get(rule).filter(|_| !reached.contains_key(rule)) else {
                continue;
            };
            let asks = &asks.asked;
            let paths = asks.paths.iter().chain(&asks.input);
            reached.insert(rule, paths.map(String::as_str).collect());
            open.extend(self.asked(asks));
        }
        reached
    }

    /// The rules that the paths lead to: the rule itself or the one it is in, else all below.
    fn asked(&self, asks: &RuleReferences) -> Vec<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for path in &asks.paths {
            let mut at = Some(path.as_str());
            let mut known = None;
            while let (Some(prefix), None) = (at, known) {
                known = self
                    .rules
                    .get_key_value(prefix)
                    .map(|(name, _)| name.as_str());
                at = prefix.rsplit_once('.').map(|(above, _)| above);
            }
            match known {
                Some(name) => drop(found.insert(name)),
                None => {
                    let below = format!("{path}.");
                    let all = self.rules.range(below.clone()..);
                    let all = all.map(|(name, _)| name.as_str());
                    found.extend(all.take_while(|name| name.starts_with(&below)));
                }
            }
        }
        found.into_iter().collect()
    }
}

fn short(name: &str) -> String {
    format!("`{}`", name.strip_prefix("data.govcheck.").unwrap_or(name))
}

/// Calls `see` with every variable and every chain of dots, as long as it goes.
fn references(node: &Value, see: &mut dyn FnMut(&str, Span)) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = match name.as_str() {
                    "Var" => value
                        .get("value")
                        .and_then(Value::as_str)
                        .map(ToOwned::to_owned),
                    "RefDot" => reference_path(value),
                    _ => None,
                };
                match path {
                    Some(path) => see(&path, node_span(value)),
                    None => references(value, see),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, see)),
        _ => {}
    }
}

/// Names that a definition binds itself: arguments, `:=`, `some` and `every`.
fn locals(file: &PolicyFile, rule: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut take = |node: &Value| {
        names.extend(variable_name(node).map(ToOwned::to_owned));
        visit_nodes(node, &mut |kind, inner| {
            if kind == "Var" {
                let name = inner.get("value").and_then(Value::as_str);
                names.extend(name.map(ToOwned::to_owned));
            }
        });
    };
    let function = rule.pointer("/Spec/head/Func").unwrap_or(&Value::Null);
    list_elements(function, "args").for_each(&mut take);
    let mut texts: Vec<Span> = Vec::new();
    visit_nodes(rule, &mut |kind, node| match kind {
        "SomeIn" => ["key", "value"]
            .iter()
            .filter_map(|part| node.get(part))
            .for_each(&mut take),
        "AssignExpr" if node.get("op").and_then(Value::as_str) == Some("ColEq") => {
            node.get("lhs").into_iter().for_each(&mut take);
        }
        "SomeVars" => texts.extend(list_elements(node, "vars").map(node_span)),
        "Every" => {
            let parts = ["key", "value"].iter().filter_map(|part| node.get(part));
            texts.extend(parts.filter(|part| part.is_object()).map(node_span));
        }
        _ => {}
    });
    names.extend(
        texts
            .into_iter()
            .map(|place| file.text.slice(place).to_owned()),
    );
    names
}

/// The full path of a reference, if it may lead to a rule.
fn absolute(
    path: &str,
    package: &str,
    imports: &BTreeMap<String, String>,
    own: &BTreeSet<String>,
) -> Option<String> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let behind = |base: &str| match rest {
        "" => base.to_owned(),
        rest => format!("{base}.{rest}"),
    };
    match first {
        "input" => None,
        "data" => Some(path.to_owned()),
        first if own.contains(first) => None,
        first => match imports.get(first) {
            Some(base) => Some(behind(base)),
            None => Some(behind(&format!("{package}.{first}"))),
        },
    }
}

/// The shortest way from a rule back to itself.
fn way_back<'c>(name: &'c str, edges: &BTreeMap<&'c str, Vec<&'c str>>) -> Option<Vec<&'c str>> {
    let mut from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = vec![name];
    while !open.is_empty() {
        let mut next = Vec::new();
        for at in open {
            for asked in edges.get(at).into_iter().flatten() {
                if *asked == name {
                    let mut ring = vec![at];
                    while let Some(before) = from.get(ring.last()?) {
                        ring.push(before);
                    }
                    ring.reverse();
                    return Some(ring);
                }
                if !from.contains_key(asked) {
                    from.insert(asked, at);
                    next.push(*asked);
                }
            }
        }
        open = next;
    }
    None
}
