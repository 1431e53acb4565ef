//! All modules of the packs together: what `input` and `data` are for each, and what the rules of one are for another.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::types::{FieldLookup, ModelTypes, Ty};
use crate::lift::schema::Schema;
use crate::model::rule::{Rule, Scope};
use crate::policy::inspect::{Inspected, Inspection};
use crate::policy::rules::{COMPILE, REGO_V0};
use crate::policy::syntax::{definition_head, list_definitions, name_of, package_of};

/// What the modules of the packs know of each other.
pub(super) struct PackWorld<'i> {
    pub(super) schema: &'i Schema,
    pub(super) modules: BTreeMap<String, &'i Inspected>,
    /// Whether all modules could be read, so that a missing name is really undefined.
    is_whole: bool,
    pub(super) known: RefCell<BTreeMap<(String, String), Ty>>,
    pub(super) open: RefCell<BTreeSet<(String, String)>>,
}

/// What a definition sees.
#[derive(Debug, Clone, Default)]
pub(super) struct Sees {
    pub(super) input: Ty,
    pub(super) data: Ty,
}

impl<'i> PackWorld<'i> {
    pub(super) fn new(inspection: &'i Inspection) -> Self {
        let modules = inspection.modules.iter();
        let is_read = |rule: &str| rule != COMPILE && rule != REGO_V0;
        Self {
            schema: &inspection.schema,
            modules: modules
                .map(|module| (package_of(&module.tree), module))
                .collect(),
            is_whole: inspection
                .mistakes
                .iter()
                .all(|mistake| is_read(mistake.rule)),
            known: RefCell::default(),
            open: RefCell::default(),
        }
    }

    /// What the definitions of a module see; `name` is that of the definition.
    pub(super) fn sees(&self, module: &Inspected, name: &str) -> Sees {
        let types = ModelTypes(self.schema);
        let host = &self.schema.host;
        let mut data = types.record(&host.data, None);
        data.insert("options".to_owned(), Ty::AllOptions);
        data.insert(
            "run".to_owned(),
            Ty::table("`data.run`", types.record(&host.run, None)),
        );
        data.insert("govcheck".to_owned(), Ty::Package("govcheck".to_owned()));
        let Some(rule) = &module.rule else {
            // A library may be asked by any rule.
            data.insert("mesh".to_owned(), types.mesh(true));
            let mut input = types.entity(&self.all_kinds());
            input = input.merge(self.union(module.is_library()));
            return Sees {
                input,
                data: Ty::table("`data`", data),
            };
        };
        match rule.scope {
            Scope::Entity => {
                data.remove("mesh");
            }
            Scope::Mesh => drop(data.insert("mesh".to_owned(), types.mesh(false))),
            Scope::Change => {
                data.insert("mesh".to_owned(), types.mesh(true));
                let before = BTreeMap::from([("mesh".to_owned(), types.mesh(true))]);
                data.insert("base".to_owned(), Ty::table("`data.base`", before));
            }
        }
        if rule.scope != Scope::Change {
            data.remove("base");
        }
        let called = format!("`data` of a rule of scope `{}`", scope_name(rule.scope));
        Sees {
            input: self.input(module, rule, name),
            data: Ty::table(&called, data),
        }
    }

    fn input(&self, module: &Inspected, rule: &Rule, name: &str) -> Ty {
        let types = ModelTypes(self.schema);
        let host = &self.schema.host;
        let entity = types.entity(&rule.entities);
        match rule.scope {
            Scope::Entity => entity,
            Scope::Change => {
                let mut fields = types.record(&host.change, None);
                for side in ["base", "head"] {
                    fields.insert(side.to_owned(), entity.clone());
                }
                Ty::table("`input` of a rule of scope `change`", fields)
            }
            Scope::Mesh if name == "facts" => entity,
            Scope::Mesh => {
                let record = |of: &str, called: &str| {
                    let fields = self.schema.types.get(of);
                    let fields = fields.map(|fields| types.record(fields, None));
                    Ty::table(called, fields.unwrap_or_default())
                };
                let (seen, of) = match (&rule.counts, &rule.cycles) {
                    (Some(_), _) => ("counts", record("count", "a value that `counts` counts")),
                    (None, Some(_)) => ("cycles", record("cycle", "a cycle of `cycles`")),
                    (None, None) => ("facts", self.fact(module)),
                };
                let facts = BTreeMap::from([(seen.to_owned(), Ty::list(of))]);
                let input = Ty::table("`input` of a rule of scope `mesh`", facts.clone());
                match (name, entity) {
                    ("deny", _) => input,
                    // What both ask may be asked of both.
                    (_, Ty::Table(entity)) => {
                        let mut fields = entity.fields.clone();
                        fields.extend(facts);
                        Ty::Table(std::rc::Rc::new(super::types::FieldTable {
                            called: entity.called.clone(),
                            fields,
                            at: Some(String::new()),
                        }))
                    }
                    _ => Ty::Unknown,
                }
            }
        }
    }

