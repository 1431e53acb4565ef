//! Bytes to spanned documents: YAML 1.2, and JSON as the part of it that it is. Problems are data, never an `Err`:
//! what can be read of a file is read. This layer knows no format of manifests and reads no file.
//!
//! ```
//! use govcheck::parse::{Limits, parse};
//!
//! let parsed = parse(b"owner: {team: sales}\n---\nname: Orders: daily\n", &Limits::default());
//!
//! // The first document is whole, and every node knows its bytes.
//! let document = &parsed.documents[0];
//! let owner = document.get(document.root(), "owner").unwrap();
//! assert_eq!(parsed.text.slice(document.span(owner.node)), "{team: sales}");
//!
//! // The second one is broken, and says where and why.
//! let problem = &parsed.problems[0];
//! assert_eq!((problem.rule, problem.fatal), ("parse/syntax-error", true));
//! assert_eq!(parsed.text.slice(problem.span), "Orders: daily");
//! assert_eq!(problem.message, "an unquoted value contains `: `");
//! ```

mod alias;
mod anchor;
mod around;
mod block;
mod comments;
mod continuation;
mod encoding;
mod json;
mod limits;
mod lines;
mod mapping;
mod place;
mod problem;
mod rule_ids;
mod rules;
mod scalar;
mod separators;
mod source;
mod syntax;
mod template;
#[cfg(test)]
mod tests;
mod tree;

pub use comments::{Comment, find_comments};
pub use json::find_json_error;
pub use limits::Limits;
pub use problem::Problem;
pub use rule_ids::{DUPLICATE_KEY, NOT_TEXT, TEMPLATE};
pub use rules::{RULES, rule_level};

use std::sync::Arc;

use saphyr_parser::Parser;

use crate::model::caught::catch_panic;
use crate::model::document::Document;
use crate::model::text::{SourceText, Span};
use crate::model::work;
use limits::{MAX_FLOW_DEPTH, MIN_EXPANSION};
use place::Inserted;
use problem::{internal_error, too_large, too_many_problems};
use rule_ids::{COMPLEX_KEY, LINE_SEPARATOR, NOT_JSON, SHORT_INDENTATION, SYNTAX_ERROR};
use source::{Source, may_hold_pairs};
use template::Stand;
use tree::Builder;

/// What one file holds.
#[derive(Debug)]
pub struct Parsed {
    /// The text that all spans are of; empty if the file is too large, cut at the end of the line if it is no text.
    pub text: Arc<SourceText>,
    /// The documents that could be read wholly, in source order.
    pub documents: Vec<Document>,
    /// What is wrong, in the order it was met; a fatal problem is the last.
    pub problems: Vec<Problem>,
    /// Breaches of the standard that were read nevertheless.
    pub notes: Vec<Problem>,
    /// What is wrong instead of all problems, if the file lies where templates lie: its expressions without quotes are
    /// mappings to YAML.
    pub may_be_template: Option<Problem>,
}

/// The text of a file alone: what [`parse`] gives with the documents.
pub fn decode_text(bytes: &[u8], limits: &Limits) -> SourceText {
    if bytes.len() > limits.max_bytes {
        return SourceText::new(String::new());
    }
    match encoding::decode_bytes(bytes) {
        Ok(text) => SourceText::new(text),
        Err(not_text) => not_text.text,
    }
}

/// Reads a file's bytes. The same bytes and limits give the same answer.
pub fn parse(bytes: &[u8], limits: &Limits) -> Parsed {
    if bytes.len() > limits.max_bytes {
        return refused(
            SourceText::new(String::new()),
            too_large(bytes.len(), limits.max_bytes),
        );
    }
    let text = match encoding::decode_bytes(bytes) {
        Ok(text) => text,
        Err(not_text) => return refused(not_text.text, not_text.problem),
    };
    let mut found = read_text(&text, limits);
    let separators = separators::find_separators(&text, &found.documents);
    // A fatal problem stays the last.
    found.problems.splice(..0, separators.problem);
    found.notes.extend(separators.note);
    Parsed {
        text: Arc::new(SourceText::new(text)),
        documents: found.documents,
        problems: found.problems,
        notes: found.notes,
        may_be_template: found.may_be_template,
    }
}

/// Documents and problems of a text.
type Read = (Vec<Document>, Vec<Problem>);

/// Before a bracket a scanner must read to the other one, for a `:` behind it would make all of that a key.
/// Behind a marker it need not, and a large JSON file does not have to lie in memory as tokens.
const MARKER: &str = "--- ";

fn read_text(text: &str, limits: &Limits) -> Found {
    let mut read = read_strictly(text, limits);
    let mut notes = Vec::new();
    if stops_at(&read.1).is_some()
        && let Some((better, note)) = read_short_lines(text, limits, &read.1)
    {
        read = better;
        notes.push(note);
    }
    let mut may_be_template = None;
    if let Some(template) = find_template(text, limits, &read.1) {
        if template.is_certain {
            return Found {
                problems: vec![template.problem],
                ..Found::default()
            };
        }
        may_be_template = Some(template.problem);
    }
    Found {
        documents: read.0,
        problems: read.1,
        notes,
        may_be_template,
    }
}

/// What a text holds.
#[derive(Default)]
struct Found {
    documents: Vec<Document>,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    may_be_template: Option<Problem>,
}

