//! Waivers and baseline on disk: read from where the files of the mesh come from, written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::failure::Failure;
use crate::config::Config;
use crate::discover::{CONFIG_FILE, FileSource, ReadError};
use crate::judge::{Baseline, Exceptions, Waivers};
use crate::model::text::RelPath;
use crate::policy::Pack;

/// Where waivers are written if the config does not say.
pub(super) const WAIVERS: &str = "governance/waivers.yaml";
/// Where the baseline is written if the config does not say.
pub(super) const BASELINE: &str = "governance/baseline.json";

/// What the config says of exceptions, read from a folder or a revision.
pub(super) fn read(
    config: &Config,
    pack: &Pack,
    source: &dyn FileSource,
) -> Result<Exceptions, Failure> {
    let mut exceptions = without_baseline(config, pack, source);
    if let Some(path) = &config.baseline {
        let file = rel_path(path);
        let text = text(source, &file)?.ok_or_else(|| {
            Failure::usage(
                format!("the baseline `{file}`, which `{CONFIG_FILE}` names, is not there"),
                "`govcheck baseline write` writes it; or leave `baseline` out of the config",
            )
        })?;
        exceptions.baseline = Some(
            Baseline::parse(&file, &text)
                .map_err(|error| Failure::usage(error.to_string(), error.help))?,
        );
    }
    Ok(exceptions)
}

/// The same but for the baseline, which a command is about to write.
pub(super) fn without_baseline(
    config: &Config,
    pack: &Pack,
    source: &dyn FileSource,
) -> Exceptions {
    let rules = pack.rules.iter().map(|rule| &rule.rule.id);
    let waivers = config.waivers.as_deref().map(|path| {
        let file = rel_path(path);
        let refuse = |message: String, help: &str| Waivers::unreadable(&file, message, help);
        match source.read(&file) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Waivers::parse(&file, &text),
                Err(_) => refuse(
                    "the waivers file is not UTF-8".to_owned(),
                    "save it as UTF-8",
                ),
            },
            Err(error) if is_missing(&error) => refuse(
                format!("the waivers file, which `{CONFIG_FILE}` names, is not there"),
                "`govcheck waive` writes it; or leave `waivers` out of the config",
            ),
            Err(error) => refuse(
                format!("the waivers file can't be read: {error}"),
                error.help(),
            ),
        }
    });
    Exceptions {
        waivers: waivers.unwrap_or_default(),
        baseline: None,
        max_days: config.waiver_days,
        approval: config.waiver_approval,
        inline: rules
            .filter_map(|id| Some((id.clone(), config.inline(id)?)))
            .collect(),
    }
}

/// The text of a file; none if it is not there.
pub(super) fn text(source: &dyn FileSource, file: &RelPath) -> Result<Option<String>, Failure> {
    match source.read(file) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Failure::usage(format!("`{file}` is not UTF-8"), "save it as UTF-8")),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(Failure::usage(format!("`{file}`: {error}"), error.help())),
    }
}

fn is_missing(error: &ReadError) -> bool {
    matches!(error, ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound)
}

/// A path of the config.
pub(super) fn rel_path(path: &str) -> RelPath {
    RelPath::new(path.trim_start_matches("./"))
}

/// Writes a file below the root: the whole of it, or nothing.
pub(super) fn write(root: &Path, file: &RelPath, text: &str) -> Result<(), Failure> {
    let path = root.join(file.as_str());
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(root);
        let nearest = folder.ancestors().find(|folder| folder.exists());
        let inside = nearest.unwrap_or(root).canonicalize()?;
        if !inside.starts_with(root.canonicalize()?)
            || file.as_str().split('/').any(|part| part == "..")
        {
            return Err(io::Error::other("it would lie out of the root"));
        }
        fs::create_dir_all(folder)?;
        let old = match fs::symlink_metadata(&path) {
            Ok(meta) if !meta.is_file() => {
                return Err(io::Error::other("it is not a regular file"));
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
            // The error that led here is the one to tell.
            let _ = fs::remove_file(&aside);
        })
    };
    write().map_err(|error| {
        Failure::usage(
            format!("can't write `{file}`: {error}"),
            "see what stands in its way; `--dry-run` prints what would be written",
        )
    })
}

/// Sees to it that the config names a file: writes a first config, or says what to add to the one that is there.
pub(super) fn name_in_config(
    root: &Path,
    key: &str,
    file: &RelPath,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let line = format!("{key}: {file}");
    if fs::symlink_metadata(root.join(CONFIG_FILE)).is_ok() {
        writeln!(
            out,
            "next   add `{line}` to `{CONFIG_FILE}`; until then it has no effect"
        )?;
    } else {
        write(
            root,
            &RelPath::new(CONFIG_FILE),
            &format!("version: 1\n{line}\n"),
        )?;
        writeln!(out, "wrote  {CONFIG_FILE}, which names it")?;
    }
    Ok(())
}
