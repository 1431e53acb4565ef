//! What builtins see of what they are given.

use std::sync::Arc;

use regorus::Value;

use super::fixpoint::InputUse;
use super::region::Of;

impl InputUse<'_> {
    /// A few builtins see less than all that they are given.
    pub(in crate::policy::engine) fn builtin(
        &mut self,
        of: Of<'_>,
        name: &str,
        dest: u8,
        arguments: &[u8],
    ) {
        let literal = |register: u8| {
            let literal = of.region.literals.get(&register)?;
            self.program.literals.get(usize::from(*literal))
        };
        match (name, arguments) {
            ("count", [collection]) => {
                let held = self.held(of, *collection);
                self.inner(&held, None);
            }
            (name, _) if OF_TEXT.contains(&name) => {}
            ("object.get", [object, key, default]) => {
                let mut held = self.held(of, *object);
                // A key that is not written down may be a path, and lead anywhere.
                let Some(path) = literal(*key).and_then(path_of) else {
                    return self.seen_by_builtin(of, dest, arguments);
                };
                for name in path {
                    held = self.inner(&held, Some(name));
                }
                self.put(of, dest, &held);
                let default = self.held(of, *default);
                self.put(of, dest, &default);
            }
            ("object.filter", [object, keys]) => {
                let Some(names) = literal(*keys).and_then(path_of) else {
                    return self.seen_by_builtin(of, dest, arguments);
                };
                let held = self.held(of, *object);
                for name in names {
                    let field = self.inner(&held, Some(name)).around();
                    self.put(of, dest, &field);
                }
            }
            ("array.concat" | "array.slice" | "array.reverse", [first, rest @ ..]) => {
                let lists = if name == "array.concat" {
                    arguments
                } else {
                    std::slice::from_ref(first)
                };
                for list in lists {
                    let held = self.held(of, *list);
                    let elements = self.inner(&held, None).around();
                    self.put(of, dest, &elements);
                }
                if name != "array.concat" {
                    self.whole_of(of, rest);
                }
            }
            _ => self.seen_by_builtin(of, dest, arguments),
        }
    }

    fn seen_by_builtin(&mut self, of: Of<'_>, dest: u8, arguments: &[u8]) {
        self.whole_of(of, arguments);
        let held = self.anywhere(of, arguments);
        self.put(of, dest, &held);
    }
}

/// Builtins of plain values: of a collection they only see its type.
const OF_TEXT: &[&str] = &[
    "contains",
    "endswith",
    "indexof",
    "lower",
    "regex.match",
    "replace",
    "split",
    "startswith",
    "substring",
    "to_number",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "upper",
];

/// The names of a path that is written down: `"team"` or `["owner", "team"]`.
fn path_of(literal: &Value) -> Option<Vec<&Arc<str>>> {
    match literal {
        Value::String(name) => Some(vec![name]),
        Value::Array(steps) => {
            let steps = steps.iter().map(|step| match step {
                Value::String(name) => Some(name),
                _ => None,
            });
            steps.collect()
        }
        _ => None,
    }
}
