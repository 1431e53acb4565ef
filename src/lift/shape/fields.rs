//! The keys of mappings, compiled: required ones, cases, what comes from another shape by `like`.

use std::sync::Arc;

use super::compile::{ShapeCompiler, WORDS};
use super::{By, RecordKeys, RecordShape, Shape, ShapeId, ShapeKey, TextRule, ValueKinds, When};
use crate::lift::reader::FormatError;
use crate::model::document::Reached;

const RECORD: [&str; 13] = [
    "called",
    "like",
    "keys",
    "required",
    "exactly_one",
    "at_least_one",
    "open",
    "by",
    "cases",
    "otherwise",
    "also",
    "since",
    "until",
];

const CASE: [&str; 7] = [
    "keys",
    "required",
    "exactly_one",
    "at_least_one",
    "like",
    "since",
    "until",
];

const CONDITION: [&str; 8] = [
    "when",
    "keys",
    "required",
    "exactly_one",
    "at_least_one",
    "like",
    "since",
    "until",
];

/// The conditions of `also` are kept in a set of bits.
const MOST_CONDITIONS: usize = 32;

impl ShapeCompiler<'_> {
    /// A mapping with known keys.
    pub(super) fn record(&mut self, at: Reached) -> Result<RecordShape, FormatError> {
        let reader = self.reader;
        reader.only(at, &RECORD)?;
        let mut record = match reader.get(at, "like") {
            Some(like) => self.record_of(like)?,
            None => RecordShape::default(),
        };
        match reader.get(at, "called") {
            Some(called) => record.called = reader.name(called)?,
            None if record.called.is_empty() => {
                let help = "add the name that messages use, for example `called: a contract`";
                return Err(reader.error(at, "this mapping has no name", help));
            }
            None => {}
        }
        if let Some(open) = reader.get(at, "open") {
            record.open = if reader.is_mapping(open) {
                reader.only(open, &["since", "until"])?;
                self.holds(open)?
            } else {
                reader.bool(open)?
            };
        }
        match reader.get(at, "by") {
            Some(_) => record.by = Some(self.by(at, &mut record.own)?),
            None => {
                for key in ["cases", "otherwise"] {
                    if let Some(node) = reader.get(at, key) {
                        let help = "name the key that decides: `by: type`";
                        return Err(reader.error(node, &format!("`{key}` needs `by`"), help));
                    }
                }
            }
        }
        for item in reader.list(at, "also")? {
            reader.only(item, &CONDITION)?;
            let condition = reader.required(item, "when")?;
            let when = self.when(condition)?;
            if self.holds(item)? {
                let fields = Arc::new(self.fields_of(item)?);
                record.also.push((when, fields));
            }
            if record.also.len() > MOST_CONDITIONS {
                let help = "distinguish the cases with `by` and `cases`";
                return Err(reader.error(item, "`also` has more than 32 conditions", help));
            }
        }
        self.fields(at, &mut record.own)?;
        Ok(record)
    }

    fn record_of(&mut self, at: Reached) -> Result<RecordShape, FormatError> {
        let shape = self.whole(at)?;
        let record = shape.and_then(|shape| shape.record);
        record.map(Arc::unwrap_or_clone).ok_or_else(|| {
            let help = "name a shape that has `keys`";
            self.reader
                .error(at, "this shape has no keys to inherit", help)
        })
    }

    /// `by: type` with `cases`; the key itself takes the names of the cases that this version has.
    fn by(&mut self, at: Reached, own: &mut RecordKeys) -> Result<By, FormatError> {
        let reader = self.reader;
        let key: Arc<str> = reader.text(reader.required(at, "by")?)?.into();
        let mut cases: Vec<(Arc<str>, Arc<RecordKeys>)> = Vec::new();
        let mut elsewhere = Vec::new();
        for (name, fields) in reader.mapping(reader.required(at, "cases")?)? {
            let name = reader.text(name)?.into();
            if !reader.is_mapping(fields) || self.holds(fields)? {
                cases.push((name, self.case(fields)?));
            } else {
                elsewhere.push((name, self.marks(fields)?.unwrap_or_default()));
            }
        }
        let otherwise = match reader.get(at, "otherwise") {
            Some(node) if !reader.is_mapping(node) || self.holds(node)? => Some(self.case(node)?),
            _ => None,
        };
        let values = cases.iter().map(|(name, _)| Arc::clone(name)).collect();
        let shape = self.push(Shape {
            kinds: ValueKinds::TEXT,
            text: Some(Arc::new(TextRule::Enum { values, elsewhere })),
            ..Shape::default()
        });
        put(own, Arc::clone(&key), shape);
        own.sort();
        Ok(By {
            key,
            cases,
            otherwise,
        })
    }

    /// The keys of a case: written out, or those of a named shape.
    fn case(&mut self, at: Reached) -> Result<Arc<RecordKeys>, FormatError> {
        if !self.reader.is_mapping(at) {
            return Ok(Arc::new(self.record_of(at)?.own));
        }
        self.reader.only(at, &CASE)?;
        self.fields_of(at).map(Arc::new)
    }

    fn fields_of(&mut self, at: Reached) -> Result<RecordKeys, FormatError> {
        let mut fields = match self.reader.get(at, "like") {
            Some(like) => self.record_of(like)?.own,
            None => RecordKeys::default(),
        };
        self.fields(at, &mut fields)?;
        Ok(fields)
    }

    /// Adds `keys`, `required` and `exactly_one`.
    fn fields(&mut self, at: Reached, fields: &mut RecordKeys) -> Result<(), FormatError> {
        let reader = self.reader;
        if let Some(keys) = reader.get(at, "keys") {
            for (key, value) in reader.mapping(keys)? {
                let name: Arc<str> = reader.text(key)?.into();
                match self.shape(value)? {
                    Some(shape) => put(fields, name, shape),
                    None => fields
                        .elsewhere
                        .extend(self.marks(value)?.map(|m| (name, m))),
                }
            }
        }
        fields.sort();
        for item in reader.list(at, "required")? {
            let names = if reader.is_mapping(item) {
                reader.only(item, &["keys", "since", "until"])?;
                if !self.holds(item)? {
                    continue;
                }
                reader.sequence(reader.required(item, "keys")?)?
            } else {
                vec![item]
            };
            for name in names {
                self.require(name, fields)?;
            }
        }
        fields.exactly_one.extend(self.groups(at, "exactly_one")?);
        fields.at_least_one.extend(self.groups(at, "at_least_one")?);
        Ok(())
    }

    /// Groups of keys.
    fn groups(&self, at: Reached, key: &str) -> Result<Vec<Vec<Arc<str>>>, FormatError> {
        let reader = self.reader;
        let groups = reader.list(at, key)?.into_iter().map(|item| {
            let group = reader.sequence(item)?.into_iter();
            group.map(|name| reader.text(name).map(Arc::from)).collect()
        });
        groups.collect()
    }

    fn require(&self, at: Reached, fields: &mut RecordKeys) -> Result<(), FormatError> {
        let name = self.reader.text(at)?;
        match fields.keys.iter_mut().find(|key| *key.name == *name) {
            Some(key) => {
                key.required = true;
                Ok(())
            }
            None => {
                let known = fields.keys.iter().map(|key| &*key.name);
                Err(self.reader.unknown(at, "required key", &name, known))
            }
        }
    }

    /// `{key: metric, is: text}`
    fn when(&self, at: Reached) -> Result<When, FormatError> {
        let reader = self.reader;
        reader.only(at, &["key", "is"])?;
        let is_at = reader.required(at, "is")?;
        let is = reader.text(is_at)?;
        let Some((_, kinds)) = WORDS.iter().find(|(word, _)| *word == is) else {
            let known = WORDS.iter().map(|(word, _)| *word);
            return Err(reader.unknown(is_at, "type of value", &is, known));
        };
        Ok(When {
            key: reader.text(reader.required(at, "key")?)?.into(),
            is: *kinds,
        })
    }

    /// `since 3.2`, for messages about what another version has.
    pub(super) fn marks(&self, at: Reached) -> Result<Option<String>, FormatError> {
        for mark in ["since", "until"] {
            if let Some(node) = self.reader.get(at, mark) {
                return Ok(Some(format!("{mark} {}", self.reader.text(node)?)));
            }
        }
        Ok(None)
    }
}

fn put(fields: &mut RecordKeys, name: Arc<str>, shape: ShapeId) {
    match fields.keys.iter_mut().find(|key| key.name == name) {
        Some(key) => key.shape = shape,
        None => fields.keys.push(ShapeKey {
            name,
            shape,
            required: false,
        }),
    }
}
