//! Declarations of formats without the fields that no rule reads: with few rules most of a manifest is never lifted. Where
//! something is found in it all the same, its place may be in a field that nobody reads: then the document is lifted whole.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::lift::schema::{Fields, Schema};
use crate::lift::{Declaration, Format};
use crate::model::wanted::Wanted;
use crate::policy::Pack;
use crate::policy::pack::Given;

/// Lean declarations by kind, made once it is known what rules read of that.
#[derive(Default)]
pub(super) struct Lean(BTreeMap<Arc<str>, OnceLock<Kind>>);

/// By format, and their number in that.
type Kind = BTreeMap<(Arc<str>, usize), Declaration>;

impl Lean {
    pub(super) fn new(pack: &Pack) -> Self {
        let kinds = pack.schema.kinds.keys().map(|kind| Arc::from(&**kind));
        Self(kinds.map(|kind| (kind, OnceLock::new())).collect())
    }

    /// A declaration as far as it has to be lifted; none if that is all of it.
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
        lean.get(&(Arc::clone(&format.name), number))
    }
}

fn lean(pack: &Pack, given: Given, kind: &str, read: &Wanted) -> Kind {
    let mut wanted = read.clone();
    wanted.merge(&of_ours(&pack.schema, kind));
    let mut lean = BTreeMap::new();
    for format in &pack.formats {
        for (number, declaration) in format.declarations.iter().enumerate() {
            let only = (&*declaration.kind == kind).then(|| declaration.only(&wanted));
            let pays =
                |only: &Declaration| given == Given::Read || 2 * only.size() <= declaration.size();
            if let Some(only) = only.filter(pays) {
                lean.insert((Arc::clone(&format.name), number), only);
            }
        }
    }
    lean
}

/// What is read of an entity whatever the rules: what its card has, and whose it is.
fn of_ours(schema: &Schema, kind: &str) -> Wanted {
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
    Wanted::parts_of(all.map(|name| (name, Wanted::all())).collect(), None)
}
