//! Judges the mesh with and without the files that `govcheck init` is about to write. Registers and a layout bring old
//! mistakes to light; a first config must not break a build with them.

use std::collections::{BTreeMap, BTreeSet};

use super::Planned;
use crate::config::Config;
use crate::discover::{CONFIG_FILE, FileSource, Memory};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::{Day, Level, RuleId};
use crate::model::text::RelPath;
use crate::workbench::judge::Bench;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{ENTITY_BOUNDS, MESH_BOUNDS};
use crate::workspace::open::Workspace;

/// How many errors each rule reports with the planned files and does not report without them.
pub(super) fn count_new_errors(
    workspace: &Workspace,
    planned: &[Planned],
    today: Day,
) -> Result<BTreeMap<RuleId, usize>, Failure> {
    let walk = workspace.walk()?;
    let listed = walk.list().files.into_iter();
    let files: Vec<(RelPath, Vec<u8>)> = listed
        .filter_map(|file| walk.read(&file).ok().map(|bytes| (file, bytes)))
        .collect();
    let new = planned.iter().filter(|file| file.left.is_none());
    let config = new.clone().find(|file| file.path == CONFIG_FILE);
    let config = match config {
        Some(file) => Config::parse(&file.text, CONFIG_FILE)?,
        None => workspace.config.clone(),
    };
    let new = new.map(|file| {
        let text = file.text.as_bytes().to_vec();
        (RelPath::new(file.path.as_str()), text)
    });
    let with = Memory::new(files.iter().cloned().chain(new));
    let without = Memory::new(files);
    let before = judge(workspace, &without, &workspace.config, today)?;
    let after = judge(workspace, &with, &config, today)?;
    let known: BTreeSet<&str> = errors(&before).map(|it| it.fingerprint.as_str()).collect();
    let mut counts = BTreeMap::new();
    for finding in errors(&after).filter(|it| !known.contains(it.fingerprint.as_str())) {
        *counts.entry(finding.rule.clone()).or_default() += 1;
    }
    Ok(counts)
}

fn judge(
    workspace: &Workspace,
    files: &Memory,
    config: &Config,
    today: Day,
) -> Result<Report, Failure> {
    let bench = Bench {
        pack: &workspace.pack,
        bounds: ENTITY_BOUNDS,
        mesh_bounds: MESH_BOUNDS,
    };
    let judged = bench.judge(None, files, config, today);
    judged.map_err(|error| Failure::usage(error.to_string(), "correct `govcheck.yaml` first"))
}

fn errors(report: &Report) -> impl Iterator<Item = &Finding> {
    let counts =
        |finding: &&Finding| finding.level == Level::Error && finding.suppression.is_none();
    report.findings.iter().filter(counts)
}
