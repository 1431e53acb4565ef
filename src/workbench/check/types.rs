//! The types of values in Rego: from the description of the model, and from the expressions of a rule. Values of unknown
//! type are never reported.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::lift::schema::{DOCUMENT_KIND, FieldSpec, FieldType, Fields, Schema};

/// A type.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Ty {
    #[default]
    Unknown,
    Text,
    Number,
    Bool,
    /// The position of an element in a list.
    Index,
    List(Box<Ty>),
    /// An array whose elements are written one by one.
    Tuple(Vec<Ty>),
    Set(Box<Ty>),
    Map(Box<Ty>),
    /// An object that a rule writes, with all its keys.
    Object(BTreeMap<String, Ty>),
    /// Fields that the model or the host describes.
    Table(Rc<FieldTable>),
    /// `data.options`.
    AllOptions,
    /// The options of a rule, by its id.
    Options(String),
    /// `data.govcheck.lib`: rules of the packs.
    Package(String),
}

/// Fields that are described, and no others.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FieldTable {
    /// What messages call it: "the model of a contract".
    pub(super) called: String,
    pub(super) fields: BTreeMap<String, Ty>,
    /// Its path in an entity: `columns`; empty for the entity itself, `None` outside of an entity.
    pub(super) at: Option<String>,
}

/// What a constant key leads to.
pub(super) enum FieldLookup {
    Is(Ty),
    /// It can't be there.
    Missing(Rc<FieldTable>),
    /// Nothing has keys there: a list, or a plain value.
    None(&'static str),
}

impl Ty {
    pub(super) fn list(of: Ty) -> Self {
        Self::List(Box::new(of))
    }

    pub(super) fn table(called: &str, fields: BTreeMap<String, Ty>) -> Self {
        Self::Table(Rc::new(FieldTable {
            called: called.to_owned(),
            fields,
            at: None,
        }))
    }

    /// What both are.
    pub(super) fn merge(self, other: Ty) -> Ty {
        match (self, other) {
            (a, b) if a == b => a,
            (Ty::List(a), Ty::List(b)) => Ty::list(a.merge(*b)),
            (Ty::Set(a), Ty::Set(b)) => Ty::Set(Box::new(a.merge(*b))),
            (Ty::Tuple(a), Ty::Tuple(b)) if a.len() == b.len() => {
                Ty::Tuple(a.into_iter().zip(b).map(|(a, b)| a.merge(b)).collect())
            }
            // A value that is one of several objects may have the fields of any of them.
            (Ty::Object(a), Ty::Object(b)) => Ty::Object(merge_fields(a, b)),
            (Ty::Table(a), Ty::Table(b)) if a.at == b.at => Ty::Table(Rc::new(FieldTable {
                called: if a.called == b.called {
                    a.called.clone()
                } else {
                    format!("{}, {}", a.called, b.called)
                },
                fields: merge_fields(a.fields.clone(), b.fields.clone()),
                at: a.at.clone(),
            })),
            _ => Ty::Unknown,
        }
    }

    /// What an iteration gives as values.
    pub(super) fn element(&self) -> Ty {
        match self {
            Ty::List(of) | Ty::Set(of) | Ty::Map(of) => (**of).clone(),
            Ty::Tuple(items) => {
                let mut items = items.iter().cloned();
                let first = items.next().unwrap_or_default();
                items.fold(first, Ty::merge)
            }
            Ty::Object(fields) => {
                let mut values = fields.values().cloned();
                let first = values.next().unwrap_or_default();
                values.fold(first, Ty::merge)
            }
            _ => Ty::Unknown,
        }
    }

    /// What an iteration gives as keys.
    pub(super) fn key(&self) -> Ty {
        match self {
            Ty::List(_) | Ty::Tuple(_) => Ty::Index,
            Ty::Map(_) | Ty::Object(_) | Ty::Table(_) => Ty::Text,
            Ty::Set(of) => (**of).clone(),
            _ => Ty::Unknown,
        }
    }

    /// What a number in an array leads to.
    pub(super) fn item(&self, index: usize) -> Ty {
        match self {
            Ty::Tuple(items) => items.get(index).cloned().unwrap_or_default(),
            other => other.element(),
        }
    }

    /// What a constant key leads to; packages are the world's to know.
    pub(super) fn field(&self, name: &str) -> FieldLookup {
        match self {
            Ty::Table(table) => match table.fields.get(name) {
                Some(ty) => FieldLookup::Is(ty.clone()),
                None => FieldLookup::Missing(Rc::clone(table)),
            },
            Ty::Object(fields) => FieldLookup::Is(fields.get(name).cloned().unwrap_or_default()),
            Ty::Map(of) => FieldLookup::Is((**of).clone()),
            Ty::AllOptions => FieldLookup::Is(Ty::Options(name.to_owned())),
            Ty::List(_) | Ty::Tuple(_) => FieldLookup::None("a list"),
            Ty::Text => FieldLookup::None("text"),
            Ty::Number | Ty::Index => FieldLookup::None("a number"),
            Ty::Bool => FieldLookup::None("a boolean"),
            _ => FieldLookup::Is(Ty::Unknown),
        }
    }
}

fn merge_fields(mut a: BTreeMap<String, Ty>, b: BTreeMap<String, Ty>) -> BTreeMap<String, Ty> {
    for (name, ty) in b {
        let merged = match a.remove(&name) {
            Some(own) => own.merge(ty),
            None => ty,
        };
        a.insert(name, merged);
    }
    a
}

/// `a column`, `an owner`.
pub(super) fn with_article(noun: &str) -> String {
    match noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an {noun}"),
        false => format!("a {noun}"),
    }
}

