//! The hints of a format file: names, texts and keys that make a document look like one of the format.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::compile::FormatCompiler;
use super::format::HintKeys;
use super::pattern::Pattern;
use super::reader::FormatError;
use crate::model::document::Reached;

/// So many of `hints.keys` make a file look like one of the format, if it does not say.
const KEYS_AT_LEAST: usize = 3;

impl FormatCompiler<'_> {
    pub(super) fn hints(&self, root: Reached) -> Result<(GlobSet, Vec<Pattern>), FormatError> {
        let mut globs = GlobSetBuilder::new();
        let mut patterns = Vec::new();
        if let Some(hints) = self.reader.get(root, "hints") {
            self.reader
                .only(hints, &["files", "text", "keys", "at_least"])?;
            for item in self.reader.list(hints, "files")? {
                let text = self.reader.text(item)?;
                // A name without a slash matches in every folder, as in .gitignore.
                let anchored = if text.contains('/') {
                    text.clone()
                } else {
                    format!("**/{text}")
                };
                let glob = GlobBuilder::new(&anchored)
                    .literal_separator(true)
                    .build()
                    .map_err(|e| {
                        self.reader.error(
                            item,
                            &format!("invalid glob `{text}`: {}", e.kind()),
                            "write a glob such as `*.odcs.yaml`",
                        )
                    })?;
                globs.add(glob);
            }
            for item in self.reader.list(hints, "text")? {
                patterns.push(self.regex(item, "(?m)")?);
            }
        }
        let globs = globs.build().map_err(|e| {
            self.reader.error(
                root,
                &format!("the globs under `hints` are too large to compile: {e}"),
                "shorten or remove some of them",
            )
        })?;
        Ok((globs, patterns))
    }

    pub(super) fn hint_keys(&self, root: Reached) -> Result<HintKeys, FormatError> {
        let Some(hints) = self.reader.get(root, "hints") else {
            return Ok(HintKeys::default());
        };
        let keys = self.reader.list(hints, "keys")?.into_iter();
        let names = keys.map(|key| Ok(self.reader.text(key)?.into()));
        let at_least = match self.reader.get(hints, "at_least") {
            None => Some(KEYS_AT_LEAST),
            Some(at) => self
                .reader
                .text(at)?
                .parse()
                .ok()
                .filter(|least| *least > 0),
        };
        Ok(HintKeys {
            names: names.collect::<Result<_, FormatError>>()?,
            at_least: at_least.ok_or_else(|| {
                self.reader.error(
                    hints,
                    "`at_least` is not a whole number from 1",
                    "write how many of `keys` make a file look like one of the format",
                )
            })?,
        })
    }
}
