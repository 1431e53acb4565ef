//! The modules of plain policies: read in the requested version, without what does not affect a verdict (tests, `print`),
//! and checked for what the register VM can't do.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::contract::{EXCEPTION, level_of};
use crate::model::text::{SourceText, Span};
use crate::policy::engine::{Module, RegoError, RegoVersion, parse_plain};
use crate::policy::error::{PolicyFile, PolicyMistake};
use crate::policy::refused::syntax_mistake;
use crate::policy::source::PackSource;
use crate::policy::syntax::{
    definition_head, list_definitions, list_elements, node_span, package_of, reference_path,
    variable_name, visit_nodes,
};
use crate::policy::{check, rules};

/// A module with its tree.
#[derive(Debug, Clone)]
pub(crate) struct PlainModule {
    pub(crate) file: PolicyFile,
    /// `main`, `main.kubernetes`: the namespace.
    pub(crate) package: String,
    /// What the engine compiles: the file's text, what has no say blanked out.
    pub(crate) module: Module,
    /// The syntax tree of that.
    pub(crate) tree: Value,
    /// Whether it is written as Rego v1: by the version asked for, or by `import rego.v1`.
    pub(crate) is_v1: bool,
}

/// Reads every module of the policies.
pub(crate) fn read_modules(
    sources: &[PackSource],
    version: RegoVersion,
    mistakes: &mut Vec<PolicyMistake>,
) -> Vec<PlainModule> {
    let mut modules = Vec::new();
    for source in sources {
        for file in source
            .files
            .iter()
            .filter(|file| file.path.ends_with(".rego"))
        {
            let policy_file = PolicyFile {
                pack: source.name.clone(),
                file: file.path.clone(),
                text: Arc::new(SourceText::new(file.text.clone())),
            };
            let name = match file.path.as_str() {
                "" => source.name.clone(),
                path => format!("{}/{path}", source.name),
            };
            let module = Module {
                name,
                text: file.text.clone(),
            };
            match read_one(policy_file, module, version) {
                Ok(module) if is_test_alone(&module) => {}
                Ok(module) => modules.push(module),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
    modules
}

fn read_one(
    file: PolicyFile,
    mut module: Module,
    version: RegoVersion,
) -> Result<PlainModule, PolicyMistake> {
    let refuse = |error: &RegoError| syntax_mistake(&file, error).of(rules::REFUSED);
    let tree = parse_plain(&module, version).map_err(|error| {
        other_version(&file, &module, version).unwrap_or_else(|| refuse(&error))
    })?;
    let silent = without_say(&tree);
    let tree = if silent.is_empty() {
        tree
    } else {
        blank(&mut module.text, &silent);
        parse_plain(&module, version).map_err(|error| refuse(&error))?
    };
    Ok(PlainModule {
        package: package_of(&tree),
        is_v1: tree.get("rego_v1").and_then(Value::as_bool) == Some(true),
        file,
        module,
        tree,
    })
}

/// The modules of packs in the same form; they were read before.
pub(crate) fn of_pack(sources: &[PackSource]) -> Vec<PlainModule> {
    let mut modules = Vec::new();
    for source in sources {
        for file in source.files.iter().filter(|file| file.is_rego()) {
            let policy_file = PolicyFile {
                pack: source.name.clone(),
                file: file.path.clone(),
                text: Arc::new(SourceText::new(file.text.clone())),
            };
            let module = Module {
                name: format!("{}/{}", source.name, file.path),
                text: file.text.clone(),
            };
            modules.extend(read_one(policy_file, module, RegoVersion::V1));
        }
    }
    modules
}

/// A module that is Rego of the other version says so.
fn other_version(
    file: &PolicyFile,
    module: &Module,
    version: RegoVersion,
) -> Option<PolicyMistake> {
    let other = match version {
        RegoVersion::V0 => RegoVersion::V1,
        RegoVersion::V1 => RegoVersion::V0,
    };
    let tree = parse_plain(module, other).ok()?;
    let first = list_definitions(&tree)
        .next()
        .and_then(definition_head)
        .map(node_span);
    let name = other.as_str();
    let message = format!(
        "this file is Rego {name} but is read as {}",
        version.as_str()
    );
    let help = match other {
        RegoVersion::V0 => {
            "pass `--rego-version v0` (in `govcheck.yaml`: `plain: {rego_version: v0}`), or convert the file with `opa fmt --v0-v1`"
        }
        RegoVersion::V1 => "remove `--rego-version v0`, or add `import rego.v1` to the file",
    };
    Some(file.mistake(first.unwrap_or_else(|| file.line(1)), message, help))
}

/// What has no say in a verdict: rules that are tests, and calls of `print` and `trace`, which always hold.
fn without_say(tree: &Value) -> Vec<(Span, &'static str)> {
    let mut silent: Vec<(Span, &'static str)> = list_definitions(tree)
        .filter(|rule| is_test(rule))
        .map(|rule| (node_span(rule), ""))
        .collect();
    visit_nodes(tree, &mut |name, node| {
        let call = node.pointer("/literal/Expr/expr/Call");
        let function = call.and_then(|call| variable_name(call.get("fcn")?));
        if name == "literal" && matches!(function, Some("print" | "trace")) {
            silent.extend(call.map(|call| (node_span(call), "true")));
        }
    });
    silent
}

fn is_test(rule: &Value) -> bool {
    let rule = rule.get("Spec").unwrap_or(rule);
    let refr = rule
        .pointer("/head/Compr/refr")
        .or_else(|| rule.get("refr"));
    let name = refr.and_then(variable_name).unwrap_or_default();
    name.starts_with("test_") || name.starts_with("todo_test_")
}

/// Puts spaces there, so that every place stays what it was.
fn blank(text: &mut String, silent: &[(Span, &'static str)]) {
    let mut bytes = std::mem::take(text).into_bytes();
    for (span, instead) in silent {
        let range = span.start as usize..span.end as usize;
        if let Some(part) = bytes.get_mut(range) {
            for (at, byte) in part.iter_mut().enumerate() {
                if *byte != b'\n' {
                    *byte = instead.as_bytes().get(at).copied().unwrap_or(b' ');
                }
            }
        }
    }
    *text = String::from_utf8(bytes).unwrap_or_default();
}

/// Whether a file only holds tests, which do not affect a verdict: `conftest verify` and `govcheck policy test` run it.
fn is_test_alone(module: &PlainModule) -> bool {
    let judges = |rule: &Value| {
        let name = definition_head(rule).and_then(|head| variable_name(head.get("refr")?));
        name.is_some_and(|name| level_of(name).is_some() || name == EXCEPTION)
    };
    module.file.file.ends_with("_test.rego") && !list_definitions(&module.tree).any(judges)
}

/// The modules that these namespaces need, by index: their own, and what those refer to under `data`.
pub(crate) fn reached_modules(modules: &[PlainModule], namespaces: &[String]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = namespaces.to_vec();
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    while let Some(wanted) = open.pop() {
        let leads_to = |package: &str| {
            let starts = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}."));
            wanted.is_empty() || starts(package, &wanted) || starts(&wanted, package)
        };
        for (index, module) in modules.iter().enumerate() {
            if leads_to(&module.package) && found.insert(index) {
                let paths = data_paths(&module.tree);
                open.extend(paths.into_iter().filter(|path| seen.insert(path.clone())));
            }
        }
    }
    found
}

/// What a module refers to under `data`; empty text for all of it.
fn data_paths(tree: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut see = |name: &str, node: &Value| match name {
        "RefDot" => {
            let path = reference_path(node).unwrap_or_default();
            paths.extend(path.strip_prefix("data.").map(ToOwned::to_owned));
        }
        "RefBrack" if node.get("refr").and_then(variable_name) == Some("data") => {
            paths.insert(String::new());
        }
        _ => {}
    };
    for import in list_elements(tree, "imports") {
        visit_nodes(import, &mut see);
    }
    visit_nodes(tree, &mut see);
    paths
}

/// Reports constructs that the register VM evaluates wrongly.
pub(crate) fn check_module(module: &PlainModule, mistakes: &mut Vec<PolicyMistake>) {
    check::check_constructs(&module.file, &module.tree, mistakes);
}

/// Rules that conftest would silently skip, or refuse in any namespace.
pub(crate) fn check_heads(module: &PlainModule, mistakes: &mut Vec<PolicyMistake>) {
    for rule in list_definitions(&module.tree) {
        let Some(head) = rule.pointer("/Spec/head/Compr") else {
            continue;
        };
        let bracket = head.pointer("/refr/RefBrack/refr").and_then(variable_name);
        let Some(name) = bracket.filter(|name| level_of(name).is_some()) else {
            continue;
        };
        let place = head.get("refr").map(node_span).unwrap_or_default();
        let message =
            format!("`{name}` is a partial object, which conftest does not read as messages");
        let help = format!("write `{name} contains msg if {{ … }}`");
        mistakes.push(module.file.mistake(place, message, help));
    }
}
