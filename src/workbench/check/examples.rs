//! Checks that every rule has a bad and a good example, and that files of examples can be read. `govcheck policy test` runs
//! them.

use std::sync::Arc;

use crate::model::text::SourceText;
use crate::policy::error::{PolicyFile, PolicyMistake};
use crate::policy::inspect::{Inspected, Inspection};
use crate::policy::syntax::package_place;
use crate::policy::{examples, format_examples, workbench_rules as rules};

pub(super) fn check_examples(inspection: &Inspection) -> impl Iterator<Item = PolicyMistake> {
    let rules = inspection.modules.iter();
    let rules = rules.filter_map(|module| check_rule(inspection, module));
    rules.chain(check_formats(inspection))
}

/// Files of format examples that hold none, or whose name is not that of a format.
fn check_formats(inspection: &Inspection) -> impl Iterator<Item = PolicyMistake> {
    let sources = inspection.sources.iter();
    let files = sources.flat_map(|source| source.files.iter().map(move |file| (source, file)));
    let examples = files.filter(|(_, file)| file.is_format_example());
    examples.filter_map(|(source, file)| {
        let formats = || inspection.formats.iter().map(|format| &*format.name);
        let mistake = match format_examples::of_file(&source.name, file) {
            Err(mistake) => Some(mistake),
            Ok(_) => {
                let named = format_examples::format_of(file).unwrap_or_default();
                let is_known = formats().any(|name| name == named);
                (!is_known).then(|| format_examples::no_format(&source.name, file, formats()))
            }
        };
        mistake.map(|mistake| mistake.of(rules::EXAMPLES))
    })
}

fn check_rule(inspection: &Inspection, module: &Inspected) -> Option<PolicyMistake> {
    let rule = module.rule.as_ref()?;
    let path = examples::examples_path(rule);
    let mut sources = inspection.sources.iter();
    let source = sources.find(|source| source.name == rule.pack)?;
    let Some(file) = source.files.iter().find(|file| file.path == path) else {
        let message = format!("rule `{}` has no examples", rule.id);
        let help = format!("add a bad and a good example to `{path}`");
        let place = package_place(&module.tree);
        let mistake = module.file.mistake(place, message, help);
        return Some(mistake.of(rules::NO_EXAMPLE));
    };
    let examples = match examples::of_file(&source.name, file) {
        Ok(examples) => examples,
        Err(mistake) => return Some(mistake.of(rules::EXAMPLES)),
    };
    let file = PolicyFile {
        pack: source.name.clone(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let is_bad = |example: &examples::Example| !example.finds.is_empty();
    let (kind, help) = if !examples.iter().any(is_bad) {
        let help = "add an example with a finding: `finds:` with `on` and `message`";
        ("bad", help)
    } else if examples.iter().all(is_bad) {
        let help = "add an example without findings: `finds: []`";
        ("good", help)
    } else {
        return None;
    };
    let message = format!("rule `{}` has no {kind} example", rule.id);
    let mistake = file.mistake(file.find_start("examples:"), message, help);
    Some(mistake.of(rules::NO_EXAMPLE))
}
