//! Rules that ask what a definition's variables were, written beside the rule for the same engine: which elements a
//! finding was made of, and how far a body got. They explain a verdict and never make one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::body::{Body, bound_variables, walk_plain, whole_span};
use crate::policy::syntax::{node_span, variable_name};

/// The answer of a probe about an element of the rule's set.
pub(crate) const VALUE: &str = "value";
/// The values of the variables.
pub(crate) const AT: &str = "at";

/// A rule of our own, to be put behind the text of a module.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    /// The index of the module.
    pub(crate) module: usize,
    /// Its name.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
}

/// The variable that the probe puts for a `_`, by the place of that.
pub(crate) fn wildcard_name(start: u32) -> String {
    format!("govcheck_any_{start}")
}

/// The variable that the probe puts for the key that `some x in xs` does not name, by the place of `x`.
pub(crate) fn element_key(start: u32) -> String {
    format!("govcheck_key_{start}")
}

/// Asks for each element of the set which variables made it.
pub(crate) fn of_places(body: &Body<'_>, number: usize, known: &BTreeSet<String>) -> Option<Probe> {
    let key = body.key.filter(|_| !body.is_else())?;
    let statements = body.statements();
    let mut variables = bound_variables(body.module, &statements, known);
    let mut edits = Vec::new();
    for statement in &statements {
        edits.extend(named_elements(statement));
    }
    variables.extend(edits.iter().map(|edit| edit.variable.clone()));
    let said = format!(
        "\"{VALUE}\": {}, \"{AT}\": {}",
        body.text_of(key),
        object(&variables)
    );
    let text = (0..statements.len()).map(|at| edited(body, at, &edits));
    let name = format!("govcheck_place_{number}");
    let text = rule(body, &name, &said, &text.collect::<String>());
    Some(Probe {
        module: body.index,
        name,
        text,
    })
}

/// Asks for the variables with which the first `count` statements of a body hold.
pub(crate) fn of_steps(
    body: &Body<'_>,
    number: usize,
    count: usize,
    known: &BTreeSet<String>,
) -> Probe {
    let statements = body.statements();
    let first = statements.get(..count).unwrap_or_default();
    let variables = bound_variables(body.module, first, known);
    let said = format!("\"{AT}\": {}", object(&variables));
    let text: String = (0..count).map(|at| edited(body, at, &[])).collect();
    let name = format!("govcheck_step_{number}_{count}");
    Probe {
        module: body.index,
        text: rule(body, &name, &said, &text),
        name,
    }
}

fn rule(body: &Body<'_>, name: &str, said: &str, statements: &str) -> String {
    let statements = if statements.trim().is_empty() {
        "true\n"
    } else {
        statements
    };
    match body.module.is_v1 {
        true => format!("\n{name} contains {{{said}}} if {{\n{statements}}}\n"),
        false => format!("\n{name}[{{{said}}}] {{\n{statements}}}\n"),
    }
}

/// `{"i": i,\n"c": c}`: a line each, as the engine refuses long ones.
fn object(variables: &BTreeSet<String>) -> String {
    let fields: Vec<String> = variables
        .iter()
        .map(|name| format!("\n\"{name}\": {name}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

struct ProbeEdit {
    start: u32,
    /// How many bytes go.
    length: u32,
    put: String,
    variable: String,
}

/// Gives names to the elements that a statement goes through without naming them.
fn named_elements(statement: &Value) -> Vec<ProbeEdit> {
    let mut edits = Vec::new();
    walk_plain(statement, &mut |name, node| match name {
        "RefBrack" => {
            let index = node
                .get("index")
                .filter(|index| variable_name(index) == Some("_"));
            edits.extend(index.map(|index| {
                let variable = wildcard_name(node_span(index).start);
                ProbeEdit {
                    start: node_span(index).start,
                    length: 1,
                    put: variable.clone(),
                    variable,
                }
            }));
        }
        "SomeIn" if !node.get("key").is_some_and(Value::is_object) => {
            edits.extend(node.get("value").map(|value| {
                let variable = element_key(node_span(value).start);
                ProbeEdit {
                    start: whole_span(value).start,
                    length: 0,
                    put: format!("{variable}, "),
                    variable,
                }
            }));
        }
        _ => {}
    });
    edits
}

/// A statement on lines of its own.
fn edited(body: &Body<'_>, at: usize, edits: &[ProbeEdit]) -> String {
    let extent = body.extent(at);
    let mut text = String::new();
    let mut done = extent.start;
    let mut own: Vec<&ProbeEdit> = edits
        .iter()
        .filter(|edit| (extent.start..extent.end).contains(&edit.start))
        .collect();
    own.sort_by_key(|edit| edit.start);
    for edit in own {
        text.push_str(
            body.module
                .slice(crate::model::text::Span::new(done, edit.start)),
        );
        text.push_str(&edit.put);
        done = edit.start + edit.length;
    }
    text.push_str(
        body.module
            .slice(crate::model::text::Span::new(done, extent.end)),
    );
    let text = text.trim_end().trim_end_matches(';').trim_end().to_owned();
    text + "\n"
}
