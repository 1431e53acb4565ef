//! What builtins give: the few of which a checker can make something.

use serde_json::Value;

use super::types::{FieldTable, Ty};
use super::world::PackWorld;
use crate::policy::syntax::{list_elements, string_text};

/// The type of a builtin's result.
pub(super) fn result_type(
    world: &PackWorld<'_>,
    name: &str,
    parameters: &[&Value],
    types: &[Ty],
) -> Ty {
    let ty = |index: usize| types.get(index).cloned().unwrap_or_default();
    match name {
        "sprintf" | "concat" | "lower" | "upper" | "replace" | "substring" | "format_int"
        | "trim" | "trim_left" | "trim_right" | "trim_prefix" | "trim_suffix" | "trim_space"
        | "regex.replace" => Ty::Text,
        "count" | "to_number" | "indexof" | "abs" | "round" | "ceil" | "floor" => Ty::Number,
        "startswith" | "endswith" | "contains" | "regex.match" => Ty::Bool,
        "split" => Ty::list(Ty::Text),
        "object.keys" => Ty::Set(Box::new(ty(0).key())),
        "sort" | "array.slice" | "array.reverse" => Ty::list(ty(0).element()),
        "array.concat" => match (ty(0), ty(1)) {
            (Ty::Tuple(mut left), Ty::Tuple(right)) => {
                left.extend(right);
                Ty::Tuple(left)
            }
            (left @ (Ty::List(_) | Ty::Tuple(_)), right @ (Ty::List(_) | Ty::Tuple(_))) => {
                Ty::list(left.element().merge(right.element()))
            }
            _ => Ty::Unknown,
        },
        "min" | "max" => ty(0).element(),
        "object.get" => constant_keys(parameters.get(1))
            .into_iter()
            .flatten()
            .try_fold(ty(0), |of, (key, _)| world.follow(&of, key))
            .filter(|_| constant_keys(parameters.get(1)).is_some())
            .unwrap_or_default(),
        "object.filter" => match (ty(0), constant_keys(parameters.get(1))) {
            (Ty::Table(table), Some(kept)) => {
                let kept: Vec<&str> = kept.into_iter().map(|(key, _)| key).collect();
                let fields = table.fields.iter();
                let fields = fields.filter(|(name, _)| kept.contains(&name.as_str()));
                Ty::Table(std::rc::Rc::new(FieldTable {
                    called: format!("the kept fields of {}", table.called),
                    fields: fields
                        .map(|(name, ty)| (name.clone(), ty.clone()))
                        .collect(),
                    at: table.at.clone(),
                }))
            }
            _ => Ty::Unknown,
        },
        _ => Ty::Unknown,
    }
}

/// Constant keys: one, or those of an array. `None` if one is not constant.
pub(super) fn constant_keys<'n>(node: Option<&&'n Value>) -> Option<Vec<(&'n str, &'n Value)>> {
    let node = *node?;
    if let Some(key) = string_text(node) {
        return Some(vec![(key, node)]);
    }
    let keys = list_elements(node.get("Array")?, "items");
    keys.map(|key| Some((string_text(key)?, key))).collect()
}
