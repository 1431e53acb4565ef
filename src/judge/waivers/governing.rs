//! Comments of the revision that provides the policies: what they waive, and on whose terms. A comment of the revision under
//! judgement is in force only for parts that a comment there waives from the same rule.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::mesh::{Card, Mesh, Moves};
use crate::model::entity::{DOCUMENT_KIND, EntityKey};
use crate::model::rule::{Rule, RuleId};
use crate::model::waiver::{CoveredPart, WaiverDraft};

/// The comments of the revision that provides the policies, with the mesh that contains them.
#[derive(Debug)]
pub struct GoverningComments {
    /// The comments, of all files.
    pub drafts: Vec<WaiverDraft>,
    /// The mesh.
    pub mesh: Mesh,
}

/// The same, ready to be asked about the comments of another revision.
pub(in crate::judge) struct Governing<'g> {
    by_target: BTreeMap<(&'g RuleId, &'g EntityKey), Vec<(&'g WaiverDraft, &'g CoveredPart)>>,
    moves: Moves,
}

/// What a comment waives by leave of the other revision.
pub(in crate::judge) struct Granted<'d> {
    /// Of each part of the comment, whether it is in force.
    pub(in crate::judge) parts: Vec<bool>,
    /// The comment on the terms of the other revision: those of its own if they are the same.
    pub(in crate::judge) terms: Cow<'d, WaiverDraft>,
}

impl<'g> Governing<'g> {
    pub(in crate::judge) fn new(
        comments: &'g GoverningComments,
        rules: &BTreeMap<&str, &'g Rule>,
        cards: &[Card],
    ) -> Self {
        let mut by_target: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for draft in &comments.drafts {
            let rule = draft.rule.as_deref().and_then(|name| rules.get(name));
            let usable = draft.mistakes.is_empty() && draft.complete().is_some();
            for part in draft.parts.iter().filter(|_| usable) {
                if let Some(rule) = rule {
                    let known = by_target.entry((&rule.id, &part.entity)).or_default();
                    known.push((draft, part));
                }
            }
        }
        Self {
            by_target,
            moves: Moves::between(&comments.mesh.cards, cards, &BTreeMap::new()),
        }
    }

    /// What a comment waives from a rule here. `None` if no part of it is in force.
    pub(in crate::judge) fn grant<'d>(
        &self,
        rule: &RuleId,
        draft: &'d WaiverDraft,
    ) -> Option<Granted<'d>> {
        let grants: Vec<Option<&WaiverDraft>> = draft
            .parts
            .iter()
            .map(|part| self.grant_part(rule, draft, part))
            .collect();
        // Where several comments have become one, the first to expire ends it.
        let terms = grants.iter().flatten().min_by_key(|terms| terms.expires)?;
        Some(Granted {
            parts: grants.iter().map(Option::is_some).collect(),
            terms: on_terms_of(draft, terms),
        })
    }

    /// The comment that waives a part there: one with the same terms, else the last to expire.
    fn grant_part(
        &self,
        rule: &RuleId,
        draft: &WaiverDraft,
        part: &CoveredPart,
    ) -> Option<&'g WaiverDraft> {
        let known = self.by_target.get(&(rule, &part.entity))?;
        let mut usable = known.iter().filter(|(there, wider)| {
            wider.includes(part) && self.is_same_place(&part.entity, there, draft)
        });
        let same = usable
            .clone()
            .find(|(there, _)| has_same_terms(there, draft));
        let found = same.or_else(|| usable.by_ref().max_by_key(|(there, _)| there.expires));
        found.map(|(there, _)| *there)
    }

    /// Whether an entity that a comment there speaks of is the one that a comment here does: two that share a key are two.
    fn is_same_place(&self, key: &EntityKey, there: &WaiverDraft, here: &WaiverDraft) -> bool {
        let (old, new) = (&there.location.file, &here.location.file);
        match &*key.kind {
            DOCUMENT_KIND => old == new,
            _ => self.moves.place(key, old) == Some(new),
        }
    }
}

fn has_same_terms(one: &WaiverDraft, other: &WaiverDraft) -> bool {
    terms_of(one) == terms_of(other)
}

fn terms_of(draft: &WaiverDraft) -> impl PartialEq + '_ {
    let said = [
        &draft.reason,
        &draft.owner,
        &draft.approved_by,
        &draft.ticket,
    ];
    (draft.expires, said)
}

fn on_terms_of<'d>(draft: &'d WaiverDraft, terms: &WaiverDraft) -> Cow<'d, WaiverDraft> {
    if has_same_terms(draft, terms) {
        return Cow::Borrowed(draft);
    }
    let mut own = draft.clone();
    own.expires = terms.expires;
    own.reason.clone_from(&terms.reason);
    own.owner.clone_from(&terms.owner);
    own.approved_by.clone_from(&terms.approved_by);
    own.ticket.clone_from(&terms.ticket);
    Cow::Owned(own)
}
