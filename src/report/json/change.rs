//! The parts of the JSON report beyond findings: revisions, the changes between them, and waivers.

use serde::Serialize;

use super::{JsonEntity, JsonFinding};
use crate::model::comparison::{
    Affected, Comparison, FileChange, RemovedEntity, RenamedEntity, RevisionName, VersionAdvice,
};
use crate::model::entity::EntityKey;
use crate::model::text::{Position, RelPath};

#[derive(Serialize)]
pub(super) struct JsonRevision<'a> {
    given: &'a str,
    commit: &'a str,
}

impl<'a> JsonRevision<'a> {
    pub(super) fn of(revision: &'a RevisionName) -> Self {
        Self {
            given: &revision.given,
            commit: &revision.commit,
        }
    }
}

#[derive(Serialize)]
pub(super) struct JsonComparison<'a> {
    base: JsonRevision<'a>,
    head: Option<JsonRevision<'a>>,
    changed: Vec<JsonChange<'a>>,
    fixed: Vec<JsonFinding<'a>>,
    removed: Vec<JsonRemoved<'a>>,
    renamed: Vec<JsonRenamed<'a>>,
    affected: Vec<JsonAffected<'a>>,
    versions: Vec<JsonVersion<'a>>,
}

#[derive(Serialize)]
struct JsonChange<'a> {
    file: &'a str,
    change: &'static str,
    from: Option<&'a str>,
}

/// A removed entity, with the findings that are gone with it.
#[derive(Serialize)]
struct JsonRemoved<'a> {
    entity: JsonEntity<'a>,
    owner: Option<&'a str>,
    domain: Option<&'a str>,
    file: &'a str,
    findings: Vec<JsonFinding<'a>>,
}

/// An entity whose id the change renames.
#[derive(Serialize)]
struct JsonRenamed<'a> {
    from: JsonEntity<'a>,
    to: JsonEntity<'a>,
    file: &'a str,
}

#[derive(Serialize)]
struct JsonAffected<'a> {
    entity: JsonEntity<'a>,
    owner: Option<&'a str>,
    domain: Option<&'a str>,
    file: &'a str,
    through: Vec<JsonEntity<'a>>,
    direct: Vec<JsonEntity<'a>>,
    via: Vec<JsonEntity<'a>>,
}

#[derive(Serialize)]
struct JsonVersion<'a> {
    entity: JsonEntity<'a>,
    file: &'a str,
    start: Position,
    end: Position,
    from: &'a str,
    to: &'a str,
    part: &'static str,
    suggested: &'a str,
    reasons: &'a [String],
}

impl<'a> JsonComparison<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let changed = comparison.changed.iter();
        Self {
            base: JsonRevision::of(&comparison.base),
            head: comparison.head.as_ref().map(JsonRevision::of),
            changed: changed
                .map(|(file, how)| JsonChange::of(file, how))
                .collect(),
            fixed: comparison.fixed.iter().map(JsonFinding::of).collect(),
            removed: comparison.removed.iter().map(JsonRemoved::of).collect(),
            renamed: comparison.renamed.iter().map(JsonRenamed::of).collect(),
            affected: comparison.affected.iter().map(JsonAffected::of).collect(),
            versions: comparison.versions.iter().map(JsonVersion::of).collect(),
        }
    }
}

impl<'a> JsonChange<'a> {
    fn of(file: &'a RelPath, how: &'a FileChange) -> Self {
        let (change, from) = match how {
            FileChange::Added => ("added", None),
            FileChange::Modified => ("modified", None),
            FileChange::Renamed(from) => ("renamed", Some(from.as_str())),
            FileChange::Removed => ("removed", None),
        };
        Self {
            file: file.as_str(),
            change,
            from,
        }
    }
}

impl<'a> JsonRemoved<'a> {
    fn of(removed: &'a RemovedEntity) -> Self {
        Self {
            entity: JsonEntity::of(&removed.entity),
            owner: removed.owner.as_deref(),
            domain: removed.domain.as_deref(),
            file: removed.file.as_str(),
            findings: removed.findings.iter().map(JsonFinding::of).collect(),
        }
    }
}

impl<'a> JsonRenamed<'a> {
    fn of(renamed: &'a RenamedEntity) -> Self {
        Self {
            from: JsonEntity::of(&renamed.from),
            to: JsonEntity::of(&renamed.to),
            file: renamed.file.as_str(),
        }
    }
}

impl<'a> JsonAffected<'a> {
    fn of(affected: &'a Affected) -> Self {
        let entities = |keys: &'a [EntityKey]| keys.iter().map(JsonEntity::of).collect();
        Self {
            entity: JsonEntity::of(&affected.entity),
            owner: affected.owner.as_deref(),
            domain: affected.domain.as_deref(),
            file: affected.file.as_str(),
            through: entities(&affected.through),
            direct: entities(&affected.direct),
            via: entities(&affected.via),
        }
    }
}

impl<'a> JsonVersion<'a> {
    fn of(advice: &'a VersionAdvice) -> Self {
        let at = &advice.location;
        Self {
            entity: JsonEntity::of(&advice.entity),
            file: at.file.as_str(),
            start: at.start,
            end: at.end,
            from: &advice.from,
            to: &advice.to,
            part: advice.part.as_str(),
            suggested: &advice.suggested,
            reasons: &advice.reasons,
        }
    }
}
