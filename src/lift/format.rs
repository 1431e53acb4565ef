//! A compiled format: how to recognise a document and how to lift it. Made by `compile`, used by `lifter` and `locate`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use globset::GlobSet;

use super::context_spec::ContextSpec;
use super::path::SourcePath;
use super::pattern::Pattern;
use super::shape::{Promised, Shapes};
use crate::model::document::KeyNames;
use crate::model::wanted::Projection;

/// One standard, or one house format.
#[derive(Debug, Clone)]
pub struct Format {
    /// Its name: `odcs`.
    pub name: Arc<str>,
    /// Its title: `Open Data Contract Standard`.
    pub title: String,
    /// The versions it knows, as text.
    pub versions: Vec<String>,
    /// The file it was read from, as the user knows it.
    pub file: String,
    /// Where a document says its version.
    pub(crate) version: Option<SourcePath>,
    /// The file beside or above a document that fields are inherited from.
    pub(crate) context: Option<ContextSpec>,
    /// What its documents must look like, if that is described.
    pub shapes: Option<Arc<Promised>>,
    pub(crate) all: Vec<Condition>,
    pub(crate) any: Vec<Condition>,
    pub(crate) not: Vec<Condition>,
    pub(crate) hint_files: GlobSet,
    pub(crate) hint_text: Vec<Pattern>,
    pub(crate) hint_keys: HintKeys,
    pub(crate) declarations: Vec<Declaration>,
}

/// Keys of a document that make it look like one of the format.
#[derive(Debug, Clone, Default)]
pub(crate) struct HintKeys {
    pub(crate) names: Vec<Arc<str>>,
    /// So many of them.
    pub(crate) at_least: usize,
}

/// What a document of the format declares.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    pub(crate) kind: Arc<str>,
    /// Outer levels, then the path to the entities; none if the document is the entity.
    pub(crate) levels: Vec<OuterLevel>,
    pub(crate) each: Vec<SourcePath>,
    pub(crate) when: Vec<Condition>,
    pub(crate) key: Vec<KeyField>,
    pub(crate) fields: Vec<NamedField>,
}

/// An outer level: `schema[] as table`.
#[derive(Debug, Clone)]
pub(crate) struct OuterLevel {
    pub(crate) path: SourcePath,
    pub(crate) name: Option<Arc<str>>,
}

/// A model field that names an element, or several joined with dots.
#[derive(Debug, Clone)]
pub(crate) struct KeyField(pub(crate) Vec<Arc<str>>);

/// A model field.
#[derive(Debug, Clone)]
pub(crate) struct NamedField {
    pub(crate) name: Arc<str>,
    pub(crate) field: Field,
    /// Keys of the element, at least one of which the entity needs. `None` if it needs none.
    pub(crate) needs: Option<KeyNames>,
}

impl Declaration {
    /// The declaration without the parts of the entity that nobody reads. Keys stay, and so do lists that are read with all
    /// their elements, so that entities and elements keep their names.
    pub(crate) fn only(&self, wanted: &Projection) -> Self {
        Self {
            fields: only(&self.fields, &self.key, wanted),
            ..self.clone()
        }
    }

    /// How many fields it fills, those of records and lists counted.
    pub(crate) fn size(&self) -> usize {
        size(&self.fields)
    }
}

fn only(fields: &[NamedField], key: &[KeyField], wanted: &Projection) -> Vec<NamedField> {
    let is_key = |name: &Arc<str>| key.iter().any(|KeyField(parts)| parts.contains(name));
    let kept = fields.iter().filter_map(|named| {
        let inner = wanted.field(&named.name);
        if inner.is_none() && !is_key(&named.name) {
            return None;
        }
        let mut named = named.clone();
        if let (Field::Each(each), Some(inner)) = (&mut named.field, inner) {
            let of_elements = inner.items().cloned().unwrap_or_default();
            each.fields = only(&each.fields, &each.key, &of_elements);
        }
        Some(named)
    });
    kept.collect()
}

