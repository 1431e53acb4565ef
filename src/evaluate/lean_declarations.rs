//! Declarations of formats without the fields that no rule reads: with few rules most of a manifest is never lifted. Where
//! a finding points into such a field, the document is lifted again as a whole.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::lift::schema::{Fields, Schema};
use crate::lift::{Declaration, Format};
use crate::model::path::{ModelPath, Step};
use crate::model::wanted::Projection;
use crate::policy::Pack;
use crate::policy::pack::Given;

/// Lean declarations by kind, made once it is known what rules read of that.
#[derive(Default)]
pub(super) struct Lean(BTreeMap<Arc<str>, OnceLock<LeanKind>>);

/// Those of a kind.
struct LeanKind {
    /// By format, and their number in that.
    declarations: BTreeMap<(Arc<str>, usize), Declaration>,
    /// What is lifted by them.
    wanted: Projection,
}

impl Lean {
    pub(super) fn new(pack: &Pack) -> Self {
        let kinds = pack.schema.kinds.keys().map(|kind| Arc::from(&**kind));
        Self(kinds.map(|kind| (kind, OnceLock::new())).collect())
    }

    /// A declaration as far as it has to be lifted. `None` if that is all of it.
    pub(super) fn of(
        &self,
        pack: &Pack,
        given: Given,
        (format, number): (&Format, usize),
        declaration: &Declaration,
    ) -> Option<&Declaration> {
        let kind = &declaration.kind;
        let read = pack.kind(kind)?.known(given)?;
        let lean = self
            .0
            .get(kind)?
            .get_or_init(|| lean(pack, given, kind, read));
        let key = (Arc::clone(&format.name), number);
        lean.declarations.get(&key)
    }

    /// Whether all fields on a path are lifted, so that it leads where it leads in an entity that has all its fields.
    pub(super) fn leads(&self, kind: &str, path: &ModelPath) -> bool {
        if path.in_document().is_some() {
            return true;
        }
        let known = self.0.get(kind).and_then(OnceLock::get);
        let mut wanted = known.map(|kind| &kind.wanted);
        for step in &path.0 {
            wanted = wanted.and_then(|wanted| match step {
                Step::Key(key) => wanted.field(key),
                Step::Index(_) => wanted.items(),
            });
        }
        wanted.is_some()
    }
}

fn lean(pack: &Pack, given: Given, kind: &str, read: &Projection) -> LeanKind {
    let mut wanted = read.clone();
    wanted.merge(&of_ours(&pack.schema, kind));
    let mut declarations = BTreeMap::new();
    for format in &pack.formats {
        for (number, declaration) in format.declarations.iter().enumerate() {
            let only = (&*declaration.kind == kind).then(|| declaration.only(&wanted));
            let pays =
                |only: &Declaration| given == Given::Read || 2 * only.size() <= declaration.size();
            if let Some(only) = only.filter(pays) {
                declarations.insert((Arc::clone(&format.name), number), only);
            }
        }
    }
    LeanKind {
        declarations,
        wanted,
    }
}

/// What is read of an entity whatever the rules: what its card has, and whose it is.
fn of_ours(schema: &Schema, kind: &str) -> Projection {
    let own = schema.kinds.get(kind).map(|kind| &kind.fields);
    let marked = |fields: &Fields| -> Vec<Arc<str>> {
        let marked = fields.iter().filter(|(_, spec)| spec.card);
        marked.map(|(name, _)| Arc::from(name.as_str())).collect()
    };
    let cards = [Some(&schema.common), own]
        .into_iter()
        .flatten()
        .flat_map(marked);
    let all = cards.chain(["owner", "domain"].map(Arc::from));
    Projection::parts_of(all.map(|name| (name, Projection::all())).collect(), None)
}
