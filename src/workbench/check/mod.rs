//! `govcheck policy check`: all that can be known of rules before one runs, as findings at their places. What a load
//! refuses comes from the policy layer; what only an author has to know is found here, one file a topic.

mod aliases;
mod builtins;
mod differs;
mod examples;
mod fields;
mod findings;
mod known_fields;
mod messages;
mod metadata;
mod mistake;
mod options;
mod partial;
mod paths;
mod resolve;
mod rule_types;
mod types;
mod unused;
mod world;

use std::sync::Arc;

use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::rule::RuleId;
use crate::model::sources::Sources;
use crate::model::text::RelPath;
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::Inspection;
use crate::policy::rules::{COMPILE, REGO_V0};
use crate::policy::workbench_rules as rules;
use known_fields::ModuleFields;
use mistake::CheckMistake;
use partial::Partial;
use resolve::ResolvedModule;
use world::PackWorld;

/// The path under which a file of a pack is shown, by pack and path. `None` if it is not asked for.
pub type PathOfPolicy<'s> = dyn Fn(&str, &str) -> Option<RelPath> + 's;

/// The result of checking packs.
#[derive(Debug, Default)]
pub struct CheckedPacks {
    /// In no order, and not judged yet.
    pub findings: Vec<Finding>,
    /// The texts that they point at.
    pub sources: Sources,
}

/// Checks what was read of packs.
pub fn check_packs(inspection: &Inspection, shown: &PathOfPolicy<'_>) -> CheckedPacks {
    let mut told: Vec<CheckMistake> = Vec::new();
    told.extend(inspection.mistakes.iter().cloned().map(CheckMistake::from));
    told.extend(examples::check_examples(inspection).map(CheckMistake::from));
    on_trees(inspection, &mut told);
    let mut checked = CheckedPacks::default();
    for told in told {
        let mistake = &told.mistake;
        let Some(file) = shown(&mistake.pack, &mistake.file) else {
            continue;
        };
        let text = Arc::clone(&mistake.text);
        checked.sources.hold(file.clone(), text);
        checked.findings.push(finding(&told, file));
    }
    checked
}

/// What is seen on the syntax trees of all modules.
fn on_trees(inspection: &Inspection, told: &mut Vec<CheckMistake>) {
    let world = PackWorld::new(inspection);
    let modules = inspection.modules.iter();
    let resolved: Vec<_> = modules
        .map(|module| (module, ResolvedModule::of(&world, module)))
        .collect();
    let partial = Partial::of(inspection.modules.iter());
    let mut mistakes = Vec::new();
    for (module, resolved) in &resolved {
        unused::check_unused(module, resolved, &mut mistakes);
        messages::check_messages(module, resolved, &mut mistakes);
        findings::check_findings(module, resolved, &mut mistakes);
        differs::check_differs(&inspection.schema, module, resolved, &partial, told);
        let fields = ModuleFields {
            world: &world,
            formats: &inspection.formats,
            module,
            resolved,
        };
        fields::check_fields(&fields, &mut mistakes);
    }
    options::check_options(inspection, &resolved, &mut mistakes);
    aliases::check_aliases(inspection, &mut mistakes);
    // Mistakes that stop a load are reported already.
    mistakes.retain(|mistake| {
        let same = |other: &&PolicyMistake| {
            (&other.pack, &other.file, other.rule) == (&mistake.pack, &mistake.file, mistake.rule)
        };
        let covers = |other: &PolicyMistake| {
            other.span.start <= mistake.span.start && mistake.span.end <= other.span.end
        };
        let known = &inspection.mistakes;
        !known.iter().filter(same).any(covers)
    });
    told.extend(mistakes.into_iter().map(CheckMistake::from));
}

fn finding(told: &CheckMistake, file: RelPath) -> Finding {
    let mistake = &told.mistake;
    let level = told
        .level
        .unwrap_or_else(|| rules::rule_level(mistake.rule));
    let rule = RuleId::new(mistake.rule);
    let mut finding = Finding::bare(rule, level, mistake.message.clone());
    finding.help = Some(mistake.help.as_str().into());
    finding.route = file.to_string();
    // What is marked, so that it is the same finding after lines were moved.
    let marked = mistake.text.slice(mistake.span);
    finding.discriminator = marked.lines().next().map(ToOwned::to_owned);
    // Nothing else of a file that can't be read was checked.
    finding.incomplete = matches!(mistake.rule, COMPILE | REGO_V0);
    finding.location = Some(Location {
        file,
        span: mistake.span,
        start: mistake.start,
        end: mistake.text.position(mistake.span.end),
    });
    finding
}