fn size(fields: &[NamedField]) -> usize {
    let inner = fields.iter().map(|named| match &named.field {
        Field::Record(fields) => size(fields),
        Field::Each(each) => size(&each.fields),
        _ => 0,
    });
    fields.len() + inner.sum::<usize>()
}

impl NamedField {
    pub(crate) fn new(name: &str, field: Field) -> Self {
        Self {
            name: name.into(),
            needs: field.needs(),
            field,
        }
    }
}

/// How one model field is filled.
#[derive(Debug, Clone)]
pub(crate) enum Field {
    /// The first value of the first path that has one.
    Value {
        sources: Vec<SourcePath>,
        target: Scalar,
        rewrite: Rewrite,
        /// The value if the document has none.
        default: Option<Arc<str>>,
    },
    /// The values that are there, joined. Without the last there is none.
    Join {
        parts: Vec<Field>,
        separator: String,
    },
    /// The first of these that is there.
    First(Vec<Field>),
    /// A constant.
    Constant(Constant),
    /// True if one of `any` holds, false if one of `none` does.
    Test {
        any: Vec<Condition>,
        none: Vec<Condition>,
    },
    /// Whether a path leads to something that is not empty.
    Has(Vec<SourcePath>),
    /// Values along a recursion, joined.
    Chain { path: SourcePath, separator: String },
    /// A list of text: of the first path that has any, or of all.
    Texts {
        sources: Vec<SourcePath>,
        all: bool,
        rewrite: Rewrite,
    },
    /// A record of the model.
    Record(Vec<NamedField>),
    /// A list of records.
    Each(Box<Each>),
    /// A map from a list of pairs.
    Pairs {
        from: SourcePath,
        key: SourcePath,
        value: SourcePath,
    },
}

/// What becomes of a text on its way into the model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rewrite {
    /// The groups that matched, joined with dots; a text that does not match gives no value.
    pub(crate) pattern: Option<Pattern>,
    /// By lower-case text; a text that maps to nothing gives no value.
    pub(crate) map: BTreeMap<String, Option<Arc<str>>>,
    /// Whether it is lower-cased in the end.
    pub(crate) lower: bool,
}

