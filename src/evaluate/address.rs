//! Addresses: a path in an entity by where that is declared, and their places, by reading again just the files that
//! have one. For rules that look at the whole mesh, or at a change in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::map::Setting;
use super::read;
use crate::discover::FileSource;
use crate::lift::Contexts;
use crate::mesh::{Card, Mesh};
use crate::model::entity::EntityKey;
use crate::model::finding::{Location, Related};
use crate::model::path::ModelPath;
use crate::model::text::{RelPath, SourceText};

/// An entity by where it is declared, and a path in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) file: RelPath,
    pub(super) document: usize,
    pub(super) ordinal: usize,
    pub(super) path: ModelPath,
}

impl Address {
    pub(super) fn of_card(card: &Card, path: &ModelPath) -> Self {
        Self {
            file: card.file.clone(),
            document: card.document,
            ordinal: card.ordinal,
            path: path.clone(),
        }
    }

    /// `entity` is a key as text, `contract:orders`; of two that have it, the first is meant.
    pub(super) fn of_entity(mesh: &Mesh, entity: &str, path: &ModelPath) -> Option<Self> {
        let (kind, id) = entity.split_once(':')?;
        let at = mesh
            .cards
            .partition_point(|card| (&*card.key.kind, &*card.key.id) < (kind, id));
        let card = mesh.cards.get(at)?;
        let is_it = &*card.key.kind == kind && &*card.key.id == id;
        is_it.then(|| Self::of_card(card, path))
    }
}

/// A located address.
pub(super) struct Found {
    pub(super) location: Location,
    pub(super) entity: EntityKey,
    pub(super) used: Option<Related>,
    pub(super) route: String,
    pub(super) owner: Option<String>,
    pub(super) domain: Option<String>,
}

/// Where addresses are, with the texts of their files.
#[derive(Default)]
pub(super) struct Places {
    pub(super) found: BTreeMap<Address, Found>,
    pub(super) sources: BTreeMap<RelPath, Arc<SourceText>>,
}

/// Finds addresses; one whose file has changed under our hands is left out.
pub(super) fn find(
    setting: &Setting<'_>,
    contexts: &Contexts,
    source: &dyn FileSource,
    addresses: impl Iterator<Item = Address>,
) -> Places {
    let mut wanted: BTreeMap<RelPath, Vec<Address>> = BTreeMap::new();
    for address in addresses {
        let file = address.file.clone();
        wanted.entry(file).or_default().push(address);
    }
    let files: Vec<_> = wanted
        .into_par_iter()
        .filter_map(|(file, addresses)| {
            find_in(setting, contexts, source, &file, addresses)
                .map(|(text, found)| (file, text, found))
        })
        .collect();
    let mut places = Places::default();
    for (file, text, located) in files {
        places.sources.insert(file, text);
        places.found.extend(located);
    }
    places
}

/// A file's text, and what was found in it.
type LocatedFile = (Arc<SourceText>, Vec<(Address, Found)>);

fn find_in(
    setting: &Setting<'_>,
    contexts: &Contexts,
    source: &dyn FileSource,
    file: &RelPath,
    addresses: Vec<Address>,
) -> Option<LocatedFile> {
    let bytes = source.read(file).ok()?;
    let read = read::read(setting, contexts, file, &bytes);
    let place = (setting.place)(file);
    let find = |address: &Address| -> Option<Found> {
        let site = read.site(address.document, address.ordinal)?;
        let (location, used, route) = site.place(&address.path);
        Some(Found {
            location,
            entity: site.entity.key.clone(),
            used,
            route,
            owner: site.owner(),
            domain: site.domain(&place),
        })
    };
    let found = addresses
        .into_iter()
        .filter_map(|address| find(&address).map(|found| (address, found)))
        .collect();
    Some((read.text, found))
}
