//! Context files: what a document inherits from a file around it, like `dbt_project.yml`, folder by folder.
//! Formats say which file and where in it; which files there are is the pipeline's to know.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context_spec::{ContextScope, ContextSpec};
use super::format::Format;
use super::path::PathContext;
use super::scalar::scalar_text;
use crate::model::document::{Document, Reached};
use crate::model::location::Location;
use crate::model::text::{RelPath, SourceText};
use crate::parse;
use crate::parse::Limits;

/// A context file, read.
#[derive(Debug)]
pub(crate) struct ContextFile {
    pub(crate) file: RelPath,
    pub(crate) text: Arc<SourceText>,
    pub(crate) document: Document,
}

impl ContextFile {
    pub(crate) fn location(&self, at: Reached) -> Location {
        let span = self.document.span(at.node);
        Location {
            file: self.file.clone(),
            span,
            start: self.text.position(span.start),
            end: self.text.position(span.end),
        }
    }
}

/// All context files of a mesh, by path.
#[derive(Debug, Default)]
pub struct Contexts(BTreeMap<RelPath, ContextFile>);

impl Contexts {
    /// Whether a file is one that a format inherits from, by its name.
    pub fn is_one(formats: &[Format], file: &RelPath) -> bool {
        formats
            .iter()
            .filter_map(|format| format.context.as_ref())
            .any(|context| *context.file == *file.file_name())
    }

    /// Where the context of a file may lie, the nearest first by format.
    pub fn candidates(formats: &[Format], file: &RelPath) -> Vec<RelPath> {
        let specs = formats.iter().filter_map(|format| format.context.as_ref());
        specs
            .flat_map(|spec| above(spec, file).map(|(_, path)| path))
            .collect()
    }

    /// Adds a file; what can't be read of it is reported where all files are judged.
    pub fn add(&mut self, file: &RelPath, bytes: &[u8], limits: &Limits) {
        let parsed = parse::parse(bytes, limits);
        if let Some(document) = parsed.documents.into_iter().next() {
            let context = ContextFile {
                file: file.clone(),
                text: parsed.text,
                document,
            };
            self.0.insert(file.clone(), context);
        }
    }

    /// The context of a file in a format: the nearest in its folder or above.
    pub(crate) fn around<'c>(
        &'c self,
        format: &'c Format,
        file: &'c RelPath,
    ) -> Option<Surroundings<'c>> {
        let spec = format.context.as_ref()?;
        if self.0.is_empty() {
            return None;
        }
        above(spec, file).find_map(|(folder, path)| {
            Some(Surroundings {
                file: self.0.get(&path)?,
                spec,
                folder,
                of: file,
            })
        })
    }
}

/// The folders of a file, innermost first, each with the path that a context file has there.
fn above<'f>(
    spec: &ContextSpec,
    file: &'f RelPath,
) -> impl Iterator<Item = (&'f str, RelPath)> + use<'f> {
    let name = Arc::clone(&spec.file);
    let outer = |path: &&'f str| match path.rsplit_once('/') {
        Some((above, _)) => Some(above),
        None => (!path.is_empty()).then_some(""),
    };
    std::iter::successors(outer(&file.as_str()), outer).map(move |folder| {
        let path = match folder {
            "" => RelPath::new(&*name),
            folder => RelPath::new(format!("{folder}/{name}")),
        };
        (folder, path)
    })
}

/// The context file of one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'c> {
    pub(crate) file: &'c ContextFile,
    spec: &'c ContextSpec,
    /// The folder of the context file.
    folder: &'c str,
    /// The document's file.
    of: &'c RelPath,
}

impl Surroundings<'_> {
    /// The mappings of a scope that hold for an element, the innermost folder's first.
    pub(crate) fn nodes(
        &self,
        scope: &str,
        element: &PathContext<'_>,
        text: &SourceText,
    ) -> Vec<Reached> {
        let Some((_, scope)) = self.spec.scopes.iter().find(|(name, _)| **name == *scope) else {
            return Vec::new();
        };
        let document = &self.file.document;
        let root = PathContext::at(document, document.root());
        let Some(tree) = scope.tree.first(&root) else {
            return Vec::new();
        };
        let mut nodes = vec![tree];
        let mut at = Some(tree);
        let mut enter = |key: &str| {
            at = at.and_then(|at| document.get(at, key));
            nodes.extend(at);
        };
        if let Some(under) = &scope.under {
            match under.first(&root).and_then(|name| self.plain(name)) {
                Some(name) => enter(name),
                None => return nodes,
            }
        }
        if let Some(folders) = self.folders_below(scope, &root) {
            folders
                .split('/')
                .filter(|part| !part.is_empty())
                .for_each(&mut enter);
            for leaf in &scope.leaf {
                let name = leaf.first(element);
                if let Some(name) = name.and_then(|at| scalar_text(element.document, text, at.node))
                {
                    enter(name);
                }
            }
        }
        nodes.reverse();
        nodes
    }

    fn plain(&self, at: Reached) -> Option<&str> {
        scalar_text(&self.file.document, &self.file.text, at.node)
    }

    /// The document's folders below the first of the scope's folders that it lies in.
    fn folders_below(&self, scope: &ContextScope, root: &PathContext<'_>) -> Option<&str> {
        let path = self
            .of
            .as_str()
            .get(self.folder.len()..)?
            .trim_start_matches('/');
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let below = |base: &str| {
            let base = base.trim_matches('/');
            let rest = folder.strip_prefix(base)?;
            (base.is_empty() || rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        let named: Vec<&str> = scope
            .folders
            .iter()
            .flat_map(|folders| folders.all(root))
            .filter_map(|at| self.plain(at))
            .collect();
        if named.is_empty() {
            scope.default_folders.iter().find_map(|base| below(base))
        } else {
            named.into_iter().find_map(below)
        }
    }
}