impl Rewrite {
    pub(crate) fn apply(&self, text: Arc<str>) -> Option<Arc<str>> {
        let text = match &self.pattern {
            None => text,
            Some(pattern) => {
                let found = pattern.captures(&text)?;
                let groups: Vec<&str> =
                    found.iter().skip(1).flatten().map(|g| g.as_str()).collect();
                if groups.is_empty() {
                    text
                } else {
                    groups.join(".").into()
                }
            }
        };
        let text = match self.map.is_empty() {
            true => text,
            false => match self.map.get(&text.to_lowercase()) {
                Some(mapped) => mapped.clone()?,
                None => text,
            },
        };
        let is_lower = !self.lower || !text.chars().any(char::is_uppercase);
        Some(match is_lower {
            true => text,
            false => text.to_lowercase().into(),
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Each {
    pub(crate) levels: Vec<OuterLevel>,
    pub(crate) each: Vec<SourcePath>,
    pub(crate) recurse: Vec<SourcePath>,
    /// Paths to what has nested elements without being one, followed as often as they lead on.
    pub(crate) through: Vec<SourcePath>,
    pub(crate) key: Vec<KeyField>,
    pub(crate) fields: Vec<NamedField>,
}

/// What a single value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Text,
    Bool,
    Number,
    /// The subtree as it is.
    Raw,
}

#[derive(Debug, Clone)]
pub(crate) enum Constant {
    Bool(bool),
    Text(Arc<str>),
    Int(i64),
}

/// A condition on the values that a path finds.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) path: SourcePath,
    pub(crate) test: ConditionTest,
}

#[derive(Debug, Clone)]
pub(crate) enum ConditionTest {
    Equals(Arc<str>),
    In(Vec<Arc<str>>),
    Matches(Pattern),
    Exists(bool),
    Truthy(bool),
}

impl Format {
    /// What its documents must look like, if that is described.
    pub fn shapes(&self) -> Option<&Shapes> {
        self.shapes.as_deref()?.get()
    }

    /// The model fields that a document of this format can state for a kind, with those of records and lists:
    /// `usage`, `owner.team`, `columns.classification`. A rule asks for what can be written, and for nothing else.
    pub fn expresses(&self, kind: &str) -> BTreeSet<String> {
        // What the format itself fills in is nothing that a manifest states.
        self.fields_of(kind, &|field| !matches!(field, Field::Constant(_)))
    }

    /// The model fields that it fills for a kind, from what a manifest states or by itself.
    pub fn fills(&self, kind: &str) -> BTreeSet<String> {
        self.fields_of(kind, &|_| true)
    }

    fn fields_of(&self, kind: &str, is_meant: &dyn Fn(&Field) -> bool) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for declaration in self.declarations.iter().filter(|own| &*own.kind == kind) {
            collect("", &declaration.fields, is_meant, &mut all);
        }
        all
    }
}

fn collect(
    around: &str,
    fields: &[NamedField],
    is_meant: &dyn Fn(&Field) -> bool,
    all: &mut BTreeSet<String>,
) {
    for NamedField { name, field, .. } in fields.iter().filter(|named| is_meant(&named.field)) {
        let path = format!("{around}{name}");
        let inner = match field {
            Field::Record(inner) => Some(inner),
            Field::Each(each) => Some(&each.fields),
            _ => None,
        };
        if let Some(inner) = inner {
            collect(&format!("{path}."), inner, is_meant, all);
        }
        all.insert(path);
    }
}

impl Field {
    /// The path that says where a value would be written: the first alternative.
    pub(crate) fn first_source(&self) -> Option<&SourcePath> {
        match self {
            Field::Value { sources, .. } | Field::Texts { sources, .. } | Field::Has(sources) => {
                sources.first()
            }
            Field::Chain { path, .. } => Some(path),
            Field::Join { parts, .. } => parts.last().and_then(Field::first_source),
            Field::First(fields) => fields.first().and_then(Field::first_source),
            Field::Each(each) => each
                .levels
                .first()
                .map(|level| &level.path)
                .or(each.each.first()),
            Field::Pairs { from, .. } => Some(from),
            Field::Test { any, none } => any
                .iter()
                .chain(none)
                .next()
                .map(|condition| &condition.path),
            Field::Constant(_) => None,
            Field::Record(fields) => fields.first().and_then(|first| first.field.first_source()),
        }
    }

    /// Keys of the element, at least one of which the field needs. `None` if it needs none.
    fn needs(&self) -> Option<KeyNames> {
        match self {
            Field::Value {
                sources,
                default: None,
                ..
            }
            | Field::Texts { sources, .. } => first_keys(sources),
            Field::Join { parts, .. } | Field::First(parts) => all(parts.iter().map(Field::needs)),
            Field::Test { any, none } => {
                let without =
                    |condition: &Condition| matches!(condition.test, ConditionTest::Exists(false));
                let conditions = any.iter().chain(none);
                all(conditions.map(|condition| match without(condition) {
                    true => None,
                    false => condition.path.first_key().map(KeyNames::from),
                }))
            }
            Field::Each(each) => match each.levels.first() {
                Some(level) => level.path.first_key().map(KeyNames::from),
                None => first_keys(&each.each),
            },
            Field::Pairs { from, .. } => from.first_key().map(KeyNames::from),
            Field::Record(fields) => all(fields.iter().map(|field| field.needs)),
            // A chain has what elements around this one say, `has` is false where there is nothing.
            Field::Value { .. } | Field::Constant(_) | Field::Has(_) | Field::Chain { .. } => None,
        }
    }
}

fn first_keys(paths: &[SourcePath]) -> Option<KeyNames> {
    all(paths
        .iter()
        .map(|path| path.first_key().map(KeyNames::from)))
}

/// All of them together, if each is known.
fn all(mut names: impl Iterator<Item = Option<KeyNames>>) -> Option<KeyNames> {
    names.try_fold(KeyNames::default(), |all, names| Some(all.and(names?)))
}
