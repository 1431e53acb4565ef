//! The parts of a format file that walk elements: `each`, `key` and the fields of records. Refuses the spellings that walk
//! nothing: a list without `[]`, a mapping without `{}`, `key` where `$key` is meant.

use std::sync::Arc;

use super::compile::FormatCompiler;
use super::elements::Elements;
use super::format::{Each, Field, KeyField, NamedField};
use super::path::{SourcePath, Start};
use super::reader::FormatError;
use super::schema::FieldSpec;
use crate::model::document::Reached;

/// The type of record for which a single mapping is not a list: columns.
const COLUMN: &str = "column";

impl FormatCompiler<'_> {
    pub(super) fn each(
        &self,
        at: Reached,
        spec: &FieldSpec,
        name: &str,
    ) -> Result<Field, FormatError> {
        self.reader
            .only(at, &["each", "in", "recurse", "through", "key", "fields"])?;
        self.reader.required(at, "each")?;
        let fields = self.fields(
            self.reader.required(at, "fields")?,
            self.record(at, spec)?,
            name,
        )?;
        let each = Each {
            levels: self.levels(at)?,
            each: self.paths_at(at, "each")?,
            recurse: self.paths_at(at, "recurse")?,
            through: self.paths_at(at, "through")?,
            key: self.key(at, &fields)?,
            fields,
        };
        self.check_elements(&Elements {
            at,
            each: &each.each,
            recurse: &each.recurse,
            key: &each.key,
            fields: &each.fields,
            are_several: spec.of.as_deref() == Some(COLUMN),
        })?;
        Ok(Field::Each(Box::new(each)))
    }

    pub(super) fn key(
        &self,
        at: Reached,
        fields: &[NamedField],
    ) -> Result<Vec<KeyField>, FormatError> {
        let node = self.reader.required(at, "key")?;
        let items = if self.reader.is_sequence(node) {
            self.reader.sequence(node)?
        } else {
            vec![node]
        };
        if items.is_empty() {
            let help = "name the field that identifies an element";
            return Err(self.reader.error(node, "`key` names no field", help));
        }
        items
            .into_iter()
            .map(|item| self.key_field(item, fields))
            .collect()
    }

    fn key_field(&self, item: Reached, fields: &[NamedField]) -> Result<KeyField, FormatError> {
        let text = self.reader.text(item)?;
        if text.starts_with('$') {
            return Err(self.reader.error(
                item,
                &format!("`key` names a field of the model, and `{text}` is a path"),
                &format!("write `key: name` here and `name: {text}` under `fields`"),
            ));
        }
        let parts: Vec<Arc<str>> = text.split('+').map(|part| Arc::from(part.trim())).collect();
        let is_field = |part: &&Arc<str>| fields.iter().any(|field| field.name == **part);
        match parts.iter().find(|part| !is_field(part)) {
            Some(part) => Err(self.reader.unknown(
                item,
                "field in `key`",
                part,
                fields.iter().map(|field| &*field.name),
            )),
            None => Ok(KeyField(parts)),
        }
    }

    /// Refuses paths that walk nothing, and fields that need another walk.
    pub(super) fn check_elements(&self, elements: &Elements<'_>) -> Result<(), FormatError> {
        // A test checks the formats in the binary for these mistakes.
        if self.reader.knows_patterns() {
            return Ok(());
        }
        let walks_values = |path: &SourcePath| path.walks_values();
        let walked = || elements.each.iter().chain(elements.recurse);
        let uses_key = elements.fields.iter().any(uses_key);
        if !elements.each.is_empty() && elements.each.iter().all(SourcePath::is_one_value) {
            if uses_key {
                return Err(self.unwalked(elements, true));
            }
            if elements.are_several {
                return Err(self.unwalked(elements, false));
            }
        }
        self.check_recursion(elements)?;
        if uses_key && !walked().any(|path| path.walks_values() || path.is_one_value()) {
            return Err(self.no_key(elements));
        }
        match walked().any(walks_values) {
            true => self.check_name(elements),
            false => Ok(()),
        }
    }

    /// `each: fields` for `each: "fields[]"` or `each: "fields{}"`.
    fn unwalked(&self, elements: &Elements<'_>, uses_key: bool) -> FormatError {
        let at = self.reader.get(elements.at, "each").unwrap_or(elements.at);
        let text = self.first_text(at);
        let message = format!("`{text}` leads to one value, so `each` finds a single element");
        let help = match uses_key {
            true => format!(
                "write `each: \"{text}{{}}\"` for the values of a mapping, whose keys `$key` gives"
            ),
            false => format!(
                "write `each: \"{text}[]\"` for the items of a list, or `each: \"{text}{{}}\"` for the values of a mapping"
            ),
        };
        self.reader.error(at, &message, &help)
    }

    /// `recurse: fields` beside `each: "fields[]"`.
    fn check_recursion(&self, elements: &Elements<'_>) -> Result<(), FormatError> {
        let (reader, at) = (self.reader, elements.at);
        let (Some(each), Some(recurse)) = (reader.get(at, "each"), reader.get(at, "recurse"))
        else {
            return Ok(());
        };
        let each = self.texts_of(each)?;
        for (item, text) in self.items_with_text(recurse)? {
            let ends = ["[]", "{}"].into_iter();
            let mut meant = ends.map(|end| format!("{text}{end}"));
            if let Some(meant) = meant.find(|meant| each.contains(meant)) {
                let message = format!("`recurse: {text}` walks on into one value");
                let help = format!("write `{meant}`, as in `each`");
                return Err(reader.error(item, &message, &help));
            }
        }
        Ok(())
    }

    /// `$key` in the elements of a list.
    fn no_key(&self, elements: &Elements<'_>) -> FormatError {
        let reader = self.reader;
        let Some(each) = reader.get(elements.at, "each") else {
            return reader.error(
                elements.at,
                "`$key` has no value: a document has no key",
                "write `each: \"path{}\"` for one entity per value of a mapping, or name the field that holds the value",
            );
        };
        let text = self.first_text(each);
        let message =
            format!("`$key` has no value: `{text}` walks a list, whose items have no keys");
        let meant = text.trim_end_matches("[]");
        let help = format!(
            "write `{meant}{{}}` if it is a mapping, else name the field of the items that holds the value"
        );
        reader.error(each, &message, &help)
    }

    /// `name: key` for `name: $key`, where the name of an element is the key that leads to it.
    fn check_name(&self, elements: &Elements<'_>) -> Result<(), FormatError> {
        let reader = self.reader;
        let Some(fields) = reader.get(elements.at, "fields") else {
            return Ok(());
        };
        let names = elements.key.iter().flat_map(|KeyField(parts)| parts);
        let named = names.filter_map(|name| Some((name, reader.get(fields, name)?)));
        for (name, node) in named.filter(|(_, node)| !reader.is_mapping(*node)) {
            let items = self.items_with_text(node)?;
            let states_key = items.iter().any(|(_, text)| text == "$key");
            if let Some((item, _)) = items.iter().find(|(_, text)| text == "key" && !states_key) {
                return Err(reader.error(
                    *item,
                    &format!("`{name}: key` reads a field called `key`, not the key of the mapping"),
                    &format!("write `{name}: $key`; for a field that is called so write `{name}: '\"key\"'`"),
                ));
            }
        }
        Ok(())
    }

    fn items_with_text(&self, at: Reached) -> Result<Vec<(Reached, String)>, FormatError> {
        let items = match self.reader.is_sequence(at) {
            true => self.reader.sequence(at)?,
            false => vec![at],
        };
        let items = items.into_iter();
        items
            .map(|item| Ok((item, self.reader.text(item)?)))
            .collect()
    }

    fn texts_of(&self, at: Reached) -> Result<Vec<String>, FormatError> {
        let items = self.items_with_text(at)?;
        Ok(items.into_iter().map(|(_, text)| text).collect())
    }

    fn first_text(&self, at: Reached) -> String {
        let texts = self.texts_of(at).unwrap_or_default();
        texts.into_iter().next().unwrap_or_default()
    }
}

/// Whether a field of an element reads the key that leads to the element.
fn uses_key(named: &NamedField) -> bool {
    let is_key = |path: &SourcePath| path.start == Start::Key;
    let of_field = |field: &Field| match field {
        Field::Value { sources, .. } | Field::Texts { sources, .. } | Field::Has(sources) => {
            sources.iter().any(is_key)
        }
        Field::Chain { path, .. } => is_key(path),
        _ => false,
    };
    match &named.field {
        Field::Record(fields) => fields.iter().any(uses_key),
        Field::Join { parts, .. } | Field::First(parts) => parts.iter().any(of_field),
        field => of_field(field),
    }
}
