//! Manifests that a change turns into templates: nothing in them is checked any longer, so each is a finding, not a note.

use std::collections::BTreeMap;

use super::diff::MeshDiff;
use crate::mesh::Card;
use crate::model::entity::DOCUMENT_KIND;
use crate::model::finding::Finding;
use crate::model::rule::Level;
use crate::model::text::RelPath;
use crate::parse::TEMPLATE;

impl MeshDiff<'_> {
    /// Makes an error of each note on a template whose file declared entities in the base: the check is incomplete.
    pub fn raise_templates(&self, findings: &mut [Finding]) {
        let is_template = |finding: &&mut Finding| finding.rule.as_str() == TEMPLATE;
        let mut templates = findings.iter_mut().filter(is_template).peekable();
        if templates.peek().is_none() {
            return;
        }
        let now = |file| self.renames.get(file).unwrap_or(file);
        let is_document = |card: &&Card| &*card.key.kind == DOCUMENT_KIND;
        let cards = || self.before.cards.iter().rev();
        // Of several entities the first is named, a document only if it declares nothing else.
        let named = cards()
            .filter(is_document)
            .chain(cards().filter(|card| !is_document(card)));
        let declared: BTreeMap<&RelPath, &Card> =
            named.map(|card| (now(&card.file), card)).collect();
        for finding in templates {
            let place = finding.location.as_ref();
            if let Some(card) = place.and_then(|place| declared.get(&place.file)) {
                raise(finding, card);
            }
        }
    }
}

fn raise(finding: &mut Finding, card: &Card) {
    finding.message = format!(
        "the file declares {} `{}` in the base, and is a template here, which cannot be checked",
        card.key.kind, card.key.id
    );
    let help =
        "quote each `{{ … }}` and remove each `{% … %}`, or move the template to a file of its own";
    finding.help = Some(help.into());
    finding.level = Level::Error;
    finding.incomplete = true;
}
