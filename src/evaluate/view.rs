//! Shows what policies see of one file, value by value with its place: for `govcheck model`.

use std::sync::Arc;

use super::input::{expressible_fields, host_fields};
use super::locate::Site;
use super::read;
use super::setting::Setting;
use crate::lift::Contexts;
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::entity::{LiftedId, LiftedValue};
use crate::model::finding::Finding;
use crate::model::path::{ModelPath, Step};
use crate::model::text::RelPath;
use crate::model::wanted::Projection;
use crate::policy::engine::Maker;

/// A file as policies see it.
#[derive(Debug)]
pub struct FileView {
    /// The formats that recognise a document of it, by name, in the order of the file.
    pub formats: Vec<Arc<str>>,
    /// Its entities, without the document itself.
    pub entities: Vec<EntityView>,
    /// What is wrong with reading it.
    pub findings: Vec<Finding>,
}

/// An entity as policies see it.
#[derive(Debug)]
pub struct EntityView {
    /// `contract:orders`.
    pub key: String,
    /// The format that lifted it.
    pub format: String,
    /// `input`, without the raw document.
    pub input: serde_json::Value,
    /// Every plain value, in the order of the format file.
    pub values: Vec<ValueView>,
}

/// A value and its place.
#[derive(Debug)]
pub struct ValueView {
    /// `columns[3].classification`: what `at` names.
    pub path: String,
    /// `columns[customers.email].classification`.
    pub route: String,
    /// `12:9-17`; empty for a value that the format made up.
    pub place: String,
    /// The value as JSON.
    pub shown: String,
}

/// Reads a file and shows what policies see of it.
pub fn view_file(
    setting: &Setting<'_>,
    contexts: &Contexts,
    file: &RelPath,
    bytes: &[u8],
) -> FileView {
    let place = &(setting.place)(file);
    let read = read::read_file(setting, contexts, file, bytes);
    let mut entities = Vec::new();
    let is_declared = |site: &Site<'_>| &*site.entity.key.kind != DOCUMENT_KIND;
    for site in read.sites().filter(is_declared) {
        let entity = site.entity;
        let root = entity.fields.root();
        let input = Maker::default().lifted(
            (&entity.fields, root),
            (site.document, site.text),
            &Projection::all(),
            host_fields(site, place, expressible_fields(site)),
        );
        let mut values = Vec::new();
        collect(site, root, &mut Vec::new(), &mut values);
        entities.push(EntityView {
            key: entity.key.to_string(),
            format: entity.format.to_string(),
            input: input.to_json(),
            values,
        });
    }
    let mut formats: Vec<Arc<str>> = Vec::new();
    for document in &read.documents {
        if !formats.contains(&document.format.name) {
            formats.push(Arc::clone(&document.format.name));
        }
    }
    FileView {
        formats,
        entities,
        findings: read.findings,
    }
}

fn collect(site: Site<'_>, id: LiftedId, path: &mut Vec<Step>, values: &mut Vec<ValueView>) {
    let node = site.entity.fields.node(id);
    match &node.value {
        LiftedValue::Map(fields) => {
            for (name, value) in fields {
                path.push(Step::Key(name.clone()));
                collect(site, *value, path, values);
                path.pop();
            }
        }
        LiftedValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                collect(site, *item, path, values);
                path.pop();
            }
        }
        _ => {
            let path = ModelPath(path.clone());
            let (location, _, route) = site.place(&path);
            let (start, end) = (location.start, location.end);
            let place = match (node.origin.is_some(), start.line == end.line) {
                (false, _) => String::new(),
                (true, true) => format!("{}:{}-{}", start.line, start.column, end.column),
                (true, false) => format!(
                    "{}:{}-{}:{}",
                    start.line, start.column, end.line, end.column
                ),
            };
            let (fields, from) = (&site.entity.fields, (site.document, site.text));
            let shown = Maker::default()
                .lifted((fields, id), from, &Projection::all(), Vec::new())
                .to_json()
                .to_string();
            values.push(ValueView {
                path: path.to_string(),
                route,
                place,
                shown,
            });
        }
    }
}
