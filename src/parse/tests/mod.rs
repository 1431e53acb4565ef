//! What parsing promises, by topic; single pieces are tested beside their code.

mod bounds;
mod continuations;
mod law;
mod merging;
mod refusals;
mod spans;
mod templates;
mod values;

use super::{Limits, Parsed, Problem, parse};
use crate::model::document::{Document, NodeId, NodeKind, Reached};

/// Parses text that must be free of problems.
fn clean(text: &str) -> Parsed {
    let parsed = any(text);
    assert_eq!(parsed.problems, [], "{text}");
    parsed
}

fn any(text: &str) -> Parsed {
    parse(text.as_bytes(), &Limits::default())
}

/// The only problem of a text, and the text at it.
fn problem(text: &str) -> (Problem, String) {
    let parsed = any(text);
    let [problem] = parsed.problems.as_slice() else {
        panic!("{text}: {:?}", parsed.problems)
    };
    (problem.clone(), parsed.text.slice(problem.span).to_owned())
}

/// The node at a path like `a/0/b` of the only document.
fn reach(document: &Document, path: &str) -> Reached {
    path.split('/')
        .filter(|step| !step.is_empty())
        .fold(document.root(), |from, step| {
            let item = step
                .parse()
                .ok()
                .and_then(|index| document.item(from, index));
            item.or_else(|| document.get(from, step))
                .unwrap_or_else(|| panic!("no {step} of {path}"))
        })
}

fn only(parsed: &Parsed) -> &Document {
    let [document] = parsed.documents.as_slice() else {
        panic!("{} documents", parsed.documents.len())
    };
    document
}

/// The text of the node at a path.
fn slice<'p>(parsed: &'p Parsed, path: &str) -> &'p str {
    let document = only(parsed);
    parsed.text.slice(document.span(reach(document, path).node))
}

fn kind(parsed: &Parsed, path: &str) -> NodeKind {
    let document = only(parsed);
    document.node(reach(document, path).node).kind.clone()
}

fn string(text: &str) -> NodeKind {
    NodeKind::String(text.into())
}

/// All nodes of a document.
fn nodes(document: &Document) -> impl Iterator<Item = NodeId> {
    (0..document.node_count()).map(|index| NodeId(u32::try_from(index).unwrap()))
}

/// Keys of the mapping at a path, in order.
fn keys(parsed: &Parsed, path: &str) -> Vec<String> {
    let document = only(parsed);
    let entries = document.entries(reach(document, path).node);
    entries
        .iter()
        .map(|entry| parsed.text.slice(document.span(entry.key)).to_owned())
        .collect()
}

/// A small generator of numbers; tests must give the same answer each time.
pub(in crate::parse) struct Dice(pub(in crate::parse) u64);

impl Dice {
    pub(in crate::parse) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(in crate::parse) fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}
