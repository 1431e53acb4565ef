//! Events to documents: the arena, anchors and aliases, and the bounds on depth and expansion.
//! Mappings are closed in `mapping.rs`; places are measured in `place.rs`.

use std::borrow::Cow;

use saphyr_parser::{Event, ScalarStyle, ScanError, Span as Marks, Tag};

use super::anchor::Anchor;
use super::around::shorten_value;
use super::place::{Bytes, Inserted, block_end, quote_end, token_after};
use super::problem::Stop;
use super::scalar::{CoreTag, resolve_scalar, without_added_break};
use super::source::remove_fillers;
use super::{Limits, Problem, syntax};
use crate::model::document::{Document, Entry, Node, NodeId, NodeKind};
use crate::model::text::{Span, text_offset};

/// A collection that is still open.
pub(super) struct Frame {
    node: NodeId,
    is_mapping: bool,
    /// Index of its first child in `Builder::children`.
    first: usize,
    /// Index of its anchor in `Builder::anchors`.
    anchor: Option<usize>,
    /// Levels of collections below it, aliases followed.
    pub(super) height: usize,
    /// Bytes that the aliases in it stand for.
    pub(super) expanded: u64,
}

/// Takes the events of one file.
pub(super) struct Builder<'a> {
    pub(super) text: &'a str,
    bytes: Bytes<'a>,
    pub(super) limits: &'a Limits,
    /// Whether the scanner's scalars may hold fillers.
    pub(super) has_pairs: bool,
    pub(super) nodes: Vec<Node>,
    pub(super) items: Vec<NodeId>,
    pub(super) entries: Vec<Entry>,
    /// Children of the open collections; keys and values by turns.
    pub(super) children: Vec<NodeId>,
    pub(super) stack: Vec<Frame>,
    pub(super) anchors: Vec<Anchor>,
    root: Option<NodeId>,
    /// Bytes up to here belong to earlier nodes.
    pub(super) cursor: usize,
    /// Bytes that the aliases and merge keys of the file stand for.
    pub(super) expanded: u64,
    pub(super) documents: Vec<Document>,
    pub(super) problems: Vec<Problem>,
    pub(super) untold: usize,
    /// Whether a colon behind the root shows that it was the first key of a mapping.
    pub(super) root_is_key: bool,
}

impl<'a> Builder<'a> {
    /// `inserted`: what the scanner reads beside the text.
    pub(super) fn new(text: &'a str, inserted: Vec<Inserted>, limits: &'a Limits) -> Self {
        Self {
            text,
            bytes: Bytes::new(text, inserted),
            limits,
            has_pairs: false,
            nodes: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            children: Vec::new(),
            stack: Vec::new(),
            anchors: Vec::new(),
            root: None,
            cursor: 0,
            expanded: 0,
            documents: Vec::new(),
            problems: Vec::new(),
            untold: 0,
            root_is_key: false,
        }
    }

    /// Makes room for what a text has if it is written in lines as most are: some words to each.
    pub(super) fn expect_lines(&mut self) {
        const BYTES_A_NODE: usize = 14;
        let nodes = self.text.len() / BYTES_A_NODE;
        self.nodes.reserve(nodes);
        self.entries.reserve(nodes / 2);
        self.children.reserve(64);
    }

