//! `govcheck policy new-format`: scaffolds a format and its example in a pack of the mesh. Overwrites no file.

use crate::model::kinds;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::new::pack_folder;
use crate::cli::exit_code::CLEAN;
use crate::cli::init::{Planned, is_there, write_new};
use crate::discover::CONFIG_FILE;
use crate::policy::source::{PackFile, PackSource};
use crate::policy::{Pack, format_examples};
use crate::report::escape::terminal_line;
use crate::workbench::formats::scaffold::{
    ScaffoldKind, examples_file, explain_malformed, format_file, shapes_file,
};
use crate::workbench::judge::Bench;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{ENTITY_BOUNDS, MESH_BOUNDS};
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  govcheck policy new-format dataset-card                  contracts in files of your own
  govcheck policy new-format app --kind product --shapes   products, with shapes for their files

`policies/formats/README.md` of govcheck describes the language of formats and shapes.")]
pub(super) struct NewFormatArguments {
    /// The name of the format: `dataset-card`
    name: String,
    /// The kind of entity that a document declares
    #[arg(long, value_enum, default_value_t = KindName::Contract)]
    kind: KindName,
    /// Also scaffold shapes: what documents of the format must look like
    #[arg(long)]
    shapes: bool,
    /// The folder of the pack [default: the first pack of `govcheck.yaml`]
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindName {
    Contract,
    Product,
}

pub(super) fn run(
    arguments: &NewFormatArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let name = arguments.name.as_str();
    if let Some(help) = explain_malformed(name) {
        let shown = terminal_line(name);
        return Err(Failure::usage(
            format!("invalid format name `{shown}`"),
            help,
        ));
    }
    let workspace = Workspace::open(&[], world)?;
    let kind = match arguments.kind {
        KindName::Contract => ScaffoldKind::Contract,
        KindName::Product => ScaffoldKind::Product,
    };
    let pack = pack_folder(arguments.pack.as_deref(), &workspace, world)?;
    let sources = sources(&workspace);
    refuse_taken(name, &sources)?;
    let mut files = vec![(format!("formats/{name}.yaml"), format_file(name, kind))];
    if arguments.shapes {
        files.push((
            format!("formats/shapes/{name}.yaml"),
            shapes_file(name, kind),
        ));
    }
    let example = read_example(sources, &files, (name, kind))?;
    files.insert(1, (format_examples::examples_path(name), example));
    write_all(&workspace, &pack, files, out)?;
    print_next_steps(&workspace, &pack, (name, arguments.kind), out)
}

/// The packs of the mesh. The built-in one is there even if the config leaves it out: its names stay its own.
fn sources(workspace: &Workspace) -> Vec<PackSource> {
    let mut sources = workspace.pack.sources.clone();
    if !sources.iter().any(PackSource::is_builtin) {
        sources.insert(0, PackSource::builtin());
    }
    sources
}

fn refuse_taken(name: &str, sources: &[PackSource]) -> Result<(), Failure> {
    let pack = Pack::load(sources.to_vec(), &|_| false)?;
    let taken = pack.formats.iter().find(|format| &*format.name == name);
    match taken {
        None => Ok(()),
        Some(format) => Err(Failure::usage(
            format!("format `{name}` already exists in `{}`", format.file),
            "choose another name",
        )),
    }
}

/// The examples of the new format, with what it reads of them.
fn read_example(
    mut sources: Vec<PackSource>,
    files: &[(String, String)],
    (name, kind): (&str, ScaffoldKind),
) -> Result<String, Failure> {
    let files = files.iter().map(|(path, text)| PackFile {
        path: path.clone(),
        text: text.clone(),
    });
    sources.push(PackSource::of("the new format", files.collect())?);
    let loaded = Pack::load(sources, &|_| true)?;
    let bench = Bench {
        pack: &loaded,
        bounds: ENTITY_BOUNDS,
        mesh_bounds: MESH_BOUNDS,
    };
    examples_file(&bench, name, kind).map_err(|why| {
        let message = format!("the example of format `{name}` could not be written: {why}");
        Failure::usage(message, "please report this")
    })
}

fn write_all(
    workspace: &Workspace,
    pack: &str,
    files: Vec<(String, String)>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let files = files.into_iter().map(|(path, text)| Planned {
        path: format!("{pack}/{path}"),
        text,
        left: None,
    });
    let files: Vec<Planned> = files.collect();
    let mut taken = files
        .iter()
        .filter(|file| is_there(&workspace.root, &file.path));
    if let Some(taken) = taken.next() {
        return Err(Failure::usage(
            format!("`{}` already exists", taken.path),
            "choose another name, or move the file; nothing was written",
        ));
    }
    for file in &files {
        write_new(&workspace.root, file)?;
        writeln!(out, "wrote  {}", terminal_line(&file.path))?;
    }
    Ok(())
}

fn print_next_steps(
    workspace: &Workspace,
    pack: &str,
    (name, kind): (&str, KindName),
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let known = |known: &String| known.trim_end_matches('/') == pack;
    if !workspace.config.packs.iter().any(known) {
        writeln!(
            out,
            "next   add `packs: [\"{pack}\"]` to `{CONFIG_FILE}`, which does not load this pack yet"
        )?;
    }
    let kind = match kind {
        KindName::Contract => kinds::CONTRACT,
        KindName::Product => kinds::PRODUCT,
    };
    for step in [
        format!(
            "put a document of your own into `{pack}/{}`",
            format_examples::examples_path(name)
        ),
        format!(
            "adapt the paths in `{pack}/formats/{name}.yaml`; `govcheck explain --model {kind}` lists the fields"
        ),
        format!(
            "`govcheck policy test {pack} --run formats/{name} --update` writes what rules see of it; review that"
        ),
        "`govcheck model FILE --explain` shows why a file is recognised, or why not".to_owned(),
    ] {
        writeln!(out, "next   {step}")?;
    }
    Ok(CLEAN)
}
