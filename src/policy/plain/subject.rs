//! What a body is about: of all places that it looks at, the one that its last condition does.

use serde_json::Value;

use super::body::Body;
use super::modules::PlainModule;
use super::references::{BodyNames, Reference, Search, is_reference};
use crate::model::path::Step;
use crate::policy::engine::Datum;
use crate::policy::syntax::{string_text, variable_name};

/// What a body is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The way from the input, as far as it is known.
    pub(crate) steps: Vec<Step>,
    /// Whether that is all of the way.
    pub(crate) whole: bool,
    /// Whether nothing else comes into question.
    pub(crate) only: bool,
}

/// What a statement is to a body; later ones say more of what it is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    /// `x := …`: gives a name.
    Names,
    /// `some x in xs`, `xs[i]`: goes through elements.
    Iterates,
    /// `input.kind == "Deployment"`: chooses what the rule is for.
    Chooses,
    /// Anything else: what must hold.
    Demands,
}

/// The subject of a body, with the values of its variables, where known. `None` if the body has no clear subject.
pub(crate) fn find_subject(
    modules: &[PlainModule],
    body: &Body<'_>,
    values: Option<&Datum>,
    search: Option<&Search<'_>>,
) -> Option<Subject> {
    let names = BodyNames::of(modules, body.module, body.body, values, search);
    let statements = body.statements();
    let looked: Vec<(Sort, Vec<Reference>)> = statements
        .iter()
        .filter_map(|statement| statement.get("literal"))
        .map(|literal| (sort(literal), names.looked_at(literal)))
        .filter(|(_, references)| !references.is_empty())
        .collect();
    let best = looked.iter().map(|(sort, _)| *sort).max();
    let Some(best) = best else {
        let said = body.key.map(|key| names.looked_at(key)).unwrap_or_default();
        return about(&said, &[]);
    };
    let mut of_best = looked.iter().filter(|(sort, _)| *sort == best);
    let (_, chosen) = of_best.next_back()?;
    let others: Vec<&Reference> = of_best.flat_map(|(_, references)| references).collect();
    about(chosen, &others)
}

/// Of the places of a statement the first that is wholly known, else the first.
fn about(chosen: &[Reference], others: &[&Reference]) -> Option<Subject> {
    // A list is not what is meant where an element of it is.
    let leads_on = |one: &Reference| {
        let longer =
            |other: &Reference| other.steps.len() > one.steps.len() || (one.whole && !other.whole);
        chosen
            .iter()
            .any(|other| longer(other) && other.steps.starts_with(&one.steps))
    };
    let mut ends = chosen.iter().filter(|one| !leads_on(one));
    let first = ends.clone().find(|reference| reference.whole);
    let first = first.or(ends.next())?;
    let leads_here = |other: &Reference| first.steps.starts_with(&other.steps);
    Some(Subject {
        steps: first.steps.clone(),
        whole: first.whole,
        only: first.direct
            && chosen.iter().all(leads_here)
            && others.iter().all(|other| leads_here(other)),
    })
}

fn sort(literal: &Value) -> Sort {
    if literal.get("SomeIn").is_some() {
        return Sort::Iterates;
    }
    let Some(expression) = literal.pointer("/Expr/expr") else {
        return Sort::Demands;
    };
    if let Some(assignment) = expression.get("AssignExpr") {
        let side = |name: &str| assignment.get(name).unwrap_or(&Value::Null);
        let sides = [side("lhs"), side("rhs")];
        return match sides.iter().any(|side| variable_name(side).is_some()) {
            true => Sort::Names,
            false if sides.iter().any(|side| is_constant(side)) => Sort::Chooses,
            false => Sort::Demands,
        };
    }
    if let Some(comparison) = expression.get("BoolExpr") {
        let is_equality = comparison.get("op").and_then(Value::as_str) == Some("Eq");
        let side = |name: &str| comparison.get(name).unwrap_or(&Value::Null);
        let sides = [side("lhs"), side("rhs")];
        let is_plain = sides.iter().all(|side| is_reference(side));
        return match is_equality && is_plain && sides.iter().any(|side| is_constant(side)) {
            true => Sort::Chooses,
            false => Sort::Demands,
        };
    }
    Sort::Demands
}

/// A comparison with a text selects; one with a truth value or a number requires.
fn is_constant(node: &Value) -> bool {
    string_text(node).is_some()
}
