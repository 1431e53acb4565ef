//! What a config builds on: presets of packs, and files. They set levels, days, options and overrides, and nothing else; what
//! extends them is stronger. Reads no file itself: texts come in.

use std::sync::Arc;

use super::extension::Extension;
use super::parse::RawLayer;
use super::{Config, ConfigError, Layer, MAX_BYTES, RuleSetting, Selector, nearest_name, parse};
use crate::model::rule::RuleId;
use crate::model::text::{RelPath, SourceText};
use crate::policy::source::{BUILTIN_PACK, PackFile, PackSource};

/// How deep what is extended may extend others.
const DEPTH: usize = 8;

/// How many presets and files a config may build on, counted as often as they are reached.
const LAYERS: usize = 64;

/// Where presets and files come from.
pub struct Shelf<'s> {
    /// The text of a file by its path from the root of the mesh. `None` if it is missing. Errors are phrases.
    pub file: &'s dyn Fn(&str) -> Result<Option<String>, String>,
    /// The packs, each with its name in the config.
    pub packs: Vec<(&'s str, &'s PackSource)>,
}

/// A preset of a pack, or a file.
#[derive(Clone)]
enum ExtendsTarget<'s> {
    Preset {
        pack: &'s str,
        source: &'s PackSource,
        file: &'s PackFile,
    },
    File(String),
}

impl Config {
    /// Adds the settings of what it extends. Done once, when the packs are at hand.
    ///
    /// # Errors
    /// A file is missing, can't be read, extends itself, or nests too deeply; with file and line.
    pub fn inherit(&mut self, shelf: &Shelf<'_>) -> Result<(), ConfigError> {
        let mut reading = Reading {
            shelf,
            way: Vec::new(),
            layers: Vec::new(),
            texts: Vec::new(),
        };
        for extension in &self.extends {
            reading.extend(extension, None)?;
        }
        self.inherited = reading.layers;
        self.texts.extend(reading.texts);
        Ok(())
    }

    /// The files in the mesh that it is read from, itself included, with their texts.
    pub fn texts(&self) -> impl Iterator<Item = (RelPath, Arc<SourceText>)> + '_ {
        let texts = self.texts.iter();
        texts.map(|(file, text)| (file.clone(), Arc::clone(text)))
    }
}

struct Reading<'s> {
    shelf: &'s Shelf<'s>,
    /// What is being read, from the outside in, by name.
    way: Vec<String>,
    layers: Vec<Layer>,
    texts: Vec<(RelPath, Arc<SourceText>)>,
}

impl<'s> Reading<'s> {
    /// Adds what an entry of `extends` names; `within` is the pack whose preset has the entry.
    fn extend(&mut self, extension: &Extension, within: Option<&str>) -> Result<(), ConfigError> {
        let target = self.target(extension, within)?;
        let name = target.name();
        if self.way.contains(&name) {
            let way: Vec<String> = self.way.iter().map(|name| format!("`{name}`")).collect();
            let help = match &target {
                ExtendsTarget::Preset { .. } => {
                    "remove one of these entries; a preset of another pack is written `PACK:NAME`, as in `builtin:strict`"
                }
                ExtendsTarget::File(_) => "remove one of these entries",
            };
            let message = format!("`{name}` extends itself through {}", way.join(", "));
            return Err(mistake(extension, message, help));
        }
        if self.way.len() >= DEPTH || self.layers.len() >= LAYERS {
            let message = format!("`{name}` is beyond what a configuration may extend");
            let help = format!(
                "extensions may nest {DEPTH} deep and number {LAYERS} in all: merge some of them"
            );
            return Err(mistake(extension, message, &help));
        }
        let text = self.text(extension, &target)?;
        let file = target.path();
        let label = match &target {
            ExtendsTarget::Preset { .. } => format!("preset {name}, {file}"),
            ExtendsTarget::File(_) => file.clone(),
        };
        let raw = parse::parse_layer(&text, &file, &label)?;
        self.texts.push((RelPath::new(file), Arc::clone(&raw.text)));
        self.way.push(name.clone());
        let within = match &target {
            ExtendsTarget::Preset { pack, .. } => Some(*pack),
            ExtendsTarget::File(_) => None,
        };
        for extension in &raw.extends {
            self.extend(extension, within)?;
        }
        self.way.pop();
        self.layers.push(layer(raw, &target)?);
        Ok(())
    }

