//! Imports and variables that nothing reads.

use super::resolve::{How, ResolvedModule, import_name};
use crate::model::text::Span;
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{list_elements, node_span};
use crate::policy::workbench_rules as rules;

pub(super) fn check_unused(
    module: &Inspected,
    resolved: &ResolvedModule<'_>,
    told: &mut Vec<PolicyMistake>,
) {
    for import in list_elements(&module.tree, "imports") {
        let Some((name, path, end)) = import_name(module, import) else {
            continue;
        };
        // These turn words into keywords.
        let is_language = path.starts_with("rego.") || path.starts_with("future.");
        if is_language || resolved.imports.contains(&name) {
            continue;
        }
        let start = import.get("span").map(node_span).unwrap_or_default().start;
        let place = Span::new(start, end.end);
        let message = format!("unused import `{name}`");
        let mistake = module.file.mistake(place, message, "remove the import");
        told.push(mistake.of(rules::IMPORT));
    }
    let unused = resolved.bindings.iter().filter(|binding| {
        binding.reads == 0 && binding.how != How::Use && !binding.name.starts_with('_')
    });
    for binding in unused {
        let (what, help) = match binding.how {
            How::Argument => ("argument", "remove it, or write `_`"),
            How::Assigned => (
                "variable",
                "remove the line, or write `_` for the unused part",
            ),
            _ => ("variable", "remove it, or write `_`"),
        };
        let message = format!("unused {what} `{}`", binding.name);
        let mistake = module.file.mistake(binding.span, message, help);
        told.push(mistake.of(rules::VARIABLE));
    }
}
