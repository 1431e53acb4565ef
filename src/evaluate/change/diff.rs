//! Two meshes side by side: which files and entities differ, and which consumers that affects.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{self, MeshSide};
use super::removed::removed_entities;
use super::renamed_ids::{TouchedFiles, moved_with_file, renamed_ids};
use super::{self as change, ChangeFindings, judge_changes};
use crate::discover::FileSource;
use crate::evaluate::mapped::Mapped;
use crate::evaluate::reduce::Reduced;
use crate::evaluate::setting::Setting;
use crate::mesh::{self, Card, EntityPair, Mesh};
use crate::model::comparison::{Comparison, FileChange, RenamedEntity, RevisionName};
use crate::model::entity::EntityKey;
use crate::model::finding::Finding;
use crate::model::sources::Sources;
use crate::model::text::RelPath;
use crate::policy::engine::Datum;

/// Which of the first files, which only the base has, are which of the second, which only the head has.
pub type Renames<'r> = dyn Fn(&[&RelPath], &[&RelPath]) -> BTreeMap<RelPath, RelPath> + 'r;

/// The base of a change.
pub struct Base<'r> {
    /// Its files.
    pub source: &'r dyn FileSource,
    /// Its name.
    pub name: RevisionName,
    /// Finds renamed files.
    pub renames: &'r Renames<'r>,
    /// Whether to report only on changed files.
    pub changed_only: bool,
    /// Whether the run is only about the change, so that a run without changes judges nothing.
    pub needs_change: bool,
}

/// The difference between two meshes.
pub struct MeshDiff<'c> {
    /// The files of the base.
    pub base: &'c Mapped<'c>,
    /// The mesh of the base.
    pub before: &'c Mesh,
    /// Renamed files, from their path in the base to that in the head.
    pub renames: BTreeMap<RelPath, RelPath>,
    head: &'c Mapped<'c>,
    now: &'c Mesh,
    files: BTreeMap<RelPath, FileChange>,
    changed_before: BTreeSet<RelPath>,
    changed_now: BTreeSet<RelPath>,
    /// Entities whose id the head has changed.
    renamed: Vec<EntityPair>,
}

