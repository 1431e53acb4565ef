//! Shapes of plain values in a shape file: enumerations, patterns and bounds of numbers.

use std::sync::Arc;

use super::compile::ShapeCompiler;
use super::{NumberBounds, Shape, TextRule, ValueKinds};
use crate::lift::pattern::Pattern;
use crate::lift::reader::FormatError;
use crate::model::document::{NodeKind, Reached};

impl ShapeCompiler<'_> {
    /// `[a, b, {since: 3.1, values: [c]}]`
    pub(super) fn enumeration(&mut self, at: Reached) -> Result<Shape, FormatError> {
        let reader = self.reader;
        let mut values: Vec<Arc<str>> = Vec::new();
        let mut elsewhere = Vec::new();
        for item in self.some(at)? {
            if !reader.is_mapping(item) {
                values.push(reader.text(item)?.into());
                continue;
            }
            reader.only(item, &["values", "since", "until"])?;
            let holds = self.holds(item)?;
            let marks = self.marks(item)?.unwrap_or_default();
            for value in reader.sequence(reader.required(item, "values")?)? {
                let value = reader.text(value)?.into();
                match holds {
                    true => values.push(value),
                    false => elsewhere.push((value, marks.clone())),
                }
            }
        }
        Ok(text(TextRule::Enum { values, elsewhere }))
    }

    pub(super) fn matches(&mut self, at: Reached, patterns: Reached) -> Result<Shape, FormatError> {
        let reader = self.reader;
        let called = reader.name(reader.required(at, "called")?)?;
        let items = if reader.is_sequence(patterns) {
            self.some(patterns)?
        } else {
            vec![patterns]
        };
        let patterns = items
            .into_iter()
            .map(|item| self.pattern(item))
            .collect::<Result<_, _>>()?;
        Ok(text(TextRule::Matches { patterns, called }))
    }

    pub(super) fn pattern(&mut self, at: Reached) -> Result<Pattern, FormatError> {
        let text = self.reader.text(at)?;
        if let Some(known) = self.patterns.get(&text) {
            return Ok(known.clone());
        }
        let pattern = self.reader.pattern(at, "")?;
        self.patterns.insert(text, pattern.clone());
        Ok(pattern)
    }

    /// `{number: {at_least: 0}}`, `{integer: {more_than: 0}}`
    pub(super) fn number(&mut self, at: Reached, bounds: Reached) -> Result<Shape, FormatError> {
        let reader = self.reader;
        reader.only(at, &["number", "integer", "since", "until"])?;
        if let (Some(_), Some(second)) = (reader.get(at, "number"), reader.get(at, "integer")) {
            let help = "write one of them: a whole number is a number, too";
            return Err(reader.error(second, "`number` and `integer` exclude each other", help));
        }
        reader.only(bounds, &["at_least", "more_than"])?;
        let bound = |key: &str| {
            let node = reader.get(bounds, key);
            node.map(|node| match reader.kind(node) {
                #[allow(clippy::cast_precision_loss, reason = "bounds are small numbers")]
                NodeKind::Int(value) => Ok(*value as f64),
                NodeKind::Float(value) => Ok(*value),
                _ => Err(reader.error(node, "expected a number", "write a number without quotes")),
            })
            .transpose()
        };
        let whole = reader.get(at, "integer").is_some();
        Ok(Shape {
            kinds: if whole {
                ValueKinds::INTEGER
            } else {
                ValueKinds::NUMBER
            },
            number: Some(NumberBounds {
                at_least: bound("at_least")?,
                more_than: bound("more_than")?,
            }),
            ..Shape::default()
        })
    }
}

fn text(rule: TextRule) -> Shape {
    Shape {
        kinds: ValueKinds::TEXT,
        text: Some(Arc::new(rule)),
        ..Shape::default()
    }
}
