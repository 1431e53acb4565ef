//! The names that tests can use: the packages of packs and tests, and the rules and functions in them. Modules are parsed
//! on first use.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::read::TestFile;
use crate::model::text::Span;
use crate::policy::engine::{Module, parse_module};
use crate::policy::syntax::{self, definition_head, list_elements, node_extent, variable_name};

/// All modules, pack and tests together.
pub(super) struct TestedModules {
    modules: Vec<KnownModule>,
}

pub(super) struct KnownModule {
    pub(super) module: Module,
    package: String,
    definitions: OnceCell<Vec<Definition>>,
}

/// One definition of a rule or function; it may have several.
pub(super) struct Definition {
    name: String,
    /// How many arguments a function takes.
    pub(super) arguments: Option<usize>,
    /// Its text.
    pub(super) span: Span,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// To no rule: data of the host.
    Nowhere,
    /// To a rule.
    Rule,
    /// To a function of so many arguments.
    Function(usize),
    /// Into a rule's value, or to a folder of rules.
    Across,
}

impl TestedModules {
    pub(super) fn new(pack: &[Module], tests: &[TestFile]) -> Self {
        let helpers = tests.iter().map(|file| &file.helpers);
        let modules = pack.iter().chain(helpers).map(|module| KnownModule {
            package: package(&module.text).to_owned(),
            module: module.clone(),
            definitions: OnceCell::new(),
        });
        Self {
            modules: modules.collect(),
        }
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = &KnownModule> {
        self.modules.iter()
    }

    /// Whether a package has a rule of this name.
    pub(super) fn has(&self, package: &str, name: &str) -> bool {
        self.definitions(package, name).next().is_some()
    }

    fn definitions<'k>(
        &'k self,
        package: &'k str,
        name: &'k str,
    ) -> impl Iterator<Item = &'k Definition> + 'k {
        let own = self
            .modules
            .iter()
            .filter(move |module| module.package == package);
        own.flat_map(move |module| module.named(name))
    }

    /// What `data.…` leads to; the path is without `data`.
    pub(super) fn leads(&self, path: &[String]) -> Leads {
        let whole = path.join(".");
        let mut leads = Leads::Nowhere;
        for module in &self.modules {
            let package: Vec<&str> = module.package.split('.').collect();
            if module.package == whole || module.package.starts_with(&format!("{whole}.")) {
                return Leads::Across;
            }
            let inside =
                path.len() > package.len() && path.iter().zip(&package).all(|(a, b)| a == b);
            let Some(name) = path.get(package.len()).filter(|_| inside) else {
                continue;
            };
            let Some(definition) = module.named(name).next() else {
                continue;
            };
            if path.len() > package.len() + 1 {
                return Leads::Across;
            }
            leads = definition.arguments.map_or(Leads::Rule, Leads::Function);
        }
        leads
    }
}

impl KnownModule {
    pub(super) fn is_of(&self, package: &str) -> bool {
        self.package == package
    }

    pub(super) fn named<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Definition> + 'm {
        let all = self.definitions.get_or_init(|| definitions(&self.module));
        all.iter().filter(move |definition| definition.name == name)
    }
}

fn definitions(module: &Module) -> Vec<Definition> {
    // Modules that are not Rego were refused before.
    let tree = parse_module(module).unwrap_or_default();
    let of = |rule: &Value| {
        let refr = definition_head(rule)?.get("refr")?;
        let name =
            variable_name(refr).or_else(|| variable_name(refr.pointer("/RefBrack/refr")?))?;
        let function = rule.pointer("/Spec/head/Func");
        Some(Definition {
            name: name.to_owned(),
            arguments: function.map(|function| list_elements(function, "args").count()),
            span: node_extent(rule),
        })
    };
    syntax::list_definitions(&tree).filter_map(of).collect()
}

/// The package of a module, without taking it apart.
fn package(text: &str) -> &str {
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("package "));
    let line = line.unwrap_or_default();
    line.split(['#', ' ', '\t'])
        .find(|word| !word.is_empty())
        .unwrap_or_default()
}

/// The absolute path of a name in a package: `data.<package>.name`, or what its import stands for.
pub(super) fn resolve_name(
    path: &str,
    package: &str,
    imports: &BTreeMap<String, String>,
) -> String {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    let base = match first {
        "data" | "input" => first.to_owned(),
        _ => match imports.get(first) {
            Some(path) => path.clone(),
            None => format!("data.{package}.{first}"),
        },
    };
    rest.map_or(base.clone(), |rest| format!("{base}.{rest}"))
}