impl<'c> MeshDiff<'c> {
    /// Finds out what differs.
    pub fn of(
        setting: &Setting<'_>,
        base: &'c Mapped<'c>,
        before: &'c Mesh,
        head: &'c Mapped<'c>,
        now: &'c Mesh,
        renames: &Renames<'_>,
    ) -> Self {
        let manifest = |mapped: &Mapped<'_>, file: &RelPath| {
            let outcome = mapped.outcomes.get(file);
            outcome.is_some_and(|outcome| outcome.manifest)
        };
        let mut removed: BTreeSet<&RelPath> = base.outcomes.keys().collect();
        removed.retain(|file| !head.outcomes.contains_key(*file));
        let mut added: BTreeSet<&RelPath> = head.outcomes.keys().collect();
        added.retain(|file| !base.outcomes.contains_key(*file));
        let renames = renamed(before, now, &mut removed, &mut added, renames);
        let mut files = BTreeMap::new();
        for file in head.outcomes.keys().filter(|file| !head.same(base, file)) {
            if base.outcomes.contains_key(file) && (manifest(head, file) || manifest(base, file)) {
                files.insert(file.clone(), FileChange::Modified);
            }
        }
        for file in added.into_iter().filter(|file| manifest(head, file)) {
            files.insert(file.clone(), FileChange::Added);
        }
        for file in removed.into_iter().filter(|file| manifest(base, file)) {
            files.insert(file.clone(), FileChange::Removed);
        }
        for (old, new) in renames.iter().filter(|(_, new)| manifest(head, new)) {
            files.insert(new.clone(), FileChange::Renamed(old.clone()));
        }
        let old = |(file, change): (&RelPath, &FileChange)| match change {
            FileChange::Added => None,
            FileChange::Renamed(old) => Some(old.clone()),
            FileChange::Modified | FileChange::Removed => Some(file.clone()),
        };
        let new = |(file, change): (&RelPath, &FileChange)| {
            (*change != FileChange::Removed).then(|| file.clone())
        };
        let touched = touched(&files);
        let mut change = Self {
            changed_before: files.iter().filter_map(old).collect(),
            changed_now: files.iter().filter_map(new).collect(),
            base,
            before,
            renames,
            head,
            now,
            files,
            renamed: Vec::new(),
        };
        let [old, new] = change.of_rules();
        change.renamed = renamed_ids(setting, &old, &new, &touched);
        change
    }

    /// The keys of entities whose id the head has changed, from the one in the base to that in the head.
    pub fn renamed_keys(&self) -> BTreeMap<EntityKey, EntityKey> {
        let keys = self.renamed.iter().filter_map(|pair| {
            let old = self.before.cards.get(pair.base?)?;
            let new = self.now.cards.get(pair.head?)?;
            Some((old.key.clone(), new.key.clone()))
        });
        keys.collect()
    }

    fn renamed_entities(&self) -> Vec<RenamedEntity> {
        let entities = self.renamed.iter().filter_map(|pair| {
            let old = self.before.cards.get(pair.base?)?;
            let new = self.now.cards.get(pair.head?)?;
            Some(RenamedEntity {
                from: old.key.clone(),
                to: new.key.clone(),
                file: new.file.clone(),
            })
        });
        entities.collect()
    }

    /// The entities of both, of the base first.
    pub fn cards(&self) -> [&[Card]; 2] {
        [&self.before.cards, &self.now.cards]
    }

    /// Whether nothing about a file has changed.
    pub fn same(&self, file: &RelPath) -> bool {
        self.head.same(self.base, file)
    }

    fn sides(&self) -> (MeshSide<'_>, MeshSide<'_>) {
        let base = MeshSide {
            mapped: self.base,
            mesh: self.before,
            changed: &self.changed_before,
        };
        let head = MeshSide {
            mapped: self.head,
            mesh: self.now,
            changed: &self.changed_now,
        };
        (base, head)
    }

    /// Judges it by the rules of scope `change`.
    pub fn judge(&self, setting: &Setting<'_>) -> ChangeFindings {
        let [base, head] = self.of_rules();
        let pairs = self.pairs();
        judge_changes(setting, setting.bounds, &base, &head, &pairs)
    }

    /// `data` of change rules, and what they see of each entity that may have changed.
    pub(crate) fn seen(&self, setting: &Setting<'_>) -> (Datum, Vec<change::SeenPair>) {
        let [base, head] = self.of_rules();
        let pairs = self.pairs();
        let seen = change::pair_inputs(setting, &base, &head, &pairs);
        (change::change_data(setting, base.mesh, head.mesh), seen)
    }

    /// Both sides as change rules see them.
    fn of_rules(&self) -> [change::RevisionSide<'_>; 2] {
        let base = change::RevisionSide {
            source: self.base.source,
            contexts: &self.base.contexts,
            mesh: self.before,
        };
        let head = change::RevisionSide {
            source: self.head.source,
            contexts: &self.head.contexts,
            mesh: self.now,
        };
        [base, head]
    }

    fn pairs(&self) -> Vec<EntityPair> {
        let (before, now) = (&self.changed_before, &self.changed_now);
        let mut pairs = mesh::pair_entities(self.before, self.now, before, now);
        // A renamed entity is compared with its old self, but for its readers the old id is still gone.
        let successors: BTreeSet<Option<usize>> = self.renamed.iter().map(|it| it.head).collect();
        pairs.retain(|pair| pair.base.is_some() || !successors.contains(&pair.head));
        pairs.extend(&self.renamed);
        self.join_moved_with_files(&mut pairs);
        pairs.sort();
        pairs
    }

    /// Makes one pair of the two of an entity whose id follows its renamed file.
    fn join_moved_with_files(&self, pairs: &mut Vec<EntityPair>) {
        let alone = pairs.iter().filter(|pair| pair.head.is_none());
        let joined = alone.filter_map(|pair| {
            let head = moved_with_file(self.before, self.now, pair.base?, &self.renames)?;
            Some(EntityPair {
                base: pair.base,
                head: Some(head),
            })
        });
        let joined: Vec<EntityPair> = joined.collect();
        let old: BTreeSet<Option<usize>> = joined.iter().map(|pair| pair.base).collect();
        let new: BTreeSet<Option<usize>> = joined.iter().map(|pair| pair.head).collect();
        pairs.retain(|pair| match (pair.base, pair.head) {
            (base, None) => !old.contains(&base),
            (None, head) => !new.contains(&head),
            _ => true,
        });
        pairs.extend(joined);
    }

    /// Collects the findings of the change, and gives new findings in other files their cause.
    pub fn compare(
        &self,
        setting: &Setting<'_>,
        (base, head): (&RevisionName, Option<&RevisionName>),
        before: &Reduced,
        fixed: Vec<Finding>,
        findings: &mut [Finding],
        sources: &mut Sources,
    ) -> Comparison {
        let (old, new) = self.sides();
        let changed = cause::ChangedEntities::of(&old, &new);
        let mut affected = mesh::find_affected(&[self.now, self.before], &changed.keys());
        for reader in affected.iter_mut().filter(|reader| reader.domain.is_none()) {
            let place = (setting.place)(&reader.file);
            reader.domain = place.get("domain").map(ToString::to_string);
        }
        let covered = |finding: &Finding| {
            let at = finding.location.as_ref()?;
            Some(sources.get(&at.file)?.slice(at.span).to_owned())
        };
        let places = cause::explain_findings(
            setting,
            findings,
            &affected,
            &changed,
            (&old, &new),
            &covered,
        );
        let (now, then) = (
            self.head.again(&setting.limits),
            self.base.again(&setting.limits),
        );
        for (file, text) in places.texts {
            let here = self.head.outcomes.contains_key(&file);
            sources.remember_if_new(file, text, if here { &now } else { &then });
        }
        let at = |finding: &'_ Finding| Some(finding.location.as_ref()?.file.clone());
        let shown: BTreeSet<RelPath> = fixed.iter().filter_map(at).collect();
        let mut base_sources = Sources::default();
        for (file, text) in self.base.texts().chain(before.texts()) {
            if shown.contains(&file) {
                base_sources.remember(file, text, &then);
            }
        }
        Comparison {
            base: base.clone(),
            head: head.cloned(),
            changed: self.files.clone(),
            fixed,
            removed: removed_entities(setting, &old, self.now, &self.renames, &self.renamed_keys()),
            renamed: self.renamed_entities(),
            base_sources,
            affected,
            versions: Vec::new(),
        }
    }
}

