//! Shape files to compiled shapes, once for each version. Every mistake is an error at its line.
//! Shapes are compiled here, the keys of mappings in `fields`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Edition, ListRule, Shape, ShapeId, Shapes, StandardVersion, ValueKinds};
use crate::lift::pattern::Pattern;
use crate::lift::reader::{FormatError, FormatReader};
use crate::model::document::{NodeKind, Reached};

/// What every value can be called without a definition.
pub(super) const WORDS: [(&str, ValueKinds); 9] = [
    ("text", ValueKinds::TEXT),
    ("integer", ValueKinds::INTEGER),
    ("number", ValueKinds::NUMBER),
    ("truth", ValueKinds::TRUTH),
    ("null", ValueKinds::NULL),
    ("plain", ValueKinds::PLAIN),
    ("list", ValueKinds::LIST),
    ("mapping", ValueKinds::MAPPING),
    ("anything", ValueKinds::ANY),
];

/// Compiles the text of a shape file; `file` is its name in errors.
///
/// # Errors
/// The first mistake in the file, at its line.
pub fn compile_shapes(file: &str, text: &str) -> Result<Shapes, FormatError> {
    read(&FormatReader::open(file, text)?, file)
}

/// The same of a file whose regular expressions are known to compile: they do when they are first asked.
///
/// # Errors
/// The first other mistake in the file, at its line.
pub fn compile_known(file: &str, text: &str) -> Result<Shapes, FormatError> {
    read(&FormatReader::open(file, text)?.knowing_patterns(), file)
}

fn read(reader: &FormatReader, file: &str) -> Result<Shapes, FormatError> {
    let root = reader.root();
    reader.only(root, &["format", "called", "version", "document", "shapes"])?;
    let mut version_key = None;
    let mut stated = vec![(Arc::from(""), StandardVersion::default())];
    if let Some(version) = reader.get(root, "version") {
        reader.only(version, &["key", "known"])?;
        version_key = Some(Arc::from(reader.text(reader.required(version, "key")?)?));
        stated = known_versions(reader, reader.required(version, "known")?)?;
    }
    let mut patterns = BTreeMap::new();
    let editions = stated
        .into_iter()
        .map(|(stated, version)| {
            let versioned = version_key.is_some();
            let compiler = ShapeCompiler::new(reader, versioned.then_some(version), &mut patterns)?;
            let (root, shapes) = compiler.run(reader.required(root, "document")?)?;
            Ok(Edition {
                stated,
                version,
                root,
                shapes,
            })
        })
        .collect::<Result<_, FormatError>>()?;
    Ok(Shapes {
        format: reader.name(reader.required(root, "format")?)?.into(),
        file: file.to_owned(),
        called: reader.name(reader.required(root, "called")?)?,
        version_key,
        editions,
    })
}

fn known_versions(
    reader: &FormatReader,
    at: Reached,
) -> Result<Vec<(Arc<str>, StandardVersion)>, FormatError> {
    let mut known: Vec<(Arc<str>, StandardVersion)> = Vec::new();
    for item in reader.sequence(at)? {
        let text = reader.text(item)?;
        let Some((version, _)) = StandardVersion::parse(&text) else {
            let help = "write up to three numbers, with or without a leading `v`, such as `v3.1.0`";
            return Err(reader.error(item, &format!("invalid version `{text}`"), help));
        };
        if known.last().is_some_and(|(_, last)| *last >= version) {
            let help = "list each version once, oldest first";
            return Err(reader.error(item, &format!("version `{text}` is out of order"), help));
        }
        known.push((text.into(), version));
    }
    if known.is_empty() {
        return Err(reader.error(
            at,
            "the list of known versions is empty",
            "list at least one version, or remove `version`",
        ));
    }
    Ok(known)
}

/// How far a named shape is compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
enum CompileProgress {
    Waiting,
    Begun,
    Done,
}

struct NamedShape {
    /// Its definition.
    at: Reached,
    id: ShapeId,
    progress: CompileProgress,
}

/// Compiles all shapes as one version has them.
pub(super) struct ShapeCompiler<'r> {
    pub(super) reader: &'r FormatReader,
    version: Option<StandardVersion>,
    shapes: Vec<Shape>,
    named: BTreeMap<String, NamedShape>,
    /// Patterns are the same in all versions, and take long to compile.
    pub(super) patterns: &'r mut BTreeMap<String, Pattern>,
}

