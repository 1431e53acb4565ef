//! Compiles format files. Every mistake is an error at its line that says what to write.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::elements::Elements;
use super::format::{Constant, Declaration, Field, Format, NamedField, Rewrite, Scalar};
use super::path::{SourcePath, Start};
use super::reader::{FormatError, FormatReader};
use super::schema::{FieldSpec, FieldType, Fields, Schema};
use crate::model::document::{NodeKind, Reached};

/// Compiles the text of a format file; `file` is its name in errors.
///
/// # Errors
/// The first mistake in the file, at its line.
pub fn compile_format(file: &str, text: &str, schema: &Schema) -> Result<Format, FormatError> {
    read(&FormatReader::open(file, text)?, file, schema)
}

/// The same for a file that is tested to be free of mistakes: regular expressions compile on first use.
///
/// # Errors
/// The first mistake that is still checked, at its line.
pub fn compile_known(file: &str, text: &str, schema: &Schema) -> Result<Format, FormatError> {
    read(
        &FormatReader::open(file, text)?.knowing_patterns(),
        file,
        schema,
    )
}

fn read(reader: &FormatReader, file: &str, schema: &Schema) -> Result<Format, FormatError> {
    let root = reader.root();
    reader.only(
        root,
        &[
            "format",
            "title",
            "versions",
            "version",
            "context",
            "recognise",
            "hints",
            "entities",
        ],
    )?;
    let mut compiler = FormatCompiler {
        reader,
        schema,
        scopes: Vec::new(),
    };
    let context = compiler.context(root)?;
    let recognise = reader.required(root, "recognise")?;
    reader.only(recognise, &["all", "any", "not"])?;
    let (all, any) = (
        compiler.conditions(recognise, "all")?,
        compiler.conditions(recognise, "any")?,
    );
    if all.is_empty() && any.is_empty() {
        return Err(reader.error(
            recognise,
            "`recognise` has no conditions",
            "add at least one under `all` or `any`",
        ));
    }
    let (hint_files, hint_text) = compiler.hints(root)?;
    let hint_keys = compiler.hint_keys(root)?;
    let entities = reader.required(root, "entities")?;
    let declarations = reader
        .sequence(entities)?
        .into_iter()
        .map(|item| compiler.declaration(item))
        .collect::<Result<_, _>>()?;
    let versions = match reader.get(root, "versions") {
        Some(node) => compiler.texts(node)?,
        None => Vec::new(),
    };
    Ok(Format {
        name: reader.name(reader.required(root, "format")?)?.into(),
        title: reader.name(reader.required(root, "title")?)?,
        versions,
        version: match reader.get(root, "version") {
            Some(node) => Some(compiler.path(node)?),
            None => None,
        },
        context,
        file: file.to_owned(),
        shapes: None,
        all,
        any,
        not: compiler.conditions(recognise, "not")?,
        hint_files,
        hint_text,
        hint_keys,
        declarations,
    })
}

pub(super) struct FormatCompiler<'r> {
    pub(super) reader: &'r FormatReader,
    schema: &'r Schema,
    /// The names of the context's scopes.
    pub(super) scopes: Vec<Arc<str>>,
}

