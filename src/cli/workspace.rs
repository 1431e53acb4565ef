//! What every command starts from: root, config, packs, files.

use std::path::{Path, PathBuf};

use super::World;
use super::failure::Failure;
use super::origin::Origin;
use super::revisions::{RevisionArguments, Revisions};
use crate::config::{Config, LevelSetting};
use crate::discover::{Walk, WalkOptions, find_root};
use crate::evaluate::cache::{Key, key};
use crate::evaluate::map::Setting;
use crate::judge::Ruling;
use crate::model::entity::Place;
use crate::model::rule::{Day, RuleId};
use crate::model::text::{RelPath, nearest};
use crate::parse::Limits;
use crate::policy::Pack;
use crate::policy::engine::Bounds;
use crate::policy::options::options;
use crate::policy::source::PackSource;

/// A mesh as the command line and the config describe it.
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) config: Config,
    pub(super) pack: Pack,
    /// Files and folders to report on; empty for all.
    pub(super) scope: Vec<RelPath>,
    options: serde_json::Value,
}

impl Workspace {
    /// Finds the root from the paths given, reads the config and loads the packs of the working tree.
    pub(super) fn open(paths: &[PathBuf], world: &World) -> Result<Self, Failure> {
        let (workspace, _) = Self::open_at(paths, &RevisionArguments::default(), world)?;
        Ok(workspace)
    }

    /// The same at the revisions that are asked for.
    pub(super) fn open_at(
        paths: &[PathBuf],
        revisions: &RevisionArguments,
        world: &World,
    ) -> Result<(Self, Revisions), Failure> {
        let start = paths.first().map_or_else(
            || world.current_dir.clone(),
            |path| world.current_dir.join(path),
        );
        for path in paths {
            readable(path, world)?;
        }
        let root = find_root(&start)?.path;
        let scope = scope(&root, paths, world)?;
        let revisions = Revisions::open(&root, revisions)?;
        let origin = match &revisions.policies {
            Some(named) => Origin::Revision(named),
            None => Origin::Disk,
        };
        Ok((Self::load(root, scope, &origin)?, revisions))
    }

    /// Reads the config of a root and loads its packs.
    pub(super) fn load(
        root: PathBuf,
        scope: Vec<RelPath>,
        origin: &Origin<'_>,
    ) -> Result<Self, Failure> {
        let config = origin.config(&root)?.unwrap_or_default();
        let mut sources = Vec::new();
        if config.builtin {
            sources.push(PackSource::builtin());
        }
        for pack in &config.packs {
            sources.push(origin.pack(&root, pack)?);
        }
        let pack = Pack::load(sources, &|rule| !off_everywhere(&config, rule))?;
        check_rule_names(&config, &pack)?;
        let options = options(&pack.rules, &|rule| config.options(rule)).map_err(|mistakes| {
            let all: Vec<String> = mistakes
                .iter()
                .map(|mistake| format!("{} ({})", mistake.message, mistake.help))
                .collect();
            Failure::usage(
                format!("govcheck.yaml: {}", all.join("; ")),
                "`govcheck explain <rule>` lists its options",
            )
        })?;
        Ok(Self {
            root,
            config,
            pack,
            scope,
            options,
        })
    }

    /// The files of the mesh.
    pub(super) fn walk(&self) -> Result<Walk, Failure> {
        let options = WalkOptions {
            include: self.config.include.clone(),
            exclude: self.config.exclude.clone(),
            extra: Vec::new(),
            max_bytes: Limits::default().max_bytes as u64,
        };
        Walk::new(&self.root, &options).map_err(|error| {
            Failure::usage(
                error.to_string(),
                "mend `include` or `exclude` in `govcheck.yaml`",
            )
        })
    }

    /// The way from the root of the git repository to the root of the mesh, `/`-separated; empty if they are the same.
    pub(super) fn way_from_repository(&self) -> String {
        let way = self
            .repository()
            .and_then(|repository| self.root.strip_prefix(repository).ok())
            .unwrap_or(Path::new(""));
        way.iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }

    /// The root of the git repository, if there is one.
    pub(super) fn repository(&self) -> Option<&Path> {
        self.root
            .ancestors()
            .find(|folder| folder.join(".git").exists())
    }

