//! Where a report goes, and in which format: `--format` and `--output`. The formats themselves are a list of [`crate::report`].

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command, ValueEnum};

use crate::model::report::Report;
use crate::report::{self, OutputFormat, ReportContext};
use crate::workspace::World;
use crate::workspace::failure::Failure;

/// The file name that stands for standard output.
const STDOUT: &str = "-";

impl ValueEnum for OutputFormat {
    fn value_variants<'a>() -> &'a [Self] {
        OutputFormat::all()
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// Write this format to standard output
    #[arg(long, short, value_name = "FORMAT", value_enum)]
    format: Option<OutputFormat>,
    /// Write a format to a file as well, `-` for standard output; repeatable
    #[arg(long, short, value_name = "FORMAT=FILE", value_parser = OutputParser)]
    output: Vec<Output>,
    /// Show every finding in full; without it, `human` keeps to two screens, and counts more than thirty findings by rule
    #[arg(long)]
    all: bool,
    /// Count findings by rule instead of showing them; `json` has the counts beside the findings
    #[arg(long)]
    statistics: bool,
}

/// A format and the file that it is written to.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) format: OutputFormat,
    /// Relative to the current folder; `-` is standard output.
    file: String,
}

/// Reads `FORMAT=FILE`; an unknown format gets the same error as that of `--format`.
#[derive(Debug, Clone)]
struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        let (format, file) = split_output.parse_ref(command, argument, value)?;
        let formats = EnumValueParser::<OutputFormat>::new();
        let format = formats.parse_ref(command, argument, OsStr::new(&format))?;
        Ok(Output { format, file })
    }
}

fn split_output(text: &str) -> Result<(String, String), String> {
    let (format, file) = text.split_once('=').ok_or_else(|| {
        "write FORMAT=FILE, for example sarif=govcheck.sarif or github=-".to_owned()
    })?;
    if file.is_empty() {
        return Err("a file is missing after `=`; `-` is standard output".to_owned());
    }
    Ok((format.to_owned(), file.to_owned()))
}

impl OutputArguments {
    /// What formats need to know of the terminal, the repository's address and these options; the rest is as by default.
    pub(super) fn context(&self, world: &World) -> ReportContext {
        ReportContext {
            color: world.color,
            unicode: world.unicode,
            width: world.width,
            hyperlinks: world.hyperlinks,
            all: self.all,
            statistics: self.statistics,
            blob: world.blob.clone(),
            ..ReportContext::default()
        }
    }

    /// Every format with its file. At most one goes to standard output: `human`, unless another is asked for. Refuses a file
    /// whose folder does not exist, before the mesh is judged.
    pub(super) fn outputs(&self, world: &World) -> Result<Vec<Output>, Failure> {
        let mut outputs = self.output.clone();
        let to_stdout = |outputs: &[Output]| outputs.iter().filter(|it| it.is_stdout()).count();
        let first = match self.format {
            Some(format) => Some(format),
            None if to_stdout(&outputs) == 0 => Some(OutputFormat::default()),
            None => None,
        };
        if let Some(format) = first {
            let file = STDOUT.to_owned();
            outputs.insert(0, Output { format, file });
        }
        if to_stdout(&outputs) > 1 {
            let help = "give all but one of them a file: `--output FORMAT=FILE`";
            return Err(Failure::usage(
                "two formats would go to standard output",
                help,
            ));
        }
        if self.statistics && !outputs.iter().any(|output| output.format.has_statistics()) {
            let able = OutputFormat::all()
                .iter()
                .filter(|format| format.has_statistics());
            let able: Vec<String> = able.map(|format| format!("`{format}`")).collect();
            return Err(Failure::usage(
                "none of the formats of this run shows `--statistics`",
                format!("ask for one that does: {}", able.join(", ")),
            ));
        }
        for output in outputs.iter().filter(|output| !output.is_stdout()) {
            let file = world.current_dir.join(&output.file);
            if !file.parent().is_some_and(Path::is_dir) {
                return Err(output.failure(io::ErrorKind::NotFound.into()));
            }
        }
        Ok(outputs)
    }
}

impl Output {
    fn is_stdout(&self) -> bool {
        self.file == STDOUT
    }

    /// Writes the report to its place. A closed pipe on standard output is no error: the exit code still says what was found.
    pub(super) fn write(
        &self,
        report: &Report,
        context: &ReportContext,
        world: &World,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        if self.is_stdout() {
            return match report::write(report, self.format, context, out) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                outcome => Ok(outcome?),
            };
        }
        let plain = ReportContext {
            color: false,
            hyperlinks: false,
            ..context.clone()
        };
        let written = File::create(world.current_dir.join(&self.file))
            .and_then(|mut to| report::write(report, self.format, &plain, &mut to));
        written.map_err(|error| self.failure(error))
    }

    fn failure(&self, error: io::Error) -> Failure {
        Failure::Output {
            to: format!("`{}`", self.file),
            error,
        }
    }
}