fn touched(files: &BTreeMap<RelPath, FileChange>) -> TouchedFiles {
    let mut touched = TouchedFiles::default();
    for (file, change) in files {
        match change {
            FileChange::Modified => {
                touched.kept.insert(file.clone(), file.clone());
            }
            FileChange::Renamed(old) => {
                touched.kept.insert(old.clone(), file.clone());
            }
            FileChange::Removed => {
                touched.removed.insert(file.clone());
            }
            FileChange::Added => {
                touched.added.insert(file.clone());
            }
        }
    }
    touched
}

/// A file that is gone and one that is new are one file if they declare the same entity; of the rest, git says.
fn renamed(
    before: &Mesh,
    now: &Mesh,
    removed: &mut BTreeSet<&RelPath>,
    added: &mut BTreeSet<&RelPath>,
    renames: &Renames<'_>,
) -> BTreeMap<RelPath, RelPath> {
    let declared = |mesh: &Mesh, files: &BTreeSet<&RelPath>| -> BTreeMap<EntityKey, RelPath> {
        let cards = mesh.declared().rev();
        let cards = cards.filter(|card| files.contains(&card.file));
        cards
            .map(|card| (card.key.clone(), card.file.clone()))
            .collect()
    };
    let (old, new) = (declared(before, removed), declared(now, added));
    let mut all = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (key, file) in &old {
        let Some(target) = new.get(key) else {
            continue;
        };
        if !all.contains_key(file) && taken.insert(target.clone()) {
            all.insert(file.clone(), target.clone());
        }
    }
    removed.retain(|file| !all.contains_key(*file));
    added.retain(|file| !taken.contains(*file));
    if !removed.is_empty() && !added.is_empty() {
        let gone: Vec<&RelPath> = removed.iter().copied().collect();
        let come: Vec<&RelPath> = added.iter().copied().collect();
        all.extend(renames(&gone, &come));
        let taken: BTreeSet<&RelPath> = all.values().collect();
        removed.retain(|file| !all.contains_key(*file));
        added.retain(|file| !taken.contains(*file));
    }
    all
}
