//! `--data`: YAML and JSON files that plain policies see under `data`, a file's folder as its path, as OPA loads them.

use crate::model::text::SourceText;
use crate::parse::{self, Limits};
use crate::policy::engine::{Datum, plain_datum};
use crate::policy::error::{PolicyError, PolicyFile};
use crate::policy::source::PackFile;

/// The files of one `--data`.
#[derive(Debug, Clone)]
pub struct DataSource {
    /// As the user named it.
    pub name: String,
    /// Path below it, `/`-separated, and text; the path of a file that is named itself is empty.
    pub files: Vec<PackFile>,
}

/// Whether a file of this name is data.
pub fn is_data_file(path: &str) -> bool {
    let end = path
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    matches!(end.as_deref(), Some("yaml" | "yml" | "json"))
}

/// All data in one.
pub(crate) fn load_data(sources: &[DataSource]) -> Result<Datum, PolicyError> {
    let mut all = Datum::object();
    for source in sources {
        for file in &source.files {
            let policy_file = PolicyFile {
                pack: source.name.clone(),
                file: file.path.clone(),
                text: std::sync::Arc::new(SourceText::new(file.text.clone())),
            };
            let document = read(&policy_file)?;
            let folders: Vec<&str> = file.path.split('/').collect();
            let folders = folders.split_last().map_or(&[][..], |(_, folders)| folders);
            let nested = folders.iter().rev().fold(document, |inner, folder| {
                Datum::fields([(std::sync::Arc::from(*folder), inner)])
            });
            let refuse = |message: &str, help: &str| {
                let mistake = policy_file.mistake(policy_file.line(1), message, help);
                PolicyError::Mistakes(vec![mistake])
            };
            if !nested.is_object() {
                let help = "write a mapping, or move the file into a folder that names the data";
                return Err(refuse(
                    "the data has no name because it is not a mapping",
                    help,
                ));
            }
            all = all.merged(&nested).ok_or_else(|| {
                let message = "another data file already sets a different value for the same key";
                refuse(message, "remove one of the two values")
            })?;
        }
    }
    Ok(all)
}

fn read(file: &PolicyFile) -> Result<Datum, PolicyError> {
    let refuse = |span, message: String, help: &str| {
        Err(PolicyError::Mistakes(vec![
            file.mistake(span, message, help),
        ]))
    };
    let parsed = parse::parse(file.text.as_str().as_bytes(), &Limits::default());
    if let Some(problem) = parsed.problems.first() {
        let help = problem
            .help
            .as_deref()
            .unwrap_or("fix the file; data files must be fully valid");
        return refuse(problem.span, problem.message.clone(), help);
    }
    match parsed.documents.as_slice() {
        [document] => Ok(plain_datum(document, document.root().node, &parsed.text)),
        [] => refuse(
            file.line(1),
            "the data file is empty".to_owned(),
            "add data, or remove the file",
        ),
        [_, second, ..] => {
            let place = second.span(second.root().node);
            let message = "the data file has a second document, which OPA would ignore".to_owned();
            refuse(place, message, "move the document to its own file")
        }
    }
}