/// A text that template parts keep from being read as it is meant.
struct Template {
    problem: Problem,
    /// Whether it is not YAML, or names its engine. An expression without quotes may also be a mistake.
    is_certain: bool,
}

/// What the standard lets a text mean.
fn read_strictly(text: &str, limits: &Limits) -> Read {
    if text.trim_start().starts_with(['{', '[']) {
        let marked = format!("{MARKER}{text}");
        let marker = Inserted {
            at: 0,
            count: MARKER.len(),
            before: 0,
        };
        let mut builder = Builder::new(text, vec![marker], limits);
        let problems = build(&marked, &mut builder);
        if !builder.root_is_key {
            return (builder.documents, problems);
        }
    }
    simple(text, limits).unwrap_or_else(|| scanned(text, limits))
}

/// Where a syntax error stops the reading.
fn stops_at(problems: &[Problem]) -> Option<u32> {
    let last = problems.last()?;
    (last.fatal && last.rule == SYNTAX_ERROR).then_some(last.span.start)
}

/// Reads a text that was refused with more indentation in brackets and quotes. `None` if that gets no further, or if what
/// was indented turns out to be something else.
fn read_short_lines(text: &str, limits: &Limits, refused: &[Problem]) -> Option<(Read, Problem)> {
    let short = lines::find_short_lines(text);
    let first = *short.first()?;
    let indented = continuation::indent_short_lines(text, &short);
    let mut builder = Builder::new(text, continuation::missing_spaces(text, &short), limits);
    let problems = build(&indented, &mut builder);
    let documents = builder.documents;
    let is_further = stops_at(&problems) > stops_at(refused) || problems.iter().all(|p| !p.fatal);
    let is_right = is_further && continuation::are_continuations(text, &documents, &short);
    is_right.then(|| {
        (
            (documents, problems),
            continuation::describe_indentation(text, first, short.len()),
        )
    })
}

/// Tells a text that was refused as a template, if that is why.
fn find_template(text: &str, limits: &Limits, problems: &[Problem]) -> Option<Template> {
    let refused = template::first_suspect(text, problems)?;
    let parts = template::find_parts(text);
    let first = *parts.first()?;
    let is_further = |stand: Stand| {
        let taken_out = template::take_out(text, &parts, stand);
        let (_, problems) = read_strictly(&taken_out, limits);
        template::first_suspect(&taken_out, &problems).is_none_or(|at| at > refused)
    };
    let is_template = is_further(Stand::Word) || is_further(Stand::Blank);
    let is_refused = stops_at(problems).is_some();
    is_template.then(|| Template {
        problem: template::template_problem(first),
        is_certain: is_refused || template::names_engine(text, &parts),
    })
}

/// What a file holds that is simple YAML in lines. `None` if it is not.
fn simple(text: &str, limits: &Limits) -> Option<Read> {
    let mut builder = Builder::new(text, Vec::new(), limits);
    builder.expect_lines();
    let is_simple = catch_panic(|| block::read_simple(&mut builder)).unwrap_or(false);
    is_simple.then(|| {
        let problems = finish(&mut builder, None);
        (builder.documents, problems)
    })
}

/// What the scanner makes of a text, which may be any YAML.
fn scanned(text: &str, limits: &Limits) -> Read {
    let mut builder = Builder::new(text, Vec::new(), limits);
    let problems = build(text, &mut builder);
    (builder.documents, problems)
}

/// Feeds a builder with the scanner's events for `scanned`, and reports the problems.
fn build(scanned: &str, builder: &mut Builder<'_>) -> Vec<Problem> {
    let text = builder.text;
    builder.has_pairs = may_hold_pairs(text);
    let last = guarded(text, || read(scanned, builder));
    if let Some(last) = &last {
        // A template that breaks the syntax is reported once, not for each part that could be read.
        let told = |span: Span| last.span.start <= span.start && span.end <= last.span.end;
        builder
            .problems
            .retain(|problem| problem.rule != COMPLEX_KEY || !told(problem.span));
    }
    finish(builder, last)
}

/// The problems of a file, with the one that stopped its reading.
fn finish(builder: &mut Builder<'_>, last: Option<Problem>) -> Vec<Problem> {
    if builder.untold > 0 {
        let untold = too_many_problems(builder.text, builder.untold, builder.limits.max_problems);
        builder.problems.push(untold);
    }
    builder.problems.extend(last);
    std::mem::take(&mut builder.problems)
}

/// Runs the scanner so that a panic in it costs one file, not the run. The builder keeps the documents that were whole.
fn guarded(text: &str, read: impl FnOnce() -> Option<Problem>) -> Option<Problem> {
    catch_panic(read).unwrap_or_else(|_| Some(internal_error(text)))
}

/// Hands the events of a text to a builder, up to what stops it.
fn read(scanned: &str, builder: &mut Builder<'_>) -> Option<Problem> {
    let mut events = Parser::new(Source::new(scanned));
    while let Some(next) = events.next_event() {
        match next {
            Ok((event, marks)) => {
                if let Err(stop) = builder.event(event, marks) {
                    return Some(*stop);
                }
            }
            Err(error) => return Some(builder.refusal(&error)),
        }
    }
    None
}

fn refused(text: SourceText, problem: Problem) -> Parsed {
    Parsed {
        text: Arc::new(text),
        documents: Vec::new(),
        problems: vec![problem],
        notes: Vec::new(),
        may_be_template: None,
    }
}
