//! Chooses the namespaces of plain policies that are asked, and the rules in them.

use std::collections::BTreeSet;

use super::contract::{DEFAULT_NAMESPACE, is_pattern, level_of, namespace_pattern};
use super::modules::PlainModule;
use super::request::PlainRequest;
use crate::model::text::nearest_name;
use crate::policy::error::PolicyError;
use crate::policy::syntax::{definition_head, list_definitions, variable_name};

/// The namespaces to ask. A missing one, or one without rules, is an error: a run that asks nothing must not pass.
pub(super) fn choose_namespaces(
    request: &PlainRequest,
    modules: &[PlainModule],
) -> Result<Vec<String>, PolicyError> {
    let refuse = |why: String, help: String| {
        let names: Vec<&str> = request
            .policies
            .iter()
            .map(|source| source.name.as_str())
            .collect();
        Err(PolicyError::Unreadable {
            pack: names.join("`, `"),
            why,
            help,
        })
    };
    let all: BTreeSet<&str> = modules
        .iter()
        .map(|module| module.package.as_str())
        .collect();
    let judging: Vec<&str> = all
        .iter()
        .copied()
        .filter(|namespace| !asked_names(modules, namespace).is_empty())
        .collect();
    if judging.is_empty() {
        let help =
            "write `deny contains msg if { … }`, or name a folder with such rules".to_owned();
        return refuse(
            "no namespace has a rule `deny`, `violation` or `warn`".to_owned(),
            help,
        );
    }
    let known = format!("`{}`", judging.join("`, `"));
    if request.all_namespaces {
        return Ok(judging.into_iter().map(ToOwned::to_owned).collect());
    }
    let default = [DEFAULT_NAMESPACE.to_owned()];
    let wanted = match request.namespaces.as_slice() {
        [] => &default[..],
        namespaces => namespaces,
    };
    let mut chosen: BTreeSet<&str> = BTreeSet::new();
    for name in wanted {
        if is_pattern(name) {
            let Some(pattern) = namespace_pattern(name) else {
                return refuse(
                    format!("invalid namespace pattern `{name}`"),
                    "write a pattern such as `k8s.*`".to_owned(),
                );
            };
            let matching: Vec<&str> = judging
                .iter()
                .copied()
                .filter(|one| pattern.is_match(one))
                .collect();
            if matching.is_empty() {
                return refuse(
                    format!("no namespace that matches `{name}` has rules"),
                    format!("use one of {known}"),
                );
            }
            chosen.extend(matching);
        } else if let Some(own) = judging.iter().find(|own| *own == name) {
            chosen.insert(own);
        } else if all.contains(name.as_str()) {
            let why = format!("namespace `{name}` has no rule `deny`, `violation` or `warn`");
            return refuse(
                why,
                format!("name a namespace with rules, `--namespace`: {known}"),
            );
        } else {
            let near = nearest_name(name, judging.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let help =
                format!("{near}pass `--namespace` with one of {known}, or `--all-namespaces`");
            return refuse(format!("unknown namespace `{name}`"), help);
        }
    }
    Ok(chosen.into_iter().map(ToOwned::to_owned).collect())
}

/// The rules of a namespace that are asked.
pub(super) fn asked_names(modules: &[PlainModule], namespace: &str) -> BTreeSet<String> {
    let own = modules.iter().filter(|module| module.package == namespace);
    own.flat_map(|module| list_definitions(&module.tree))
        .filter(|rule| rule.pointer("/Spec/head/Func").is_none())
        .filter_map(|rule| {
            let head = definition_head(rule)?;
            variable_name(head.get("refr")?)
        })
        .filter(|name| level_of(name).is_some())
        .map(ToOwned::to_owned)
        .collect()
}
