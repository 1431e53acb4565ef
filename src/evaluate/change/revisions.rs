//! Two revisions of a mesh, the pairs to judge, and the answers. Asks no rule.

use std::collections::BTreeMap;

use crate::discover::FileSource;
use crate::evaluate::answer::{Advice, DenyAnswer};
use crate::evaluate::read::{self, ReadFile};
use crate::evaluate::setting::Setting;
use crate::lift::Contexts;
use crate::mesh::{Card, EntityPair, Mesh};
use crate::model::comparison::VersionAdvice;
use crate::model::entity::EntityKey;
use crate::model::finding::Finding;
use crate::model::text::{RelPath, TextId};
use crate::policy::pack::KindProgram;

/// One of two revisions.
#[derive(Clone, Copy)]
pub struct RevisionSide<'s> {
    /// Its files.
    pub source: &'s dyn FileSource,
    /// The files that others inherit from.
    pub contexts: &'s Contexts,
    /// All its entities.
    pub mesh: &'s Mesh,
}

/// What change rules found.
#[derive(Debug, Default)]
pub struct ChangeFindings {
    /// Findings, before judging.
    pub findings: Vec<Finding>,
    /// Texts of the head that findings and versions point at.
    pub sources: BTreeMap<RelPath, TextId>,
    /// Texts of the base that findings point at, of files that the head does not have.
    pub base_sources: BTreeMap<RelPath, TextId>,
    /// The versions that changed entities should have, sorted by entity.
    pub versions: Vec<VersionAdvice>,
}

/// A finding about a pair, without its place.
pub(super) struct UnlocatedFinding {
    pub(super) pair: EntityPair,
    pub(super) what: What,
}

pub(super) enum What {
    /// A finding of a rule, by its index in the pack.
    Found(usize, DenyAnswer),
    /// The expected version.
    Advised(Advice),
    /// A rule could not judge the pair: its id, the built-in rule that reports it, and why.
    Failed(String, &'static str, String),
}

/// Two revisions, and what they are judged with.
#[derive(Clone, Copy)]
pub(super) struct JudgedChange<'c> {
    pub(super) setting: &'c Setting<'c>,
    pub(super) base: &'c RevisionSide<'c>,
    pub(super) head: &'c RevisionSide<'c>,
}

/// The files of a pair: in the base, and in the head.
pub(super) type PairFiles<'f> = [Option<&'f RelPath>; 2];

impl<'c> JudgedChange<'c> {
    pub(super) fn base_card(self, pair: EntityPair) -> Option<&'c Card> {
        self.base.mesh.cards.get(pair.base?)
    }

    pub(super) fn head_card(self, pair: EntityPair) -> Option<&'c Card> {
        self.head.mesh.cards.get(pair.head?)
    }

    pub(super) fn key(self, pair: EntityPair) -> Option<&'c EntityKey> {
        let card = self.head_card(pair).or(self.base_card(pair))?;
        Some(&card.key)
    }

    pub(super) fn files(self, pair: EntityPair) -> PairFiles<'c> {
        [self.base_card(pair), self.head_card(pair)].map(|card| card.map(|card| &card.file))
    }

    pub(super) fn program(self, pair: EntityPair) -> Option<&'c KindProgram> {
        self.setting.pack.change(&self.key(pair)?.kind)
    }

    pub(super) fn read(self, files: PairFiles<'_>) -> [Option<ReadFile<'c>>; 2] {
        let [base, head] = files;
        [(self.base, base), (self.head, head)].map(|(side, file)| {
            let file = file?;
            let bytes = side.source.read(file).ok()?;
            Some(read::read_file(self.setting, side.contexts, file, &bytes))
        })
    }

    pub(super) fn id(self, rule: usize) -> Option<String> {
        let rule = self.setting.pack.rules.get(rule)?;
        Some(rule.rule.id.to_string())
    }
}