    /// A fact of a mesh rule: what its `facts` write, and what the host adds.
    fn fact(&self, module: &Inspected) -> Ty {
        let package = package_of(&module.tree);
        match self.rule(&package, "facts") {
            Some(Ty::Set(of)) => match *of {
                Ty::Object(mut fields) => {
                    let types = ModelTypes(self.schema);
                    fields.extend(types.record(&self.schema.host.fact, None));
                    Ty::table("a fact of this rule", fields)
                }
                _ => Ty::Unknown,
            },
            _ => Ty::Unknown,
        }
    }

    fn all_kinds(&self) -> Vec<Arc<str>> {
        self.schema.kinds.keys().cloned().collect()
    }

    /// What rules of scope `mesh` and `change` see beside entities.
    fn union(&self, is_library: bool) -> Ty {
        let types = ModelTypes(self.schema);
        let host = &self.schema.host;
        let entity = types.entity(&self.all_kinds());
        let mut fields = types.record(&host.change, None);
        for side in ["base", "head"] {
            fields.insert(side.to_owned(), entity.clone());
        }
        for seen in ["facts", "counts", "cycles"] {
            fields.insert(seen.to_owned(), Ty::list(Ty::Unknown));
        }
        let called = match (&entity, is_library) {
            (Ty::Table(entity), true) => entity.called.clone(),
            _ => "`input`".to_owned(),
        };
        Ty::Table(std::rc::Rc::new(super::types::FieldTable {
            called,
            fields,
            at: Some(String::new()),
        }))
    }

    /// The definition of a name in a package. `None` if it is missing.
    pub(super) fn member(&self, package: &str, name: &str) -> Option<Ty> {
        let below = format!("{package}.{name}");
        let inner = format!("{below}.");
        let is_package = |known: &String| *known == below || known.starts_with(&inner);
        if self.modules.keys().any(is_package) {
            return Some(Ty::Package(below));
        }
        match self.rule(package, name) {
            Some(ty) => Some(ty),
            None if self.is_whole => None,
            None => Some(Ty::Unknown),
        }
    }

    /// The names in a package, and of the packages below it.
    pub(super) fn names(&self, package: &str) -> BTreeSet<String> {
        let own = self.modules.get(package).into_iter();
        let own = own.flat_map(|module| list_definitions(&module.tree).filter_map(defined_name));
        let inner = format!("{package}.");
        let below = self.modules.keys().filter_map(|known| {
            let rest = known.strip_prefix(&inner)?;
            rest.split('.').next()
        });
        own.chain(below).map(ToOwned::to_owned).collect()
    }

    /// The type at a constant key of a value, packages included. `None` if nothing can be there.
    pub(super) fn follow(&self, ty: &Ty, name: &str) -> Option<Ty> {
        match ty {
            Ty::Package(package) => self.member(package, name),
            ty => match ty.field(name) {
                FieldLookup::Is(ty) => Some(ty),
                FieldLookup::Missing(_) | FieldLookup::None(_) => None,
            },
        }
    }
}

/// The name that a definition defines.
pub(super) fn defined_name(rule: &Value) -> Option<&str> {
    name_of(definition_head(rule)?.get("refr")?)
}

/// `entity`, `mesh` or `change`.
pub(super) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Entity => "entity",
        Scope::Mesh => "mesh",
        Scope::Change => "change",
    }
}
