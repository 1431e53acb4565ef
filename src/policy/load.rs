//! Modules of packs with their METADATA and what is known of them before anything is compiled: read and checked, or taken
//! from what the binary keeps of its own pack. Makes no program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::about::About;
use super::check::RuleReads;
use super::engine::{Module, RegoError};
use super::error::{PolicyFile, PolicyMistake};
use super::loaded::{Loaded, module_name};
use super::mesh_reads::judges_by_fact;
use super::policy_rule::PolicyRule;
use super::prepared::Prepared;
use super::recursion::Calls;
use super::refused::unreadable_module;
use super::source::{PackFile, PackSource};
use super::syntax::package_place;
use super::{check, engine, metadata, parts, prepared, rules};
use crate::lift::schema::{DOCUMENT_KIND, Schema};
use crate::model::rule::{Rule, RuleId, Scope};
use crate::model::text::SourceText;

/// What a rule reads to learn where a document does not fit its format.
const VIOLATIONS: &str = "input.violations";

/// All modules that can be read; what is wrong with them and with the others is put with the mistakes.
pub(super) fn load_modules(
    sources: &[PackSource],
    schema: &Schema,
    prepared: Option<Prepared>,
    mistakes: &mut Vec<PolicyMistake>,
) -> Loaded {
    let is_known = |source: &PackSource| prepared.is_some() && source.is_builtin();
    let (known, read): (Vec<&PackSource>, Vec<&PackSource>) =
        sources.iter().partition(|source| is_known(source));
    let mut trees = parse_trees(&read).into_iter();
    let mut loaded = Loaded {
        files: Vec::new(),
        modules: Vec::new(),
        rules: Vec::new(),
        trees: Vec::new(),
        reads: BTreeMap::new(),
        library_reads: RuleReads::default(),
        by_fact: BTreeSet::new(),
        mesh_reads: BTreeMap::new(),
        calls: Calls::default(),
        programs: BTreeMap::new(),
        any_read: trees.len() > 0,
    };
    if let (Some(prepared), Some(source)) = (prepared, known.first()) {
        take_known(source, prepared, &mut loaded);
    }
    for source in read {
        let about = About::of(source).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            About::default()
        });
        let first = loaded.rules.len();
        for file in source.files.iter().filter(|file| file.is_rego()) {
            if let Some((module, tree)) = trees.next() {
                load_module(
                    (source, file),
                    (module, tree),
                    schema,
                    &mut loaded,
                    mistakes,
                );
            }
        }
        for own in loaded.rules.iter_mut().skip(first) {
            own.rule.page = about.page(&own.rule.id, source);
        }
    }
    mistakes.extend(loaded.calls.rings());
    let successors = loaded.rules.iter();
    let successors = successors.filter_map(|rule| no_successor(&loaded, &rule.rule));
    mistakes.extend(successors);
    loaded.rules.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    loaded
}

/// Takes over what is known of the pack in the binary.
fn take_known(source: &PackSource, prepared: Prepared, loaded: &mut Loaded) {
    for file in source.files.iter().filter(|file| file.is_rego()) {
        loaded.files.push(PolicyFile {
            pack: source.name.clone(),
            file: file.path.clone(),
            text: Arc::new(SourceText::new(file.text.clone())),
        });
        loaded.modules.push(Module {
            name: module_name(&source.name, &file.path),
            text: file.text.clone(),
        });
    }
    loaded.rules = prepared.rules;
    loaded.reads = prepared.reads;
    loaded.library_reads = prepared.library_reads;
    loaded.mesh_reads = prepared.mesh_reads;
    loaded.programs = prepared::prepared_programs();
    if loaded.any_read {
        loaded.calls.take(prepared::prepared_calls());
    }
}

type ParsedTree = Result<serde_json::Value, RegoError>;

/// All modules and their syntax trees, made side by side: they take most of the time of a load.
pub(super) fn parse_trees(sources: &[&PackSource]) -> Vec<(Module, ParsedTree)> {
    let all = sources.iter().flat_map(|source| {
        let files = source.files.iter().filter(|file| file.is_rego());
        files.map(move |file| (source, file))
    });
    let all = all.collect::<Vec<_>>();
    let read = all.into_par_iter().map(|(source, file)| {
        let module = Module {
            name: module_name(&source.name, &file.path),
            text: file.text.clone(),
        };
        let tree = engine::parse_module(&module);
        (module, tree)
    });
    read.collect()
}

