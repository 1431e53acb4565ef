//! What every command starts from: root, config, packs, files.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::failure::Failure;
use super::locate::{LocatedMesh, locate_mesh, slash_path};
use super::origin::Origin;
use super::packs;
use super::plain::{self, PlainArguments};
use super::revisions::{RevisionArguments, Revisions};
use super::stdin::StdinFile;
use super::world::World;
use crate::cache::{CacheKey, hash_parts};
use crate::config::{Config, ConfigError, Shelf};
use crate::discover::{CONFIG_FILE, Overlay, Walk, WalkOptions};
use crate::evaluate::setting::Setting;
use crate::judge::Ruling;
use crate::model::entity::LayoutPlace;
use crate::model::location::Location;
use crate::model::rule::{Day, Rule, RuleId, State};
use crate::model::text::RelPath;
use crate::parse::Limits;
use crate::policy::Pack;
use crate::policy::engine::Bounds;
use crate::policy::options::OptionMistake;
use crate::policy::plain::Plain;
use crate::policy::source::{BUILTIN_PACK, PackSource};
use crate::rule_options;

/// A mesh as the command line and the config describe it.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) config: Config,
    pub(crate) pack: Pack,
    /// Whether only plain policies judge, by `--policy`.
    pub(crate) plain_alone: bool,
    /// Files and folders to report on; empty for all.
    pub(crate) scope: Vec<RelPath>,
    /// A text that is judged in the place of a file.
    pub(crate) stdin: Option<StdinFile>,
    options: serde_json::Value,
    /// The rules that run.
    on: Vec<RuleId>,
    /// Rules that are on whatever config says.
    tried: BTreeSet<RuleId>,
    /// The files, where they were listed ahead, for the first that asks.
    listed: Mutex<Option<Walk>>,
}

/// What is done while packs are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ahead {
    Nothing,
    /// The files of the working tree are listed, if it is what is judged.
    Files,
}

/// What a mesh is judged by.
pub(crate) struct JudgingParts {
    /// With all that it extends.
    pub(crate) config: Config,
    /// The files of the packs, built-in first; empty if only plain policies judge.
    pub(crate) sources: Vec<PackSource>,
    plain: Option<plain::AskedPolicies>,
}

impl JudgingParts {
    /// Reads them from the working tree or a revision; `asked` has the plain policies of the command line.
    pub(crate) fn read(
        root: &Path,
        origin: &Origin<'_>,
        asked: Option<(&PlainArguments, &World)>,
    ) -> Result<Self, Failure> {
        let (config, mut sources) = load_packs(root, origin)?;
        let plain = plain::request_policies(root, &config, origin, asked)?;
        if plain.as_ref().is_some_and(|request| request.alone) {
            sources.clear();
        }
        Ok(Self {
            config,
            sources,
            plain,
        })
    }
}

/// The files below a root that config wants.
fn walk(root: &Path, config: &Config) -> Result<Walk, Failure> {
    let options = WalkOptions {
        include: config.include.clone(),
        exclude: config.exclude.clone(),
        extra: Vec::new(),
        max_bytes: Limits::default().max_bytes as u64,
    };
    Walk::new(root, &options).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "correct `include` or `exclude` in `govcheck.yaml`",
        )
    })
}

impl Workspace {
    /// Finds the root from the paths given, reads the config and loads the packs of the working tree.
    pub(crate) fn open(paths: &[PathBuf], world: &World) -> Result<Self, Failure> {
        let (revisions, plain) = (RevisionArguments::default(), PlainArguments::default());
        let (workspace, _) = Self::open_with(paths, &revisions, &plain, world, Ahead::Nothing)?;
        Ok(workspace)
    }

    /// The same at the revisions and by the plain policies that are asked for.
    pub(crate) fn open_with(
        paths: &[PathBuf],
        revisions: &RevisionArguments,
        plain: &PlainArguments,
        world: &World,
        ahead: Ahead,
    ) -> Result<(Self, Revisions), Failure> {
        let LocatedMesh { root, scope } = locate_mesh(paths, revisions, world)?;
        Self::open_at(root, scope, revisions, (plain, world), ahead)
    }

    /// The same for a file whose text is on standard input: the report is only on that file.
    pub(crate) fn open_stdin(
        stdin: StdinFile,
        revisions: &RevisionArguments,
        plain: &PlainArguments,
        world: &World,
        ahead: Ahead,
    ) -> Result<(Self, Revisions), Failure> {
        let (root, scope) = (stdin.root.clone(), vec![stdin.file.clone()]);
        let (mut workspace, revisions) =
            Self::open_at(root, scope, revisions, (plain, world), ahead)?;
        workspace.stdin = Some(stdin);
        Ok((workspace, revisions))
    }

