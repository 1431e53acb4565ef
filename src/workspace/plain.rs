//! Plain policies on the command line and in the config: where they are, which of them are asked, and their data.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::origin::Origin;
use super::world::World;
use crate::config::Config;
use crate::discover::CONFIG_FILE;
use crate::model::text::{RelPath, nearest_name};
use crate::policy::Pack;
use crate::policy::engine::RegoVersion;
use crate::policy::plain::{DataSource, PlainRequest, is_data_file};
use crate::policy::source::{PackFile, PackSource};

/// No policy or data of people has more bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Plain policies, as in conftest")]
pub(crate) struct PlainArguments {
    /// Check every YAML and JSON file only with the policies of this folder or file; repeatable
    #[arg(long, short, value_name = "PATH")]
    policy: Vec<PathBuf>,
    /// Evaluate the rules of this namespace, or of all that a pattern such as `k8s.*` matches. Default: main
    #[arg(long, short = 'n', value_name = "NAME", value_delimiter = ',')]
    namespace: Vec<String>,
    /// Evaluate the rules of all namespaces
    #[arg(long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// Load the YAML and JSON of this folder or file into `data`; repeatable
    #[arg(long, short, value_name = "PATH")]
    data: Vec<PathBuf>,
    /// Pass all documents to the policies as one input: `[{"path": …, "contents": …}]`
    #[arg(long)]
    combine: bool,
    /// Parse the policies as this version of Rego. Default: v1
    #[arg(long, value_enum, value_name = "VERSION")]
    rego_version: Option<RegoVersionArgument>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RegoVersionArgument {
    V0,
    V1,
}

/// The plain policies of a run.
pub(crate) struct AskedPolicies {
    pub(crate) policies: PlainRequest,
    /// Whether nothing else judges.
    pub(crate) alone: bool,
}

impl PlainArguments {
    /// The first option that means nothing without policies.
    fn stray(&self) -> Option<&'static str> {
        [
            (!self.namespace.is_empty(), "--namespace"),
            (self.all_namespaces, "--all-namespaces"),
            (!self.data.is_empty(), "--data"),
            (self.combine, "--combine"),
            (self.rego_version.is_some(), "--rego-version"),
        ]
        .into_iter()
        .find_map(|(given, name)| given.then_some(name))
    }
}

/// The plain policies that are asked for: `--policy` alone, else those of the config, whose settings options override.
pub(crate) fn request_policies(
    root: &Path,
    config: &Config,
    origin: &Origin<'_>,
    asked: Option<(&PlainArguments, &World)>,
) -> Result<Option<AskedPolicies>, Failure> {
    let none = PlainArguments::default();
    let arguments = asked.map_or(&none, |(arguments, _)| arguments);
    let own = arguments
        .policy
        .is_empty()
        .then_some(config.plain.as_ref())
        .flatten();
    if arguments.policy.is_empty() && own.is_none() {
        return match arguments.stray() {
            Some(option) => Err(Failure::usage(
                format!("`{option}` needs plain policies"),
                "name a folder of policies with `--policy`, or with `plain: {policy: …}` in `govcheck.yaml`",
            )),
            None => Ok(None),
        };
    }
    let mut policies = PlainRequest {
        spared: spared(config),
        ..PlainRequest::default()
    };
    if let Some(own) = own {
        for path in &own.policy {
            let files = files_of(root, origin, path, is_policy)?;
            policies.policies.push(policy_source(path, files));
        }
        for path in &own.data {
            let files = files_of(root, origin, path, is_data_file)?;
            policies.data.push(data_source(path, files)?);
        }
        policies.namespaces.clone_from(&own.namespaces);
        policies.all_namespaces = own.all_namespaces;
        policies.combine = own.combine;
        policies.version = version(own.rego_v0);
    }
    if let Some((arguments, world)) = asked {
        let on_disk = |path: &PathBuf, wanted: fn(&str) -> bool| {
            let name = path.display().to_string();
            Ok::<_, Failure>((name, read(&world.current_dir.join(path), path, wanted)?))
        };
        for path in &arguments.policy {
            let (name, files) = on_disk(path, is_policy)?;
            policies.policies.push(policy_source(&name, files));
        }
        for path in &arguments.data {
            let (name, files) = on_disk(path, is_data_file)?;
            policies.data.push(data_source(&name, files)?);
        }
    }
    if arguments.all_namespaces || !arguments.namespace.is_empty() {
        policies.namespaces.clone_from(&arguments.namespace);
        policies.all_namespaces = arguments.all_namespaces;
    }
    policies.combine |= arguments.combine;
    if let Some(given) = arguments.rego_version {
        policies.version = version(matches!(given, RegoVersionArgument::V0));
    }
    Ok(Some(AskedPolicies {
        policies,
        alone: own.is_none(),
    }))
}

