//! `graph.reachable_paths` within the bounds of time and memory, and without recursion: regorus's own recurses as deep as a
//! path is long, which ends the process, and lists the paths of ten nodes for minutes.

use std::collections::BTreeSet;

use regorus::Value;
use regorus::unstable::{Expr, Ref, Span};

use super::theirs::{BuiltinResult, call_regorus};
use crate::policy::engine::meter::Meter;

/// `graph.reachable_paths`.
pub(super) fn reachable_paths(
    span: &Span,
    params: &[Ref<Expr>],
    args: &[Value],
    strict: bool,
) -> BuiltinResult {
    let [graph @ Value::Object(_), starts] = args else {
        return call_regorus("graph.reachable_paths", span, params, args, strict);
    };
    let Some(starts) = nodes(starts) else {
        return call_regorus("graph.reachable_paths", span, params, args, strict);
    };
    let mut walk = PathWalk {
        graph,
        path: Vec::new(),
        open: vec![starts],
        visited: BTreeSet::new(),
        paths: BTreeSet::new(),
        meter: Meter::new(),
    };
    walk.all()?;
    Ok(Value::from(walk.paths))
}

/// The nodes of a list or set, the first one last; `None` for another value.
fn nodes(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(nodes) => Some(nodes.iter().rev().cloned().collect()),
        Value::Set(nodes) => Some(nodes.iter().rev().cloned().collect()),
        _ => None,
    }
}

struct PathWalk<'g> {
    graph: &'g Value,
    path: Vec<Value>,
    /// The nodes that are left to go to: from the start, then from each node of the path.
    open: Vec<Vec<Value>>,
    visited: BTreeSet<Value>,
    paths: BTreeSet<Value>,
    meter: Meter,
}

impl PathWalk<'_> {
    fn all(&mut self) -> anyhow::Result<()> {
        while let Some(open) = self.open.last_mut() {
            self.meter.turn()?;
            match open.pop() {
                Some(node) => self.enter(node)?,
                None => {
                    self.open.pop();
                    if let Some(node) = self.path.pop() {
                        self.visited.remove(&node);
                    }
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self, node: Value) -> anyhow::Result<()> {
        let is_empty = matches!(&node, Value::String(text) if text.is_empty());
        let Some(next) = self.graph.as_object()?.get(&node).filter(|_| !is_empty) else {
            self.keep();
            return Ok(());
        };
        if self.visited.contains(&node) {
            self.keep();
            return Ok(());
        }
        let next = match next {
            Value::Null => Vec::new(),
            next => match nodes(next) {
                Some(next) => next,
                None => anyhow::bail!("neighbors for node `{node}` must be array/set."),
            },
        };
        self.path.push(node.clone());
        self.visited.insert(node);
        if next.is_empty() {
            self.keep();
        }
        self.open.push(next);
        Ok(())
    }

    /// The path so far is one.
    fn keep(&mut self) {
        if !self.path.is_empty() {
            self.meter.made(self.path.len());
            self.paths.insert(Value::from(self.path.clone()));
        }
    }
}