    fn open_at(
        root: PathBuf,
        scope: Vec<RelPath>,
        revisions: &RevisionArguments,
        (plain, world): (&PlainArguments, &World),
        ahead: Ahead,
    ) -> Result<(Self, Revisions), Failure> {
        let revisions = Revisions::open(&root, revisions)?;
        let parts = JudgingParts::read(&root, &Origin::of_run(&revisions), Some((plain, world)))?;
        let walk = match (ahead, &revisions.head) {
            (Ahead::Files, None) => walk(&root, &parts.config).ok(),
            _ => None,
        };
        // Packs are mostly loaded by one thread, this one: its stack is larger than theirs.
        let workspace = rayon::in_place_scope(|scope_of_threads| {
            if let Some(walk) = &walk {
                scope_of_threads.spawn(|_| walk.list_ahead());
            }
            Self::assemble(root, scope, parts, BTreeSet::new())
        });
        let mut workspace = workspace?;
        workspace.listed = Mutex::new(walk);
        Ok((workspace, revisions))
    }

    /// Reads the config of a root and loads its packs.
    pub(crate) fn load(
        root: PathBuf,
        scope: Vec<RelPath>,
        origin: &Origin<'_>,
    ) -> Result<Self, Failure> {
        let parts = JudgingParts::read(&root, origin, None)?;
        Self::assemble(root, scope, parts, BTreeSet::new())
    }

    /// A mesh that is judged by these packs. Rules that are tried are on, drafts or not, whatever config says.
    pub(crate) fn assemble(
        root: PathBuf,
        scope: Vec<RelPath>,
        parts: JudgingParts,
        tried: BTreeSet<RuleId>,
    ) -> Result<Self, Failure> {
        let JudgingParts {
            mut config,
            sources,
            plain,
        } = parts;
        let runs = |rule: &Rule| {
            let mut config = Cow::Borrowed(&config);
            if !rule.aliases.is_empty() {
                config.to_mut().rename([rule]);
            }
            let on = rule.state != State::Draft && !config.off_everywhere(&rule.id);
            on || tried.contains(&rule.id)
        };
        let mut pack = Pack::load(sources, &runs)?;
        let plain_alone = plain.as_ref().is_some_and(|request| request.alone);
        let on = pack.rules.iter().map(|rule| &rule.rule);
        let on = on.filter(|rule| runs(rule)).map(|rule| rule.id.clone());
        let on = on.collect();
        if let Some(request) = plain {
            pack.plain = Some(Plain::load(request.policies, &runs)?);
            plain::check_against(&pack, &config)?;
        }
        config.rename(pack.rules.iter().map(|rule| &rule.rule));
        check_rule_names(&config, &pack, plain_alone)?;
        let options = rule_options(&pack.rules, &config)
            .map_err(|mistakes| option_mistakes(&config, &mistakes))?;
        Ok(Self {
            root,
            config,
            pack,
            plain_alone,
            scope,
            stdin: None,
            options,
            on,
            tried,
            listed: Mutex::default(),
        })
    }

    /// The files of the mesh.
    pub(crate) fn walk(&self) -> Result<Walk, Failure> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        match listed.take() {
            Some(walk) => Ok(walk),
            None => walk(&self.root, &self.config),
        }
    }

    /// The files of the working tree with the text on standard input; `None` without one.
    pub(crate) fn overlay<'w>(&self, walk: &'w Walk) -> Option<Overlay<'w>> {
        let stdin = self.stdin.as_ref()?;
        let is_new = stdin.is_new && walk.would_list(&stdin.file);
        let (file, text) = (stdin.file.clone(), stdin.text.clone());
        Some(Overlay::new(walk, file, text, is_new))
    }

    /// The way from the root of the git repository to the root of the mesh, `/`-separated; empty if they are the same.
    pub(crate) fn way_from_repository(&self) -> String {
        way_from_repository(&self.root)
    }

    /// The root of the git repository, if there is one.
    pub(crate) fn repository(&self) -> Option<&Path> {
        repository(&self.root)
    }

    /// What all files are judged with.
    pub(crate) fn setting<'w>(
        &'w self,
        today: Day,
        place: &'w (dyn Fn(&RelPath) -> LayoutPlace + Sync),
        bounds: Bounds,
    ) -> Result<Setting<'w>, Failure> {
        Setting::new(&self.pack, &self.options, today, place, bounds)
            .map_err(|message| Failure::usage(message, "correct the option in `govcheck.yaml`"))
    }

    /// All that outcomes follow from but the files, by what people call it, with a hash of each.
    pub(crate) fn digests(&self, today: Day, bounds: &(Bounds, Bounds)) -> Vec<(String, CacheKey)> {
        let build = [env!("CARGO_PKG_VERSION"), env!("GOVCHECK_BUILD")];
        let build = hash_parts(build.map(str::as_bytes));
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
        let on = self.on.iter().map(|id| id.as_str().as_bytes());
        let day = today.to_string();
        let config = [layout.as_bytes(), options.as_bytes()];
        let named = |name: &str, key: CacheKey| (name.to_owned(), key);
        vec![
            named("build of govcheck", build),
            named("set of packs", hash_parts(packs)),
            named(
                "set of options, layout or enabled rules",
                hash_parts(config.into_iter().chain(on)),
            ),
            named("date", hash_parts([day.as_bytes()])),
        ]
    }

    /// What config makes of a rule's findings in a file.
    pub(crate) fn ruling(&self, rule: &RuleId, file: Option<&RelPath>) -> Ruling {
        let ruling = self.config.ruling(rule, file);
        match ruling.level {
            Some(None) if self.tried.contains(rule) => Ruling::default(),
            _ => ruling,
        }
    }
}

