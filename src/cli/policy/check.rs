//! `govcheck policy check`: all that can be known of rules before one runs, reported like the findings of a mesh.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use crate::cli::exit_code::{FailOn, exit_code, fail_on};
use crate::cli::output::OutputArguments;
use crate::config::Config;
use crate::discover::{CONFIG_FILE, find_root};
use crate::judge::{Ruling, judge_findings};
use crate::model::names::EntityNames;
use crate::model::report::{Counts, Report};
use crate::model::rule::RuleId;
use crate::model::text::RelPath;
use crate::policy::WORKBENCH_RULES as RULES;
use crate::policy::inspect::{Inspection, inspect_packs, is_builtin};
use crate::policy::source::PackSource;
use crate::report::ReportContext;
use crate::workbench::check::check_packs;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::locate::{resolve_path, slash_path};
use crate::workspace::open::{load_packs, way_from_repository};
use crate::workspace::origin::Origin;

/// The folder of a pack for its formats.
const FORMATS: &str = "formats";

#[derive(Debug, Args)]
pub(super) struct PolicyCheckArguments {
    /// A pack, a folder or rule in a pack, or a mesh. Default: the packs in the config of the mesh
    path: Option<PathBuf>,
    #[command(flatten)]
    outputs: OutputArguments,
    /// The lowest level that fails the run with exit code 1. Default: `fail_on` of the config, else error
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Print the summary only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(
    arguments: &PolicyCheckArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let started = Instant::now();
    let outputs = arguments.outputs.outputs(world)?;
    let subject = CheckSubject::find(arguments.path.as_deref(), world)?;
    let report = subject.report(world)?;
    let context = ReportContext {
        quiet: arguments.quiet,
        elapsed: Some(started.elapsed()),
        fail_on: fail_on(arguments.fail_on, subject.config.fail_on),
        root: way_from_repository(&subject.root),
        ..arguments.outputs.context(world)
    };
    for output in &outputs {
        output.write(&report, &context, world, out)?;
    }
    Ok(exit_code(&report, context.fail_on, true))
}

/// The packs to check, some of which are loaded only because others depend on them.
struct CheckSubject {
    /// What shown paths start from.
    root: PathBuf,
    config: Config,
    inspection: Inspection,
    /// The way from the root to each pack that is asked for, by its name.
    places: BTreeMap<String, String>,
    /// The file or folder that is asked for, from the root; empty for all.
    below: String,
}

impl CheckSubject {
    fn find(path: Option<&Path>, world: &World) -> Result<Self, Failure> {
        let start = match path {
            Some(path) => resolve_path(path, world)?,
            None => world.current_dir.clone(),
        };
        let root = find_root(&start)?.path;
        let (config, mut sources) = load_packs(&root, &Origin::Disk)?;
        let named: Vec<(&String, PathBuf)> = config
            .packs
            .iter()
            .filter_map(|pack| Some((pack, fs::canonicalize(root.join(pack)).ok()?)))
            .collect();
        let within = named.iter().any(|(_, folder)| start.starts_with(folder));
        let asks_for_mesh = !within && (path.is_none() || start.join(CONFIG_FILE).is_file());
        if within || (asks_for_mesh && !config.packs.is_empty()) {
            let places = named
                .into_iter()
                .filter(|(_, folder)| !within || start.starts_with(folder))
                .map(|(pack, folder)| (pack.clone(), way(&root, &folder)))
                .collect();
            let below = if within {
                way(&root, &start)
            } else {
                String::new()
            };
            return Self::of(root, config, sources, places, below);
        }
        let Some(folder) = pack_around(&start) else {
            return Err(Failure::Nothing {
                message: format!("no pack in `{}`", start.display()),
                help: "pass the folder of a pack, with rules at `<category>/<rule>.rego`, or list packs under `packs:` in `govcheck.yaml`".to_owned(),
            });
        };
        let place = way(&root, &folder);
        let name = if place.is_empty() { "." } else { &place };
        let source = PackSource::folder(name, &folder)?;
        if is_builtin(&source) {
            sources.clear();
        }
        let places = BTreeMap::from([(source.name.clone(), place)]);
        sources.push(source);
        let below = way(&root, &start);
        Self::of(root, config, sources, places, below)
    }

