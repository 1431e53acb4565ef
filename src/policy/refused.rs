//! What regorus says of a module that it can't read or compile, at its place and with the way to write it instead.

use std::sync::Arc;

use super::engine::{self, Module, RegoError};
use super::error::{PolicyFile, PolicyMistake};
use super::load::{Loaded, module_name};
use super::rules;
use crate::model::text::{SourceText, Span};

/// A module that is no Rego, or that of before 1.0.
pub(super) fn unreadable(file: &PolicyFile, module: &Module, error: &RegoError) -> PolicyMistake {
    let mut mistake = at_place(
        file,
        error,
        "see https://www.openpolicyagent.org/docs/policy-language",
    )
    .of(rules::COMPILE);
    if engine::is_v0(module) {
        mistake.message = format!("this is Rego v0: {}", mistake.message);
        mistake.help = "write `deny contains x if { … }` for `deny[x] { … }`, and `name := value if { … }` for `name = value { … }`; \
                        `opa fmt --v0-v1 --write` does it for a whole file"
            .to_owned();
        return mistake.of(rules::REGO_V0);
    }
    mistake
}

/// What the register VM's compiler says of a rule, by the file that it names, else that of the rule.
pub(super) fn refused_rule(loaded: &Loaded, fallback: &str, error: &RegoError) -> PolicyMistake {
    let named = |name: &str| {
        let mut files = loaded.files.iter();
        files.find(|file| module_name(&file.pack, &file.file) == name)
    };
    let file = error.module.as_deref().and_then(named);
    refused(file.or_else(|| named(fallback)).cloned(), error)
}

/// What the register VM's compiler says, with the way to write it instead.
pub(super) fn refused(file: Option<PolicyFile>, error: &RegoError) -> PolicyMistake {
    let (rule, help) = match error.message.as_str() {
        text if text.contains("`with` keyword") => (
            rules::CONSTRUCT,
            "pass the value to a function instead: `f(x)` with `x` as its argument",
        ),
        text if text.contains("should have been hoisted") => (
            rules::CONSTRUCT,
            "take the iteration apart: bind the collection first (`rules := data.x[name]`), then `some f in rules`",
        ),
        text if text.contains("walk loops") => (
            rules::CONSTRUCT,
            "open the levels one by one, as `data.govcheck.lib.tree.nodes(input.document)` does",
        ),
        text if text.contains("partial object") => (
            rules::CONSTRUCT,
            "build the object with a comprehension: `name := {key: value | …}`",
        ),
        text if text.contains("Register overflow") => (
            rules::CONSTRUCT,
            "split the rule: give parts of it names of their own",
        ),
        text if text.contains("used before definition") => (
            rules::COMPILE,
            "give the variable a name that nothing around it has, and bind it before it is used",
        ),
        text if text.to_lowercase().contains("undefined variable") => (
            rules::COMPILE,
            "declare it with `some`, or bind it with `:=` before it is used",
        ),
        text if text.contains("nknown") => (
            rules::FUNCTION,
            "builtins are listed at https://www.openpolicyagent.org/docs/policy-reference; what asks network, clock or environment is left out, and a function of `lib/` needs its import",
        ),
        _ => (
            rules::CONSTRUCT,
            "the register VM judges all rules; write this in a simpler form",
        ),
    };
    match file {
        Some(file) => at_place(&file, error, help).of(rule),
        None => PolicyMistake {
            rule,
            pack: String::new(),
            file: error.module.clone().unwrap_or_default(),
            text: Arc::default(),
            span: Span::default(),
            start: SourceText::default().position(0),
            message: error.message.clone(),
            help: help.to_owned(),
        },
    }
}

pub(super) fn at_place(file: &PolicyFile, error: &RegoError, help: &str) -> PolicyMistake {
    let span = error.span.or_else(|| {
        let (line, column) = error.position?;
        let line = file.line(line);
        let text = file.text.slice(line);
        let skip: usize = text
            .chars()
            .take(column.saturating_sub(1) as usize)
            .map(char::len_utf8)
            .sum();
        Some(Span::new(
            (line.start + crate::model::text::offset(skip)).min(line.end),
            line.end,
        ))
    });
    // Some errors have no place; the construct that they name has.
    let named = match error.message.split(' ').next() {
        Some("walk") => "walk(",
        _ => "package ",
    };
    let span = span.unwrap_or_else(|| file.find(named));
    file.mistake(span, in_house_style(&error.message), help)
}

/// regorus's messages as ours: a lowercase phrase, names in backticks.
fn in_house_style(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('\'', "`");
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => message,
    }
}