/// The files of the config's plain policies and their data, relative to the root. Missing ones are left out.
pub(crate) fn governing_files(root: &Path, config: &Config, origin: &Origin<'_>) -> Vec<String> {
    let Some(own) = &config.plain else {
        return Vec::new();
    };
    let policies = own
        .policy
        .iter()
        .map(|path| (path, is_policy as fn(&str) -> bool));
    let data = own
        .data
        .iter()
        .map(|path| (path, is_data_file as fn(&str) -> bool));
    let mut all = Vec::new();
    for (path, wanted) in policies.chain(data) {
        let (folder, files) = match files_of(root, origin, path, wanted) {
            Ok(PolicyFiles::Folder(files)) => (path.trim_end_matches('/'), files),
            Ok(PolicyFiles::File(file)) => (
                path.rsplit_once('/').map_or("", |(folder, _)| folder),
                vec![file],
            ),
            Err(_) => continue,
        };
        let whole = |file: PackFile| {
            format!("{folder}/{}", file.path)
                .trim_start_matches('/')
                .to_owned()
        };
        all.extend(files.into_iter().map(whole));
    }
    all
}

/// Settings of plain rules in the config must match their rules.
pub(crate) fn check_against(pack: &Pack, config: &Config) -> Result<(), Failure> {
    for rule in pack.plain.iter().flat_map(|plain| &plain.rules) {
        let id = &rule.rule.id;
        if pack.rule_index(id.as_str()).is_some() {
            return Err(Failure::usage(
                format!(
                    "rule `{id}` of `{}` has the same id as a rule of a pack",
                    rule.rule.pack
                ),
                "rename the namespace or the rule of the plain policy",
            ));
        }
        if let Some(option) = config.options(id).keys().next() {
            return Err(Failure::usage(
                format!(
                    "{CONFIG_FILE}: rule `{id}` has no option `{option}`; plain policies have no options"
                ),
                "pass values as data, with `plain: {data: …}` or `--data`",
            ));
        }
    }
    Ok(())
}

fn version(is_v0: bool) -> RegoVersion {
    if is_v0 {
        RegoVersion::V0
    } else {
        RegoVersion::V1
    }
}

/// govcheck's own configuration is not input of policies.
fn spared(config: &Config) -> std::collections::BTreeSet<RelPath> {
    let others = [&config.waivers, &config.baseline].into_iter().flatten();
    let files = std::iter::once(CONFIG_FILE).chain(others.map(String::as_str));
    files
        .map(|file| RelPath::new(file.trim_start_matches("./")))
        .collect()
}

fn is_policy(path: &str) -> bool {
    path.ends_with(".rego")
}

/// A folder's files, by their paths in it; or a file, by its name.
enum PolicyFiles {
    Folder(Vec<PackFile>),
    File(PackFile),
}

fn policy_source(path: &str, found: PolicyFiles) -> PackSource {
    let (name, files) = named(path, found);
    PackSource::plain(name, files)
}

