//! Templates: files that become YAML or JSON once an engine such as Helm, Jinja, cookiecutter or a scaffolder has filled them
//! in. A file is one only if its template parts are why it can't be read: with them taken out, the first refusal is gone, or
//! comes later in the text.

use crate::model::text::{Span, text_offset};

use super::{COMPLEX_KEY, Problem, SYNTAX_ERROR, TEMPLATE, work};

/// What opens a part of a template, and what closes it.
const PARTS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// What expressions of Helm (`.Values`, `$name`), cookiecutter and scaffolders begin with; other words may be a variable of any
/// engine.
const ENGINES: [&str; 8] = [
    ".",
    "$",
    "include ",
    "toYaml ",
    "cookiecutter.",
    "values.",
    "parameters.",
    "copier__",
];

/// Whether a part is a statement, or an expression that names its engine.
pub(super) fn names_engine(text: &str, parts: &[Span]) -> bool {
    parts.iter().any(|part| {
        let inner = text
            .get(part.start as usize..part.end as usize)
            .unwrap_or_default();
        let bare = inner.trim_start_matches(['{', '-', ' ']);
        !inner.starts_with("{{") || ENGINES.iter().any(|engine| bare.starts_with(engine))
    })
}

/// The placeholder for an expression in a line.
#[derive(Clone, Copy)]
pub(super) enum Stand {
    Word,
    Blank,
}

/// The start of the first problem that a template may have caused. `None` if there is none.
pub(super) fn first_suspect(text: &str, problems: &[Problem]) -> Option<u32> {
    let may_be = problems.iter().filter(|problem| match problem.rule {
        SYNTAX_ERROR => problem.fatal,
        COMPLEX_KEY => text
            .get(..problem.span.start as usize)
            .is_some_and(|before| before.ends_with('{')),
        _ => false,
    });
    may_be.map(|problem| problem.span.start).min()
}

/// The parts of templates in a text, in order. Linear in the text.
pub(super) fn find_parts(text: &str) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut closers = PARTS.map(|(_, closer)| Some(closer));
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find('{')) {
        let start = from + found;
        let rest = text.get(start..).unwrap_or_default();
        let kind = PARTS
            .iter()
            .position(|(opener, _)| rest.starts_with(opener));
        let closer = kind.and_then(|kind| closers.get_mut(kind));
        let length = closer.and_then(|closer| {
            let text = (*closer)?;
            let found = rest.get(2..).and_then(|rest| rest.find(text));
            // Without a closer here, there is none further on.
            if found.is_none() {
                *closer = None;
            }
            found.map(|found| found + 4)
        });
        from = start + length.unwrap_or(1);
        if length.is_some() {
            parts.push(Span::new(text_offset(start), text_offset(from)));
        }
    }
    work::count_steps(text.len());
    parts
}

/// The text with each part of a template replaced by as many bytes: blanks for parts that fill their lines or are not
/// expressions, else a placeholder.
pub(super) fn take_out(text: &str, parts: &[Span], stand: Stand) -> String {
    let mut taken = String::with_capacity(text.len());
    let mut from = 0;
    for part in parts {
        let (start, end) = (part.start as usize, part.end as usize);
        taken.push_str(text.get(from..start).unwrap_or_default());
        let is_expression = text.get(start..).is_some_and(|rest| rest.starts_with("{{"));
        let filler = match stand {
            Stand::Word if is_expression && !is_alone(text, start, end) => 'x',
            _ => ' ',
        };
        taken.extend(std::iter::repeat_n(filler, end - start));
        from = end;
    }
    taken.push_str(text.get(from..).unwrap_or_default());
    taken
}

/// Whether nothing but blanks is beside a part on its lines.
fn is_alone(text: &str, start: usize, end: usize) -> bool {
    let blanks = [' ', '\t'];
    let before = text
        .get(..start)
        .unwrap_or_default()
        .trim_end_matches(blanks);
    let after = text
        .get(end..)
        .unwrap_or_default()
        .trim_start_matches(blanks);
    let is_break = |c| matches!(c, '\n' | '\r');
    (before.is_empty() || before.ends_with(is_break))
        && (after.is_empty() || after.starts_with(is_break))
}

/// A file that can't be read because it is a template.
pub(super) fn template_problem(part: Span) -> Problem {
    Problem {
        rule: TEMPLATE,
        message: "the file is a template, and cannot be checked before it is filled in".to_owned(),
        help: None,
        span: part,
        related: Vec::new(),
        fatal: true,
    }
}