/// A successor that is not a rule, or is the rule itself.
fn no_successor(loaded: &Loaded, rule: &Rule) -> Option<PolicyMistake> {
    let successor = rule.successor.as_ref()?;
    let known = || loaded.rules.iter().map(|rule| &rule.rule.id);
    if successor != &rule.id && known().any(|id| id == successor) {
        return None;
    }
    let others = known().filter(|id| **id != rule.id).map(RuleId::as_str);
    let help = match crate::model::text::nearest_name(successor.as_str(), others) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name another rule of these packs".to_owned(),
    };
    let is_own = |file: &&PolicyFile| file.pack == rule.pack && file.file == rule.file;
    let file = loaded.files.iter().find(is_own)?;
    let message = format!("METADATA: successor `{successor}` is not another rule");
    let mistake = file.mistake(file.find("successor:"), message, help);
    Some(mistake.of(rules::METADATA))
}

fn load_module(
    (source, file): (&PackSource, &PackFile),
    (module, tree): (Module, ParsedTree),
    schema: &Schema,
    loaded: &mut Loaded,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let policy_file = PolicyFile {
        pack: source.name.clone(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let tree = match tree {
        Ok(tree) => tree,
        Err(error) => {
            mistakes.push(unreadable_module(&policy_file, &module, &error));
            return;
        }
    };
    loaded.calls.add(&policy_file, &tree);
    if file.is_library() {
        let reads = check::check_library(&policy_file, &tree, mistakes);
        loaded.library_reads = loaded.library_reads.and(reads);
    } else {
        load_rule(&policy_file, &tree, schema, loaded, mistakes);
    }
    loaded.files.push(policy_file);
    loaded.modules.push(module);
    loaded.trees.push(tree);
}

fn load_rule(
    file: &PolicyFile,
    tree: &serde_json::Value,
    schema: &Schema,
    loaded: &mut Loaded,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let id = match check::id_of(file) {
        Ok(id) => id,
        Err(mistake) => {
            mistakes.push(mistake);
            return;
        }
    };
    if let Some(first) = loaded.rules.iter().find(|rule| rule.rule.id == id) {
        let message = format!(
            "rule `{id}` is already defined in `{}/{}`",
            first.rule.pack, first.rule.file
        );
        let mistake = file.mistake(package_place(tree), message, "rename one of the two rules");
        mistakes.push(mistake.of(rules::DUPLICATE));
        return;
    }
    let kinds: Vec<&str> = schema.kinds.keys().map(|kind| &**kind).collect();
    let rule = match metadata::read_metadata(file, &id, &kinds) {
        Ok(rule) => Some(rule),
        Err(wrong) => {
            mistakes.extend(wrong);
            None
        }
    };
    let scope = rule.as_ref().map(|rule| rule.scope);
    let reads = check::check_rule(file, &id, scope, tree, mistakes);
    let Some(rule) = rule else { return };
    let only_documents = rule.entities.iter().all(|kind| **kind == *DOCUMENT_KIND);
    if !only_documents && file.text.as_str().contains(VIOLATIONS) && reads.violations {
        let message = format!("`{VIOLATIONS}` only exists on entities of kind `document`");
        let help = "write `entities: [document]` in METADATA";
        let mistake = file.mistake(file.find(VIOLATIONS), message, help);
        mistakes.push(mistake.of(rules::FIELD));
    }
    if rule.scope == Scope::Change {
        check::check_change(file, &rule, tree, mistakes);
    }
    parts::check_rule(file, &rule, tree, mistakes);
    let path = format!(
        "data.govcheck.{}",
        id.as_str().replace('-', "_").replace('/', ".")
    );
    let advises = check::defines_set(tree, "advice");
    if rule.scope == Scope::Mesh && judges_by_fact(tree) {
        loaded.by_fact.insert(path.clone());
    }
    loaded.reads.insert(path.clone(), reads);
    loaded.rules.push(PolicyRule {
        rule,
        path,
        advises,
    });
}
