//! The modules that ask the engine: a rule a step, which gives the bindings of its variables; and rules in place of others.

use std::fmt::Write as _;

use super::known::TestedModules;
use super::plan::{Ask, With, WithTarget};
use super::read::{TestFile, blank_span};
use crate::policy::engine::Module;

/// Where the host puts the variables of steps before, and the values of rules that are replaced.
pub(super) const HOST: &str = "govcheck_test";

/// A module with a rule for each ask, in the package of the test.
pub(super) fn step_module<'a>(file: &TestFile, asks: impl IntoIterator<Item = &'a Ask>) -> Module {
    let mut text = format!("{}\n", file.header);
    for ask in asks {
        let _ = write!(
            text,
            "\n{} contains [{}] if {{\n",
            ask.name,
            ask.gives.join(", ")
        );
        for name in &ask.uses {
            let _ = writeln!(text, "\t{name} := data.{HOST}.env.{name}");
        }
        if !ask.declares.is_empty() {
            let _ = writeln!(text, "\tsome {}", ask.declares.join(", "));
        }
        if ask.parts.is_empty() {
            text.push_str("\ttrue\n");
        }
        for part in &ask.parts {
            let _ = writeln!(text, "\t{}", part.text);
        }
        text.push_str("}\n");
    }
    Module {
        name: format!("{} (a step)", file.helpers.name),
        text,
    }
}

/// The rules and functions that `with`s replace, by a name for the whole.
pub(super) fn replacement_key(with: &[With]) -> String {
    let mut key = String::new();
    for (path, by) in with.iter().filter_map(|with| replacement(&with.target)) {
        let _ = write!(key, "{}={by:?};", path.join("."));
    }
    key
}

fn replacement(target: &WithTarget) -> Option<(&[String], Option<&str>)> {
    match target {
        WithTarget::Rule(path) => Some((path, None)),
        WithTarget::Function { path, by, .. } => Some((path, by.as_deref())),
        WithTarget::Input(_) | WithTarget::Data(_) => None,
    }
}

/// All modules, with other definitions of what is replaced: values come from the host.
pub(super) fn replaced_modules(known: &TestedModules, with: &[With]) -> Vec<Module> {
    let mut modules: Vec<Module> = known.modules().map(|known| known.module.clone()).collect();
    for with in with {
        let Some((name, package)) =
            replacement(&with.target).and_then(|(path, _)| path.split_last())
        else {
            continue;
        };
        let package = package.join(".");
        for (known, module) in known.modules().zip(&mut modules) {
            if known.is_of(&package) {
                known
                    .named(name)
                    .for_each(|definition| blank_span(&mut module.text, definition.span));
            }
        }
        modules.push(Module {
            name: format!("{package}.{name} (replaced)"),
            text: format!("package {package}\n\n{}\n", definition(name, &with.target)),
        });
    }
    modules
}

fn definition(name: &str, target: &WithTarget) -> String {
    match target {
        WithTarget::Function {
            arguments,
            by,
            path,
        } => {
            let arguments: Vec<String> =
                (0..*arguments).map(|number| format!("a{number}")).collect();
            let arguments = arguments.join(", ");
            match by {
                Some(by) => format!("{name}({arguments}) := {by}({arguments})"),
                None => format!("{name}({arguments}) := {}", value_of(path)),
            }
        }
        WithTarget::Rule(path) => format!("{name} := {}", value_of(path)),
        WithTarget::Input(_) | WithTarget::Data(_) => String::new(),
    }
}

fn value_of(path: &[String]) -> String {
    format!(
        "data.{HOST}.mocks[{}]",
        serde_json::Value::from(path.join("."))
    )
}
