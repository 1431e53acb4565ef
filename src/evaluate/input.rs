//! `input` of entity rules: what a policy sees of an entity.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::locate::Site;
use crate::lift::schema::DOCUMENT_KIND;
use crate::lift::shape;
use crate::model::entity::LayoutPlace;
use crate::model::path::Step;
use crate::model::wanted::Projection;
use crate::model::work;
use crate::policy::engine::{Datum, Maker};
use crate::policy::pack::RuleReads;

/// What the entities of one document share, made once for all of them: a register may have thousands.
#[derive(Default)]
pub(super) struct DocumentInput<'w> {
    /// The document, by its number in the file.
    of: Option<usize>,
    /// As a value, by what is wanted of it.
    documents: Vec<(&'w Projection, Datum)>,
    text: Option<Datum>,
    /// Whether its text lets a rule be asked, by the rule.
    gates: BTreeMap<usize, bool>,
}

impl<'w> DocumentInput<'w> {
    /// Begins anew where an entity is of another document.
    fn enter(&mut self, site: Site<'_>) {
        if self.of != Some(site.entity.document) {
            *self = Self {
                of: Some(site.entity.document),
                ..Self::default()
            };
        }
    }

    /// Whether the document's text lets a rule be asked.
    pub(super) fn passes(
        &mut self,
        site: Site<'_>,
        rule: usize,
        looks: impl FnOnce() -> bool,
    ) -> bool {
        self.enter(site);
        *self.gates.entry(rule).or_insert_with(looks)
    }

    fn document(&mut self, maker: &mut Maker, site: Site<'_>, wanted: &'w Projection) -> Datum {
        let known = |(of, _): &&(&'w Projection, Datum)| std::ptr::eq(*of, wanted);
        if let Some((_, document)) = self.documents.iter().find(known) {
            return document.clone();
        }
        work::count_steps(site.document.node_count());
        let root = site.document.root().node;
        let document = maker.document((site.document, site.text), root, wanted);
        self.documents.push((wanted, document.clone()));
        document
    }

    fn text(&mut self, site: Site<'_>) -> Datum {
        let text = || {
            work::count_steps(site.extent.len());
            Datum::text(site.text.slice(site.extent))
        };
        self.text.get_or_insert_with(text).clone()
    }
}

/// What a policy sees of an entity, as far as it is wanted.
pub(super) fn build_input<'w>(
    (maker, shared): (&mut Maker, &mut DocumentInput<'w>),
    site: Site<'_>,
    place: &LayoutPlace,
    (reads, wanted): (RuleReads, &'w Projection),
    expressed: Datum,
) -> Datum {
    let entity = site.entity;
    let mut fields = host_fields(site, place, expressed);
    shared.enter(site);
    if let (true, Some(wanted)) = (reads.document, wanted.field("document")) {
        fields.push(("document", shared.document(maker, site, wanted)));
    }
    if reads.text {
        fields.push(("text", shared.text(site)));
    }
    if reads.violations && &*entity.key.kind == DOCUMENT_KIND {
        fields.push(("violations", violations(site)));
    }
    let lifted = (&entity.fields, entity.fields.root());
    maker.lifted(lifted, (site.document, site.text), wanted, fields)
}

/// `input.expresses`: what the entity's format can state of its kind.
pub(crate) fn expressible_fields(site: Site<'_>) -> Datum {
    let fields = site.format.expresses(&site.entity.key.kind);
    let known = fields.into_iter().map(|field| (field, true.into()));
    Datum::json(&serde_json::Value::Object(known.collect()))
}

/// Where the document does not fit the version of its format that it declares; empty if the format has no shapes.
fn violations(site: Site<'_>) -> Datum {
    let found = match site.format.shapes() {
        Some(shapes) => shape::find_violations(shapes, site.document, site.text),
        None => Vec::new(),
    };
    Datum::array(found.into_iter().map(|violation| {
        let steps = violation.at.0.iter().map(|step| match step {
            Step::Key(key) => Datum::text(key),
            Step::Index(index) => Datum::number(*index),
        });
        let at = Datum::array([Datum::text("document")].into_iter().chain(steps));
        let message = Datum::text(&violation.message);
        let fix = violation
            .fix
            .map(|fix| (Arc::from("fix"), Datum::text(&fix)));
        let said = [(Arc::from("at"), at), (Arc::from("message"), message)];
        Datum::fields(said.into_iter().chain(fix))
    }))
}

/// What the host adds to an entity's own fields.
pub(crate) fn host_fields(
    site: Site<'_>,
    place: &LayoutPlace,
    expressed: Datum,
) -> Vec<(&'static str, Datum)> {
    let entity = site.entity;
    let parts = place
        .parts
        .iter()
        .map(|(name, value)| (Arc::clone(name), Datum::text(value)));
    vec![
        ("entity", Datum::text(&entity.key.to_string())),
        ("kind", Datum::text(&entity.key.kind)),
        ("format", Datum::text(&entity.format)),
        ("file", Datum::text(entity.file.as_str())),
        ("place", Datum::fields(parts)),
        ("expresses", expressed),
    ]
}
