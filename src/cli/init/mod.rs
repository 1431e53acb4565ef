//! `govcheck init`: surveys a repository, then writes a first config, registers filled with the names in use, and a starter
//! rule. Overwrites no file.

mod layout;
mod names;
mod planned;
mod preview;
mod survey;
mod texts;

pub(super) use planned::{Planned, is_there, write_new};

use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::exit_code::CLEAN;
use crate::discover::{CONFIG_FILE, find_root};
use crate::model::kinds;
use crate::model::rule::RuleId;
use crate::policy::source::{BUILTIN_PACK, PackSource};
use crate::policy::{Pack, PolicyRule};
use crate::report::escape::terminal_line;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;
use crate::workspace::origin::Origin;
use survey::{NameRefusal, Survey, SurveyedNames, survey_repository};

/// Folders for a pack of the user's own rules; the second where the first holds other files.
pub(super) const PACK_FOLDERS: [&str; 2] = ["governance/policies", "governance/govcheck"];
const REGISTERS: &str = "governance/registers";
/// How many refused names of one kind are printed.
const REFUSED_SHOWN: usize = 5;

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The root of the mesh [default: the root of this repository]
    path: Option<PathBuf>,
    /// Print the files instead of writing them
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(
    arguments: &InitArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let root = root(arguments, world)?;
    let workspace = Workspace::load(root.clone(), Vec::new(), &Origin::Disk)?;
    let survey = survey_repository(&workspace, world.today)?;
    let pack = pack_folder(&workspace)?;
    let mut planned = plan(&workspace, &survey, pack);
    let new_errors = preview::count_new_errors(&workspace, &planned, world.today)?;
    let own_config = planned
        .iter_mut()
        .find(|file| file.path == CONFIG_FILE && file.left.is_none());
    let writes_config = own_config.is_some();
    if let Some(file) = own_config {
        file.text = texts::write_config(&survey, pack, &new_errors);
    }
    print_survey(&survey, out)?;
    for file in &planned {
        match (&file.left, arguments.dry_run) {
            (Some(why), _) => writeln!(out, "left   {}: {why}", file.path)?,
            (None, true) => writeln!(out, "would write {}\n\n{}", file.path, indented(&file.text))?,
            (None, false) => {
                write_new(&root, file)?;
                writeln!(out, "wrote  {}", file.path)?;
            }
        }
    }
    print_new_errors(&new_errors, writes_config, out)?;
    if !arguments.dry_run {
        // A mistake in these files is reported now, not by the next run.
        let written = Workspace::load(root, Vec::new(), &Origin::Disk)?;
        print_next_steps(&written, !survey.formats.is_empty(), pack, out)?;
    }
    Ok(CLEAN)
}

/// A folder on the command line becomes a root, even inside another mesh.
fn root(arguments: &InitArguments, world: &World) -> Result<PathBuf, Failure> {
    let Some(path) = &arguments.path else {
        return Ok(find_root(&world.current_dir)?.path);
    };
    let full = world.current_dir.join(path).canonicalize();
    full.ok().filter(|path| path.is_dir()).ok_or_else(|| {
        Failure::usage(
            format!("`{}` is not a folder", path.display()),
            "name the folder that holds your manifests, or leave it out for the root of this repository",
        )
    })
}

fn plan(workspace: &Workspace, survey: &Survey, pack: &str) -> Vec<Planned> {
    let register = |name: &str| format!("{REGISTERS}/{name}.yaml");
    let config = texts::write_config(survey, pack, &BTreeMap::new());
    let mut files = vec![(CONFIG_FILE.to_owned(), config)];
    files.push((register("teams"), texts::write_teams(survey)));
    files.push((register("domains"), texts::write_domains(survey)));
    files.extend(
        texts::write_classifications(survey).map(|text| (register("classifications"), text)),
    );
    files.extend(texts::write_tags(survey).map(|text| (register("tags"), text)));
    let rule = ["rego", "yaml"].map(|extension| format!("{pack}/{}.{extension}", texts::RULE));
    let is_own = |rule: &PolicyRule| rule.rule.pack != BUILTIN_PACK;
    let starter = match () {
        () if rule.iter().any(|path| is_there(&workspace.root, path)) => {
            Some(format!("rule `{}` already exists", texts::RULE))
        }
        () if workspace.pack.rules.iter().any(is_own) => {
            Some("your packs have rules already".to_owned())
        }
        () => None,
    };
    files.extend(
        rule.clone()
            .into_iter()
            .zip([texts::RULE_TEXT.to_owned(), texts::rule_examples()]),
    );
    let planned = files.into_iter().map(|(path, text)| {
        let left = match is_there(&workspace.root, &path) {
            true => Some("the file already exists".to_owned()),
            false => starter.clone().filter(|_| rule.contains(&path)),
        };
        Planned { path, text, left }
    });
    planned.collect()
}

