//! Waivers and baseline on disk: read from where the files of the mesh come from, written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::failure::Failure;
use super::open::Workspace;
use super::origin::Origin;
use super::revisions::Revisions;
use crate::config::Config;
use crate::discover::CONFIG_FILE;
use crate::judge::{Baseline, Exceptions, Waivers};
use crate::model::text::RelPath;

/// Where waivers are written if the config does not say.
pub(crate) const WAIVERS: &str = "governance/waivers.yaml";
/// Where the baseline is written if the config does not say.
pub(crate) const BASELINE: &str = "governance/baseline.json";

/// Reads the exceptions that the config names: waivers, baseline and comments.
pub(crate) fn read_exceptions(
    workspace: &Workspace,
    origin: &Origin<'_>,
) -> Result<Exceptions, Failure> {
    read_by(&workspace.config, workspace, origin)
}

/// The same for commands that decide no exit code: a baseline that does not exist yet counts as empty.
pub(crate) fn read_or_start(workspace: &Workspace) -> Result<Exceptions, Failure> {
    match missing_baseline(workspace)? {
        Some(_) => without_baseline(&workspace.config, workspace, &Origin::Disk),
        None => read_exceptions(workspace, &Origin::Disk),
    }
}

/// The baseline that the config names and that does not exist. `None` if it exists, or if the config names none.
pub(crate) fn missing_baseline(workspace: &Workspace) -> Result<Option<RelPath>, Failure> {
    let Some(path) = &workspace.config.baseline else {
        return Ok(None);
    };
    let text = Origin::Disk.text(&workspace.root, path)?;
    Ok(text.is_none().then(|| rel_path(path)))
}

/// The exceptions of the base: from the revision that judges if there is one, else from its own files. A file that can't be
/// used there is ignored: the change repairs it, or the head reports it.
pub(crate) fn of_base(
    workspace: &Workspace,
    revisions: &Revisions,
    head: &Exceptions,
) -> Exceptions {
    let Some(base) = revisions
        .base
        .as_ref()
        .filter(|_| revisions.policies.is_none())
    else {
        return head.clone();
    };
    let origin = Origin::Revision(base);
    let config = origin.config(&workspace.root).ok().flatten();
    let read = config.and_then(|config| read_by(&config, workspace, &origin).ok());
    read.unwrap_or_default()
}

fn read_by(
    config: &Config,
    workspace: &Workspace,
    origin: &Origin<'_>,
) -> Result<Exceptions, Failure> {
    let mut exceptions = without_baseline(config, workspace, origin)?;
    if let Some(path) = &config.baseline {
        let file = rel_path(path);
        let text = origin.text(&workspace.root, path)?.ok_or_else(|| {
            Failure::usage(
                format!("baseline `{file}`, which `{CONFIG_FILE}` names, does not exist"),
                "create it with `govcheck baseline write`, or remove `baseline` from the config",
            )
        })?;
        let baseline = Baseline::parse(&file, &text)
            .map_err(|error| Failure::usage(error.to_string(), error.help))?;
        exceptions.baseline = Some(baseline);
    }
    Ok(exceptions)
}

/// The same but for the baseline, which a command is about to write.
pub(crate) fn without_baseline(
    config: &Config,
    workspace: &Workspace,
    origin: &Origin<'_>,
) -> Result<Exceptions, Failure> {
    let waivers = match config.waivers.as_deref() {
        None => Waivers::default(),
        Some(path) => match origin.text(&workspace.root, path)? {
            Some(text) => Waivers::parse(&rel_path(path), &text),
            None => Waivers::unreadable(
                &rel_path(path),
                format!("the waivers file that `{CONFIG_FILE}` names does not exist"),
                "create it with `govcheck waive`, or remove `waivers` from the config",
            ),
        },
    };
    let rules = workspace.pack.all_rules().map(|rule| &rule.id);
    Ok(Exceptions {
        waivers,
        baseline: None,
        max_days: config.waiver_days,
        approval: config.waiver_approval,
        inline: rules
            .filter_map(|id| Some((id.clone(), config.inline(id)?)))
            .collect(),
        partial: workspace.plain_alone,
    })
}

/// A path of the config.
pub(crate) fn rel_path(path: &str) -> RelPath {
    RelPath::new(path.trim_start_matches("./"))
}

/// Writes a file below the root: the whole of it, or nothing.
pub(crate) fn write_file(root: &Path, file: &RelPath, text: &str) -> Result<(), Failure> {
    let path = root.join(file.as_str());
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(root);
        let nearest = folder.ancestors().find(|folder| folder.exists());
        let inside = nearest.unwrap_or(root).canonicalize()?;
        if !inside.starts_with(root.canonicalize()?)
            || file.as_str().split('/').any(|part| part == "..")
        {
            return Err(io::Error::other("the path is outside the root"));
        }
        fs::create_dir_all(folder)?;
        let old = match fs::symlink_metadata(&path) {
            Ok(meta) if !meta.is_file() => {
                return Err(io::Error::other("the path is not a regular file"));
            }
            Ok(meta) => Some(meta.permissions()),
            Err(_) => None,
        };
        let name = format!(".{}.{}.tmp", file.file_name(), std::process::id());
        let aside = folder.join(name);
        let fill = || -> io::Result<()> {
            let mut new = fs::File::create_new(&aside)?;
            new.write_all(text.as_bytes())?;
            new.sync_all()?;
            if let Some(permissions) = old {
                fs::set_permissions(&aside, permissions)?;
            }
            fs::rename(&aside, &path)
        };
        fill().inspect_err(|_| {
            // The error that led here is the one to report.
            let _ = fs::remove_file(&aside);
        })
    };
    write().map_err(|error| {
        Failure::usage(
            format!("cannot write `{file}`: {error}"),
            "check the path and its permissions; `--dry-run` prints the text without writing it",
        )
    })
}

/// Makes the config name a file: writes a first config, adds a line to the one that is there, or says what to add where a
/// line can't be added.
pub(crate) fn name_in_config(
    root: &Path,
    key: &str,
    file: &RelPath,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let line = format!("{key}: {file}");
    let config = RelPath::new(CONFIG_FILE);
    if fs::symlink_metadata(root.join(CONFIG_FILE)).is_err() {
        write_file(root, &config, &format!("version: 1\n{line}\n"))?;
        writeln!(out, "wrote  {CONFIG_FILE}, which refers to it")?;
        return Ok(());
    }
    let text = fs::read_to_string(root.join(CONFIG_FILE)).unwrap_or_default();
    match with_line(&text, key, &line, file) {
        Some(text) => {
            write_file(root, &config, &text)?;
            writeln!(out, "wrote  {CONFIG_FILE}: added `{line}`")?;
        }
        None => writeln!(
            out,
            "next   add `{line}` to `{CONFIG_FILE}`; until then the file has no effect"
        )?,
    }
    Ok(())
}

/// The text of a config with one more line at its end. `None` where that would not name the file: a config between
/// braces, or one that has the key.
fn with_line(text: &str, key: &str, line: &str, file: &RelPath) -> Option<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let closed = match text.is_empty() || text.ends_with('\n') {
        true => "",
        false => end,
    };
    let new = format!("{text}{closed}{line}{end}");
    let config = Config::parse(&new, CONFIG_FILE).ok()?;
    let named = match key {
        "waivers" => config.waivers,
        _ => config.baseline,
    };
    (named.as_deref() == Some(file.as_str())).then_some(new)
}
