//! `govcheck model`: shows what rules see of a file, with the source place of every value, or why formats recognise it.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::exit_code::{CLEAN, NOT_JUDGED};
use super::recognition;
use super::rules::RuleListFormat;
use crate::discover::{FileSource, Walk};
use crate::evaluate::view::{EntityView, FileView, view_file};
use crate::lift::Contexts;
use crate::model::finding::Finding;
use crate::model::text::RelPath;
use crate::parse::{Limits, parse};
use crate::report::escape;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge;
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  govcheck model domains/sales/orders/contract.odcs.yaml
                                what rules see of a manifest
  govcheck model orders.yaml --explain
                                why a format recognises a file, or why none does

Exit codes:
  0  the file is a manifest      2  it could not be read in full
  3  no format recognises it")]
pub(super) struct ModelArguments {
    /// The path of a manifest
    file: PathBuf,
    /// Output format; `json` prints `input` exactly as policies see it
    #[arg(long, short, value_enum, default_value_t = RuleListFormat::Human)]
    format: RuleListFormat,
    /// Explain recognition instead: the conditions of each format, and the values that they find
    #[arg(long)]
    explain: bool,
}

pub(super) fn run(
    arguments: &ModelArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let workspace = Workspace::open(std::slice::from_ref(&arguments.file), world)?;
    let shown = arguments.file.display().to_string();
    let file = match workspace.scope.as_slice() {
        [file] if world.current_dir.join(&arguments.file).is_file() => file,
        _ => {
            return Err(Failure::usage(
                format!("`{shown}` is a folder"),
                "pass the path of one manifest",
            ));
        }
    };
    let walk = workspace.walk()?;
    let bytes = walk
        .read(file)
        .map_err(|error| Failure::usage(error.to_string(), error.help()))?;
    if arguments.explain {
        return explain(arguments.format, &workspace, file, &bytes, out);
    }
    let viewed = view_in_mesh(&workspace, &walk, file, &bytes, world)?;
    match arguments.format {
        RuleListFormat::Human => {
            for entity in &viewed.entities {
                human(entity, out)?;
            }
        }
        RuleListFormat::Json => {
            let entities: Vec<_> = viewed.entities.iter().map(json_of).collect();
            writeln!(
                out,
                "{:#}",
                json!({"version": 1, "file": file, "formats": viewed.formats, "entities": entities})
            )?;
        }
    }
    if let Some(finding) = viewed.findings.first() {
        return unread(&viewed, finding, &shown, out);
    }
    if viewed.entities.is_empty() {
        return declares_nothing(&viewed, &workspace, arguments.format, &shown, out);
    }
    Ok(CLEAN)
}

fn explain(
    format: RuleListFormat,
    workspace: &Workspace,
    file: &RelPath,
    bytes: &[u8],
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let parsed = parse(bytes, &Limits::default());
    match format {
        RuleListFormat::Human => {
            recognition::explain_documents(&workspace.pack, &parsed, file.as_str(), out)?
        }
        RuleListFormat::Json => {
            let documents = recognition::to_json(&workspace.pack, &parsed, file.as_str());
            writeln!(
                out,
                "{:#}",
                json!({"version": 1, "file": file, "documents": documents})
            )?;
        }
    }
    Ok(CLEAN)
}

fn view_in_mesh(
    workspace: &Workspace,
    walk: &Walk,
    file: &RelPath,
    bytes: &[u8],
    world: &World,
) -> Result<FileView, Failure> {
    let mut contexts = Contexts::default();
    for path in Contexts::candidates(&workspace.pack.formats, file) {
        if let Ok(bytes) = walk.read(&path) {
            contexts.add(&path, &bytes, &Limits::default());
        }
    }
    let place = |file: &RelPath| workspace.config.place(file);
    let setting = workspace.setting(world.today, &place, judge::ENTITY_BOUNDS)?;
    Ok(view_file(&setting, &contexts, file, bytes))
}

/// Reports a file that can't be read in full: as an error where none of it is read.
fn unread(
    viewed: &FileView,
    finding: &Finding,
    shown: &str,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let place = finding
        .location
        .as_ref()
        .map(|location| format!(":{}:{}", location.start.line, location.start.column));
    let message = format!("{shown}{}: {}", place.unwrap_or_default(), finding.message);
    if viewed.entities.is_empty() {
        return Err(Failure::usage(
            message,
            finding.help.as_deref().unwrap_or_default(),
        ));
    }
    writeln!(out, "note: {}", escape::terminal_line(&message))?;
    Ok(if finding.incomplete {
        NOT_JUDGED
    } else {
        CLEAN
    })
}

/// A manifest may declare no entities; any other file without entities is not a manifest.
fn declares_nothing(
    viewed: &FileView,
    workspace: &Workspace,
    format: RuleListFormat,
    shown: &str,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let shown = escape::terminal_line(shown);
    if !viewed.formats.is_empty() {
        if matches!(format, RuleListFormat::Human) {
            let own = workspace.pack.formats.iter();
            let own = own.filter(|format| viewed.formats.contains(&format.name));
            let titles: Vec<&str> = own.map(|format| format.title.as_str()).collect();
            let titles = escape::terminal_line(&titles.join(", "));
            writeln!(out, "{shown}: recognised as {titles}, declares nothing")?;
            writeln!(out, "next   `govcheck model {shown} --explain` shows why")?;
        }
        return Ok(CLEAN);
    }
    let known = workspace.pack.formats.iter();
    let known: Vec<&str> = known.map(|format| format.title.as_str()).collect();
    Err(Failure::Nothing {
        message: format!("no format recognises `{shown}`"),
        help: format!(
            "`govcheck model {shown} --explain` shows which conditions are not met; the formats are {}",
            known.join(", ")
        ),
    })
}

fn human(entity: &EntityView, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(
        out,
        "{} ({})",
        escape::terminal_line(&entity.key),
        entity.format
    )?;
    let width = entity
        .values
        .iter()
        .map(|value| value.route.chars().count())
        .max()
        .unwrap_or_default()
        .min(60);
    for value in &entity.values {
        let shown = escape::terminal_line(&value.shown);
        writeln!(
            out,
            "  {:>9}  {:width$}  {}",
            value.place,
            escape::terminal_line(&value.route),
            shown
        )?;
    }
    writeln!(out)?;
    Ok(())
}

fn json_of(entity: &EntityView) -> serde_json::Value {
    let places: serde_json::Map<String, serde_json::Value> = entity
        .values
        .iter()
        .map(|value| (value.path.clone(), json!(value.place)))
        .collect();
    json!({"entity": entity.key, "format": entity.format, "input": entity.input, "places": places})
}
