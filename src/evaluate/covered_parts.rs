//! The parts of entities that comments cover: an entity and a route in its declaration, so that the same part is found
//! in another revision, wherever it moved. Knows nothing of waivers but the bytes that each covers.

use std::collections::HashMap;
use std::rc::Rc;

use crate::lift::schema::DOCUMENT_KIND;
use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::entity::{Entity, EntityKey};
use crate::model::text::{RelPath, SourceText, Span};
use crate::model::waiver::{CoveredPart, WaiverDraft, WaiverMistake};

/// Steps of work for the comments of one file, far more than those of a file of people take.
const MAX_STEPS: usize = 1_000_000;

/// Parts of all comments of one file.
const MAX_PARTS: usize = 50_000;

/// Bytes of a name in a route; longer ones count as no name.
const MAX_NAME: usize = 200;

/// Keys by which an item of a list names itself, the most usual first.
const NAMES: [&str; 9] = [
    "id", "name", "property", "key", "url", "title", "username", "column", "value",
];

/// The comments of a file whose parts are looked for, document by document.
pub(super) struct CoveredParts<'f> {
    file: &'f RelPath,
    text: &'f SourceText,
    drafts: &'f mut [WaiverDraft],
    steps: usize,
    parts: usize,
}

impl<'f> CoveredParts<'f> {
    pub(super) fn of(
        file: &'f RelPath,
        text: &'f SourceText,
        drafts: &'f mut [WaiverDraft],
    ) -> Self {
        Self {
            file,
            text,
            drafts,
            steps: MAX_STEPS,
            parts: MAX_PARTS,
        }
    }

    /// Gives the comments of a document the parts that they cover.
    pub(super) fn add(&mut self, index: usize, document: &Document, entities: &[Entity]) {
        let root = document.span(document.root().node);
        let meets = |draft: &WaiverDraft| draft.covers.is_some_and(|covers| overlap(covers, root));
        if !self.drafts.iter().any(meets) {
            return;
        }
        let id = match index {
            0 => self.file.to_string(),
            more => format!("{}#{more}", self.file),
        };
        let of_document = EntityKey {
            kind: DOCUMENT_KIND.into(),
            id: id.into(),
        };
        let mut walk = CoveredWalk {
            document,
            text: self.text,
            entities: Declared::of(document, entities),
            names: HashMap::new(),
            steps: self.steps,
            room: self.parts,
            covers: Span::default(),
            parts: Vec::new(),
        };
        for draft in self.drafts.iter_mut().filter(|draft| meets(draft)) {
            walk.covers = draft.covers.unwrap_or_default();
            walk.root(&of_document);
            draft.parts.append(&mut walk.parts);
            if walk.steps == 0 || walk.room == 0 {
                draft.parts.clear();
                draft.mistakes.push(WaiverMistake {
                    location: draft.location.clone(),
                    message: "the comment waivers of this file cover too many parts".to_owned(),
                    help: "move the waivers to the waivers file with `govcheck waive`".to_owned(),
                });
            }
        }
        (self.steps, self.parts) = (walk.steps, walk.room);
    }
}

fn overlap(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end
}

/// The entities of a document by the node that declares each.
struct Declared<'e> {
    by_origin: HashMap<NodeId, &'e EntityKey>,
    /// With the span of each, in order.
    spans: Vec<(Span, NodeId)>,
}

impl<'e> Declared<'e> {
    fn of(document: &Document, entities: &'e [Entity]) -> Self {
        let mut by_origin = HashMap::new();
        let mut spans = Vec::new();
        for entity in entities {
            // Of several that one node declares the first stands for all.
            if &*entity.key.kind != DOCUMENT_KIND && !by_origin.contains_key(&entity.origin.node) {
                by_origin.insert(entity.origin.node, &entity.key);
                spans.push((document.span(entity.origin.node), entity.origin.node));
            }
        }
        spans.sort_unstable();
        Self { by_origin, spans }
    }
}

/// A descent to all that one comment covers.
struct CoveredWalk<'w> {
    document: &'w Document,
    text: &'w SourceText,
    entities: Declared<'w>,
    /// The names of the items of lists, by list.
    names: HashMap<NodeId, Rc<Vec<String>>>,
    steps: usize,
    room: usize,
    covers: Span,
    parts: Vec<CoveredPart>,
}

/// A node with the entity that it belongs to, and its route there.
struct At<'a> {
    node: NodeId,
    /// From its key, if it has one, to its end.
    extent: Span,
    /// Whether it is the value of a key, which stands for it where it is a list or a mapping.
    keyed: bool,
    entity: &'a EntityKey,
    route: String,
}

