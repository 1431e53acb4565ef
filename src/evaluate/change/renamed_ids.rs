//! Ids that a change renames: an entity that is gone while another of its kind appears in the same file, or in a new file
//! while its own is removed, with most of its content. Compares what manifests say, leaf by leaf; the work grows with the files, not with the pairs of entities.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::leaves::{Ignored, Leaves};
use super::revisions::RevisionSide;
use crate::evaluate::read;
use crate::evaluate::setting::Setting;
use crate::lift::schema::DOCUMENT_KIND;
use crate::mesh::{EntityPair, Mesh, Presence};
use crate::model::entity::EntityKey;
use crate::model::text::RelPath;

/// A leaf that more new entities than this share identifies none of them.
const MAX_HOLDERS: usize = 16;

/// The files that a change touches, as far as entities may have another id in them.
#[derive(Debug, Default)]
pub(super) struct TouchedFiles {
    /// Files of both revisions, from their path in the base to that in the head.
    pub(super) kept: BTreeMap<RelPath, RelPath>,
    /// Files that only the base has.
    pub(super) removed: BTreeSet<RelPath>,
    /// Files that only the head has.
    pub(super) added: BTreeSet<RelPath>,
}

/// The entities of the base whose id the head has changed, each with its successor, in order of the base.
pub(super) fn renamed_ids(
    setting: &Setting<'_>,
    base: &RevisionSide<'_>,
    head: &RevisionSide<'_>,
    files: &TouchedFiles,
) -> Vec<EntityPair> {
    let mut gone = unknown_to(base.mesh, head.mesh, |file| files.kept.contains_key(file));
    for cards in gone.values_mut() {
        // An id made of a path follows its file: it is the same.
        cards.retain(|_, card| moved_with_file(base.mesh, head.mesh, *card, &files.kept).is_none());
    }
    let targets: BTreeSet<&RelPath> = files.kept.values().collect();
    let come = unknown_to(head.mesh, base.mesh, |file| targets.contains(file));
    let mut pairs = Vec::new();
    for (&(kind, file), old) in &gone {
        let target = files.kept.get(file);
        let both = target.and_then(|target| Some((target, come.get(&(kind, target))?)));
        let read = both.and_then(|(target, new)| {
            let old = FileEntities::read(setting, base, (file, kind), old)?;
            let new = FileEntities::read(setting, head, (target, kind), new)?;
            Some((old, new))
        });
        if let Some((old, new)) = read {
            pairs.extend(matched(&old, &new));
        }
    }
    let gone = unknown_to(base.mesh, head.mesh, |file| files.removed.contains(file));
    let come = unknown_to(head.mesh, base.mesh, |file| files.added.contains(file));
    let kinds: BTreeSet<&str> = gone.keys().map(|(kind, _)| *kind).collect();
    for kind in kinds {
        let old = FileEntities::read_all(setting, base, kind, &gone);
        let new = FileEntities::read_all(setting, head, kind, &come);
        pairs.extend(matched_across(&old, &new));
    }
    pairs.sort();
    pairs
}

/// The card in the head of an entity whose id is made of the path of its renamed file. `None` for any other id.
pub(super) fn moved_with_file(
    base: &Mesh,
    head: &Mesh,
    card: usize,
    renames: &BTreeMap<RelPath, RelPath>,
) -> Option<usize> {
    let card = base.cards.get(card)?;
    let new = renames.get(&card.file).filter(|new| **new != card.file)?;
    let key = card.key.moved(&card.file, new)?;
    let at = head.cards.partition_point(|card| card.key < key);
    let found = head.cards.get(at)?;
    (found.key == key && found.presence != Presence::Governing).then_some(at)
}

/// Cards by the position of their entities in a file: document and ordinal.
type Cards = BTreeMap<(usize, usize), usize>;

/// The cards of a mesh in some files whose keys another mesh does not have, by kind and file.
fn unknown_to<'m>(
    mesh: &'m Mesh,
    other: &Mesh,
    in_file: impl Fn(&RelPath) -> bool,
) -> BTreeMap<(&'m str, &'m RelPath), Cards> {
    let mut unknown: BTreeMap<_, Cards> = BTreeMap::new();
    for (index, card) in mesh.cards.iter().enumerate() {
        let is_candidate = &*card.key.kind != DOCUMENT_KIND
            && in_file(&card.file)
            && card.presence != Presence::Governing
            && !other.declares(&card.key);
        if is_candidate {
            let group = unknown.entry((&*card.key.kind, &card.file)).or_default();
            group.insert((card.document, card.ordinal), index);
        }
    }
    unknown
}

/// The entities of one kind in a file.
struct FileEntities {
    candidates: Vec<Candidate>,
    /// Leaves that several of the entities share, which identify none of them.
    common: Ignored,
}

/// An entity that one of the two revisions does not have.
struct Candidate {
    card: usize,
    leaves: Leaves,
    /// From the start and from the end: the nearest entity that both revisions have, and the number of candidates between.
    slots: [(Option<EntityKey>, usize); 2],
}

impl FileEntities {
    /// Reads a file again. `None` if it is no longer there.
    fn read(
        setting: &Setting<'_>,
        side: &RevisionSide<'_>,
        (file, kind): (&RelPath, &str),
        cards: &Cards,
    ) -> Option<Self> {
        let bytes = side.source.read(file).ok()?;
        let read = read::read_file(setting, side.contexts, file, &bytes);
        let (mut candidates, mut others) = (Vec::new(), Vec::new());
        let mut slot = (None, 0);
        for site in read.sites().filter(|site| &*site.entity.key.kind == kind) {
            let leaves = Leaves::of(site);
            let at = (site.entity.document, site.entity.ordinal);
            match cards.get(&at) {
                Some(card) => {
                    candidates.push(Candidate {
                        card: *card,
                        leaves,
                        slots: [slot.clone(), (None, 0)],
                    });
                    slot.1 += 1;
                }
                None => {
                    others.push(leaves);
                    close_gap(&mut candidates, slot.1, Some(&site.entity.key));
                    slot = (Some(site.entity.key.clone()), 0);
                }
            }
        }
        close_gap(&mut candidates, slot.1, None);
        let all = candidates.iter().map(|candidate| &candidate.leaves);
        let common = Leaves::common(all.chain(&others));
        Some(Self { candidates, common })
    }
}

