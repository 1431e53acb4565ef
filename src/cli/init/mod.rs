//! `govcheck init`: looks at what is in a repository, and writes a first config, registers filled with it, and a rule of one's own.
//! Never over what is there.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::origin::Origin;
use super::workspace::Workspace;
use super::{CLEAN, World};
use crate::discover::{CONFIG_FILE, find_root};
use crate::policy::Pack;
use crate::policy::source::PackSource;
use crate::report::escape::terminal_line;
use survey::{Survey, survey};

mod layout;
mod survey;
mod texts;

/// Folders for rules of one's own; the second where the first holds something that is no pack.
pub(super) const PACK_FOLDERS: [&str; 2] = ["governance/policies", "governance/govcheck"];
const REGISTERS: &str = "governance/registers";

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The root of the mesh; without one, that of this repository
    path: Option<PathBuf>,
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// A file to write, and why not if it is left.
pub(super) struct Planned {
    /// Relative to the root, `/`-separated.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) left: Option<String>,
}

pub(super) fn run(
    arguments: &InitArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let root = root(arguments, world)?;
    let workspace = Workspace::load(root.clone(), Vec::new(), &Origin::Disk)?;
    let survey = survey(&workspace, world.today)?;
    let pack = pack_folder(&workspace)?;
    let planned = plan(&workspace, &survey, pack);
    told_found(&survey, out)?;
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
    if !arguments.dry_run {
        // What was written must hold together; a mistake in it is told now, not by the next run.
        let written = Workspace::load(root, Vec::new(), &Origin::Disk)?;
        next(&written, pack, out)?;
    }
    Ok(CLEAN)
}

/// A folder that is named is the root of a mesh to be, whatever lies above it.
fn root(arguments: &InitArguments, world: &World) -> Result<PathBuf, Failure> {
    let Some(path) = &arguments.path else {
        return Ok(find_root(&world.current_dir)?.path);
    };
    let full = world.current_dir.join(path).canonicalize();
    full.ok().filter(|path| path.is_dir()).ok_or_else(|| {
        Failure::usage(
            format!("`{}` is no folder", path.display()),
            "name the folder that holds your domains, or none for the root of this repository",
        )
    })
}

fn plan(workspace: &Workspace, survey: &Survey, pack: &str) -> Vec<Planned> {
    let register = |name: &str| format!("{REGISTERS}/{name}.yaml");
    let mut files = vec![(CONFIG_FILE.to_owned(), texts::config(survey, pack))];
    files.push((register("teams"), texts::teams(survey)));
    files.push((register("domains"), texts::domains(survey)));
    files.extend(texts::classifications(survey).map(|text| (register("classifications"), text)));
    files.extend(texts::tags(survey).map(|text| (register("tags"), text)));
    let rule = ["rego", "yaml"].map(|extension| format!("{pack}/{}.{extension}", texts::RULE));
    let declared = workspace.pack.rule_index(texts::RULE).is_some();
    let rule_is_there = declared || rule.iter().any(|path| is_there(&workspace.root, path));
    files.extend(
        rule.clone()
            .into_iter()
            .zip([texts::RULE_TEXT.to_owned(), texts::rule_examples()]),
    );
    let planned = files.into_iter().map(|(path, text)| {
        let left = if is_there(&workspace.root, &path) {
            Some("it is there already".to_owned())
        } else if rule_is_there && rule.contains(&path) {
            Some(format!("there is a rule `{}` already", texts::RULE))
        } else {
            None
        };
        Planned { path, text, left }
    });
    planned.collect()
}

/// Even a link to nowhere is something.
pub(super) fn is_there(root: &Path, path: &str) -> bool {
    fs::symlink_metadata(root.join(path)).is_ok()
}

/// The folder for rules of one's own: one of the config's if there is one, else one that is a pack already or is not there yet.
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
                "neither {} is a pack",
                PACK_FOLDERS
                    .map(|folder| format!("`{folder}`"))
                    .join(" nor ")
            ),
            "move what is in one of them: a pack holds `<category>/<rule>.rego`",
        )
    })
}

/// Writes a file that must not be there, below the root even where a folder on the way is a link.
pub(super) fn write_new(root: &Path, file: &Planned) -> Result<(), Failure> {
    let path = root.join(&file.path);
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(root);
        let nearest = folder.ancestors().find(|folder| folder.exists());
        let inside = |folder: &Path| Ok::<_, io::Error>(folder.canonicalize()?.starts_with(root));
        if !inside(nearest.unwrap_or(root))? {
            return Err(io::Error::other("its folder is a link out of the root"));
        }
        fs::create_dir_all(folder)?;
        fs::File::create_new(&path)?.write_all(file.text.as_bytes())
    };
    write().map_err(|error| {
        Failure::usage(
            format!("can't write `{}`: {error}", file.path),
            "see what stands in its way; `--dry-run` prints what would be written",
        )
    })
}

fn told_found(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    if survey.formats.is_empty() {
        writeln!(out, "found  no manifests yet")?;
    }
    for (format, files) in &survey.formats {
        let count = files.len();
        let noun = if count == 1 { "file" } else { "files" };
        writeln!(out, "found  {}: {count} {noun}", terminal_line(format))?;
    }
    for (noun, names) in [
        ("teams", &survey.teams),
        ("domains", &survey.domains),
        ("classifications", &survey.classifications),
        ("tags", &survey.tags),
    ] {
        let missing = names.missing().count();
        if missing + names.declared.len() > 0 {
            writeln!(
                out,
                "found  {noun}: {missing} to register, {} registered",
                names.declared.len()
            )?;
        }
    }
    writeln!(out)
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |all, line| {
        let indent = if line.is_empty() { "" } else { "    " };
        all + indent + line + "\n"
    })
}

fn next(written: &Workspace, pack: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let loaded = written.pack.rule_index(texts::RULE).is_some();
    if !loaded {
        writeln!(
            out,
            "next   add `packs: [\"{pack}\"]` to `{CONFIG_FILE}`, which was left as it is"
        )?;
    }
    writeln!(
        out,
        "next   read `{REGISTERS}`: what is wrong in manifests is in it, too"
    )?;
    writeln!(out, "next   `govcheck` judges the mesh")?;
    if loaded {
        writeln!(
            out,
            "next   `govcheck explain {}` shows your first rule; write the second beside it",
            texts::RULE
        )?;
    }
    Ok(())
}
