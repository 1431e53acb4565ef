//! The `context:` part of a format file: which file a document inherits from, and where in it.

use std::sync::Arc;

use super::compile::FormatCompiler;
use super::context_spec::{ContextScope, ContextSpec};
use super::reader::FormatError;
use crate::model::document::Reached;

impl FormatCompiler<'_> {
    /// Reads `context:`, and knows its scopes from then on.
    pub(super) fn context(&mut self, root: Reached) -> Result<Option<ContextSpec>, FormatError> {
        let reader = self.reader;
        let Some(at) = reader.get(root, "context") else {
            return Ok(None);
        };
        reader.only(at, &["file", "scopes"])?;
        let file_at = reader.required(at, "file")?;
        let file = reader.name(file_at)?;
        if file.contains(['/', '*']) {
            return Err(reader.error(
                file_at,
                &format!("`{file}` is not a plain file name"),
                "write a name without folders or globs; it is searched for in the document's folder and the folders above",
            ));
        }
        let mut scopes = Vec::new();
        for (name_at, scope) in reader.mapping(reader.required(at, "scopes")?)? {
            let name: Arc<str> = reader.text(name_at)?.into();
            scopes.push((name, self.scope(scope)?));
        }
        self.scopes = scopes.iter().map(|(name, _)| Arc::clone(name)).collect();
        Ok(Some(ContextSpec {
            file: file.into(),
            scopes,
        }))
    }

    fn scope(&self, at: Reached) -> Result<ContextScope, FormatError> {
        let reader = self.reader;
        reader.only(at, &["tree", "under", "folders", "default_folders", "leaf"])?;
        let optional = |key: &str| reader.get(at, key).map(|node| self.path(node)).transpose();
        Ok(ContextScope {
            tree: self.path(reader.required(at, "tree")?)?,
            under: optional("under")?,
            folders: optional("folders")?,
            default_folders: match reader.get(at, "default_folders") {
                Some(node) => self.texts(node)?,
                None => vec![String::new()],
            },
            leaf: self.paths_at(at, "leaf")?,
        })
    }
}