impl FileEntities {
    /// The entities of one kind in several files.
    fn read_all(
        setting: &Setting<'_>,
        side: &RevisionSide<'_>,
        kind: &str,
        cards: &BTreeMap<(&str, &RelPath), Cards>,
    ) -> Self {
        let own = cards.iter().filter(|((of, _), _)| *of == kind);
        let read =
            own.filter_map(|((_, file), cards)| Self::read(setting, side, (file, kind), cards));
        let candidates: Vec<Candidate> = read.flat_map(|file| file.candidates).collect();
        let common = Leaves::common(candidates.iter().map(|candidate| &candidate.leaves));
        Self { candidates, common }
    }
}

/// Numbers the last candidates from their end, where `next` follows.
fn close_gap(candidates: &mut [Candidate], count: usize, next: Option<&EntityKey>) {
    for (number, candidate) in candidates.iter_mut().rev().take(count).enumerate() {
        candidate.slots[1] = (next.cloned(), number);
    }
}

/// Pairs of one file: first those at the same position, then those that are most alike.
fn matched(old: &FileEntities, new: &FileEntities) -> Vec<EntityPair> {
    let mut taken = Taken::default();
    for end in 0..2 {
        let slots = new.candidates.iter().enumerate();
        let slots: BTreeMap<_, usize> = slots
            .map(|(number, candidate)| (&candidate.slots[end], number))
            .collect();
        for (number, candidate) in old.candidates.iter().enumerate() {
            if let Some(there) = slots.get(&candidate.slots[end]) {
                taken.pair(old, new, (number, *there), is_same_in_place);
            }
        }
    }
    for both in alike(old, new) {
        taken.pair(old, new, both, is_same);
    }
    taken.pairs
}

/// Pairs of files that are gone and files that are new.
fn matched_across(old: &FileEntities, new: &FileEntities) -> Vec<EntityPair> {
    let mut taken = Taken::default();
    for both in alike(old, new) {
        taken.pair(old, new, both, is_same_elsewhere);
    }
    taken.pairs
}

/// Whether two entities are equal, apart from ignored parts.
type IsSame = fn(&Leaves, &Leaves, &Ignored) -> bool;

/// What is matched so far.
#[derive(Default)]
struct Taken {
    old: BTreeSet<usize>,
    new: BTreeSet<usize>,
    pairs: Vec<EntityPair>,
}

impl Taken {
    /// Takes two candidates for one if they are alike enough, and neither is matched.
    fn pair(
        &mut self,
        old: &FileEntities,
        new: &FileEntities,
        (before, now): (usize, usize),
        is_same: IsSame,
    ) {
        if self.old.contains(&before) || self.new.contains(&now) {
            return;
        }
        let candidates = old.candidates.get(before).zip(new.candidates.get(now));
        let Some((one, other)) = candidates else {
            return;
        };
        if is_same(&one.leaves, &other.leaves, &old.common) {
            self.old.insert(before);
            self.new.insert(now);
            self.pairs.push(EntityPair {
                base: Some(one.card),
                head: Some(other.card),
            });
        }
    }
}

/// Whether most of an entity's content is another's: half of what sets it apart from the others of its file, by number and,
/// nearly, by length.
fn is_same(old: &Leaves, new: &Leaves, common: &Ignored) -> bool {
    let own = old.kept_in(new, common);
    own.kept > 0 && 2 * own.kept >= own.count && 5 * own.kept_length >= 2 * own.length
}

/// The same at one position, where three quarters of all that an entity says are enough, too.
fn is_same_in_place(old: &Leaves, new: &Leaves, common: &Ignored) -> bool {
    let all = old.kept_in(new, &Ignored::default());
    is_same(old, new, common) || (all.kept > 0 && 4 * all.kept >= 3 * all.count)
}

/// The same where no file says that the two belong together: two thirds.
fn is_same_elsewhere(old: &Leaves, new: &Leaves, common: &Ignored) -> bool {
    let own = old.kept_in(new, common);
    is_same(old, new, common) && 3 * own.kept >= 2 * own.count
}

/// Candidates that have leaves in common, those with the most first; of equals the nearest, then the first.
fn alike(old: &FileEntities, new: &FileEntities) -> Vec<(usize, usize)> {
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    for (number, candidate) in new.candidates.iter().enumerate() {
        for leaf in candidate.leaves.telling(&new.common) {
            holders.entry(leaf).or_default().push(number);
        }
    }
    let mut votes = Vec::new();
    for (before, candidate) in old.candidates.iter().enumerate() {
        let mut of_each: BTreeMap<usize, usize> = BTreeMap::new();
        for leaf in candidate.leaves.telling(&old.common) {
            let held = holders.get(&leaf).filter(|held| held.len() <= MAX_HOLDERS);
            for now in held.into_iter().flatten() {
                *of_each.entry(*now).or_default() += 1;
            }
        }
        let of_each = of_each.into_iter();
        votes.extend(
            of_each.map(|(now, count)| (usize::MAX - count, before.abs_diff(now), before, now)),
        );
    }
    votes.sort_unstable();
    votes
        .into_iter()
        .map(|(_, _, before, now)| (before, now))
        .collect()
}