/// Types of the model.
pub(super) struct ModelTypes<'s>(pub(super) &'s Schema);

impl ModelTypes<'_> {
    /// An entity of one of some kinds, with what the host adds.
    pub(super) fn entity(&self, kinds: &[Arc<str>]) -> Ty {
        let host = self.record(&self.0.host.entity, None);
        match self.model(kinds) {
            Ty::Table(model) => Ty::Table(Rc::new(FieldTable {
                called: model.called.clone(),
                fields: merge_fields(host, model.fields.clone()),
                at: Some(String::new()),
            })),
            other => other,
        }
    }

    /// The fields that the model has for an entity of one of some kinds.
    pub(super) fn model(&self, kinds: &[Arc<str>]) -> Ty {
        let kinds = self.kinds(kinds);
        let mut fields: BTreeMap<String, Ty> = BTreeMap::new();
        for kind in &kinds {
            let own = self.0.fields_of(kind).unwrap_or_default();
            fields = merge_fields(fields, self.record(&own, Some("")));
        }
        let names: Vec<&str> = kinds.iter().map(|kind| &**kind).collect();
        let called = match names.as_slice() {
            names if names.len() > 4 => "the model".to_owned(),
            names => format!("the model of {}", with_article(&names.join(" or "))),
        };
        Ty::Table(Rc::new(FieldTable {
            called,
            fields,
            at: Some(String::new()),
        }))
    }

    /// The kinds that a rule names, with `*` expanded.
    pub(super) fn kinds(&self, named: &[Arc<str>]) -> BTreeSet<Arc<str>> {
        let all = named.iter().any(|kind| &**kind == "*");
        let mut kinds: BTreeSet<Arc<str>> = named.iter().cloned().collect();
        kinds.remove("*");
        if all {
            let own = self.0.kinds.keys().filter(|kind| &***kind != DOCUMENT_KIND);
            kinds.extend(own.cloned());
        }
        kinds
    }

    /// `data.mesh`: cards by kind and id.
    pub(super) fn mesh(&self, with_links: bool) -> Ty {
        let mut fields: BTreeMap<String, Ty> = BTreeMap::new();
        for (kind, spec) in &self.0.kinds {
            let all = self.0.fields_of(kind).unwrap_or_default();
            let mut card = self.record(&self.carded(&all), None);
            card.extend(self.record(&self.0.host.card, None));
            let card = Ty::table(&format!("the card of a {kind}"), card);
            fields.insert(spec.plural.to_string(), Ty::Map(Box::new(card)));
        }
        if with_links {
            fields.extend(self.record(&self.0.host.links, None));
        }
        Ty::table("`data.mesh`", fields)
    }

    fn carded(&self, fields: &Fields) -> Fields {
        let marked = fields.iter().filter(|(_, spec)| spec.card);
        marked
            .map(|(name, spec)| (name.clone(), spec.clone()))
            .collect()
    }

    /// Fields as types; `at` is where they are in an entity.
    pub(super) fn record(&self, fields: &Fields, at: Option<&str>) -> BTreeMap<String, Ty> {
        let typed = fields.iter().map(|(name, spec)| {
            let own = at.map(|at| match at {
                "" => name.clone(),
                at => format!("{at}.{name}"),
            });
            (name.clone(), self.spec(spec, own))
        });
        typed.collect()
    }

    fn spec(&self, spec: &FieldSpec, at: Option<String>) -> Ty {
        match spec.ty {
            FieldType::String => Ty::Text,
            FieldType::Bool => Ty::Bool,
            FieldType::Number => Ty::Number,
            FieldType::Any => Ty::Unknown,
            FieldType::Map => Ty::Map(Box::default()),
            FieldType::Record => self.of(spec, at, false),
            FieldType::List => Ty::list(self.of(spec, at, true)),
        }
    }

    fn of(&self, spec: &FieldSpec, at: Option<String>, listed: bool) -> Ty {
        let name = spec.of.as_deref().unwrap_or_default();
        if name == "string" {
            return Ty::Text;
        }
        let Some(fields) = self.0.record(name) else {
            return Ty::Unknown;
        };
        // Of a record only what is marked is on a card; of the elements of a list everything.
        let carded = at.is_none() && spec.card && !listed;
        let marked = if carded {
            self.carded(fields)
        } else {
            fields.clone()
        };
        Ty::Table(Rc::new(FieldTable {
            called: with_article(&name.replace('_', " ")),
            fields: self.record(&marked, at.as_deref()),
            at,
        }))
    }
}
