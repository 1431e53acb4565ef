//! The places of mesh findings: files that have one are read again, each once.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::read;
use super::setting::Setting;
use crate::discover::FileSource;
use crate::lift::Contexts;
use crate::mesh::{Card, Mesh};
use crate::model::entity::EntityKey;
use crate::model::finding::Related;
use crate::model::location::Location;
use crate::model::path::ModelPath;
use crate::model::text::{RelPath, TextId};

/// An entity by where it is declared, and a path in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) file: RelPath,
    pub(crate) document: usize,
    pub(crate) ordinal: usize,
    pub(crate) path: ModelPath,
}

impl Address {
    /// A path in the entity of a card.
    pub(crate) fn of(card: &Card, path: ModelPath) -> Self {
        Self {
            file: card.file.clone(),
            document: card.document,
            ordinal: card.ordinal,
            path,
        }
    }

    /// A path in the entity with a key, as text: `contract:orders`. Of two with one key the first is meant.
    pub(crate) fn of_entity(mesh: &Mesh, entity: &str, path: &ModelPath) -> Option<Self> {
        let (kind, id) = entity.split_once(':')?;
        Some(Self::of(mesh.card(kind, id)?, path.clone()))
    }
}

/// A located address.
#[derive(Debug, Clone)]
pub(crate) struct FoundPlace {
    pub(crate) location: Location,
    pub(crate) entity: EntityKey,
    pub(crate) used: Option<Related>,
    pub(crate) route: String,
    pub(crate) owner: Option<String>,
    pub(crate) domain: Option<String>,
}

/// Located addresses, and which texts their files have.
#[derive(Debug, Default)]
pub(crate) struct LocatedAddresses {
    pub(crate) found: BTreeMap<Address, FoundPlace>,
    pub(crate) texts: BTreeMap<RelPath, TextId>,
}

impl LocatedAddresses {
    /// What is known of an address.
    pub(crate) fn take(&self, address: &Address) -> Option<(FoundPlace, TextId)> {
        let found = self.found.get(address)?;
        let text = self.texts.get(&address.file)?;
        Some((found.clone(), *text))
    }

    pub(crate) fn add(&mut self, address: Address, found: FoundPlace, text: TextId) {
        self.texts.insert(address.file.clone(), text);
        self.found.insert(address, found);
    }

    pub(crate) fn extend(&mut self, other: LocatedAddresses) {
        self.found.extend(other.found);
        self.texts.extend(other.texts);
    }
}

/// Reads the files of addresses again and finds them; what changed under our hands is not found.
pub(crate) fn locate_addresses(
    setting: &Setting<'_>,
    contexts: &Contexts,
    source: &dyn FileSource,
    addresses: BTreeSet<Address>,
) -> LocatedAddresses {
    let mut wanted: BTreeMap<RelPath, Vec<Address>> = BTreeMap::new();
    for address in addresses {
        let file = address.file.clone();
        wanted.entry(file).or_default().push(address);
    }
    let files: Vec<_> = wanted
        .into_par_iter()
        .filter_map(|(file, addresses)| {
            locate_file(setting, contexts, source, &file, addresses)
                .map(|(text, found)| (file, text, found))
        })
        .collect();
    let mut places = LocatedAddresses::default();
    for (file, text, found) in files {
        places.texts.insert(file, text);
        places.found.extend(found);
    }
    places
}

/// Which text a file has, and what was found in it.
type LocatedFile = (TextId, Vec<(Address, FoundPlace)>);

fn locate_file(
    setting: &Setting<'_>,
    contexts: &Contexts,
    source: &dyn FileSource,
    file: &RelPath,
    addresses: Vec<Address>,
) -> Option<LocatedFile> {
    let bytes = source.read(file).ok()?;
    let read = read::read_file(setting, contexts, file, &bytes);
    let place = (setting.place)(file);
    let find = |address: &Address| -> Option<FoundPlace> {
        let site = read.site(address.document, address.ordinal)?;
        let (location, used, route) = site.place(&address.path);
        Some(FoundPlace {
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
    Some((read.text.id(), found))
}
