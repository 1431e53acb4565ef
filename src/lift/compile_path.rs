//! Paths, conditions and levels of a format file.

use std::sync::Arc;

use super::compile::FormatCompiler;
use super::format::{Condition, ConditionTest, OuterLevel};
use super::path::{SourcePath, Start};
use super::pattern::Pattern;
use super::reader::FormatError;
use crate::model::document::Reached;

impl FormatCompiler<'_> {
    pub(super) fn levels(&self, at: Reached) -> Result<Vec<OuterLevel>, FormatError> {
        let Some(node) = self.reader.get(at, "in") else {
            return Ok(Vec::new());
        };
        let items = if self.reader.is_sequence(node) {
            self.reader.sequence(node)?
        } else {
            vec![node]
        };
        items
            .into_iter()
            .map(|item| {
                let text = self.reader.text(item)?;
                let (path, name) = match text.split_once(" as ") {
                    Some((path, name)) => (path.trim().to_owned(), Some(Arc::from(name.trim()))),
                    None => (text, None),
                };
                Ok(OuterLevel {
                    path: self.parse_path(item, &path)?,
                    name,
                })
            })
            .collect()
    }

    pub(super) fn conditions(&self, at: Reached, key: &str) -> Result<Vec<Condition>, FormatError> {
        self.reader
            .list(at, key)?
            .into_iter()
            .map(|item| self.condition(item))
            .collect()
    }

    fn condition(&self, at: Reached) -> Result<Condition, FormatError> {
        let reader = self.reader;
        reader.only(at, &["path", "equals", "matches", "in", "exists", "truthy"])?;
        let path = self.path(reader.required(at, "path")?)?;
        let tests = ["equals", "matches", "in", "exists", "truthy"];
        if let Some(second) = tests.iter().filter_map(|test| reader.get(at, test)).nth(1) {
            let help = "write a condition for each test";
            return Err(reader.error(second, "a condition has one test", help));
        }
        let test = if let Some(node) = reader.get(at, "equals") {
            ConditionTest::Equals(reader.text(node)?.into())
        } else if let Some(node) = reader.get(at, "matches") {
            ConditionTest::Matches(self.regex(node, "")?)
        } else if let Some(node) = reader.get(at, "in") {
            ConditionTest::In(self.texts(node)?.into_iter().map(Arc::from).collect())
        } else if let Some(node) = reader.get(at, "exists") {
            ConditionTest::Exists(reader.bool(node)?)
        } else if let Some(node) = reader.get(at, "truthy") {
            ConditionTest::Truthy(reader.bool(node)?)
        } else {
            return Err(reader.error(
                at,
                "this condition has no test",
                "add `equals`, `matches`, `in`, `exists` or `truthy`",
            ));
        };
        Ok(Condition { path, test })
    }

    pub(super) fn paths_at(&self, at: Reached, key: &str) -> Result<Vec<SourcePath>, FormatError> {
        self.reader
            .get(at, key)
            .map_or_else(|| Ok(Vec::new()), |node| self.paths(node))
    }

    pub(super) fn paths(&self, at: Reached) -> Result<Vec<SourcePath>, FormatError> {
        let paths = self.sources(at)?;
        match paths
            .iter()
            .any(|path| matches!(path.start, Start::Scope(_)))
        {
            true => Err(self.not_here(at)),
            false => Ok(paths),
        }
    }

    /// Paths of a value, which may be inherited.
    pub(super) fn sources(&self, at: Reached) -> Result<Vec<SourcePath>, FormatError> {
        let items = match self.reader.is_sequence(at) {
            true => self.reader.sequence(at)?,
            false => vec![at],
        };
        if items.is_empty() {
            return Err(self
                .reader
                .error(at, "the list has no path", "write at least one"));
        }
        items
            .into_iter()
            .map(|item| self.parse_path(item, &self.reader.text(item)?))
            .collect()
    }

    pub(super) fn path(&self, at: Reached) -> Result<SourcePath, FormatError> {
        let path = self.parse_path(at, &self.reader.text(at)?)?;
        match path.start {
            Start::Scope(_) => Err(self.not_here(at)),
            _ => Ok(path),
        }
    }

    fn not_here(&self, at: Reached) -> FormatError {
        self.reader.error(
            at,
            "context paths can only be used for field values",
            "write a path into the document itself; conditions, elements and keys cannot be inherited",
        )
    }

    fn parse_path(&self, at: Reached, text: &str) -> Result<SourcePath, FormatError> {
        let mut path = SourcePath::parse(text).map_err(|why| {
            self.reader.error(
                at,
                &format!("invalid path `{text}`: {why}"),
                "follow the path syntax in `policies/formats/README.md`",
            )
        })?;
        if let Start::Level(name) = &path.start
            && self.scopes.contains(name)
        {
            path.start = Start::Scope(Arc::clone(name));
        }
        Ok(path)
    }

    pub(super) fn regex(&self, at: Reached, flags: &str) -> Result<Pattern, FormatError> {
        self.reader.pattern(at, flags)
    }

    pub(super) fn texts(&self, at: Reached) -> Result<Vec<String>, FormatError> {
        self.reader
            .sequence(at)?
            .into_iter()
            .map(|item| self.reader.text(item))
            .collect()
    }
}
