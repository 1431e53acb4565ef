//! `govcheck config show`: what holds for a file, or for the mesh as a whole: every rule's level, day and options, and which line of
//! which file decided it.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::exit_code::CLEAN;
use super::rules::RuleListFormat;
use crate::config::Override;
use crate::discover::FileSource;
use crate::judge;
use crate::model::rule::{Day, Rule, State};
use crate::model::text::RelPath;
use crate::report::escape::terminal_line;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show the settings for a file or the whole mesh, and the config line that sets each one
    Show(ShowArguments),
}

#[derive(Debug, Args)]
struct ShowArguments {
    /// A file of the mesh. Default: the mesh as a whole
    path: Option<PathBuf>,
    /// Output format
    #[arg(long, short, value_enum, default_value_t = RuleListFormat::Human)]
    format: RuleListFormat,
}

pub(super) fn run(
    arguments: &ConfigArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let ConfigCommand::Show(arguments) = &arguments.command;
    let paths: Vec<PathBuf> = arguments.path.iter().cloned().collect();
    let workspace = Workspace::open(&paths, world)?;
    let files = workspace.walk()?.list().files;
    let file = match &arguments.path {
        Some(path) => Some(one_file(&world.current_dir.join(path), &workspace, &files)?),
        None => None,
    };
    let rules = crate::all_rules(workspace.pack.rules.iter().map(|rule| rule.rule.clone()));
    let rows = rules
        .iter()
        .map(|rule| RuleConfigRow::of(rule, &workspace, file, world.today));
    let rows: Vec<RuleConfigRow<'_>> = rows.collect();
    match arguments.format {
        RuleListFormat::Human => human(&rows, &workspace, file, &files, out)?,
        RuleListFormat::Json => writeln!(out, "{:#}", document(&rows, &workspace, file, &files))?,
    }
    Ok(CLEAN)
}

/// The file that is asked for. What holds in a folder may differ from file to file.
fn one_file<'w>(
    path: &Path,
    workspace: &'w Workspace,
    files: &[RelPath],
) -> Result<&'w RelPath, Failure> {
    let asked = workspace.scope.first();
    if let Some(file) = asked.filter(|_| !path.is_dir()) {
        return Ok(file);
    }
    let folder = asked.map_or("", RelPath::as_str);
    let inside =
        |file: &&RelPath| asked.is_none_or(|folder| crate::discover::covers_file(folder, file));
    let help = match files.iter().find(inside) {
        Some(file) => format!("name a file, such as `govcheck config show {file}`"),
        None => "name a file of the mesh".to_owned(),
    };
    let message = match folder {
        "" => "settings can differ between the files of the mesh".to_owned(),
        folder => format!("`{folder}` is a folder, and settings can differ between its files"),
    };
    Err(Failure::usage(message, help))
}

/// What holds of one rule.
struct RuleConfigRow<'r> {
    rule: &'r Rule,
    /// On the day of the run.
    level: &'static str,
    /// `METADATA`, or a line of a config.
    level_by: String,
    /// The first day of errors, if it is still to come, and what set it.
    day: Option<(Day, String)>,
    options: Vec<Opt<'r>>,
}

struct Opt<'r> {
    name: &'r str,
    value: Value,
    by: String,
}

impl<'r> RuleConfigRow<'r> {
    fn of(rule: &'r Rule, workspace: &Workspace, file: Option<&RelPath>, today: Day) -> Self {
        let config = &workspace.config;
        let nowhere = RelPath::new("");
        let resolved = config.setting(&rule.id, file.unwrap_or(&nowhere));
        let ruling = workspace.ruling(&rule.id, file);
        let (level, day) = judge::effective_level(rule.severity, rule.enforced_from, ruling, today);
        let by = |by: Option<String>| by.unwrap_or_else(|| METADATA.to_owned());
        let option = |(name, value): (&'r String, &'r Value)| {
            let set = config.option(&rule.id, name);
            Opt {
                name,
                value: set.as_ref().map_or(value, |set| set.value).clone(),
                by: set.map_or(METADATA, |set| set.by).to_owned(),
            }
        };
        Self {
            rule,
            level: level.map_or("off", |level| level.as_str()),
            level_by: by(resolved.level_by),
            day: day.map(|day| (day, by(resolved.day_by))),
            options: rule.options.iter().map(option).collect(),
        }
    }
}