impl<'w> CoveredWalk<'w> {
    fn root(&mut self, of_document: &'w EntityKey) {
        let node = self.document.root().node;
        let at = At {
            node,
            extent: self.document.span(node),
            keyed: false,
            entity: of_document,
            route: String::new(),
        };
        self.visit(at);
    }

    fn visit(&mut self, mut at: At<'w>) {
        if !overlap(at.extent, self.covers) {
            return;
        }
        if let Some(entity) = self.entities.by_origin.get(&at.node) {
            at = At {
                entity,
                route: String::new(),
                ..at
            };
        }
        let covers = self.covers;
        let document = self.document;
        // The content of an alias has the place of its anchor.
        let is_alias = matches!(document.node(at.node).kind, NodeKind::Alias(_));
        let is_empty = document.entries(at.node).is_empty() && document.items(at.node).is_empty();
        let is_leaf = is_alias || is_empty;
        if covers.start <= at.extent.start && at.extent.end <= covers.end {
            self.push(&at, !is_leaf, at.extent);
            self.inner(&at);
            return;
        }
        let begins = covers.start <= at.extent.start && at.extent.start < covers.end;
        if begins && (at.keyed || is_leaf) {
            let end = at.extent.end.min(covers.end);
            self.push(&at, false, Span::new(at.extent.start, end));
        }
        if !is_leaf {
            self.descend(&at);
        }
    }

    /// The declarations inside a node that is covered whole: each is an entity of its own.
    fn inner(&mut self, around: &At<'w>) {
        let first = self
            .entities
            .spans
            .partition_point(|(span, _)| span.start < around.extent.start);
        let all = self.entities.spans.get(first..).unwrap_or_default();
        let inside = all
            .iter()
            .take_while(|(span, _)| span.start < around.extent.end);
        let inside = inside
            .filter(|(span, node)| *node != around.node && span.end <= around.extent.end)
            .filter_map(|(span, node)| Some((*span, *self.entities.by_origin.get(node)?)))
            .take(self.room);
        for (span, entity) in inside.collect::<Vec<_>>() {
            let at = At {
                node: around.node,
                extent: span,
                keyed: false,
                entity,
                route: String::new(),
            };
            self.push(&at, true, span);
        }
    }

    fn push(&mut self, at: &At<'_>, whole: bool, span: Span) {
        self.room = self.room.saturating_sub(1);
        self.parts.push(CoveredPart {
            entity: at.entity.clone(),
            route: at.route.clone(),
            whole,
            span,
        });
    }

    fn step(&mut self) {
        self.steps = self.steps.saturating_sub(1);
    }

    fn descend(&mut self, at: &At<'w>) {
        let document = self.document;
        for entry in document.entries(at.node) {
            self.step();
            if self.steps == 0 || self.room == 0 || entry.merged_by.is_some() {
                continue;
            }
            let key = document.span(entry.key);
            let end = document.span(entry.value).end.max(key.end);
            let name = self.text.slice(key);
            let name = document.as_str(entry.key).map_or(name, |text| text);
            let child = At {
                node: entry.value,
                extent: Span::new(key.start, end),
                keyed: true,
                entity: at.entity,
                route: step(&at.route, name),
            };
            self.visit(child);
        }
        let items = document.items(at.node);
        let first = items.partition_point(|item| document.span(*item).end <= self.covers.start);
        let mut names = None;
        for (index, item) in items.iter().enumerate().skip(first) {
            self.step();
            let extent = document.span(*item);
            if extent.start >= self.covers.end || self.steps == 0 || self.room == 0 {
                break;
            }
            let names = names.get_or_insert_with(|| self.item_names(at.node));
            let name = names.get(index).map(String::as_str).unwrap_or_default();
            let child = At {
                node: *item,
                extent,
                keyed: false,
                entity: at.entity,
                route: step(&at.route, name),
            };
            self.visit(child);
        }
    }

    /// The names of the items of a list: of two with one name, the second says so.
    fn item_names(&mut self, list: NodeId) -> Rc<Vec<String>> {
        if let Some(known) = self.names.get(&list) {
            return Rc::clone(known);
        }
        let items = self.document.items(list);
        self.steps = self.steps.saturating_sub(items.len());
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let names = items.iter().enumerate().map(|(index, item)| {
            match item_name(self.document, self.text, *item) {
                Some(name) => {
                    let count = seen.entry(name).or_default();
                    *count += 1;
                    match count {
                        1 => format!("[{name}]"),
                        more => format!("[{name}]#{more}"),
                    }
                }
                None => format!("#{index}"),
            }
        });
        let names = Rc::new(names.collect::<Vec<_>>());
        self.names.insert(list, Rc::clone(&names));
        names
    }
}

