//! Turns errors of regorus about a module that it can't read or compile into mistakes with place and correction.

use std::sync::Arc;

use super::engine::{self, Module, RegoError};
use super::error::{PolicyFile, PolicyMistake};
use super::loaded::{Loaded, module_name};
use super::rules;
use super::translate::translate_error;
use crate::model::text::{SourceText, Span};

/// The mistake for a module that is not Rego, or is Rego of before 1.0.
pub(super) fn unreadable_module(
    file: &PolicyFile,
    module: &Module,
    error: &RegoError,
) -> PolicyMistake {
    let mut mistake = syntax_mistake(file, error);
    if engine::is_v0(module) {
        mistake.message = format!("this is Rego v0: {}", mistake.message);
        mistake.help = "write `deny contains x if { … }` for `deny[x] { … }`, and `name := value if { … }` for `name = value { … }`, \
                        or convert the file with `opa fmt --v0-v1 --write`"
            .to_owned();
        return mistake.of(rules::REGO_V0);
    }
    mistake
}

/// A module that regorus cannot parse, in plain English.
pub(crate) fn syntax_mistake(file: &PolicyFile, error: &RegoError) -> PolicyMistake {
    let translated = translate_error(file.text.as_str(), &error.message);
    let span = translated.span.unwrap_or_else(|| place(file, error));
    file.mistake(span, translated.message, translated.help)
        .of(rules::COMPILE)
}

/// The error of the register VM's compiler about a rule, in the file that it names, else in the rule's file.
pub(super) fn refused_rule(loaded: &Loaded, fallback: &str, error: &RegoError) -> PolicyMistake {
    let named = |name: &str| {
        let mut files = loaded.files.iter();
        files.find(|file| module_name(&file.pack, &file.file) == name)
    };
    let file = error.module.as_deref().and_then(named);
    refused_module(file.or_else(|| named(fallback)).cloned(), error)
}

/// What the register VM's compiler says, with the way to write it instead.
pub(super) fn refused_module(file: Option<PolicyFile>, error: &RegoError) -> PolicyMistake {
    let is_variable = ["used before definition", "undefined variable"]
        .iter()
        .any(|part| error.message.to_lowercase().contains(part));
    if let (true, Some(file)) = (is_variable, &file) {
        return syntax_mistake(file, error);
    }
    let (rule, help) = match error.message.as_str() {
        text if text.contains("`with` keyword") => (
            rules::CONSTRUCT,
            "pass the value to a function: `f(x)` with `x` as its argument",
        ),
        text if text.contains("should have been hoisted") => (
            rules::CONSTRUCT,
            "assign the collection first (`rules := data.x[name]`), then iterate with `some f in rules`",
        ),
        text if text.contains("walk loops") => (
            rules::CONSTRUCT,
            "read the levels one by one, as `data.govcheck.lib.tree.nodes(input.document)` does",
        ),
        text if text.contains("partial object") => (
            rules::CONSTRUCT,
            "build the object with a comprehension: `name := {key: value | …}`",
        ),
        text if text.contains("Register overflow") => (
            rules::CONSTRUCT,
            "split the rule: move parts of it to rules of their own",
        ),
        text if text.contains("already defined in current scope") => (
            rules::CONSTRUCT,
            "rename one of the two; to compare them, write `f(a, b) if a == b`",
        ),
        text if text.contains("nknown") => (
            rules::FUNCTION,
            "check the name at https://www.openpolicyagent.org/docs/policy-reference, or import the function of `lib/`; builtins that use the network, the clock or the environment are not available",
        ),
        _ => (rules::CONSTRUCT, "rewrite the expression in a simpler form"),
    };
    match file {
        Some(file) => {
            let translated = translate_error(file.text.as_str(), &error.message);
            let span = place(&file, error);
            file.mistake(span, translated.message, help).of(rule)
        }
        None => PolicyMistake {
            rule,
            pack: String::new(),
            file: error.module.clone().unwrap_or_default(),
            text: Arc::default(),
            span: Span::default(),
            start: SourceText::default().position(0),
            message: translate_error("", &error.message).message,
            help: help.to_owned(),
        },
    }
}

/// The place of an error, else that of the construct that it names, else the package.
fn place(file: &PolicyFile, error: &RegoError) -> Span {
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
            (line.start + crate::model::text::text_offset(skip)).min(line.end),
            line.end,
        ))
    });
    let named = match error.message.split(' ').next() {
        Some("walk") => "walk(",
        _ => "package ",
    };
    span.unwrap_or_else(|| file.find(named))
}