    /// Takes one event.
    pub(super) fn event(&mut self, event: Event<'_>, marks: Marks) -> Result<(), Stop> {
        let start = self.bytes.of(marks.start.index());
        let end = self.bytes.of(marks.end.index());
        match event {
            Event::DocumentStart(explicit) => {
                if explicit {
                    self.cursor = end;
                }
                self.start_document();
            }
            Event::DocumentEnd => self.finish_document(start, end),
            Event::Alias(id) => self.alias(id, start, end)?,
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(value, style, anchor, tag.as_deref(), start, end)
            }
            Event::SequenceStart(anchor, _) => {
                let start = if self.stack.last().is_some_and(|frame| frame.is_mapping) {
                    // The mark of a sequence at the indentation of its key is behind the dash.
                    token_after(self.text, self.cursor, b":?,")
                } else {
                    self.behind_properties(start)
                };
                self.open(false, anchor, start)?;
            }
            Event::MappingStart(anchor, _) => {
                let start = self.behind_properties(start);
                self.open(true, anchor, start)?;
            }
            Event::SequenceEnd => self.close(start, end, b'[', b']')?,
            Event::MappingEnd => self.close(start, end, b'{', b'}')?,
            Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
        }
        Ok(())
    }

    /// A refusal of the scanner as people should read it.
    pub(super) fn refusal(&mut self, error: &ScanError) -> Problem {
        let at = self.bytes.of(error.marker().index());
        if error.info() == "recursion limit exceeded" {
            return *self.too_deep(at);
        }
        let is_colon = self.text.as_bytes().get(at) == Some(&b':');
        self.root_is_key = is_colon && self.documents.is_empty() && self.stack.is_empty();
        let open: Vec<_> = self
            .stack
            .iter()
            .map(|frame| self.span(frame.node).start as usize)
            .collect();
        syntax::explain_refusal(self.text, error.info(), at, &open)
    }

    /// Adds a problem that does not stop the reading, up to the bound.
    pub(super) fn tell(&mut self, problem: impl FnOnce() -> Problem) {
        if self.problems.len() < self.limits.max_problems {
            self.problems.push(problem());
        } else {
            self.untold += 1;
        }
    }

    pub(super) fn span(&self, id: NodeId) -> Span {
        self.nodes
            .get(id.0 as usize)
            .map(|node| node.span)
            .unwrap_or_default()
    }

    /// The node that an alias points at, or the node itself.
    pub(super) fn kind(&self, id: NodeId) -> &NodeKind {
        let kind = |id: NodeId| {
            self.nodes
                .get(id.0 as usize)
                .map_or(&NodeKind::Null, |node| &node.kind)
        };
        match kind(id) {
            NodeKind::Alias(target) => kind(*target),
            own => own,
        }
    }

    pub(super) fn start_document(&mut self) {
        // Some sixteen bytes a node, as counted over real manifests; of many documents, each is like the last.
        let likely = match self.documents.last() {
            Some(last) => last.node_count(),
            None => self.text.len().saturating_sub(self.cursor) / 16,
        };
        self.nodes.reserve(likely);
    }

    pub(super) fn finish_document(&mut self, start: usize, end: usize) {
        self.anchors.clear();
        self.children.clear();
        if end > start && self.text.get(start..end) == Some("...") {
            self.cursor = end;
        }
        if let Some(root) = self.root.take() {
            let mut nodes = std::mem::take(&mut self.nodes);
            // What was set aside for the rest of the file is not kept with its first document.
            if nodes.capacity() > 2 * nodes.len() {
                nodes.shrink_to_fit();
            }
            let items = std::mem::take(&mut self.items);
            self.documents.push(Document::new(
                nodes,
                items,
                std::mem::take(&mut self.entries),
                root,
            ));
        }
    }

    fn behind_properties(&self, start: usize) -> usize {
        match self.text.as_bytes().get(start) {
            Some(b'&' | b'!') => token_after(self.text, start, b""),
            _ => start,
        }
    }

    pub(super) fn push(&mut self, kind: NodeKind, start: usize, end: usize) -> NodeId {
        let id = NodeId(text_offset(self.nodes.len()));
        self.nodes.push(Node {
            span: Span::new(text_offset(start), text_offset(end)),
            kind,
        });
        if self.stack.is_empty() {
            self.root = Some(id);
        } else {
            self.children.push(id);
        }
        id
    }

    fn scalar(
        &mut self,
        mut value: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) {
        let (start, end) = match style {
            ScalarStyle::Plain if value.is_empty() => {
                let at = if anchor > 0 || tag.is_some() {
                    end
                } else {
                    self.place_of_nothing()
                };
                (at, at)
            }
            ScalarStyle::Plain => (self.behind_properties(start), end),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let start = self.behind_properties(start);
                (start, quote_end(self.text, start).unwrap_or(end))
            }
            // The mark is at the content, which a comment may separate from the indicator.
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = token_after(self.text, self.cursor, b":-?");
                if end == self.text.len() {
                    value = without_added_break(self.text.get(start..).unwrap_or_default(), value);
                }
                (start, block_end(self.text, start, end))
            }
        };
        self.cursor = end;
        let value = if self.has_pairs && style == ScalarStyle::DoubleQuoted {
            remove_fillers(value)
        } else {
            value
        };
        let said = tag.and_then(CoreTag::of);
        let kind = resolve_scalar(&value, style, said).unwrap_or_else(|kind| {
            let name = said.map_or("", CoreTag::name);
            self.tell(|| Problem {
                rule: "parse/wrong-tag",
                message: format!(
                    "tag `{name}` does not match the value `{}`",
                    shorten_value(&value)
                ),
                help: Some(
                    "remove the tag, or correct the value; it is read as a string".to_owned(),
                ),
                span: Span::new(text_offset(start), text_offset(end)),
                related: Vec::new(),
                fatal: false,
            });
            kind
        });
        let node = self.push(kind, start, end);
        if anchor > 0 {
            self.anchors.push(Anchor {
                id: anchor,
                node,
                size: Some((0, (end - start) as u64)),
            });
        }
    }

    /// The place of a missing scalar: after the colon or the dash.
    fn place_of_nothing(&self) -> usize {
        let bytes = self.text.as_bytes();
        let Some(frame) = self.stack.last() else {
            return self.cursor;
        };
        let is_value = frame.is_mapping && (self.children.len() - frame.first) % 2 == 1;
        let at = token_after(self.text, self.cursor, if is_value { b"" } else { b"," });
        match bytes.get(at) {
            Some(b':') if is_value => at + 1,
            Some(b':') if frame.is_mapping => at,
            Some(b'?') if frame.is_mapping && !is_value => at + 1,
            Some(b'-') if !frame.is_mapping => at + 1,
            _ => self.cursor,
        }
    }

    pub(super) fn open(
        &mut self,
        is_mapping: bool,
        anchor: usize,
        start: usize,
    ) -> Result<(), Stop> {
        if self.stack.len() >= self.limits.max_depth {
            return Err(self.too_deep(start));
        }
        let node = self.push(NodeKind::Null, start, start);
        let anchor = (anchor > 0).then(|| {
            self.anchors.push(Anchor {
                id: anchor,
                node,
                size: None,
            });
            self.anchors.len() - 1
        });
        self.stack.push(Frame {
            node,
            is_mapping,
            first: self.children.len(),
            anchor,
            height: 0,
            expanded: 0,
        });
        let is_flow = matches!(self.text.as_bytes().get(start), Some(b'[' | b'{'));
        self.cursor = if is_flow { start + 1 } else { start };
        Ok(())
    }

    /// Ends the innermost collection. The marks are those of its bracket, or of nothing or the next token if it has none.
    fn close(
        &mut self,
        mark: usize,
        mark_end: usize,
        bracket: u8,
        closing: u8,
    ) -> Result<(), Stop> {
        let Some(frame) = self.stack.last() else {
            return Ok(());
        };
        let start = self.span(frame.node).start as usize;
        let bytes = self.text.as_bytes();
        // Behind a comma after the last entry the mark is at the comma.
        let last = if mark_end > mark {
            token_after(self.text, mark, b",")
        } else {
            start
        };
        let closed = bytes.get(start) == Some(&bracket) && bytes.get(last) == Some(&closing);
        self.close_at(if closed { last + 1 } else { self.cursor })
    }

    /// Ends the innermost collection at a byte.
    pub(super) fn close_at(&mut self, end: usize) -> Result<(), Stop> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let start = self.span(frame.node).start as usize;
        self.cursor = end;
        let kind = if frame.is_mapping {
            self.close_mapping(frame.first)?
        } else {
            let first = self.items.len();
            self.items.extend(self.children.drain(frame.first..));
            NodeKind::Sequence {
                first: text_offset(first),
                len: text_offset(self.items.len() - first),
            }
        };
        if let Some(node) = self.nodes.get_mut(frame.node.0 as usize) {
            *node = Node {
                span: Span::new(text_offset(start), text_offset(end)),
                kind,
            };
        }
        let height = frame.height + 1;
        if let Some(anchor) = frame.anchor.and_then(|index| self.anchors.get_mut(index)) {
            anchor.size = Some((height, frame.expanded.saturating_add((end - start) as u64)));
        }
        if let Some(parent) = self.stack.last_mut() {
            parent.height = parent.height.max(height);
            parent.expanded = parent.expanded.saturating_add(frame.expanded);
        }
        Ok(())
    }
}