fn data_source(path: &str, found: PolicyFiles) -> Result<DataSource, Failure> {
    let (name, files) = named(path, found);
    if files.is_empty() {
        return Err(Failure::usage(
            format!("`{path}` has no .yaml, .yml or .json file"),
            "name a folder or file with data: `--data PATH`",
        ));
    }
    Ok(DataSource { name, files })
}

fn named(path: &str, found: PolicyFiles) -> (String, Vec<PackFile>) {
    match found {
        PolicyFiles::Folder(files) => (path.trim_end_matches('/').to_owned(), files),
        PolicyFiles::File(file) => {
            let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
            (folder.to_owned(), vec![file])
        }
    }
}

/// What a path of the config names, in the working tree or a revision.
fn files_of(
    root: &Path,
    origin: &Origin<'_>,
    path: &str,
    wanted: fn(&str) -> bool,
) -> Result<PolicyFiles, Failure> {
    let Origin::Revision(revision) = origin else {
        return read(&root.join(path), Path::new(path), wanted);
    };
    let clean = path.trim_start_matches("./").trim_end_matches('/');
    if let Some(text) = origin.text(root, clean).ok().flatten() {
        let name = clean.rsplit('/').next().unwrap_or(clean).to_owned();
        return Ok(PolicyFiles::File(PackFile { path: name, text }));
    }
    let mut files = Vec::new();
    for inner in revision.tree.files_below(clean)? {
        if wanted(&inner)
            && let Some(text) = origin.text(root, &format!("{clean}/{inner}"))?
        {
            files.push(PackFile { path: inner, text });
        }
    }
    if files.is_empty() {
        let message = format!("`{path}` does not exist at {}", revision.name);
        return Err(Failure::usage(
            message,
            "correct `plain` in `govcheck.yaml`",
        ));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(PolicyFiles::Folder(files))
}

/// What a path on disk names. Links to folders are not followed.
fn read(path: &Path, shown: &Path, wanted: fn(&str) -> bool) -> Result<PolicyFiles, Failure> {
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    if path.is_file() {
        let name = name(path).unwrap_or_default();
        return Ok(PolicyFiles::File(PackFile {
            text: text(path, &shown.display().to_string())?,
            path: name,
        }));
    }
    if !path.is_dir() {
        let siblings = path.parent().and_then(|parent| fs::read_dir(parent).ok());
        let siblings = siblings
            .into_iter()
            .flatten()
            .filter_map(|entry| name(&entry.ok()?.path()));
        let siblings: Vec<String> = siblings.collect();
        let near = nearest_name(
            &name(path).unwrap_or_default(),
            siblings.iter().map(String::as_str),
        );
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "pass an existing folder or file".to_owned(),
        };
        return Err(Failure::usage(
            format!("`{}` does not exist", shown.display()),
            help,
        ));
    }
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let message = format!("cannot read `{}`: {error}", shown.display());
            Failure::usage(message, "grant the user that runs govcheck read access")
        })?;
        let relative = entry.path().strip_prefix(path).unwrap_or(entry.path());
        let parts: Vec<String> = relative
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let inner = parts.join("/");
        if entry.file_type().is_file() && wanted(&inner) {
            let text = text(entry.path(), &format!("{}/{inner}", shown.display()))?;
            files.push(PackFile { path: inner, text });
        }
    }
    Ok(PolicyFiles::Folder(files))
}

fn text(path: &Path, shown: &str) -> Result<String, Failure> {
    let refuse = |why: String, help: &str| Failure::usage(format!("`{shown}` {why}"), help);
    if fs::metadata(path).is_ok_and(|meta| meta.len() > MAX_BYTES) {
        return Err(refuse(
            "is too large".to_owned(),
            "check that this is the right file",
        ));
    }
    let readable = "check that the file is readable and saved as UTF-8";
    fs::read_to_string(path).map_err(|error| refuse(format!("cannot be read: {error}"), readable))
}