    fn target(
        &self,
        extension: &Extension,
        within: Option<&str>,
    ) -> Result<ExtendsTarget<'s>, ConfigError> {
        let name = extension.name.as_str();
        if is_file(name) {
            return self.file(extension);
        }
        if let Some((pack, preset)) = name.rsplit_once(':') {
            return self.preset_of(extension, pack, preset);
        }
        let packs = self.shelf.packs.iter().copied();
        let named = packs.flat_map(|(pack, source)| {
            let named = presets(source).filter(|(known, _)| *known == name);
            named.map(move |(_, file)| ExtendsTarget::Preset { pack, source, file })
        });
        let named: Vec<ExtendsTarget<'s>> = named.collect();
        // A preset's neighbours come first.
        let own = named.iter().find(|target| target.is_of(within));
        match (own, named.as_slice()) {
            (Some(one), _) | (None, [one]) => Ok(one.clone()),
            (None, []) => Err(self.unknown(extension)),
            (None, several) => {
                let names = several.iter().map(|one| format!("`{}`", one.name()));
                let help = format!("write one of {}", names.collect::<Vec<_>>().join(", "));
                let message = format!("several packs have a preset `{name}`");
                Err(mistake(extension, message, &help))
            }
        }
    }

    fn preset_of(
        &self,
        extension: &Extension,
        pack: &str,
        preset: &str,
    ) -> Result<ExtendsTarget<'s>, ConfigError> {
        let Some((pack, source)) = self.pack(pack) else {
            let known: Vec<&str> = self.shelf.packs.iter().map(|(pack, _)| *pack).collect();
            let message = format!("there is no pack `{pack}`");
            return Err(mistake(
                extension,
                message,
                &did_you_mean(pack, "packs", &known),
            ));
        };
        match presets(source).find(|(known, _)| *known == preset) {
            Some((_, file)) => Ok(ExtendsTarget::Preset { pack, source, file }),
            None => {
                let known: Vec<&str> = presets(source).map(|(name, _)| name).collect();
                let message = format!("pack `{pack}` has no preset `{preset}`");
                Err(mistake(
                    extension,
                    message,
                    &did_you_mean(preset, "presets", &known),
                ))
            }
        }
    }

    fn pack(&self, name: &str) -> Option<(&'s str, &'s PackSource)> {
        let mut packs = self.shelf.packs.iter();
        packs
            .find(|(pack, _)| pack.trim_end_matches('/') == name.trim_end_matches('/'))
            .copied()
    }

    fn unknown(&self, extension: &Extension) -> ConfigError {
        let all = self.shelf.packs.iter();
        let mut known: Vec<&str> = all
            .flat_map(|(_, source)| presets(source).map(|(name, _)| name))
            .collect();
        known.sort_unstable();
        known.dedup();
        let name = &extension.name;
        let help = match known.is_empty() {
            true => "no pack has presets; write a file with its extension, as in `governance/common.yaml`".to_owned(),
            false => did_you_mean(name, "presets", &known),
        };
        mistake(extension, format!("there is no preset `{name}`"), &help)
    }

    fn file(&self, extension: &Extension) -> Result<ExtendsTarget<'s>, ConfigError> {
        let path = extension.name.strip_prefix("./").unwrap_or(&extension.name);
        let outside = path.starts_with('/') || path.split(['/', '\\']).any(|part| part == "..");
        if outside {
            let message = format!("`{}` lies outside the root", extension.name);
            let help = "move the file below the root of the mesh";
            return Err(mistake(extension, message, help));
        }
        Ok(ExtendsTarget::File(path.to_owned()))
    }

    fn text(
        &self,
        extension: &Extension,
        target: &ExtendsTarget<'_>,
    ) -> Result<String, ConfigError> {
        let path = match target {
            ExtendsTarget::Preset { file, .. } => return Ok(file.text.clone()),
            ExtendsTarget::File(path) => path,
        };
        let text = (self.shelf.file)(path).map_err(|why| {
            mistake(
                extension,
                why,
                "make the file readable for the user that runs govcheck",
            )
        })?;
        let Some(text) = text else {
            let message = format!("there is no file `{path}` to extend");
            let help = "write the path from the root of the mesh";
            return Err(mistake(extension, message, help));
        };
        if text.len() as u64 > MAX_BYTES {
            let message = format!("`{path}` is larger than {MAX_BYTES} bytes");
            let help = "check whether this is the right file";
            return Err(mistake(extension, message, help));
        }
        Ok(text)
    }
}