const METADATA: &str = "METADATA";

fn human(
    rows: &[RuleConfigRow<'_>],
    workspace: &Workspace,
    file: Option<&RelPath>,
    files: &[RelPath],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match file {
        Some(file) => writeln!(out, "Settings for {}:\n", terminal_line(file.as_str()))?,
        None => writeln!(out, "Settings without overrides:\n")?,
    }
    let config = &workspace.config;
    if !config.inherited.is_empty() {
        let names: Vec<&str> = config.inherited.iter().map(|it| it.name.as_str()).collect();
        writeln!(
            out,
            "extends, lowest priority first: {}\n",
            names.join(", ")
        )?;
    }
    let width = rows.iter().map(|row| row.rule.id.as_str().len()).max();
    let width = width.unwrap_or_default();
    for row in rows {
        let state = match row.rule.state {
            State::Draft => ", draft (does not run)",
            State::Deprecated => ", deprecated",
            State::Grace | State::Enabled => "",
        };
        writeln!(
            out,
            "{:width$}  {:7}  {}{state}",
            row.rule.id.as_str(),
            row.level,
            terminal_line(&row.level_by)
        )?;
        if let Some((day, by)) = &row.day {
            writeln!(
                out,
                "{:width$}  error from {day}: {}",
                "",
                terminal_line(by)
            )?;
        }
        for option in row.options.iter().filter(|option| option.by != METADATA) {
            let value = terminal_line(&option.value.to_string());
            let by = terminal_line(&option.by);
            writeln!(out, "{:width$}  {}: {value}: {by}", "", option.name)?;
        }
    }
    let overrides: Vec<&Override> = config.all_overrides().collect();
    if file.is_none() && !overrides.is_empty() {
        writeln!(out, "\nOverrides, lowest priority first:")?;
        for set in overrides {
            let rules: Vec<&str> = set.rules.iter().map(|(it, _)| it.as_str()).collect();
            let count = matched(set, files);
            writeln!(
                out,
                "  {}  {}: {} ({count} of {} files)",
                terminal_line(&set.source),
                terminal_line(&set.files.join(", ")),
                terminal_line(&rules.join(", ")),
                files.len()
            )?;
        }
    }
    writeln!(
        out,
        "\nOnly options that a config sets are listed; `--format json` lists all."
    )?;
    Ok(())
}

fn matched(set: &Override, files: &[RelPath]) -> usize {
    files.iter().filter(|file| set.matches(file)).count()
}

fn document(
    rows: &[RuleConfigRow<'_>],
    workspace: &Workspace,
    file: Option<&RelPath>,
    files: &[RelPath],
) -> Value {
    let config = &workspace.config;
    let rule = |row: &RuleConfigRow<'_>| {
        let options = row.options.iter();
        let options: serde_json::Map<String, Value> = options
            .map(|it| (it.name.to_owned(), json!({"value": it.value, "by": it.by})))
            .collect();
        let day = row.day.as_ref();
        json!({
            "id": row.rule.id, "state": row.rule.state, "level": {"value": row.level, "by": row.level_by},
            "error_from": day.map(|(day, by)| json!({"value": day, "by": by})), "options": options,
        })
    };
    let overrides = config.all_overrides().map(|set| {
        let rules: Vec<&str> = set.rules.iter().map(|(it, _)| it.as_str()).collect();
        let matches = file.map(|file| set.matches(file));
        json!({"by": set.source, "files": set.files, "rules": rules, "matches": matches, "count": matched(set, files)})
    });
    let extends: Vec<&str> = config.inherited.iter().map(|it| it.name.as_str()).collect();
    json!({
        "version": 1,
        "file": file,
        "extends": extends,
        "rules": rows.iter().map(rule).collect::<Vec<_>>(),
        "overrides": overrides.collect::<Vec<_>>(),
    })
}