impl<'r> ShapeCompiler<'r> {
    fn new(
        reader: &'r FormatReader,
        version: Option<StandardVersion>,
        patterns: &'r mut BTreeMap<String, Pattern>,
    ) -> Result<Self, FormatError> {
        let plain = WORDS.iter().map(|(_, kinds)| Shape {
            kinds: *kinds,
            ..Shape::default()
        });
        let mut shapes: Vec<Shape> = plain.collect();
        let mut named = BTreeMap::new();
        let definitions = reader.required(reader.root(), "shapes")?;
        for (key, at) in reader.mapping(definitions)? {
            let name = reader.text(key)?;
            if WORDS.iter().any(|(word, _)| *word == name) {
                let message = format!("`{name}` is a reserved word");
                return Err(reader.error(key, &message, "rename the shape"));
            }
            let id = ShapeId(shapes.len());
            shapes.push(Shape::default());
            let progress = CompileProgress::Waiting;
            named.insert(name, NamedShape { at, id, progress });
        }
        Ok(Self {
            reader,
            version,
            shapes,
            named,
            patterns,
        })
    }

    fn run(mut self, document: Reached) -> Result<(ShapeId, Vec<Shape>), FormatError> {
        let names: Vec<String> = self.named.keys().cloned().collect();
        for name in names {
            self.finish(document, &name)?;
        }
        let root = self.reference(document)?;
        Ok((root, self.shapes))
    }

    /// A shape where one is wanted. `None` if this version has it not.
    pub(super) fn shape(&mut self, at: Reached) -> Result<Option<ShapeId>, FormatError> {
        let reader = self.reader;
        if reader.is_sequence(at) {
            return self.list_of(at).map(Some);
        }
        if !reader.is_mapping(at) {
            return self.reference(at).map(Some);
        }
        if !self.holds(at)? {
            return Ok(None);
        }
        if let Some(of) = reader.get(at, "of") {
            reader.only(at, &["of", "since", "until"])?;
            return self.shape(of);
        }
        let Some(shape) = self.definition(at)? else {
            return Ok(None);
        };
        Ok(Some(self.push(shape)))
    }

    pub(super) fn push(&mut self, shape: Shape) -> ShapeId {
        self.shapes.push(shape);
        ShapeId(self.shapes.len() - 1)
    }

    /// A shape that is written out as a mapping.
    fn definition(&mut self, at: Reached) -> Result<Option<Shape>, FormatError> {
        let reader = self.reader;
        let has = |key: &str| reader.get(at, key);
        if let Some(any) = has("any") {
            reader.only(at, &["any", "since", "until"])?;
            return self.any(any);
        }
        if let Some(item) = has("list") {
            return self.list(at, item).map(Some);
        }
        if let Some(values) = has("enum") {
            reader.only(at, &["enum", "since", "until"])?;
            return self.enumeration(values).map(Some);
        }
        if let Some(patterns) = has("matches") {
            reader.only(at, &["matches", "called", "since", "until"])?;
            return self.matches(at, patterns).map(Some);
        }
        if let Some(word) = has("number").or(has("integer")) {
            return self.number(at, word).map(Some);
        }
        let record = self.record(at)?;
        Ok(Some(Shape {
            kinds: ValueKinds::MAPPING,
            record: Some(Arc::new(record)),
            ..Shape::default()
        }))
    }

    /// The name of a shape, or a word of the language.
    fn reference(&self, at: Reached) -> Result<ShapeId, FormatError> {
        let name = self.reader.text(at)?;
        if let Some(index) = WORDS.iter().position(|(word, _)| *word == name) {
            return Ok(ShapeId(index));
        }
        match self.named.get(&name) {
            Some(named) => Ok(named.id),
            None => {
                let words = WORDS.iter().map(|(word, _)| *word);
                let known = self.named.keys().map(String::as_str).chain(words);
                Err(self.reader.unknown(at, "shape", &name, known))
            }
        }
    }

    /// Compiles a named shape, if it is not yet; `at` is who asks.
    fn finish(&mut self, at: Reached, name: &str) -> Result<(), FormatError> {
        let Some(named) = self.named.get_mut(name) else {
            return Ok(());
        };
        let (definition, id) = (named.at, named.id);
        match named.progress {
            CompileProgress::Done => return Ok(()),
            CompileProgress::Begun => {
                let message = format!("shape `{name}` contains itself");
                let help = "refer to the shape below a key or in a list; `any` and `like` cannot be recursive";
                return Err(self.reader.error(at, &message, help));
            }
            CompileProgress::Waiting => named.progress = CompileProgress::Begun,
        }
        let made = self.shape(definition)?;
        let shape = made.and_then(|made| self.shapes.get(made.0)).cloned();
        if let (Some(slot), Some(shape)) = (self.shapes.get_mut(id.0), shape) {
            *slot = shape;
        }
        if let Some(named) = self.named.get_mut(name) {
            named.progress = CompileProgress::Done;
        }
        Ok(())
    }

    /// A shape with all that it is made of.
    pub(super) fn whole(&mut self, at: Reached) -> Result<Option<Shape>, FormatError> {
        if let Some(of) = self.reader.get(at, "of") {
            self.reader.only(at, &["of", "since", "until"])?;
            return if self.holds(at)? {
                self.whole(of)
            } else {
                Ok(None)
            };
        }
        if !self.reader.is_mapping(at) && !self.reader.is_sequence(at) {
            let name = self.reader.text(at)?;
            self.finish(at, &name)?;
        }
        let id = self.shape(at)?;
        Ok(id.and_then(|id| self.shapes.get(id.0)).cloned())
    }

