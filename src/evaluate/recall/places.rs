//! Places of mesh findings, as the cache has them: a file that is the same as in an earlier run need not be read again to
//! find the same places in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cache::{CacheKey, Hash256, open_sealed, seal_content};
use crate::evaluate::mapped::Mapped;
use crate::evaluate::outcome::wire::{TextNumber, WireLocation, WireReader, Writer};
use crate::evaluate::places::{Address, FoundPlace, LocatedAddresses};
use crate::evaluate::setting::{Cached, Setting};
use crate::model::finding::Related;
use crate::model::text::{RelPath, TextId};

#[derive(Serialize, Deserialize)]
struct WirePlaces {
    texts: Vec<Arc<str>>,
    text: u64,
    /// In the order of the addresses.
    found: Vec<WirePlace>,
}

#[derive(Serialize, Deserialize)]
struct WirePlace {
    location: WireLocation,
    entity: [TextNumber; 2],
    used: Option<(TextNumber, WireLocation)>,
    route: TextNumber,
    owner: Option<TextNumber>,
    domain: Option<TextNumber>,
}

/// The places of one file that are wanted.
struct WantedPlaces {
    file: RelPath,
    addresses: Vec<Address>,
    /// None if it is not known what the file holds.
    key: Option<CacheKey>,
}

/// Places that are left to find.
#[derive(Default)]
pub(crate) struct Missing(Vec<WantedPlaces>);

impl Missing {
    /// Their addresses.
    pub(crate) fn addresses(&self) -> BTreeSet<Address> {
        let addresses = self.0.iter().flat_map(|wanted| &wanted.addresses);
        addresses.cloned().collect()
    }

    /// Leaves what was found for later runs, of files that are still what they were.
    pub(crate) fn keep(
        &self,
        setting: &Setting<'_>,
        mapped: &Mapped<'_>,
        places: &LocatedAddresses,
    ) {
        let Some(Cached { cache, .. }) = setting.cached else {
            return;
        };
        self.0.par_iter().for_each(|wanted| {
            let source = mapped.source;
            let stays = || {
                let content = source.content(&wanted.file);
                content.is_some() || cache.is_as_seen(source, &wanted.file)
            };
            if let Some((key, bytes)) = wanted.key.zip(wanted.bytes(places))
                && stays()
            {
                cache.put(key, &bytes);
            }
        });
    }
}

/// The places that are known, and those that are not.
pub(crate) fn recall_places(
    setting: &Setting<'_>,
    mapped: &Mapped<'_>,
    addresses: BTreeSet<Address>,
) -> (LocatedAddresses, Missing) {
    let mut by_file: BTreeMap<RelPath, Vec<Address>> = BTreeMap::new();
    for address in addresses {
        let file = address.file.clone();
        by_file.entry(file).or_default().push(address);
    }
    let wanted = by_file.into_par_iter().map(|(file, addresses)| {
        let outcome = mapped.outcome_key(setting, &file);
        let key = outcome.and_then(|outcome| places_key(&outcome, &addresses));
        let wanted = WantedPlaces {
            file,
            addresses,
            key,
        };
        match wanted.recall(setting) {
            Some(places) => Ok(places),
            None => Err(wanted),
        }
    });
    let wanted: Vec<Result<LocatedAddresses, WantedPlaces>> = wanted.collect();
    let (mut places, mut missing) = (LocatedAddresses::default(), Missing::default());
    for one in wanted {
        match one {
            Ok(known) => places.extend(known),
            Err(wanted) => missing.0.push(wanted),
        }
    }
    (places, missing)
}

fn places_key(outcome: &CacheKey, addresses: &[Address]) -> Option<CacheKey> {
    let mut hash = Hash256::of(b"places");
    hash.add(outcome);
    for Address {
        file: _,
        document,
        ordinal,
        path,
    } in addresses
    {
        hash.add(&seal_content(&(document, ordinal, path))?);
    }
    Some(hash.finish())
}

impl WantedPlaces {
    fn recall(&self, setting: &Setting<'_>) -> Option<LocatedAddresses> {
        let Cached { cache, .. } = setting.cached?;
        let wire: WirePlaces = open_sealed(&cache.record(self.key.as_ref()?)?)?;
        if wire.found.len() != self.addresses.len() {
            return None;
        }
        let reader = WireReader::new(&wire.texts);
        let mut places = LocatedAddresses::default();
        for (address, place) in self.addresses.iter().zip(&wire.found) {
            let found = place.read(&reader)?;
            places.add(address.clone(), found, TextId(wire.text));
        }
        Some(places)
    }

    /// None if one of the places was not found.
    fn bytes(&self, places: &LocatedAddresses) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        let found = self.addresses.iter().map(|address| {
            let found = places.found.get(address)?;
            Some(WirePlace::of(found, &mut writer))
        });
        let found = found.collect::<Option<_>>()?;
        let TextId(text) = *places.texts.get(&self.file)?;
        seal_content(&WirePlaces {
            found,
            text,
            texts: writer.texts,
        })
    }
}

impl WirePlace {
    fn of(found: &FoundPlace, writer: &mut Writer<'_>) -> Self {
        // All fields by name: a new one must be written, too.
        let FoundPlace {
            location,
            entity,
            used,
            route,
            owner,
            domain,
        } = found;
        let mut perhaps = |text: &Option<String>| text.as_ref().map(|text| writer.text(text));
        Self {
            owner: perhaps(owner),
            domain: perhaps(domain),
            location: writer.location(location),
            entity: writer.key(entity),
            used: used
                .as_ref()
                .map(|used| (writer.text(&used.message), writer.location(&used.location))),
            route: writer.text(route),
        }
    }

    fn read(&self, reader: &WireReader<'_>) -> Option<FoundPlace> {
        let perhaps = |text: Option<TextNumber>| match text {
            Some(text) => reader.text(text).map(Some),
            None => Some(None),
        };
        let used = match &self.used {
            Some((message, at)) => Some(Related {
                message: reader.text(*message)?,
                location: reader.location(at)?,
            }),
            None => None,
        };
        Some(FoundPlace {
            location: reader.location(&self.location)?,
            entity: reader.key(self.entity)?,
            used,
            route: reader.text(self.route)?,
            owner: perhaps(self.owner)?,
            domain: perhaps(self.domain)?,
        })
    }
}