    fn of(
        root: PathBuf,
        config: Config,
        sources: Vec<PackSource>,
        places: BTreeMap<String, String>,
        below: String,
    ) -> Result<Self, Failure> {
        Ok(Self {
            root,
            config,
            inspection: inspect_packs(sources)?,
            places,
            below,
        })
    }

    /// Where a file of a pack is, from the root. `None` if it is not asked for.
    fn shown(&self, pack: &str, file: &str) -> Option<RelPath> {
        let folder = self.places.get(pack)?;
        let path = match folder.as_str() {
            "" => file.to_owned(),
            folder => format!("{folder}/{file}"),
        };
        let asked = self.below.is_empty()
            || path == self.below
            || path.starts_with(&format!("{}/", self.below))
            // The examples of a rule that is asked for.
            || (path.ends_with(".yaml")
                && self.below.strip_suffix(".rego") == path.strip_suffix(".yaml"));
        asked.then(|| RelPath::new(path))
    }

    fn report(&self, world: &World) -> Result<Report, Failure> {
        let shown = |pack: &str, file: &str| self.shown(pack, file);
        let checked = check_packs(&self.inspection, &shown);
        let rules = self.inspection.rules.iter();
        let rules = crate::all_rules(rules.map(|rule| rule.rule.clone()));
        // A mistake that stops loading can't be turned off: the rule would still not load.
        let rulings = |rule: &RuleId, file: Option<&RelPath>| match RULES
            .iter()
            .any(|own| own.id == rule.as_str())
        {
            true => self.config.ruling(rule, file),
            false => Ruling::default(),
        };
        let findings = judge_findings(checked.findings, &rules, world.today, &rulings);
        let looked_at = self.inspection.sources.iter().flat_map(|source| {
            let files = source.files.iter();
            files.filter(|file| self.shown(&source.name, &file.path).is_some())
        });
        let files = looked_at.clone().count();
        let kinds = BTreeMap::from([(
            Arc::from("rule"),
            looked_at.filter(|file| file.is_rule()).count(),
        )]);
        let checks = RULES.len() + crate::policy::RULES.len();
        Ok(Report {
            incomplete: findings.iter().any(|finding| finding.incomplete),
            findings,
            rules,
            sources: checked.sources,
            counts: Counts {
                files,
                in_scope: files,
                judged: files,
                entities: kinds,
                rules: checks,
                of_policies: true,
                ..Counts::default()
            },
            passed_over: Vec::new(),
            comparison: None,
            policies: None,
            waivers: Vec::new(),
            adopted: BTreeMap::new(),
            selected: None,
            names: EntityNames::default(),
        })
    }
}

/// The way from the root to what lies in it; to what does not, as the file system has it.
fn way(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(way) => slash_path(way),
        Err(_) => path.display().to_string(),
    }
}

/// The pack that a folder is, or that a category, a rule or a format lies in.
fn pack_around(path: &Path) -> Option<PathBuf> {
    let mut folders = path.ancestors().skip(1);
    if let Some(pack) = folders.find(|folder| path.starts_with(folder.join(FORMATS)))
        && is_pack(pack)
    {
        return Some(pack.to_owned());
    }
    let category = match path.is_file() {
        true if is_rego(path) => path.parent()?,
        true => return None,
        false if is_pack(path) => return Some(path.to_owned()),
        false => path,
    };
    let pack = category.parent()?;
    (inner(category).iter().any(|path| is_rego(path)) && is_pack(pack)).then(|| pack.to_owned())
}

/// Whether rules or formats lie where a pack has them: `<category>/<rule>.rego`, `formats/<name>.yaml`.
fn is_pack(folder: &Path) -> bool {
    let has = |folder: &Path, is_wanted: &dyn Fn(&Path) -> bool| {
        folder.is_dir() && inner(folder).iter().any(|path| is_wanted(path))
    };
    let is_yaml = |path: &Path| {
        path.extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    };
    has(&folder.join(FORMATS), &is_yaml) || inner(folder).iter().any(|path| has(path, &is_rego))
}

fn is_rego(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "rego")
}

fn inner(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
