//! The inputs of plain rules with their documents, and the way from a path of the input back to the text.

use crate::evaluate::read::ReadFile;
use crate::evaluate::setting::Setting;
use crate::lift;
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::document::{Document, NodeKind, Reached};
use crate::model::entity::EntityKey;
use crate::model::location::Location;
use crate::model::path::Step;
use crate::model::text::{RelPath, SourceText, Span};
use crate::policy::engine::{Datum, plain_datum};

/// So many nodes of a document are looked at to find a name or a value.
const NODES: usize = 20_000;

/// A document, or an element of a list that is one, as an input.
#[derive(Clone)]
pub(in crate::evaluate) struct PlainInput<'d> {
    pub(in crate::evaluate) file: RelPath,
    pub(in crate::evaluate) document: &'d Document,
    pub(in crate::evaluate) text: &'d SourceText,
    /// Where the input starts.
    pub(in crate::evaluate) root: Reached,
    pub(in crate::evaluate) key: EntityKey,
    pub(in crate::evaluate) owner: Option<String>,
    pub(in crate::evaluate) domain: Option<String>,
}

/// The inputs of a file as conftest makes them: each of its documents; of a single list each element.
pub(in crate::evaluate) fn file_inputs<'d>(
    setting: &Setting<'_>,
    file: &RelPath,
    read: &'d ReadFile<'_>,
) -> Vec<PlainInput<'d>> {
    let place = (setting.place)(file);
    let domain = place.get("domain").map(ToString::to_string);
    let lifted = read.documents.iter().map(|lifted| {
        let first = lifted
            .entities
            .iter()
            .find(|entity| &*entity.key.kind != DOCUMENT_KIND);
        let site = lifted
            .entities
            .first()
            .and_then(|own| read.site(own.document, 0));
        let owner = site.and_then(|site| site.owner());
        let domain = site.and_then(|site| site.domain(&place)).or(domain.clone());
        let id = first.map(|entity| entity.key.to_string());
        (lifted.index, &lifted.document, id, owner, domain)
    });
    let others = read.others.iter();
    let others = others.map(|(index, document)| (*index, document, None, None, domain.clone()));
    let mut all: Vec<_> = lifted.chain(others).collect();
    all.sort_by_key(|(index, ..)| *index);
    let is_only = all.len() == 1;
    let mut inputs = Vec::new();
    for (index, document, id, owner, domain) in all {
        let root = document.root();
        let is_list = matches!(document.node(root.node).kind, NodeKind::Sequence { .. });
        let count = document.items(root.node).len();
        let parts: Vec<(Reached, Option<usize>)> = match is_list && is_only {
            true => (0..count)
                .filter_map(|at| Some((document.item(root, at)?, Some(at))))
                .collect(),
            false => vec![(root, None)],
        };
        for (root, part) in parts {
            let number = part.or((index > 0).then_some(index));
            let id = match (&id, number) {
                (Some(id), None) => id.clone(),
                (_, None) => file.to_string(),
                (_, Some(number)) => format!(
                    "{file}#{}",
                    name(document, root).unwrap_or(number.to_string())
                ),
            };
            inputs.push(PlainInput {
                file: file.clone(),
                document,
                text: &read.text,
                root,
                key: EntityKey {
                    kind: DOCUMENT_KIND.into(),
                    id: id.into(),
                },
                owner: owner.clone(),
                domain: domain.clone(),
            });
        }
    }
    inputs
}

/// How a document among several names itself: `Deployment/web`, so that its identity outlives another one before it.
fn name(document: &Document, root: Reached) -> Option<String> {
    let text = |from: Reached, key: &str| {
        let found = document.get(from, key)?;
        document.as_str(found.node).map(ToString::to_string)
    };
    let inner = document
        .get(root, "metadata")
        .and_then(|inner| text(inner, "name"));
    let name = inner
        .or_else(|| text(root, "id"))
        .or_else(|| text(root, "name"))?;
    match text(root, "kind") {
        Some(kind) => Some(format!("{kind}/{name}")),
        None => Some(name),
    }
}

/// The inputs of one evaluation.
pub(in crate::evaluate) struct Ground<'d> {
    pub(in crate::evaluate) inputs: Vec<PlainInput<'d>>,
    /// Whether they are one input: `[{"path": …, "contents": …}]`.
    pub(in crate::evaluate) combined: bool,
}

/// Where a path leads.
pub(in crate::evaluate) struct Spot {
    /// Which input.
    pub(in crate::evaluate) input: usize,
    pub(in crate::evaluate) location: Location,
    /// Where an alias uses it.
    pub(in crate::evaluate) used: Option<Location>,
    pub(in crate::evaluate) route: String,
}

impl<'d> Ground<'d> {
    pub(in crate::evaluate) fn single(input: PlainInput<'d>) -> Self {
        Self {
            inputs: vec![input],
            combined: false,
        }
    }

