//! Two revisions side by side: what a change broke, fixed and removed, and which consumers it affects.

use std::collections::BTreeMap;
use std::fmt;

use super::entity::{DOCUMENT_KIND, EntityKey};
use super::finding::Finding;
use super::location::Location;
use super::sources::Sources;
use super::text::RelPath;

/// A revision, as the user named it and as git knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionName {
    /// As written: `origin/main`.
    pub given: String,
    /// The commit's id, abbreviated to 12 characters; `index` for the index.
    pub commit: String,
}

impl fmt::Display for RevisionName {
    /// `origin/main (4748ff9a2b3c)`, or only the commit where that is how it was named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, commit } = self;
        if given.starts_with(commit.as_str()) || commit.starts_with(given.as_str()) {
            f.write_str(commit)
        } else {
            write!(f, "{given} ({commit})")
        }
    }
}

/// How a file differs from the base.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileChange {
    /// It is new.
    Added,
    /// Its bytes differ.
    Modified,
    /// It had this path before, whether its bytes differ or not.
    Renamed(RelPath),
    /// It is no longer there.
    Removed,
}

/// A consumer of changed entities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Affected {
    /// The product that reads from what changed, itself or through other products.
    pub entity: EntityKey,
    /// Its owner, where known.
    pub owner: Option<String>,
    /// Its domain, where known.
    pub domain: Option<String>,
    /// Its file.
    pub file: RelPath,
    /// The changed entities that it depends on, sorted.
    pub through: Vec<EntityKey>,
    /// Those of `through` that it reads itself, sorted; empty for an indirect consumer.
    pub direct: Vec<EntityKey>,
    /// The products through which it reads the others of `through`, the last of each chain, sorted.
    pub via: Vec<EntityKey>,
}

/// An entity that the base declares and the head does not.
#[derive(Debug, Clone)]
pub struct RemovedEntity {
    /// The entity; for findings on a removed file as a whole, its document.
    pub entity: EntityKey,
    /// Its owner, where known.
    pub owner: Option<String>,
    /// Its domain, where known.
    pub domain: Option<String>,
    /// The file that declares it in the base.
    pub file: RelPath,
    /// Findings of the base that are gone with it, not fixed; their places are in the base.
    pub findings: Vec<Finding>,
}

impl RemovedEntity {
    /// Whether it is a removed file as a whole.
    pub fn is_document(&self) -> bool {
        &*self.entity.kind == DOCUMENT_KIND
    }
}

/// An entity that has another id in the head, and most of its content still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedEntity {
    /// The entity by its id in the base.
    pub from: EntityKey,
    /// The entity by its id in the head.
    pub to: EntityKey,
    /// The file that declares it in the head.
    pub file: RelPath,
}

/// The part of a semantic version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VersionPart {
    /// Nothing that consumers see as new.
    Patch,
    /// More, with all that was there.
    Minor,
    /// Something that consumers may rely on is gone.
    Major,
}

impl VersionPart {
    /// `major`, `minor` or `patch`.
    pub fn as_str(self) -> &'static str {
        match self {
            VersionPart::Patch => "patch",
            VersionPart::Minor => "minor",
            VersionPart::Major => "major",
        }
    }
}

/// The version that a changed entity should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionAdvice {
    /// The entity.
    pub entity: EntityKey,
    /// The place of its version, else of its start.
    pub location: Location,
    /// Its version in the base.
    pub from: String,
    /// Its version now.
    pub to: String,
    /// The part that the change asks for.
    pub part: VersionPart,
    /// The expected version, which may be the present one.
    pub suggested: String,
    /// Why, as phrases, the weightiest first.
    pub reasons: Vec<String>,
}

/// The base against the head.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// What the change started from: the merge base, or the revision itself where two are compared.
    pub base: RevisionName,
    /// The head. `None` for the working tree.
    pub head: Option<RevisionName>,
    /// Changed candidates for manifests, by their path in the head; of removed ones, by that in the base.
    pub changed: BTreeMap<RelPath, FileChange>,
    /// Findings of the base that are gone while their entity is still there; their places are in the base.
    pub fixed: Vec<Finding>,
    /// Entities of the base that the change removes, sorted by entity.
    pub removed: Vec<RemovedEntity>,
    /// Entities whose id the change renames, sorted by their old id.
    pub renamed: Vec<RenamedEntity>,
    /// The texts of the base that `fixed` and `removed` point at.
    pub base_sources: Sources,
    /// Consumers of what changed, sorted.
    pub affected: Vec<Affected>,
    /// Next versions, sorted by entity.
    pub versions: Vec<VersionAdvice>,
}

impl Comparison {
    /// Findings of the base that are gone, fixed or removed with their entity.
    pub fn gone(&self) -> impl Iterator<Item = &Finding> {
        let removed = self.removed.iter().flat_map(|removed| &removed.findings);
        self.fixed.iter().chain(removed)
    }

    /// Limits the findings that are gone. A document is listed only for its findings, and goes with the last one.
    pub fn retain_gone(&mut self, keep: &dyn Fn(&Finding) -> bool) {
        self.fixed.retain(keep);
        for removed in &mut self.removed {
            removed.findings.retain(keep);
        }
        self.removed
            .retain(|removed| !removed.findings.is_empty() || !removed.is_document());
    }
}