impl ExtendsTarget<'_> {
    /// `strict` of the built-in pack, `governance/policies:house` of another, or the file's path.
    fn name(&self) -> String {
        match self {
            ExtendsTarget::Preset { pack, file, .. } if *pack == BUILTIN_PACK => {
                preset_name(file).to_owned()
            }
            ExtendsTarget::Preset { pack, file, .. } => format!("{pack}:{}", preset_name(file)),
            ExtendsTarget::File(path) => path.clone(),
        }
    }

    /// The file, as messages name it: of a pack by the pack's name.
    fn path(&self) -> String {
        match self {
            ExtendsTarget::Preset { source, file, .. } => {
                format!("{}/{}", source.name.trim_end_matches('/'), file.path)
            }
            ExtendsTarget::File(path) => path.clone(),
        }
    }

    fn is_of(&self, within: Option<&str>) -> bool {
        matches!(self, ExtendsTarget::Preset { pack, .. } if Some(*pack) == within)
    }
}

/// The settings of a layer, with a setting for each rule of its pack that it does not name, if it says something of these.
fn layer(raw: RawLayer, target: &ExtendsTarget<'_>) -> Result<Layer, ConfigError> {
    let name = match target {
        ExtendsTarget::Preset { .. } => format!("preset {}", target.name()),
        ExtendsTarget::File(path) => path.clone(),
    };
    let RawLayer {
        mut rules,
        overrides,
        others,
        ..
    } = raw;
    match (others, target) {
        (None, _) => {}
        (Some(setting), ExtendsTarget::Preset { source, .. }) => {
            let named = |id: &RuleId| rules.iter().any(|(selector, _)| selector.selects(id));
            let ids = source.files.iter().filter(|file| file.is_rule());
            let ids = ids.map(|file| RuleId::new(file.path.trim_end_matches(".rego")));
            let rest: Vec<(Selector, RuleSetting)> = ids
                .filter(|id| !named(id))
                .map(|id| (Selector::Rule(id), setting.clone()))
                .collect();
            rules.extend(rest);
        }
        (Some(setting), ExtendsTarget::File(path)) => {
            return Err(ConfigError {
                file: path.clone(),
                line: setting.at.as_ref().map(|at| at.start.line),
                column: setting.at.as_ref().map(|at| at.start.column),
                message: "only a preset of a pack can set `others`".to_owned(),
                help: Some("`others` sets the remaining rules of the preset's pack: name categories under `rules` instead".to_owned()),
            });
        }
    }
    Ok(Layer {
        name,
        rules,
        overrides,
    })
}

/// The presets of a pack, by name.
fn presets(source: &PackSource) -> impl Iterator<Item = (&str, &PackFile)> {
    let files = source.files.iter().filter(|file| file.is_preset());
    files.map(|file| (preset_name(file), file))
}

fn preset_name(file: &PackFile) -> &str {
    let name = file.path.strip_prefix("presets/").unwrap_or(&file.path);
    name.trim_end_matches(".yaml").trim_end_matches(".yml")
}

fn is_file(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// What to write instead of an unknown name; `kind` is a plural.
fn did_you_mean(name: &str, kind: &str, known: &[&str]) -> String {
    match nearest_name(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("there are no {kind}"),
        None => format!("the {kind} are `{}`", known.join("`, `")),
    }
}

/// A mistake at an entry of `extends`.
fn mistake(extension: &Extension, message: String, help: &str) -> ConfigError {
    let at = extension.at.as_ref();
    ConfigError {
        file: at.map_or(String::new(), |at| at.file.to_string()),
        line: at.map(|at| at.start.line),
        column: at.map(|at| at.start.column),
        message,
        help: Some(help.to_owned()),
    }
}
