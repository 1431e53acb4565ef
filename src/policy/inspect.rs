//! Packs as far as they can be read, with all that is wrong with them at once: for `govcheck policy check`. What a load
//! refuses is a mistake here; nothing of it is asked.

use serde_json::Value;

use super::error::{PolicyError, PolicyFile, PolicyMistake};
use super::formats::load_formats;
use super::pack::Pack;
use super::policy_rule::PolicyRule;
use super::source::PackSource;
use super::{load, loaded, pack, rules};
use crate::lift::Format;
use crate::lift::schema::Schema;
use crate::model::rule::Rule;

/// Packs as far as they can be read.
pub struct Inspection {
    /// The common model.
    pub schema: Schema,
    /// The formats that can be used.
    pub formats: Vec<Format>,
    /// The rules whose METADATA can be read, sorted by id.
    pub rules: Vec<PolicyRule>,
    /// The files of every pack.
    pub sources: Vec<PackSource>,
    /// What is wrong.
    pub mistakes: Vec<PolicyMistake>,
    /// The modules that are Rego.
    pub(crate) modules: Vec<Inspected>,
}

/// A module that is Rego.
pub(crate) struct Inspected {
    pub(crate) file: PolicyFile,
    /// Its syntax tree: see [`syntax`](super::syntax).
    pub(crate) tree: Value,
    /// Its METADATA, of a rule whose METADATA can be read.
    pub(crate) rule: Option<Rule>,
}

impl Inspected {
    /// Whether it is a library of rules.
    pub(crate) fn is_library(&self) -> bool {
        self.file.file.starts_with("lib/")
    }
}

/// The file of a pack that describes the common model, in the pack that comes with the binary.
const MODEL_FILE: &str = "model.yaml";

/// Whether a pack is the one that comes with the binary, or a copy of it: it describes the common model.
pub fn is_builtin(source: &PackSource) -> bool {
    source.files.iter().any(|file| file.path == MODEL_FILE)
}

/// Reads packs, checks and compiles them.
///
/// # Errors
/// The model description can't be read.
pub fn inspect_packs(sources: Vec<PackSource>) -> Result<Inspection, PolicyError> {
    let own_model = sources.iter().filter(|source| is_builtin(source));
    let mut models = own_model.flat_map(|source| &source.files);
    let model = models.find(|file| file.path == MODEL_FILE);
    let model = model.map_or(pack::MODEL, |file| file.text.as_str());
    let schema = Schema::parse(model).map_err(|error| PolicyError::Model(error.to_string()))?;
    let mut errors = Vec::new();
    let formats = load_formats(&sources, &schema, &mut errors);
    let mut mistakes = Vec::new();
    for error in errors {
        mistakes.extend(of_format(error, &sources));
    }
    let mut loaded = load::load_modules(&sources, &schema, None, &mut mistakes);
    let whole = loaded.rules.clone();
    let modules = loaded
        .files
        .iter()
        .zip(std::mem::take(&mut loaded.trees))
        .map(|(file, tree)| Inspected {
            file: file.clone(),
            tree,
            rule: whole
                .iter()
                .map(|rule| &rule.rule)
                .find(|rule| (&rule.pack, &rule.file) == (&file.pack, &file.file))
                .cloned(),
        })
        .collect();
    let mut pack = Pack::uncompiled(schema, formats, sources, &loaded);
    let refused = compile(&mut pack, loaded, &mistakes)?;
    mistakes.extend(refused);
    Ok(Inspection {
        schema: pack.schema,
        formats: pack.formats,
        rules: whole,
        sources: pack.sources,
        mistakes,
        modules,
    })
}

/// What the compiler has against what has no other mistake. A library that can't be read would be missed by all that
/// name it, so that nothing is compiled without it.
fn compile(
    pack: &mut Pack,
    mut loaded: loaded::Loaded,
    known: &[PolicyMistake],
) -> Result<Vec<PolicyMistake>, PolicyError> {
    let of_library = |mistake: &PolicyMistake| mistake.file.starts_with("lib/");
    if known.iter().any(of_library) {
        return Ok(Vec::new());
    }
    let is_wrong = |pack: &str, file: &str| {
        let mut own = known.iter();
        own.any(|mistake| mistake.pack == pack && mistake.file == file)
    };
    let is_sound = |rule: &PolicyRule| !is_wrong(&rule.rule.pack, &rule.rule.file);
    let sound: Vec<String> = loaded
        .files
        .iter()
        .filter(|file| !is_wrong(&file.pack, &file.file))
        .map(|file| loaded::module_name(&file.pack, &file.file))
        .collect();
    loaded.modules.retain(|module| sound.contains(&module.name));
    loaded.rules.retain(is_sound);
    pack.rules.retain(is_sound);
    match pack.compile(&loaded, &|_| true) {
        Ok(()) => Ok(Vec::new()),
        Err(PolicyError::Mistakes(mistakes)) => Ok(mistakes),
        Err(error) => Err(error),
    }
}

/// A mistake in a format file as one of a policy file.
fn of_format(error: PolicyError, sources: &[PackSource]) -> Vec<PolicyMistake> {
    match error {
        PolicyError::Mistakes(mistakes) => mistakes,
        PolicyError::Format(error) => {
            let whole = sources.iter().flat_map(|source| {
                let files = source.files.iter();
                files.map(move |file| (source, file))
            });
            let mut named = whole.filter(|(source, file)| {
                loaded::module_name(&source.name, &file.path) == error.file
            });
            let place = named.next();
            let mistake = place.map(|(source, file)| PolicyMistake {
                rule: rules::FORMAT,
                pack: source.name.clone(),
                file: file.path.clone(),
                text: error.text,
                span: error.span,
                start: error.start,
                message: error.message,
                help: error.help,
            });
            mistake.into_iter().collect()
        }
        _ => Vec::new(),
    }
}