/// The folder for the user's own rules: a pack of the config if there is one, else a folder that is a pack or does not
/// exist.
fn pack_folder(workspace: &Workspace) -> Result<&'static str, Failure> {
    let is_pack = |folder: &&&str| {
        workspace.config.packs.iter().any(|pack| pack == **folder)
            || !is_there(&workspace.root, folder)
            || PackSource::folder(folder, &workspace.root.join(folder))
                .and_then(|source| Pack::load(vec![PackSource::builtin(), source], &|_| true))
                .is_ok()
    };
    PACK_FOLDERS.iter().find(is_pack).copied().ok_or_else(|| {
        Failure::usage(
            format!(
                "{} hold files that are not part of a pack",
                PACK_FOLDERS
                    .map(|folder| format!("`{folder}`"))
                    .join(" and ")
            ),
            "empty one of them: a pack holds `<category>/<rule>.rego` and `formats/<name>.yaml`",
        )
    })
}

fn print_survey(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    if survey.formats.is_empty() {
        writeln!(out, "found  no manifests yet")?;
    }
    for (format, files) in &survey.formats {
        let count = count(files.len(), "file");
        writeln!(out, "found  {}: {count}", terminal_line(format))?;
    }
    for (noun, names) in [
        (kinds::TEAM, &survey.teams),
        (kinds::DOMAIN, &survey.domains),
        (kinds::CLASSIFICATION, &survey.classifications),
        (kinds::TAG, &survey.tags),
    ] {
        let missing = names.missing().count();
        let declared = names.declared.len();
        if missing + declared > 0 {
            writeln!(
                out,
                "found  {noun}s: {missing} to register, {declared} registered"
            )?;
        }
        print_refused(noun, names, out)?;
    }
    writeln!(out)
}

fn print_refused(noun: &str, names: &SurveyedNames, out: &mut dyn Write) -> io::Result<()> {
    for (name, (refusal, file)) in names.refused.iter().take(REFUSED_SHOWN) {
        let why = match refusal {
            NameRefusal::Placeholder => "a placeholder".to_owned(),
            NameRefusal::Person => format!("a person or a mailbox, not a {noun}"),
        };
        let line = format!("skip   {noun} `{name}` in {file}: {why}");
        writeln!(out, "{}", terminal_line(&line))?;
    }
    match names.refused.len().saturating_sub(REFUSED_SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "skip   {more} more like these"),
    }
}

/// Errors that only these files bring to light.
fn print_new_errors(
    errors: &BTreeMap<RuleId, usize>,
    writes_config: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (rule, number) in errors {
        let errors = count(*number, "error");
        match writes_config {
            true => writeln!(
                out,
                "note   {rule}: {errors} that the new files bring to light; `{CONFIG_FILE}` makes them warnings for now"
            )?,
            false => writeln!(
                out,
                "next   correct {errors} of {rule} that the new files bring to light, or set `{rule}: warning` in `{CONFIG_FILE}`"
            )?,
        }
    }
    Ok(())
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |all, line| {
        let indent = if line.is_empty() { "" } else { "    " };
        all + indent + line + "\n"
    })
}

fn print_next_steps(
    written: &Workspace,
    has_manifests: bool,
    pack: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)?;
    let is_loaded = written.pack.rule_index(texts::RULE).is_some();
    if !is_loaded {
        writeln!(
            out,
            "next   add `packs: [\"{pack}\"]` to your `{CONFIG_FILE}`, which loads the starter rule"
        )?;
    }
    match has_manifests {
        true => writeln!(
            out,
            "next   read `{REGISTERS}` and delete what is wrong: mistakes in manifests are in it, too"
        )?,
        false => writeln!(
            out,
            "next   add your manifests, and register teams and domains in `{REGISTERS}`"
        )?,
    }
    writeln!(out, "next   `govcheck` checks the mesh")?;
    if is_loaded {
        writeln!(
            out,
            "next   `govcheck explain {}` explains your first rule, `govcheck policy new` writes the second",
            texts::RULE
        )?;
    }
    Ok(())
}
