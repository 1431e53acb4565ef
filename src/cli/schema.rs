//! `govcheck schema`: the JSON Schema of a file that users write, or of an output.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::exit_code::CLEAN;
use crate::model::published::SchemaName;
use crate::report;
use crate::report::escape::terminal_line;
use crate::workbench::schemas::schema_of;
use crate::workbench::test;
use crate::workspace::failure::Failure;

const HELP: &str = "\
An editor with the YAML language server completes, explains and checks a file whose first line names its schema:

  # yaml-language-server: $schema=https://…/config.schema.json

`govcheck init` and `govcheck waive` write that line, with the address of the release. Without a release, write the \
schemas into a folder of the repository with `govcheck schema --all .govcheck`, and name the file: \
`$schema=.govcheck/config.schema.json`.";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct SchemaArguments {
    /// The document to describe
    #[arg(required_unless_present = "all")]
    described: Option<Described>,
    /// Write the schemas of all files that users write into a folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "described")]
    all: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Described {
    /// govcheck.yaml
    Config,
    /// Registers: domains, teams, classifications, terms, KPIs, tags
    Register,
    /// The waivers file
    Waivers,
    /// The baseline
    Baseline,
    /// Formats of a pack: formats/NAME.yaml
    Format,
    /// Shapes of a format: formats/shapes/NAME.yaml
    Shapes,
    /// Presets of a pack and files that a config extends
    Preset,
    /// Examples of a rule: the .yaml beside the .rego
    Examples,
    /// Output of `govcheck check --format json`
    Report,
    /// Output of `govcheck policy test --format json`
    PolicyTest,
}

pub(super) fn run(arguments: &SchemaArguments, out: &mut dyn Write) -> Result<u8, Failure> {
    if let Some(folder) = &arguments.all {
        return write_all(folder, out);
    }
    let schema = match arguments.described {
        Some(Described::Report) | None => report::json_schema(),
        Some(Described::PolicyTest) => test::report::json_schema(),
        Some(Described::Config) => schema_of(SchemaName::Config)?,
        Some(Described::Register) => schema_of(SchemaName::Register)?,
        Some(Described::Waivers) => schema_of(SchemaName::Waivers)?,
        Some(Described::Baseline) => schema_of(SchemaName::Baseline)?,
        Some(Described::Format) => schema_of(SchemaName::Format)?,
        Some(Described::Shapes) => schema_of(SchemaName::Shapes)?,
        Some(Described::Preset) => schema_of(SchemaName::Preset)?,
        Some(Described::Examples) => schema_of(SchemaName::Examples)?,
    };
    writeln!(out, "{schema:#}")?;
    Ok(CLEAN)
}

fn write_all(folder: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    let unwritable = |error: std::io::Error| {
        let message = format!("cannot write `{}`: {error}", folder.display());
        Failure::usage(message, "name a folder that you may write to")
    };
    fs::create_dir_all(folder).map_err(unwritable)?;
    for name in SchemaName::ALL {
        let path = folder.join(name.file_name());
        fs::write(&path, format!("{:#}\n", schema_of(name)?)).map_err(unwritable)?;
        writeln!(out, "wrote  {}", terminal_line(&path.to_string_lossy()))?;
    }
    Ok(CLEAN)
}
