//! Builtins of our own in the place of those of regorus that cost more, or that no bound ends. Same answers: whatever is
//! not plain is left to regorus.

mod graph;
#[cfg(test)]
mod graph_tests;
pub(in crate::policy::engine) mod regex;
#[cfg(test)]
mod regex_tests;
pub(in crate::policy::engine) mod text;
#[cfg(test)]
mod text_tests;
mod theirs;

use regorus::rvm::Program;
use regorus::unstable::BuiltinFcn;

/// Replaces regorus's builtins by ours.
pub(in crate::policy::engine) fn install_builtins(program: &mut Program) {
    let names = program.builtin_info_table.iter().map(|info| &info.name);
    for (name, builtin) in names.zip(&mut program.resolved_builtins) {
        if let Some(own) = find_replacement(name) {
            *builtin = own;
        }
    }
}

/// Our replacement for a builtin of regorus. `None` if it is not replaced.
pub(in crate::policy::engine) fn find_replacement(name: &str) -> Option<BuiltinFcn> {
    let others: [(&str, BuiltinFcn); 3] = [
        ("graph.reachable_paths", (graph::reachable_paths, 2)),
        ("regex.match", (regex::regex_match, 2)),
        ("regex.replace", (regex::regex_replace, 3)),
    ];
    let mut all = others.into_iter().chain(text::OWN);
    all.find(|(own, _)| *own == name)
        .map(|(_, builtin)| builtin)
}