impl FormatCompiler<'_> {
    fn declaration(&self, at: Reached) -> Result<Declaration, FormatError> {
        self.reader
            .only(at, &["kind", "each", "in", "when", "key", "fields"])?;
        let kind_at = self.reader.required(at, "kind")?;
        let kind = self.reader.text(kind_at)?;
        let Some(fields) = self.schema.fields_of(&kind) else {
            let known = self.schema.kinds.keys().map(|kind| &**kind);
            return Err(self.reader.unknown(kind_at, "kind", &kind, known));
        };
        let field_defs = self.fields(self.reader.required(at, "fields")?, &fields, &kind)?;
        let declaration = Declaration {
            kind: kind.into(),
            levels: self.levels(at)?,
            each: self.paths_at(at, "each")?,
            when: self.conditions(at, "when")?,
            key: self.key(at, &field_defs)?,
            fields: field_defs,
        };
        self.check_elements(&Elements {
            at,
            each: &declaration.each,
            recurse: &[],
            key: &declaration.key,
            fields: &declaration.fields,
            are_several: true,
        })?;
        Ok(declaration)
    }

    pub(super) fn fields(
        &self,
        at: Reached,
        specs: &Fields,
        owner: &str,
    ) -> Result<Vec<NamedField>, FormatError> {
        let mut fields = Vec::new();
        for (key, value) in self.reader.mapping(at)? {
            let name = self.reader.text(key)?;
            let Some(spec) = specs.get(&name) else {
                return Err(self.reader.unknown(
                    key,
                    &format!("{owner} field"),
                    &name,
                    specs.keys().map(String::as_str),
                ));
            };
            fields.push(NamedField::new(&name, self.field(value, spec, &name)?));
        }
        self.fill_otherwise(at, specs, &mut fields)?;
        Ok(fields)
    }

    /// Adds the fields that the format leaves out and that another field of the record fills.
    fn fill_otherwise(
        &self,
        at: Reached,
        specs: &Fields,
        fields: &mut Vec<NamedField>,
    ) -> Result<(), FormatError> {
        for (name, spec) in specs {
            let source = spec.otherwise.as_ref();
            let value = source.and_then(|other| self.reader.get(at, other));
            let is_filled = fields.iter().any(|field| *field.name == **name);
            if let Some(value) = value.filter(|_| !is_filled) {
                fields.push(NamedField::new(name, self.field(value, spec, name)?));
            }
        }
        Ok(())
    }

    fn field(&self, at: Reached, spec: &FieldSpec, name: &str) -> Result<Field, FormatError> {
        if !self.reader.is_mapping(at) {
            let sources = self.sources(at)?;
            return self.plain(at, spec, name, sources);
        }
        match spec.ty {
            FieldType::Record => Ok(Field::Record(self.fields(
                at,
                self.record(at, spec)?,
                name,
            )?)),
            FieldType::List if self.is_record_list(spec) => self.each(at, spec, name),
            FieldType::List => {
                self.reader
                    .only(at, &["all", "from", "match", "map", "case"])?;
                let all = self.reader.get(at, "all");
                if let (Some(_), Some(second)) = (all, self.reader.get(at, "from")) {
                    let message = format!("`{name}` has both `all` and `from`");
                    let help = "`all` takes the texts of all paths, `from` those of the first that has any: write one";
                    return Err(self.reader.error(second, &message, help));
                }
                let sources = match all.or(self.reader.get(at, "from")) {
                    Some(paths) => self.sources(paths)?,
                    None => {
                        return Err(self.reader.error(
                            at,
                            &format!("`{name}` needs `all` or `from`"),
                            "write `{all: [path, …]}`",
                        ));
                    }
                };
                Ok(Field::Texts {
                    sources,
                    all: all.is_some(),
                    rewrite: self.rewrite(at)?,
                })
            }
            FieldType::Map => self.pairs(at),
            FieldType::String | FieldType::Bool | FieldType::Number | FieldType::Any => {
                self.single(at, spec, name)
            }
        }
    }

    fn plain(
        &self,
        at: Reached,
        spec: &FieldSpec,
        name: &str,
        sources: Vec<SourcePath>,
    ) -> Result<Field, FormatError> {
        let target = match spec.ty {
            FieldType::String => Scalar::Text,
            FieldType::Bool => Scalar::Bool,
            FieldType::Number => Scalar::Number,
            FieldType::Any | FieldType::Map => Scalar::Raw,
            FieldType::List if !self.is_record_list(spec) => {
                return Ok(Field::Texts {
                    sources,
                    all: false,
                    rewrite: Rewrite::default(),
                });
            }
            FieldType::List => {
                return Err(self.reader.error(
                    at,
                    &format!("`{name}` is a list of records"),
                    "write `{each: path, key: …, fields: {…}}`",
                ));
            }
            FieldType::Record => {
                let known: Vec<_> = self.record(at, spec)?.keys().map(String::as_str).collect();
                let help = format!("write a mapping with its fields: {}", known.join(", "));
                return Err(self
                    .reader
                    .error(at, &format!("`{name}` is a record"), &help));
            }
        };
        let inherits = |path: &SourcePath| matches!(path.start, Start::Scope(_));
        if target == Scalar::Raw && sources.iter().any(inherits) {
            return Err(self.reader.error(
                at,
                &format!("`{name}` is copied unchanged and cannot be inherited from a context"),
                "remove the context's path; only scalars and lists of text can be inherited",
            ));
        }
        Ok(Field::Value {
            sources,
            target,
            rewrite: Rewrite::default(),
            default: None,
        })
    }

    fn single(&self, at: Reached, spec: &FieldSpec, name: &str) -> Result<Field, FormatError> {
        let reader = self.reader;
        let takes = |types: &[FieldType], key: &str, gives: &str| match types.contains(&spec.ty) {
            true => Ok(()),
            false => Err(reader.error(
                reader.get(at, key).unwrap_or(at),
                &format!("`{key}` gives {gives}, which `{name}` does not take"),
                "write the path to its value",
            )),
        };
        let (texts, truths) = (
            [FieldType::String, FieldType::Any],
            [FieldType::Bool, FieldType::Any],
        );
        if let Some(value) = reader.get(at, "value") {
            reader.only(at, &["value"])?;
            return self.constant(value, spec.ty);
        }
        for key in ["any", "none"] {
            if reader.get(at, key).is_some() {
                takes(&truths, key, "`true` or `false`")?;
            }
        }
        if reader.get(at, "any").is_some() || reader.get(at, "none").is_some() {
            reader.only(at, &["any", "none"])?;
            return Ok(Field::Test {
                any: self.conditions(at, "any")?,
                none: self.conditions(at, "none")?,
            });
        }
        if let Some(has) = reader.get(at, "has") {
            reader.only(at, &["has"])?;
            takes(&truths, "has", "`true` or `false`")?;
            return Ok(Field::Has(self.paths(has)?));
        }
        if let Some(chain) = reader.get(at, "chain") {
            reader.only(at, &["chain", "separator"])?;
            takes(&texts, "chain", "text")?;
            let separator = reader
                .get(at, "separator")
                .map(|node| reader.text(node))
                .transpose()?;
            return Ok(Field::Chain {
                path: self.path(chain)?,
                separator: separator.unwrap_or_else(|| ".".to_owned()),
            });
        }
        if let Some(parts) = reader.get(at, "join") {
            reader.only(at, &["join", "separator"])?;
            takes(&texts, "join", "text")?;
            let separator = reader
                .get(at, "separator")
                .map(|node| reader.text(node))
                .transpose()?;
            return Ok(Field::Join {
                parts: reader
                    .sequence(parts)?
                    .into_iter()
                    .map(|part| self.field(part, spec, name))
                    .collect::<Result<_, _>>()?,
                separator: separator.unwrap_or_else(|| ".".to_owned()),
            });
        }
        if let Some(first) = reader.get(at, "first") {
            reader.only(at, &["first"])?;
            takes(&texts, "first", "text")?;
            let fields = reader.sequence(first)?.into_iter();
            let fields = fields.map(|field| self.field(field, spec, name));
            return Ok(Field::First(fields.collect::<Result<_, _>>()?));
        }
        reader.only(at, &["from", "map", "match", "case", "default"])?;
        let sources = self.sources(reader.required(at, "from")?)?;
        let Field::Value {
            sources, target, ..
        } = self.plain(at, spec, name, sources)?
        else {
            return Err(reader.error(
                at,
                &format!("`{name}` cannot be a mapping here"),
                "write a path",
            ));
        };
        let default = reader.get(at, "default");
        if let Some(default) = default.filter(|_| target != Scalar::Text) {
            return Err(reader.error(
                default,
                &format!("`default` is set on `{name}`, but only text fields can have a default"),
                "remove `default`",
            ));
        }
        Ok(Field::Value {
            sources,
            target,
            rewrite: self.rewrite(at)?,
            default: default
                .map(|node| reader.text(node).map(Arc::from))
                .transpose()?,
        })
    }

    fn rewrite(&self, at: Reached) -> Result<Rewrite, FormatError> {
        let reader = self.reader;
        let mut map = BTreeMap::new();
        if let Some(entries) = reader.get(at, "map") {
            for (key, value) in reader.mapping(entries)? {
                let mapped = match reader.kind(value) {
                    NodeKind::Null => None,
                    _ => Some(Arc::from(reader.text(value)?)),
                };
                map.insert(reader.text(key)?.to_lowercase(), mapped);
            }
        }
        let pattern = reader.get(at, "match").map(|node| self.regex(node, ""));
        let lower = match reader.get(at, "case") {
            None => false,
            Some(case) if reader.text(case)? == "lower" => true,
            Some(case) => {
                let help = "write `case: lower`, or leave it out";
                return Err(reader.error(case, "`case` is not `lower`", help));
            }
        };
        Ok(Rewrite {
            pattern: pattern.transpose()?,
            map,
            lower,
        })
    }

    fn constant(&self, at: Reached, ty: FieldType) -> Result<Field, FormatError> {
        let wants = match ty {
            FieldType::Bool => "`true` or `false`",
            FieldType::Number => "a whole number",
            FieldType::String => "text",
            _ => "text, a whole number or a truth value",
        };
        let constant = match (self.reader.kind(at), ty) {
            (NodeKind::Bool(value), FieldType::Bool | FieldType::Any) => Constant::Bool(*value),
            (NodeKind::Int(value), FieldType::Number | FieldType::Any) => Constant::Int(*value),
            (NodeKind::String(value), FieldType::String | FieldType::Any) => {
                Constant::Text(value.clone())
            }
            _ => {
                let help = match ty {
                    FieldType::String => "put it in quotes",
                    _ => "write it without quotes",
                };
                return Err(self
                    .reader
                    .error(at, &format!("the constant must be {wants}"), help));
            }
        };
        Ok(Field::Constant(constant))
    }

    fn pairs(&self, at: Reached) -> Result<Field, FormatError> {
        self.reader.only(at, &["pairs", "key", "value"])?;
        Ok(Field::Pairs {
            from: self.path(self.reader.required(at, "pairs")?)?,
            key: self.path(self.reader.required(at, "key")?)?,
            value: self.path(self.reader.required(at, "value")?)?,
        })
    }

    fn is_record_list(&self, spec: &FieldSpec) -> bool {
        spec.of
            .as_deref()
            .is_some_and(|of| self.schema.record(of).is_some())
    }

    pub(super) fn record(&self, at: Reached, spec: &FieldSpec) -> Result<&Fields, FormatError> {
        spec.of
            .as_deref()
            .and_then(|of| self.schema.record(of))
            .ok_or_else(|| {
                self.reader.error(
                    at,
                    "the model does not name a record type for this field",
                    "set `of` for the field in `policies/model.yaml`",
                )
            })
    }
}
