//! Finds the cause of a new finding in a file that the change does not touch, and adds it as a related place.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::mapped::Mapped;
use crate::evaluate::places::{Address, LocatedAddresses, locate_addresses};
use crate::evaluate::setting::Setting;
use crate::lift::schema::DOCUMENT_KIND;
use crate::mesh::{Card, Mesh};
use crate::model::comparison::Affected;
use crate::model::entity::EntityKey;
use crate::model::finding::{Against, Finding, Related};
use crate::model::path::ModelPath;
use crate::model::text::RelPath;

/// A mesh with its files, and those of them that the change touches.
pub(crate) struct MeshSide<'s> {
    pub(crate) mapped: &'s Mapped<'s>,
    pub(crate) mesh: &'s Mesh,
    pub(crate) changed: &'s BTreeSet<RelPath>,
}

impl<'s> MeshSide<'s> {
    /// The entities of changed files, changed or not; whole documents are left out.
    pub(crate) fn entities(&self) -> BTreeMap<&'s EntityKey, &'s Card> {
        // Backwards, so that of an entity that is declared twice the first counts.
        let cards = self.mesh.declared().rev();
        cards
            .filter(|card| self.changed.contains(&card.file) && &*card.key.kind != DOCUMENT_KIND)
            .map(|card| (&card.key, card))
            .collect()
    }
}

/// Changed entities, by key, where they are now or were before.
pub(crate) struct ChangedEntities<'s> {
    now: BTreeMap<&'s EntityKey, &'s Card>,
    before: BTreeMap<&'s EntityKey, &'s Card>,
}

impl<'s> ChangedEntities<'s> {
    /// Entities whose text differs, or that only one revision declares.
    pub(crate) fn of(base: &MeshSide<'s>, head: &MeshSide<'s>) -> Self {
        let (mut now, mut before) = (head.entities(), base.entities());
        let same = |one: &BTreeMap<&EntityKey, &Card>, key: &EntityKey, card: &Card| {
            one.get(key).is_some_and(|other| other.text == card.text)
        };
        let moved: BTreeSet<&EntityKey> = now
            .iter()
            .filter(|(key, card)| same(&before, key, card))
            .map(|(key, _)| *key)
            .collect();
        now.retain(|key, _| !moved.contains(key));
        before.retain(|key, _| !moved.contains(key));
        Self { now, before }
    }

    /// Their keys.
    pub(crate) fn keys(&self) -> BTreeSet<EntityKey> {
        let all = self.now.keys().chain(self.before.keys());
        all.map(|key| (*key).clone()).collect()
    }
}

/// Gives new findings in files that did not change a related place in one that did. `covered` gives the text that a finding covers.
pub(crate) fn explain_findings(
    setting: &Setting<'_>,
    findings: &mut [Finding],
    affected: &[Affected],
    changed: &ChangedEntities<'_>,
    (base, head): (&MeshSide<'_>, &MeshSide<'_>),
    covered: &dyn Fn(&Finding) -> Option<String>,
) -> LocatedAddresses {
    let mut wanted: Vec<(usize, EntityKey)> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let elsewhere = finding
            .location
            .as_ref()
            .is_some_and(|at| !head.changed.contains(&at.file));
        let told = finding
            .related
            .iter()
            .any(|related| head.changed.contains(&related.location.file));
        if finding.against == Some(Against::New) && elsewhere && !told {
            let cause = changed.cause(finding, covered(finding).as_deref(), affected);
            wanted.extend(cause.map(|cause| (index, cause.clone())));
        }
    }
    let place = |cards: &BTreeMap<&EntityKey, &Card>, key: &EntityKey| {
        cards
            .get(key)
            .map(|card| Address::of(card, ModelPath::root()))
    };
    let addresses = |cards: &BTreeMap<&EntityKey, &Card>| -> BTreeSet<Address> {
        wanted
            .iter()
            .filter_map(|(_, key)| place(cards, key))
            .collect()
    };
    let now = locate_addresses(
        setting,
        &head.mapped.contexts,
        head.mapped.source,
        addresses(&changed.now),
    );
    let gone: BTreeSet<Address> = wanted
        .iter()
        .filter(|(_, key)| !changed.now.contains_key(key))
        .filter_map(|(_, key)| place(&changed.before, key))
        .collect();
    let mut before = locate_addresses(setting, &base.mapped.contexts, base.mapped.source, gone);
    for (index, key) in &wanted {
        let here = place(&changed.now, key).and_then(|address| now.found.get(&address));
        let there = || place(&changed.before, key).and_then(|address| before.found.get(&address));
        let (found, verb) = match here {
            Some(found) => (Some(found), "changed"),
            None => (there(), "removed"),
        };
        if let (Some(found), Some(finding)) = (found, findings.get_mut(*index)) {
            finding.related.push(Related {
                message: format!("`{key}` is {verb} here"),
                location: found.location.clone(),
            });
        }
    }
    // Only a removed file has its text from the base.
    before
        .texts
        .retain(|file, _| !head.mapped.outcomes.contains_key(file));
    let mut places = now;
    places.extend(before);
    places
}

impl<'s> ChangedEntities<'s> {
    /// The changed entity that a finding is about: the one that its text names, else one that its own entity depends on,
    /// else the only one there is.
    fn cause(
        &self,
        finding: &Finding,
        covered: Option<&str>,
        affected: &[Affected],
    ) -> Option<&'s EntityKey> {
        let all = || self.now.keys().chain(self.before.keys()).copied();
        let named = covered.and_then(|text| {
            let text = text.trim().trim_matches(['"', '\'']);
            all().find(|key| &*key.id == text && !text.is_empty())
        });
        let upstream = || {
            let own = finding.entity.as_ref()?;
            let reader = affected.iter().find(|reader| reader.entity == *own)?;
            all().find(|key| reader.through.contains(key))
        };
        let only = || {
            let keys: BTreeSet<&EntityKey> = all().collect();
            keys.first().copied().filter(|_| keys.len() == 1)
        };
        named.or_else(upstream).or_else(only)
    }
}
