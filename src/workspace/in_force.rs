//! What of config, packs, waivers and baseline is another in the revision that judges than in the mesh under judgement.

use std::collections::BTreeSet;
use std::path::Path;

use super::failure::Failure;
use super::origin::Origin;
use super::packs::{LOCK_FILE, is_bundle};
use super::plain;
use super::revisions::Revisions;
use crate::config::Config;
use crate::discover::CONFIG_FILE;
use crate::judge::not_in_force;
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// A note for every file whose change is not in force. Empty where the working tree judges itself.
pub(crate) fn list_notes(
    root: &Path,
    config: &Config,
    revisions: &Revisions,
) -> Result<Vec<Finding>, Failure> {
    let Some(policies) = &revisions.policies else {
        return Ok(Vec::new());
    };
    let head = match &revisions.head {
        Some(head) => Origin::Revision(head),
        None => Origin::Disk,
    };
    let judging = Origin::Revision(policies);
    // A config that is broken in the head differs, and that is all that counts here.
    let other = head.config(root).ok().flatten().unwrap_or_default();
    let mut files = BTreeSet::from([CONFIG_FILE.to_owned(), LOCK_FILE.to_owned()]);
    for config in [config, &other] {
        files.extend(config.texts().map(|(file, _)| file.to_string()));
        files.extend(
            [&config.waivers, &config.baseline]
                .into_iter()
                .flatten()
                .cloned(),
        );
        for origin in [&head, &judging] {
            files.extend(plain::governing_files(root, config, origin));
        }
        for pack in &config.packs {
            if is_bundle(pack) {
                files.insert(pack.clone());
                continue;
            }
            for origin in [&head, &judging] {
                // A pack that is missing on one side has no files there.
                let Ok(source) = origin.folder(root, pack) else {
                    continue;
                };
                let pack = pack.trim_end_matches('/');
                files.extend(
                    source
                        .files
                        .iter()
                        .map(|file| format!("{pack}/{}", file.path)),
                );
            }
        }
    }
    let differs = |file: &String| {
        let bytes = |origin: &Origin<'_>| origin.bytes(root, file).ok();
        bytes(&head) != bytes(&judging)
    };
    let files = files.into_iter().filter(differs);
    let by = policies.name.to_string();
    Ok(files
        .map(|file| not_in_force(&RelPath::new(file), &by))
        .collect())
}
