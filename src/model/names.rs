//! Names for entities whose ids are UUIDs. They appear in texts only; identity is made of ids.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::entity::EntityKey;

/// Characters of a name. A longer one would hide the rest of the message.
const NAME_LIMIT: usize = 80;

/// Names by id; `None` for an id that is declared under several names.
type NamesById = BTreeMap<Arc<str>, Option<Arc<str>>>;

/// The names of entities whose ids are UUIDs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityNames {
    by_kind: BTreeMap<Arc<str>, NamesById>,
}

impl EntityNames {
    /// Whether an entity should go by a name instead of its id.
    pub fn wants(key: &EntityKey) -> bool {
        is_uuid(&key.id)
    }

    /// Adds the name of an entity. Leaves out a name that would break the backticks of a message.
    pub fn add(&mut self, key: &EntityKey, name: &str) {
        let name = name.trim();
        let is_usable = !name.is_empty()
            && !name.contains(|c: char| c == '`' || c.is_control())
            && name.chars().count() <= NAME_LIMIT;
        if is_usable && Self::wants(key) {
            let names = self.by_kind.entry(Arc::clone(&key.kind)).or_default();
            let known = names.entry(Arc::clone(&key.id));
            let known = known.or_insert_with(|| Some(name.into()));
            known.take_if(|known| **known != *name);
        }
    }

    /// Adds the names of entities that are missing here.
    pub fn complete(&mut self, other: Self) {
        for (kind, others) in other.by_kind {
            let names = self.by_kind.entry(kind).or_default();
            for (id, name) in others {
                names.entry(id).or_insert(name);
            }
        }
    }

    /// The name of an entity for people: its own name if the id is a UUID, else the id.
    pub fn name<'a>(&'a self, key: &'a EntityKey) -> &'a str {
        self.find(&key.kind, &key.id).unwrap_or(&key.id)
    }

    /// The message with names in the place of UUIDs: ``contract `53581432-…` `` becomes ``contract `Orders` ``.
    pub fn rename<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.by_kind.is_empty() {
            return Cow::Borrowed(text);
        }
        let parts: Vec<&str> = text.split('`').collect();
        let mut is_renamed = false;
        let named = parts.iter().enumerate().map(|(at, part)| {
            let before = at.checked_sub(1).and_then(|before| parts.get(before));
            let kind = before.and_then(|before| before.strip_suffix(' ')?.split(' ').next_back());
            // A message may write the kind in capitals: KPI.
            let name = kind.and_then(|kind| self.find(&kind.to_lowercase(), part));
            is_renamed |= name.is_some();
            name.unwrap_or(part)
        });
        let named: Vec<&str> = named.collect();
        match is_renamed {
            true => Cow::Owned(named.join("`")),
            false => Cow::Borrowed(text),
        }
    }

    fn find(&self, kind: &str, id: &str) -> Option<&str> {
        self.by_kind.get(kind)?.get(id)?.as_deref()
    }
}

/// Whether a text is a UUID, with `urn:uuid:` before it or without.
fn is_uuid(text: &str) -> bool {
    let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let groups = [8, 4, 4, 4, 12];
    text.len() == 36
        && text.split('-').map(str::len).eq(groups)
        && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "53581432-6c55-4ba2-a65f-72344a91553a";

    fn key(id: &str) -> EntityKey {
        EntityKey {
            kind: "contract".into(),
            id: id.into(),
        }
    }

    fn named(name: &str) -> EntityNames {
        let mut names = EntityNames::default();
        names.add(&key(UUID), name);
        names
    }

    #[test]
    fn a_name_replaces_only_a_uuid() {
        let urn = format!("urn:uuid:{UUID}");
        for (id, shown) in [
            (UUID, "Orders"),
            (&urn, "Orders"),
            ("orders", "orders"),
            (
                "53581432-6c55-4ba2-a65f-72344a91553",
                "53581432-6c55-4ba2-a65f-72344a91553",
            ),
            (
                "53581432-6c55-4ba2-a65f-72344a91553g",
                "53581432-6c55-4ba2-a65f-72344a91553g",
            ),
            (
                "53581432-6c55-4ba2-a65f7-2344a91553a",
                "53581432-6c55-4ba2-a65f7-2344a91553a",
            ),
            ("", ""),
        ] {
            let mut names = EntityNames::default();
            names.add(&key(id), "Orders");
            assert_eq!(names.name(&key(id)), shown, "{id}");
        }
    }

    #[test]
    fn messages_call_entities_by_name() {
        let names = named(" Orders ");
        for (text, renamed) in [
            (
                "contract `ID` names no team",
                "contract `Orders` names no team",
            ),
            (
                "the id of contract `ID` and contract `ID`",
                "the id of contract `Orders` and contract `Orders`",
            ),
            ("CONTRACT `ID` has no unit", "CONTRACT `Orders` has no unit"),
            // Another kind, no kind, and what only looks like it.
            ("product `ID`", "product `ID`"),
            ("`ID` is no id", "`ID` is no id"),
            ("value `contract ` ID", "value `contract ` ID"),
            ("contract `ID", "contract `Orders"),
            ("no name", "no name"),
        ] {
            let text = text.replace("ID", UUID);
            assert_eq!(names.rename(&text), renamed.replace("ID", UUID));
        }
        assert!(matches!(
            EntityNames::default().rename("contract `x`"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn an_id_with_several_names_is_called_by_none_of_them() {
        let mut names = named("Orders");
        for (name, shown) in [("Orders", "Orders"), ("Other", UUID), ("Orders", UUID)] {
            names.add(&key(UUID), name);
            assert_eq!(names.name(&key(UUID)), shown);
        }
    }

    #[test]
    fn names_of_another_mesh_are_for_what_this_one_has_not() {
        let mut names = named("Orders");
        names.complete(named("Orders of last year"));
        assert_eq!(names.name(&key(UUID)), "Orders");
        let mut names = EntityNames::default();
        names.complete(named("Orders of last year"));
        assert_eq!(names.name(&key(UUID)), "Orders of last year");
    }

    #[test]
    fn a_name_that_breaks_a_message_is_left_out() {
        for bad in ["", " ", "a`b", "a\nb", &"x".repeat(81)] {
            assert_eq!(named(bad).name(&key(UUID)), UUID, "{bad:?}");
        }
    }
}
