//! `input` of entity rules: what a policy sees of an entity.

use std::sync::Arc;

use super::locate::Site;
use crate::lift::schema::DOCUMENT_KIND;
use crate::lift::shape;
use crate::model::entity::LayoutPlace;
use crate::model::path::Step;
use crate::model::wanted::Projection;
use crate::policy::engine::{Datum, Maker};
use crate::policy::pack::RuleReads;

/// What a policy sees of an entity, as far as it is wanted.
pub(super) fn build_input(
    maker: &mut Maker,
    site: Site<'_>,
    place: &LayoutPlace,
    (reads, wanted): (RuleReads, &Projection),
    expressed: Datum,
) -> Datum {
    let entity = site.entity;
    let mut fields = host_fields(site, place, expressed);
    if let (true, Some(wanted)) = (reads.document, wanted.field("document")) {
        let root = site.document.root().node;
        let document = maker.document((site.document, site.text), root, wanted);
        fields.push(("document", document));
    }
    if reads.text {
        fields.push(("text", Datum::text(site.text.slice(site.extent))));
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