    /// What all files are judged with.
    pub(super) fn setting<'w>(
        &'w self,
        today: Day,
        place: &'w (dyn Fn(&RelPath) -> Place + Sync),
        bounds: Bounds,
    ) -> Result<Setting<'w>, Failure> {
        Setting::new(&self.pack, &self.options, today, place, bounds)
            .map_err(|message| Failure::usage(message, "mend the option in `govcheck.yaml`"))
    }

    /// All that outcomes follow from but the files, by what people call it, with a hash of each.
    pub(super) fn digests(&self, today: Day, bounds: &(Bounds, Bounds)) -> Vec<(String, Key)> {
        let build = [env!("CARGO_PKG_VERSION"), env!("GOVCHECK_BUILD")];
        let build = key(build.map(str::as_bytes));
        let packs = self.pack.sources.iter().flat_map(|pack| {
            let files = pack.files.iter();
            let files = files.flat_map(|file| [file.path.as_bytes(), file.text.as_bytes()]);
            [pack.name.as_bytes(), b"files"].into_iter().chain(files)
        });
        let layout = format!(
            "{bounds:?} {:?} {:?}",
            Limits::default(),
            self.config.layout
        );
        let options = self.options.to_string();
        let on = self.pack.rules.iter().map(|rule| &rule.rule.id);
        let on = on.filter(|id| !off_everywhere(&self.config, id));
        let on = on.map(|id| id.as_str().as_bytes());
        let day = today.to_string();
        let config = [layout.as_bytes(), options.as_bytes()];
        let named = |name: &str, key: Key| (name.to_owned(), key);
        vec![
            named("the build of govcheck", build),
            named("the packs", key(packs)),
            named(
                "options, layout or which rules are on",
                key(config.into_iter().chain(on)),
            ),
            named("the day", key([day.as_bytes()])),
        ]
    }

    /// What config makes of a rule's findings in a file.
    pub(super) fn ruling(&self, rule: &RuleId, file: Option<&RelPath>) -> Ruling {
        let nowhere = RelPath::new("");
        let resolved = self.config.setting(rule, file.unwrap_or(&nowhere));
        let level = resolved.level.map(|level| match level {
            LevelSetting::Off => None,
            LevelSetting::At(level) => Some(level),
        });
        Ruling {
            level,
            enforced_from: resolved.enforced_from,
        }
    }
}

/// Whether a rule is off with no override that could turn it on again.
fn off_everywhere(config: &Config, rule: &RuleId) -> bool {
    let base = config.setting(rule, &RelPath::new("")).level == Some(LevelSetting::Off);
    base && config.overrides.is_empty()
}

fn check_rule_names(config: &Config, pack: &Pack) -> Result<(), Failure> {
    let known: Vec<RuleId> = crate::all_rules(pack.rules.iter().map(|rule| rule.rule.clone()))
        .into_iter()
        .map(|rule| rule.id)
        .collect();
    let unknown = config.unknown_rules(&known);
    let Some(first) = unknown.first() else {
        return Ok(());
    };
    let place = first
        .line
        .map_or_else(String::new, |line| format!(":{line}"));
    let help = match &first.nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`govcheck rules` lists them".to_owned(),
    };
    Err(Failure::usage(
        format!(
            "govcheck.yaml{place}: there is no rule or category `{}`",
            first.selector
        ),
        help,
    ))
}

/// A path as the file system has it; one that is not there is an error that names the nearest.
fn readable(path: &Path, world: &World) -> Result<PathBuf, Failure> {
    let full = world.current_dir.join(path);
    full.canonicalize().map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => format!("`{}` is not there", path.display()),
            _ => format!("`{}` can't be read: {error}", path.display()),
        };
        Failure::usage(message, near_path(&full))
    })
}

fn scope(root: &Path, paths: &[PathBuf], world: &World) -> Result<Vec<RelPath>, Failure> {
    let mut scope = Vec::new();
    for path in paths {
        let canonical = readable(path, world)?;
        let Ok(relative) = canonical.strip_prefix(root) else {
            let message = format!(
                "`{}` lies outside the mesh at `{}`",
                path.display(),
                root.display()
            );
            return Err(Failure::usage(
                message,
                "run govcheck once for each repository",
            ));
        };
        let parts: Vec<String> = relative
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        scope.push(RelPath::new(parts.join("/")));
    }
    Ok(scope)
}

fn near_path(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let siblings: Vec<String> = path
        .parent()
        .and_then(|parent| std::fs::read_dir(parent).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            entry
                .ok()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    let near = nearest(&name, siblings.iter().map(String::as_str));
    let commands = super::subcommands();
    let command = nearest(&name, commands.iter().map(String::as_str));
    match (near, command) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(command)) => format!("did you mean the subcommand `govcheck {command}`?"),
        (None, None) => {
            "name a folder or file of the mesh, or a subcommand: see `govcheck --help`".to_owned()
        }
    }
}