    fn any(&mut self, at: Reached) -> Result<Option<Shape>, FormatError> {
        let mut union: Option<Shape> = None;
        for item in self.some(at)? {
            let Some(shape) = self.whole(item)? else {
                continue;
            };
            let mut all = union.take().unwrap_or_default();
            if all.kinds.meets(shape.kinds) {
                let message = "two alternatives accept the same type of value";
                let help = "merge them into one; alternatives are distinguished by type (text, list, mapping, …)";
                return Err(self.reader.error(item, message, help));
            }
            all.kinds = all.kinds.and(shape.kinds);
            all.text = all.text.or(shape.text);
            all.number = all.number.or(shape.number);
            all.list = all.list.or(shape.list);
            all.record = all.record.or(shape.record);
            union = Some(all);
        }
        Ok(union)
    }

    /// The items of a list that has some: nothing would fit none.
    pub(super) fn some(&self, at: Reached) -> Result<Vec<Reached>, FormatError> {
        let items = self.reader.sequence(at)?;
        match items.is_empty() {
            true => Err(self
                .reader
                .error(at, "the list is empty", "list at least one")),
            false => Ok(items),
        }
    }

    fn list_of(&mut self, at: Reached) -> Result<ShapeId, FormatError> {
        let items = self.reader.sequence(at)?;
        let [item] = items.as_slice() else {
            let help =
                "write `[shape]` for a list of that shape, or `{any: [shape, …]}` for alternatives";
            return Err(self
                .reader
                .error(at, "a list must have exactly one shape", help));
        };
        let item = self.item(*item)?;
        Ok(self.push(Shape {
            kinds: ValueKinds::LIST,
            list: Some(ListRule {
                item,
                at_least: 0,
                at_most: None,
                unique: false,
            }),
            ..Shape::default()
        }))
    }

    fn item(&mut self, at: Reached) -> Result<ShapeId, FormatError> {
        let help = "move the version to the list: `{list: shape, since: …}`";
        self.shape(at)?.ok_or_else(|| {
            self.reader
                .error(at, "a list item cannot have a version of its own", help)
        })
    }

    fn list(&mut self, at: Reached, item: Reached) -> Result<Shape, FormatError> {
        let reader = self.reader;
        reader.only(
            at,
            &["list", "at_least", "at_most", "unique", "since", "until"],
        )?;
        let unique = reader.get(at, "unique").map(|node| reader.bool(node));
        Ok(Shape {
            kinds: ValueKinds::LIST,
            list: Some(ListRule {
                item: self.item(item)?,
                at_least: self.count(at, "at_least")?.unwrap_or(0),
                at_most: self.count(at, "at_most")?,
                unique: unique.transpose()?.unwrap_or(false),
            }),
            ..Shape::default()
        })
    }

    fn count(&self, at: Reached, key: &str) -> Result<Option<usize>, FormatError> {
        let Some(node) = self.reader.get(at, key) else {
            return Ok(None);
        };
        match self.reader.kind(node) {
            NodeKind::Int(value) if usize::try_from(*value).is_ok() => {
                Ok(usize::try_from(*value).ok())
            }
            _ => Err(self.reader.error(
                node,
                "expected a count",
                "write a whole number of 0 or more",
            )),
        }
    }
    /// Whether what is marked by `since` and `until` is there in this version.
    pub(super) fn holds(&self, at: Reached) -> Result<bool, FormatError> {
        let since = self.mark(at, "since")?;
        let until = self.mark(at, "until")?;
        let Some(version) = self.version else {
            return Ok(true);
        };
        let begun = since.is_none_or(|(since, _)| version >= since);
        // `until: 3.0` means all of 3.0, 3.0.2 too.
        let ended =
            until.is_some_and(|(until, count)| version.0.get(..count) > until.0.get(..count));
        Ok(begun && !ended)
    }

    fn mark(
        &self,
        at: Reached,
        key: &str,
    ) -> Result<Option<(StandardVersion, usize)>, FormatError> {
        let Some(node) = self.reader.get(at, key) else {
            return Ok(None);
        };
        if self.version.is_none() {
            let help = "add `version: {key: …, known: […]}` at the top level to say where a document states its version";
            return Err(self.reader.error(node, "the format has no versions", help));
        }
        let text = self.reader.text(node)?;
        match StandardVersion::parse(&text) {
            Some(version) => Ok(Some(version)),
            None => Err(self.reader.error(
                node,
                &format!("invalid version `{text}`"),
                "write up to three numbers, such as `3.1`",
            )),
        }
    }
}