/// The way from the root of the git repository around a folder to the folder.
pub(crate) fn way_from_repository(folder: &Path) -> String {
    let way = repository(folder)
        .and_then(|repository| folder.strip_prefix(repository).ok())
        .unwrap_or(Path::new(""));
    slash_path(way)
}

fn repository(folder: &Path) -> Option<&Path> {
    let mut around = folder.ancestors();
    around.find(|folder| folder.join(".git").exists())
}

/// The config of a root and the packs that it names, the built-in one first.
pub(crate) fn load_packs(
    root: &Path,
    origin: &Origin<'_>,
) -> Result<(Config, Vec<PackSource>), Failure> {
    let mut config = origin.config(root)?.unwrap_or_default();
    let mut sources = Vec::new();
    if config.builtin {
        sources.push(PackSource::builtin());
    }
    sources.extend(packs::fetch_locked(origin, root, &config)?);
    inherit(&mut config, &sources, root, origin)?;
    Ok((config, sources))
}

/// Adds the settings of presets and files that the config extends; they come from where the config does.
fn inherit(
    config: &mut Config,
    sources: &[PackSource],
    root: &Path,
    origin: &Origin<'_>,
) -> Result<(), Failure> {
    let own = config.builtin.then_some(BUILTIN_PACK);
    let names: Vec<String> = own
        .map(str::to_owned)
        .into_iter()
        .chain(config.packs.iter().cloned())
        .collect();
    let names = names.iter().map(String::as_str);
    let shelf = Shelf {
        file: &|path| {
            origin
                .text(root, path)
                .map_err(|failure| failure.to_string())
        },
        packs: names.zip(sources).collect(),
    };
    Ok(config.inherit(&shelf)?)
}

/// With `--policy`, settings of rules that are not loaded are not mistakes.
fn check_rule_names(config: &Config, pack: &Pack, plain_alone: bool) -> Result<(), Failure> {
    let known: Vec<RuleId> = crate::all_rules(pack.all_rules().cloned())
        .into_iter()
        .map(|rule| rule.id)
        .collect();
    let mut unknown = config.unknown_rules(&known);
    if plain_alone {
        let is_own = |name: &str| {
            let category = name.split('/').next();
            known.iter().any(|rule| Some(rule.category()) == category)
        };
        unknown.retain(|rule| is_own(&rule.selector));
    }
    let Some(first) = unknown.first() else {
        return Ok(());
    };
    let help = match &first.nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `govcheck rules` to list all rules".to_owned(),
    };
    let message = format!("unknown rule or category `{}`", first.selector);
    Err(mistake(first.at.as_ref(), message, help).into())
}

/// What config gives as options, and rules can't take, each at its place.
fn option_mistakes(config: &Config, mistakes: &[OptionMistake]) -> Failure {
    let all = mistakes.iter().map(|it| {
        let set = config.option(&it.rule, &it.option);
        let help = format!(
            "{}; run `govcheck explain {}` to list the options",
            it.help, it.rule
        );
        mistake(set.and_then(|set| set.at), it.message.clone(), help)
    });
    let mut all: Vec<ConfigError> = all.collect();
    // Set for a category, one mistake may be that of many rules.
    all.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    Failure::Config(all)
}

fn mistake(at: Option<&Location>, message: String, help: String) -> ConfigError {
    ConfigError {
        file: at.map_or_else(|| CONFIG_FILE.to_owned(), |at| at.file.to_string()),
        line: at.map(|at| at.start.line),
        column: at.map(|at| at.start.column),
        message,
        help: Some(help),
    }
}
