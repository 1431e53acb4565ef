//! `govcheck policy new`: scaffolds a rule and its examples in a pack of the mesh. Overwrites no file.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::exit_code::CLEAN;
use crate::cli::init::{PACK_FOLDERS, Planned, is_there, write_new};
use crate::discover::CONFIG_FILE;
use crate::model::kinds;
use crate::model::rule::{RuleId, Scope};
use crate::model::text::nearest_name;
use crate::policy::Pack;
use crate::policy::metadata::KEYS;
use crate::policy::source::{PackFile, PackSource};
use crate::report::escape::terminal_line;
use crate::workbench::judge::Bench;
use crate::workbench::new::{KINDS, explain_malformed, rule_examples, rule_source};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{ENTITY_BOUNDS, MESH_BOUNDS};
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
#[command(after_help = KEYS)]
pub(super) struct NewArguments {
    /// The id of the rule, named after the defect, such as `kpi/missing-grain`
    rule: String,
    /// What the rule checks: one entity, the whole mesh, or the change to an entity
    #[arg(long, default_value = "entity")]
    scope: ScopeName,
    /// The kinds of entities that the rule checks
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        default_value = kinds::PRODUCT
    )]
    entities: Vec<String>,
    /// The folder of the pack. Default: the first pack of the mesh
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScopeName {
    Entity,
    Mesh,
    Change,
}

pub(super) fn run(
    arguments: &NewArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let id = arguments.rule.trim_end_matches(".rego");
    if let Some(help) = explain_malformed(id) {
        let shown = terminal_line(id);
        return Err(Failure::usage(format!("invalid rule id `{shown}`"), help));
    }
    let kinds = kinds(arguments)?;
    let workspace = Workspace::open(&[], world)?;
    let id = RuleId::new(id);
    refuse_taken(&workspace, &id)?;
    let pack = pack_folder(arguments.pack.as_deref(), &workspace, world)?;
    let scope = match arguments.scope {
        ScopeName::Entity => Scope::Entity,
        ScopeName::Mesh => Scope::Mesh,
        ScopeName::Change => Scope::Change,
    };
    let rule = rule_source(&id, scope, &kinds);
    let examples = tried(&workspace, &pack, (&id, &rule), &kinds)?;
    let files = [("rego", rule), ("yaml", examples)].map(|(extension, text)| Planned {
        path: format!("{pack}/{id}.{extension}"),
        text,
        left: None,
    });
    if let Some(there) = files
        .iter()
        .find(|file| is_there(&workspace.root, &file.path))
    {
        return Err(Failure::usage(
            format!("`{}` already exists", there.path),
            "choose another id, or move the file; nothing was written",
        ));
    }
    for file in &files {
        write_new(&workspace.root, file)?;
        writeln!(out, "wrote  {}", terminal_line(&file.path))?;
    }
    let known = |name: &String| name.trim_end_matches('/') == pack;
    if !workspace.config.packs.iter().any(known) {
        writeln!(
            out,
            "next   add `packs: [\"{pack}\"]` to `{CONFIG_FILE}`, which does not load this pack yet"
        )?;
    }
    for step in [
        "write the rule; `govcheck model <file>` shows what it can read of a manifest".to_owned(),
        format!("`govcheck policy test {pack} --run {id}` runs its examples"),
        format!("`govcheck policy try {pack}/{id}.rego` shows what the draft would report in this mesh"),
        "delete `state: draft` to turn the rule on; the comment in it explains grace, deprecation and renaming".to_owned(),
    ] {
        writeln!(out, "next   {step}")?;
    }
    Ok(CLEAN)
}

fn kinds(arguments: &NewArguments) -> Result<Vec<&str>, Failure> {
    let kinds: Vec<&str> = arguments.entities.iter().map(|kind| kind.trim()).collect();
    match kinds.iter().find(|kind| !KINDS.contains(kind)) {
        None => Ok(kinds),
        Some(unknown) => {
            let help = match nearest_name(unknown, KINDS.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of {}", KINDS.join(", ")),
            };
            let message = format!("no template for rules on `{}`", terminal_line(unknown));
            Err(Failure::usage(message, help))
        }
    }
}

fn refuse_taken(workspace: &Workspace, id: &RuleId) -> Result<(), Failure> {
    let rules = crate::all_rules(workspace.pack.rules.iter().map(|rule| rule.rule.clone()));
    let taken = rules
        .iter()
        .find(|rule| rule.id == *id || rule.aliases.contains(id));
    match taken {
        None => Ok(()),
        Some(rule) => Err(Failure::usage(
            format!("rule `{id}` already exists in pack `{}`", rule.pack),
            format!(
                "choose another name, or run `govcheck explain {}` to read the existing rule",
                rule.id
            ),
        )),
    }
}

/// The folder of a pack from the root of the mesh, `/`-separated. Without `folder`, the first pack of the config.
pub(super) fn pack_folder(
    folder: Option<&Path>,
    workspace: &Workspace,
    world: &World,
) -> Result<String, Failure> {
    let Some(folder) = folder else {
        let mut folders = workspace.config.packs.iter();
        let own = folders.find(|pack| workspace.root.join(pack).is_dir());
        let own = own.map_or(PACK_FOLDERS[0], |pack| pack.trim_end_matches('/'));
        return Ok(own.to_owned());
    };
    let full = world.current_dir.join(folder);
    let full = full.canonicalize().unwrap_or(full);
    let inside = full.strip_prefix(&workspace.root).ok();
    let is_plain = |path: &&Path| {
        let mut parts = path.components();
        parts.all(|part| matches!(part, std::path::Component::Normal(_)))
    };
    let parts = inside.filter(is_plain).map(|path| {
        let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
        parts.collect::<Vec<_>>().join("/")
    });
    parts.filter(|path| !path.is_empty()).ok_or_else(|| {
        Failure::usage(
            format!(
                "`{}` is not a folder below the root of the mesh",
                folder.display()
            ),
            "pass a folder inside the mesh, such as `governance/policies`",
        )
    })
}

/// Loads the rule beside all others, and returns its examples with its findings in them.
fn tried(
    workspace: &Workspace,
    pack: &str,
    (id, rule): (&RuleId, &str),
    kinds: &[&str],
) -> Result<String, Failure> {
    let file = PackFile {
        path: format!("{id}.rego"),
        text: rule.to_owned(),
    };
    let mut sources = workspace.pack.sources.clone();
    if !sources
        .iter()
        .any(|source| source.name == crate::policy::source::BUILTIN_PACK)
    {
        // Its formats recognise the examples.
        sources.insert(0, PackSource::builtin());
    }
    sources.push(PackSource::of(&format!("{pack} (new)"), vec![file])?);
    let loaded = Pack::load(sources, &|_| true)?;
    let bench = Bench {
        pack: &loaded,
        bounds: ENTITY_BOUNDS,
        mesh_bounds: MESH_BOUNDS,
    };
    let own = loaded
        .rule_index(id.as_str())
        .and_then(|index| loaded.rules.get(index));
    let examples = match own {
        Some(own) => rule_examples(&bench, &own.rule, kinds),
        None => Err("the new rule was not loaded".to_owned()),
    };
    examples.map_err(|why| {
        Failure::usage(
            format!("cannot create the examples of `{id}`: {why}"),
            "report this as a bug in govcheck",
        )
    })
}