    /// The input that a path leads into, and the way from there.
    fn enter<'s>(&self, steps: &'s [Step]) -> Option<(usize, &'s [Step])> {
        if !self.combined {
            return Some((0, steps));
        }
        let (Step::Index(at), rest) = steps.split_first()? else {
            return None;
        };
        let rest = match rest.split_first() {
            Some((Step::Key(key), rest)) if &**key == "contents" => rest,
            _ => &[],
        };
        Some((*at, rest))
    }

    /// The place of a path; of what is missing its nearest parent's.
    pub(in crate::evaluate) fn spot(&self, steps: &[Step]) -> Option<Spot> {
        let (at, steps) = self.enter(steps)?;
        let input = self.inputs.get(at)?;
        let found = lift::locate_from(input.document, input.root, steps, "input");
        let place = |span: Span| Location::of(&input.file, input.text, span);
        Some(Spot {
            input: at,
            location: place(found.span),
            used: found.used_at.map(place),
            route: found.route,
        })
    }

    /// The head of an input.
    pub(in crate::evaluate) fn head(&self, at: usize) -> Option<Location> {
        let input = self.inputs.get(at)?;
        let found = lift::locate_from(input.document, input.root, &[], "input");
        Some(Location::of(&input.file, input.text, found.span))
    }

    /// A line of the input with this file's name; without a name, of the only file there is.
    pub(in crate::evaluate) fn line(
        &self,
        file: Option<&str>,
        line: u32,
    ) -> Option<(usize, Location)> {
        let named = file.map(|file| file.trim_start_matches("./"));
        let fits = |input: &PlainInput<'_>| match named {
            Some(named) => {
                let own = input.file.as_str();
                own == named
                    || own.ends_with(&format!("/{named}"))
                    || named.ends_with(&format!("/{own}"))
            }
            None => !self.combined,
        };
        let at = self.inputs.iter().position(fits)?;
        let input = self.inputs.get(at)?;
        let whole = input.text.line_span(line)?;
        let text = input.text.slice(whole);
        let indent = crate::model::text::text_offset(text.len() - text.trim_start().len());
        let start = whole.start + indent;
        let end = start + crate::model::text::text_offset(text.trim().len());
        Some((
            at,
            Location::of(&input.file, input.text, Span::new(start, end)),
        ))
    }

    /// Paths below `under` that a test holds for, a document's nodes at most once; stops at the bound.
    fn paths(
        &self,
        under: &[Step],
        test: &dyn Fn(&PlainInput<'_>, Reached) -> bool,
    ) -> Vec<Vec<Step>> {
        let mut found = Vec::new();
        let mut looked = 0;
        let among: Vec<usize> = match self.enter(under) {
            Some((at, _)) => vec![at],
            None => (0..self.inputs.len()).collect(),
        };
        for at in among {
            let Some(input) = self.inputs.get(at) else {
                continue;
            };
            let (prefix, way) = match self.enter(under) {
                Some((_, way)) => (under.to_vec(), way.to_vec()),
                None => (
                    vec![Step::Index(at), Step::Key("contents".into())],
                    Vec::new(),
                ),
            };
            let Some(start) = reach(input, &way) else {
                continue;
            };
            // Each node with the step to it and its parent; a path is put together only where it is wanted.
            let mut nodes: Vec<(Reached, usize, Option<Step>)> = vec![(start, 0, None)];
            let mut next = 0;
            while let Some((node, ..)) = nodes.get(next).cloned() {
                if test(input, node) {
                    found.push(path_to(&nodes, next, &prefix));
                }
                let room = NODES.saturating_sub(looked + nodes.len());
                let entries = input.document.entries(node.node).iter();
                let keyed = entries.filter_map(|entry| {
                    let key = input.document.as_str(entry.key)?.clone();
                    let inner = input.document.entry_value(node, entry);
                    Some((inner, next, Some(Step::Key(key))))
                });
                nodes.extend(keyed.take(room));
                let count = input.document.items(node.node).len();
                let items = (0..count.min(room)).filter_map(|index| {
                    let inner = input.document.item(node, index)?;
                    Some((inner, next, Some(Step::Index(index))))
                });
                nodes.extend(items);
                next += 1;
            }
            looked += nodes.len();
        }
        found
    }

    /// Paths below `under` whose key or text is this word.
    pub(in crate::evaluate) fn named(&self, word: &str, under: &[Step]) -> Vec<Vec<Step>> {
        self.paths(under, &|input, node| {
            let is_word = |id| {
                input
                    .document
                    .as_str(id)
                    .is_some_and(|text| &**text == word)
            };
            let scalar = match &input.document.node(node.node).kind {
                NodeKind::String(text) => &**text == word,
                NodeKind::Int(_) | NodeKind::Float(_) => {
                    input.text.slice(input.document.span(node.node)) == word
                }
                _ => false,
            };
            scalar || node.key.is_some_and(is_word)
        })
    }

    /// Paths of mappings and lists that are this value.
    pub(in crate::evaluate) fn holding(&self, value: &Datum) -> Vec<Vec<Step>> {
        let size = value.values().len();
        if size == 0 {
            return Vec::new();
        }
        self.paths(&[], &|input, node| {
            let document = input.document;
            let own = document.entries(node.node).len() + document.items(node.node).len();
            own == size && plain_datum(document, node.node, input.text) == *value
        })
    }
}

fn path_to(nodes: &[(Reached, usize, Option<Step>)], at: usize, prefix: &[Step]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = at;
    while let Some((_, parent, Some(step))) = nodes.get(at) {
        steps.push(step.clone());
        at = *parent;
    }
    prefix
        .iter()
        .cloned()
        .chain(steps.into_iter().rev())
        .collect()
}

fn reach(input: &PlainInput<'_>, way: &[Step]) -> Option<Reached> {
    way.iter().try_fold(input.root, |at, step| match step {
        Step::Key(key) => input.document.get(at, key),
        Step::Index(index) => input.document.item(at, *index),
    })
}
