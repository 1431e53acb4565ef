//! What a `with` replaces: a part of `input` or `data`, a rule or a function. Anything else is refused with the reason.

use serde_json::Value;

use super::super::known::{Leads, resolve_name};
use super::{Planner, WithTarget};
use crate::policy::syntax::{reference_of, string_text, variable_name};

impl Planner<'_> {
    pub(super) fn target(&self, refr: &Value, value: &Value) -> Result<WithTarget, String> {
        let path = segments(refr).ok_or("a `with` replaces something other than a plain path")?;
        let (first, rest) = path.split_first().ok_or("a `with` replaces nothing")?;
        let path: Vec<String> = match first.as_str() {
            "input" => return Ok(WithTarget::Input(rest.to_vec())),
            "data" => rest.to_vec(),
            name => {
                let known = self.file.imports.contains_key(name)
                    || self.known.has(&self.file.package, name);
                if !known {
                    return Err(format!(
                        "a `with` replaces the builtin function `{}`",
                        path.join(".")
                    ));
                }
                let base = resolve_name(name, &self.file.package, &self.file.imports);
                let base = base.strip_prefix("data.").unwrap_or(&base);
                base.split('.')
                    .map(ToOwned::to_owned)
                    .chain(rest.iter().cloned())
                    .collect()
            }
        };
        if path.is_empty() {
            return Err("a `with` replaces all of `data`".to_owned());
        }
        Ok(match self.known.leads(&path) {
            Leads::Nowhere => WithTarget::Data(path),
            Leads::Rule => WithTarget::Rule(path),
            Leads::Function(arguments) => WithTarget::Function {
                by: self.function(value),
                path,
                arguments,
            },
            Leads::Across => {
                return Err(format!(
                    "a `with` replaces `data.{}`, which is part of the result of a rule",
                    path.join(".")
                ));
            }
        })
    }

    /// The path of the function that a value names, if it is one.
    fn function(&self, value: &Value) -> Option<String> {
        let path = resolve_name(
            &reference_of(value)?,
            &self.file.package,
            &self.file.imports,
        );
        let parts: Vec<String> = path
            .strip_prefix("data.")?
            .split('.')
            .map(ToOwned::to_owned)
            .collect();
        matches!(self.known.leads(&parts), Leads::Function(_)).then_some(path)
    }
}

/// The parts of `a.b["c/d"]`. `None` if an index is not a text.
fn segments(node: &Value) -> Option<Vec<String>> {
    if let Some(name) = variable_name(node) {
        return Some(vec![name.to_owned()]);
    }
    if let Some(dot) = node.get("RefDot") {
        let mut path = segments(dot.get("refr")?)?;
        path.push(dot.pointer("/field/1")?.as_str()?.to_owned());
        return Some(path);
    }
    let bracket = node.get("RefBrack")?;
    let mut path = segments(bracket.get("refr")?)?;
    path.push(string_text(bracket.get("index")?)?.to_owned());
    Some(path)
}
