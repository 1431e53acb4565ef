//! Runs the examples of formats: reads their documents as `govcheck check` does, and compares the fields of all entities.

mod declared;
mod rewrite;
pub mod scaffold;

pub use declared::{ReadFields, by_entity, is_expected};
pub use rewrite::rewrite_declares;

use serde_json::{Map, Value};

use super::judge::{Bench, BenchError};
use crate::config::Config;
use crate::evaluate::setting::Setting;
use crate::evaluate::view::{FileView, view_file};
use crate::lift::shape::{Violation, find_violations};
use crate::lift::{Contexts, recognise_document};
use crate::model::finding::Finding;
use crate::model::text::RelPath;
use crate::parse::{Limits, Parsed, parse};
use crate::policy::format_examples::FormatExample;
use crate::policy::options::resolve_options;
use crate::workbench::examples::{TODAY, write_place};

/// An example that its format can't read. Its author's to correct.
#[derive(Debug, thiserror::Error)]
pub enum FormatExampleError {
    /// The pack of the format can't be asked.
    #[error("{0}")]
    Bench(#[from] BenchError),
    /// Govcheck reports something about a file before any rule sees it.
    #[error("`{file}`: {message}")]
    NotRead {
        /// The path of the file.
        file: String,
        /// What is reported.
        message: String,
    },
    /// A file is of no format, or of another one.
    #[error("`{file}` is not recognised as `{format}`, but as {recognised}")]
    NotRecognised {
        /// The path of the file.
        file: String,
        /// The format that the example is about.
        format: String,
        /// The formats that recognise it, as a phrase.
        recognised: String,
    },
    /// A document does not fit the shapes of its format.
    #[error("`{file}` does not fit the shapes of its format: at `{at}`, {message}")]
    Violation {
        /// The path of the file.
        file: String,
        /// The path in the document.
        at: String,
        /// What does not fit.
        message: String,
    },
}

/// Reads an example by its format.
///
/// # Errors
/// The format can't read it: see [`FormatExampleError`].
pub fn run_example(
    bench: &Bench<'_>,
    format: &str,
    example: &FormatExample,
) -> Result<ReadFields, FormatExampleError> {
    let formats = &bench.pack.formats;
    let mut contexts = Contexts::default();
    let files = || example.files.iter();
    let files = || files().map(|(path, text)| (RelPath::new(path.as_str()), text));
    let is_context = |file: &RelPath| Contexts::is_one(formats, file);
    for (file, text) in files().filter(|(file, _)| is_context(file)) {
        contexts.add(&file, text.as_bytes(), &Limits::default());
    }
    let mut declared = Vec::new();
    for (file, text) in files().filter(|(file, _)| !is_context(file)) {
        let viewed = view_example(bench, &contexts, &file, text)?;
        check_read(format, &file, &viewed)?;
        check_shapes(bench, &file, text)?;
        for entity in viewed.entities {
            let values = entity.values.into_iter();
            let values = values.map(|value| {
                let read = serde_json::from_str(&value.shown);
                (value.route, read.unwrap_or(Value::Null))
            });
            declared.push((entity.key, values.collect()));
        }
    }
    Ok(declared)
}

fn view_example(
    bench: &Bench<'_>,
    contexts: &Contexts,
    file: &RelPath,
    text: &str,
) -> Result<FileView, BenchError> {
    let defaults = resolve_options(&bench.pack.rules, &|_| Map::new());
    let defaults = defaults.map_err(BenchError::Options)?;
    let config = Config::default();
    let place = |file: &RelPath| config.place(file);
    let setting = Setting::new(bench.pack, &defaults, TODAY, &place, bench.bounds);
    let setting = setting.map_err(BenchError::Expression)?;
    Ok(view_file(&setting, contexts, file, text.as_bytes()))
}

fn check_read(format: &str, file: &RelPath, viewed: &FileView) -> Result<(), FormatExampleError> {
    let file = file.to_string();
    if let Some(finding) = viewed.findings.first() {
        let message = phrase(finding);
        return Err(FormatExampleError::NotRead { file, message });
    }
    match viewed.formats.as_slice() {
        [only] if **only == *format => Ok(()),
        others => Err(FormatExampleError::NotRecognised {
            file,
            format: format.to_owned(),
            recognised: match others {
                [] => "no format".to_owned(),
                others => format!("`{}`", others.join("`, `")),
            },
        }),
    }
}

fn phrase(finding: &Finding) -> String {
    match &finding.location {
        Some(at) => format!("{} ({})", finding.message, write_place(at)),
        None => finding.message.clone(),
    }
}

/// The documents of an example are meant to be valid.
fn check_shapes(bench: &Bench<'_>, file: &RelPath, text: &str) -> Result<(), FormatExampleError> {
    let parsed = parse(text.as_bytes(), &Limits::default());
    let Some(violation) = first_violation(bench, &parsed) else {
        return Ok(());
    };
    let Violation { at, message, .. } = violation;
    Err(FormatExampleError::Violation {
        file: file.to_string(),
        at: at.to_string(),
        message,
    })
}

fn first_violation(bench: &Bench<'_>, parsed: &Parsed) -> Option<Violation> {
    let mut documents = parsed.documents.iter();
    documents.find_map(|document| {
        let formats = recognise_document(&bench.pack.formats, document, &parsed.text);
        let shapes = formats.first()?.shapes()?;
        let found = find_violations(shapes, document, &parsed.text);
        found.into_iter().next()
    })
}
