//! The files of a mesh, and what each holds where that is known without judging it: by its source, or because it looks as it
//! did when an earlier run read it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::profile::Stage;
use super::recall::keys::mesh_key;
use super::setting::Setting;
use crate::cache::{CacheKey, hash_parts};
use crate::discover::{ContentId, FileSource, Identity, Listing, ReadError, identify_bytes};
use crate::lift::Contexts;
use crate::model::text::RelPath;

/// So many files are read to learn what they hold even if no mesh is known that was judged the same way: what a change has
/// is few.
const READ: usize = 200;

/// The files of a mesh.
pub struct Listed<'s> {
    /// Where they are.
    pub source: &'s dyn FileSource,
    pub(super) listing: Listing,
    /// What each of the files holds, in their order.
    pub(super) known: Vec<Option<Identity>>,
}

impl<'s> Listed<'s> {
    /// Lists the files of a source.
    pub fn of(setting: &Setting<'_>, source: &'s dyn FileSource) -> Self {
        let listing = setting.time(Stage::Walk, || source.list());
        let files = listing.files.par_iter();
        let known = setting.time(Stage::Look, || {
            files.map(|file| known(setting, source, file)).collect()
        });
        Self {
            source,
            listing,
            known,
        }
    }

    /// The files, sorted.
    pub fn files(&self) -> &[RelPath] {
        &self.listing.files
    }

    /// A hash of the names of all files.
    pub fn names(&self) -> CacheKey {
        hash_parts(
            self.listing
                .files
                .iter()
                .map(|file| file.as_str().as_bytes()),
        )
    }

    /// The files that others inherit from, and what each holds, read if need be.
    pub(super) fn contexts_read(
        &self,
        setting: &Setting<'_>,
    ) -> BTreeMap<RelPath, Option<Identity>> {
        read_contexts(setting, self.source, &self.listing).1
    }

    /// The files that others inherit from, and what each holds.
    pub(super) fn contexts(&self, setting: &Setting<'_>) -> BTreeMap<RelPath, Option<Identity>> {
        let files = self.listing.files.iter().zip(&self.known);
        let contexts = files.filter(|(file, _)| Contexts::is_one(&setting.pack.formats, file));
        contexts
            .map(|(file, known)| (file.clone(), *known))
            .collect()
    }

    /// A hash of all that the mesh of these files follows from; `None` if it can't be known, or only by reading most of
    /// them in vain.
    pub fn key(&mut self, setting: &Setting<'_>) -> Option<CacheKey> {
        let cached = setting.cached?;
        let unknown = self.known.iter().filter(|known| known.is_none());
        if unknown.count() > READ && !cached.cache.knows_a_mesh(&cached.setting) {
            return None;
        }
        let files = self.listing.files.par_iter().zip(&mut self.known);
        files
            .filter(|(_, known)| known.is_none())
            .for_each(|(file, known)| {
                *known = read(setting, self.source, file);
            });
        let known = self.known.iter().map(Option::as_ref);
        mesh_key(setting, self.listing.files.iter().zip(known))
    }
}

fn known(setting: &Setting<'_>, source: &dyn FileSource, file: &RelPath) -> Option<Identity> {
    let by_source = source.content(file).map(|content| [content, content]);
    by_source.or_else(|| setting.cached?.cache.identity(source, file))
}

fn read(setting: &Setting<'_>, source: &dyn FileSource, file: &RelPath) -> Option<Identity> {
    let stat = source.stat(file);
    let read = setting.time(Stage::Read, || source.read(file));
    let identity = identity_of(&read)?;
    setting.cached?.cache.learn(file, stat, identity);
    Some(identity)
}

/// The identity of a file's bytes; for a file that is too large, that of the problem. `None` if it can't be read.
pub(super) fn identity_of(read: &Result<Vec<u8>, ReadError>) -> Option<Identity> {
    match read {
        Ok(bytes) => identify_bytes(bytes),
        Err(ReadError::TooLarge { size, limit, head }) => {
            let said = format!("too large: {size:?} of {limit}\0");
            let id = ContentId::of(&[said.as_bytes(), head].concat())?;
            Some([id, id])
        }
        Err(_) => None,
    }
}

/// Reads the files that others inherit from. The map step reports those that can't be read.
pub(super) fn read_contexts(
    setting: &Setting<'_>,
    source: &dyn FileSource,
    listing: &Listing,
) -> (Contexts, BTreeMap<RelPath, Option<Identity>>) {
    let (mut contexts, mut identified) = (Contexts::default(), BTreeMap::new());
    for file in &listing.files {
        if Contexts::is_one(&setting.pack.formats, file) {
            let bytes = source.read(file).ok();
            if let Some(bytes) = &bytes {
                contexts.add(file, bytes, &setting.limits);
            }
            identified.insert(file.clone(), bytes.and_then(|bytes| identify_bytes(&bytes)));
        }
    }
    (contexts, identified)
}
