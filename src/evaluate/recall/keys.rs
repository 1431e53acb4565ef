//! Keys of outcomes and meshes: hashes of everything that they follow from.

use std::collections::BTreeMap;

use crate::cache::{CacheKey, hash_parts};
use crate::discover::Identity;
use crate::evaluate::setting::Setting;
use crate::lift::Contexts;
use crate::model::text::RelPath;

/// A hash of all that the outcome of a file follows from; `around` are the context files that there are.
pub(crate) fn outcome_key(
    setting: &Setting<'_>,
    around: &BTreeMap<RelPath, Option<Identity>>,
    file: &RelPath,
    [content, _]: Identity,
) -> Option<CacheKey> {
    let cached = setting.cached?;
    let mut inherited = Vec::new();
    if !around.is_empty() {
        for context in Contexts::candidates(&setting.pack.formats, file) {
            if let Some(identity) = around.get(&context) {
                let held = identity.as_ref().map(|[own, _]| own.as_bytes().to_vec());
                inherited.push((context, held.unwrap_or_default()));
            }
        }
    }
    let inherited = inherited
        .iter()
        .flat_map(|(context, held)| [context.as_str().as_bytes(), held.as_slice()]);
    let own = [
        cached.setting.as_slice(),
        file.as_str().as_bytes(),
        content.as_bytes(),
    ];
    Some(hash_parts(own.into_iter().chain(inherited)))
}

/// A hash of all that a mesh follows from: the setting, and what each file holds.
pub(crate) fn mesh_key<'i>(
    setting: &Setting<'_>,
    files: impl Iterator<Item = (&'i RelPath, Option<&'i Identity>)>,
) -> Option<CacheKey> {
    let cached = setting.cached?;
    let mut parts: Vec<&[u8]> = vec![b"mesh", cached.setting.as_slice()];
    for (file, identity) in files {
        let [own, _] = identity?;
        parts.extend([file.as_str().as_bytes(), own.as_bytes()]);
    }
    Some(hash_parts(parts))
}
