//! Entities: what documents declare, in the common model, with the way back to the source.

use std::fmt;
use std::sync::Arc;

use super::document::Reached;
use super::location::Location;
use super::text::RelPath;

/// Index of a value in its [`Lifted`] tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiftedId(pub u32);

/// A value of the common model.
#[derive(Debug, Clone, PartialEq)]
pub enum LiftedValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Arc<str>),
    /// A list.
    List(Vec<LiftedId>),
    /// Fields of a record, or keys of a map, in the order of the format file or the source.
    Map(Vec<(Arc<str>, LiftedId)>),
    /// A subtree of the document, taken over as it is.
    Raw,
}

/// A value with where it came from.
#[derive(Debug, Clone)]
pub struct LiftedNode {
    /// The value.
    pub value: LiftedValue,
    /// The source node. `None` for a value that the format made up (a constant, a record of fields).
    pub origin: Option<Reached>,
    /// The place in a context file, if the value comes from one: then there is no source node.
    pub inherited: Option<Box<Location>>,
    /// For a list element: its name in routes (`columns[customers.email]`) and the node that says it.
    pub element: Option<Box<ElementKey>>,
}

/// How a list element is named.
#[derive(Debug, Clone)]
pub struct ElementKey {
    /// The name, unique within the list as a rule.
    pub name: Arc<str>,
    /// The source node of the name: where a finding on the element as a whole points.
    pub anchor: Option<Reached>,
}

/// The fields of one entity as a tree in an arena.
#[derive(Debug, Clone, Default)]
pub struct Lifted {
    nodes: Vec<LiftedNode>,
}

impl Lifted {
    /// Nothing yet, with room for so many values.
    pub fn with_capacity(values: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(values),
        }
    }

    /// Adds a value whose children were added before.
    pub fn push(&mut self, node: LiftedNode) -> LiftedId {
        self.nodes.push(node);
        LiftedId(super::text::text_offset(self.nodes.len() - 1))
    }

    /// A value by id.
    pub fn node(&self, id: LiftedId) -> &LiftedNode {
        &self.nodes[id.0 as usize]
    }

    /// A value by id, to name it as an element.
    pub fn node_mut(&mut self, id: LiftedId) -> &mut LiftedNode {
        &mut self.nodes[id.0 as usize]
    }

    /// The root: the map of all fields, added last.
    pub fn root(&self) -> LiftedId {
        LiftedId(super::text::text_offset(self.nodes.len().saturating_sub(1)))
    }

    /// A field of a map.
    pub fn field(&self, id: LiftedId, name: &str) -> Option<LiftedId> {
        match &self.node(id).value {
            LiftedValue::Map(fields) => fields
                .iter()
                .find(|(key, _)| &**key == name)
                .map(|(_, value)| *value),
            _ => None,
        }
    }

    /// A string field of a map.
    pub fn text(&self, id: LiftedId, name: &str) -> Option<&Arc<str>> {
        match &self.node(self.field(id, name)?).value {
            LiftedValue::String(text) => Some(text),
            _ => None,
        }
    }
}

pub use super::kinds::DOCUMENT as DOCUMENT_KIND;

/// Identity of an entity across revisions, moves and renames of files: `contract:orders`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey {
    /// Its kind: `product`, `contract`, `kpi`, `term`, `team`, `domain`, …
    pub kind: Arc<str>,
    /// Its id, or what the format names it by.
    pub id: Arc<str>,
}

impl EntityKey {
    /// The key after its file was renamed: an id made of the path (the path; the path, `#` and a number; that of a document
    /// with a kind before it) follows the file. `None` for an id that does not hold the path.
    pub fn moved(&self, old: &RelPath, new: &RelPath) -> Option<Self> {
        let id = if *self.id == *old.as_str() {
            new.to_string()
        } else {
            let at = self.id.find(&format!("{old}#"))?;
            let (kind, rest) = self.id.split_at_checked(at)?;
            let rest = rest.strip_prefix(old.as_str())?;
            if !kind.is_empty() && !kind.ends_with(':') {
                return None;
            }
            format!("{kind}{new}{rest}")
        };
        Some(Self {
            kind: Arc::clone(&self.kind),
            id: id.into(),
        })
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

/// What the path of a file says, by `layout` in the config.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayoutPlace {
    /// The values of `{domain}`, `{product}` and any other name of the layout, sorted by name.
    pub parts: Vec<(Arc<str>, Arc<str>)>,
}

impl LayoutPlace {
    /// The value of one name.
    pub fn get(&self, name: &str) -> Option<&Arc<str>> {
        self.parts
            .iter()
            .find(|(key, _)| &**key == name)
            .map(|(_, value)| value)
    }
}

/// An entity of a document.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its identity.
    pub key: EntityKey,
    /// The format that lifted it: `odcs`.
    pub format: Arc<str>,
    /// Which declaration of that format, 0-based: the way back to the definition of its fields.
    pub declaration: usize,
    /// The file that declares it.
    pub file: RelPath,
    /// Which document of the file, 0-based.
    pub document: usize,
    /// Which entity of the document, 0-based: distinguishes two with one id.
    pub ordinal: usize,
    /// The source node that declares it.
    pub origin: Reached,
    /// The node of its id or name: where a finding on the entity as a whole points.
    pub anchor: Option<Reached>,
    /// Its fields.
    pub fields: Lifted,
}