/// How an item of a list names itself: by a key, or by what it is. `None` for what has no short name.
fn item_name<'d>(document: &'d Document, text: &'d SourceText, item: NodeId) -> Option<&'d str> {
    let node = document.resolve(item);
    let name = match &document.node(node).kind {
        NodeKind::Mapping { .. } => {
            let named = NAMES.iter().find_map(|name| {
                let mut entries = document.entries(node).iter();
                entries.find(|entry| {
                    document
                        .as_str(entry.key)
                        .is_some_and(|key| &**key == *name)
                })
            });
            document.as_str(named?.value)?
        }
        NodeKind::Sequence { .. } => return None,
        NodeKind::String(text) => text,
        _ => text.slice(document.span(node)),
    };
    (name.len() <= MAX_NAME).then_some(name)
}

fn step(route: &str, name: &str) -> String {
    // No name can look like two steps.
    format!("{route}\0{}", name.replace('\0', "\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::comment_waivers::read_waivers;
    use crate::parse::{Limits, parse};

    /// The parts that the comments of a text cover, each with its route; `*` where everything below is covered.
    fn parts(text: &str) -> Vec<Vec<String>> {
        let file = RelPath::new("a.yaml");
        let parsed = parse(text.as_bytes(), &Limits::default());
        let mut drafts = read_waivers(&file, &parsed.text, &parsed.documents);
        let mut covered = CoveredParts::of(&file, &parsed.text, &mut drafts);
        for (index, document) in parsed.documents.iter().enumerate() {
            covered.add(index, document, &[]);
        }
        let shown = |part: &CoveredPart| {
            let whole = if part.whole { "*" } else { "" };
            format!("{}{whole}", part.route.replace('\0', "/"))
        };
        drafts
            .iter()
            .map(|draft| draft.parts.iter().map(shown).collect())
            .collect()
    }

    const COMMENT: &str = "# govcheck: allow a/b until 2027-03-31 -- x";

    #[test]
    fn a_comment_covers_the_part_beside_it() {
        let on_line = format!("a: 1\nb: {{c: 2}} {COMMENT}\nd: 3\n");
        assert_eq!(parts(&on_line), [["/b*"]]);
        let above = format!("a: 1\nb:\n  {COMMENT}\n  - name: x\n    y: 1\n  - name: z\n");
        assert_eq!(parts(&above), [["/b/[x]*"]]);
        let first_line = format!("b:\n  - name: x {COMMENT}\n    y: 1\n");
        assert_eq!(parts(&first_line), [["/b/[x]/name"]]);
        let key = format!("b: {COMMENT}\n  - name: x\n");
        assert_eq!(parts(&key), [["/b"]]);
        assert_eq!(parts(&format!("{COMMENT}\na: 1\n")), [["*"]]);
        let text = format!("a: [v, w] \nb: >  {COMMENT}\n  text\n");
        assert_eq!(parts(&text), [["/b"]]);
    }

    #[test]
    fn unnamed_and_equally_named_items_are_distinguished() {
        let text =
            format!("l:\n  - name: x\n  - name: x {COMMENT}\n  - [1] {COMMENT}\n  - v {COMMENT}\n");
        let expected: [&[&str]; 3] = [&["/l/[x]#2*"], &["/l/#2*"], &["/l/[v]"]];
        assert_eq!(parts(&text), expected);
    }

    #[test]
    fn a_part_includes_what_lies_below_it_by_whole_steps() {
        let part = |route: &str, whole| CoveredPart {
            entity: EntityKey {
                kind: "contract".into(),
                id: "a".into(),
            },
            route: route.to_owned(),
            whole,
            span: Span::default(),
        };
        assert!(part("\0a", true).includes(&part("\0a\0b", true)));
        assert!(!part("\0a", true).includes(&part("\0ab", true)));
        assert!(!part("\0a", false).includes(&part("\0a\0b", false)));
        assert!(part("\0a", false).includes(&part("\0a", false)));
        assert!(!part("\0a", false).includes(&part("\0a", true)));
        assert!(!part("\0a\0b", true).includes(&part("\0a", true)));
    }

    #[test]
    fn the_work_for_comments_is_bounded_and_the_bound_is_reported() {
        let keys: String = (0..3000).map(|key| format!("k{key}: 1\n")).collect();
        let comments = format!("x: 1 {COMMENT}\n").repeat(900);
        let file = RelPath::new("a.yaml");
        let parsed = parse(format!("{keys}{comments}").as_bytes(), &Limits::default());
        let mut drafts = read_waivers(&file, &parsed.text, &parsed.documents);
        let mut covered = CoveredParts::of(&file, &parsed.text, &mut drafts);
        covered.add(0, &parsed.documents[0], &[]);
        let told = drafts.iter().filter(|draft| !draft.mistakes.is_empty());
        let unusable = drafts.iter().filter(|draft| draft.parts.is_empty());
        assert!(told.count() > 500 && unusable.count() > 500);
    }
}
