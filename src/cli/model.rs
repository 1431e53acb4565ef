//! `govcheck model`: what policies see of a file, with the source place of every value.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::judge;
use super::rules::Shape;
use super::workspace::Workspace;
use super::{CLEAN, NOT_JUDGED, World};
use crate::discover::FileSource;
use crate::evaluate::view::{EntityView, view};
use crate::lift::Contexts;
use crate::model::text::RelPath;
use crate::parse::Limits;
use crate::report::escape;

#[derive(Debug, Args)]
pub(super) struct ModelArguments {
    /// The path of a manifest
    file: PathBuf,
    /// Output format; `json` prints `input` exactly as policies see it
    #[arg(long, short, value_enum, default_value_t = Shape::Human)]
    format: Shape,
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
    let mut contexts = Contexts::default();
    for path in Contexts::candidates(&workspace.pack.formats, file) {
        if let Ok(bytes) = walk.read(&path) {
            contexts.add(&path, &bytes, &Limits::default());
        }
    }
    let place = |file: &RelPath| workspace.config.place(file);
    let viewed = view(
        &workspace.setting(world.today, &place, judge::ENTITY_BOUNDS)?,
        &contexts,
        file,
        &bytes,
    );
    match arguments.format {
        Shape::Human => {
            for entity in &viewed.entities {
                human(entity, out)?;
            }
        }
        Shape::Json => {
            let entities: Vec<_> = viewed.entities.iter().map(json_of).collect();
            writeln!(
                out,
                "{:#}",
                json!({"version": 1, "file": file, "entities": entities})
            )?;
        }
    }
    if let Some(finding) = viewed.findings.first() {
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
        return Ok(if finding.incomplete {
            NOT_JUDGED
        } else {
            CLEAN
        });
    }
    if viewed.entities.is_empty() {
        let known: Vec<&str> = workspace
            .pack
            .formats
            .iter()
            .map(|format| format.title.as_str())
            .collect();
        let help = format!("use one of these formats: {}", known.join(", "));
        return Err(Failure::Nothing {
            message: format!("`{shown}` is not a manifest of a known format"),
            help,
        });
    }
    Ok(CLEAN)
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
