//! The waivers file: text to drafts, each mistake at its place.

use std::sync::Arc;

use super::{MALFORMED, UNREADABLE, waiver_finding};
use crate::model::document::{Document, NodeId, NodeKind, Reached};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::published::{self, SchemaName};
use crate::model::rule::Day;
use crate::model::text::{RelPath, SourceText, Span, nearest_name};
use crate::model::waiver::{WaiverDraft, WaiverMistake, parse_day};
use crate::parse::{self, Limits};

/// The version of the file that this govcheck reads.
const VERSION: &str = "1";

/// An entry's keys, in the order in which they are written.
pub(crate) const KEYS: [&str; 10] = [
    "rule",
    "entity",
    "path",
    "at",
    "reason",
    "owner",
    "approved_by",
    "created",
    "expires",
    "ticket",
];

/// Words that people write for a key.
const SYNONYMS: [(&str, &str); 9] = [
    ("until", "expires"),
    ("expiry", "expires"),
    ("expires_at", "expires"),
    ("valid_until", "expires"),
    ("justification", "reason"),
    ("why", "reason"),
    ("approver", "approved_by"),
    ("team", "owner"),
    ("issue", "ticket"),
];

/// The key that a word means. `None` if it is near none.
fn meant(word: &str) -> Option<&'static str> {
    let synonym = SYNONYMS.iter().find(|(known, _)| *known == word);
    synonym
        .map(|(_, key)| *key)
        .or_else(|| nearest_name(word, KEYS.into_iter()))
}

/// No file of people has an entry this deep.
const DEPTH: usize = 16;

const SHAPE: &str = "write `version: 1` and a list `waivers:`; `govcheck waive` adds entries";

/// The JSON Schema (draft-07) of the waivers file.
pub fn waivers_schema() -> serde_json::Value {
    published::publish_schema(include_str!("waivers.schema.json"), SchemaName::Waivers)
}

/// What the waivers file says.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    /// The entries in source order, whether they hold or not.
    pub drafts: Vec<WaiverDraft>,
    /// What is wrong with the file beside its entries.
    pub findings: Vec<Finding>,
    /// The file and its text, for excerpts.
    pub source: Option<(RelPath, Arc<SourceText>)>,
}

impl Waivers {
    /// Reads the text of a waivers file.
    ///
    /// ```
    /// use govcheck::judge::Waivers;
    /// use govcheck::model::text::RelPath;
    ///
    /// let file = RelPath::new("governance/waivers.yaml");
    /// let text = "version: 1\nwaivers:\n  - {rule: kpi/bad-name, entity: 'kpi:x', reason: r, owner: o, expires: 2027-13-01}\n";
    /// let read = Waivers::parse(&file, text);
    /// assert_eq!(read.drafts[0].mistakes[0].message, "invalid date `2027-13-01`");
    ///
    /// let broken = Waivers::parse(&file, "waivers: [");
    /// assert!(broken.findings[0].incomplete);
    /// ```
    pub fn parse(file: &RelPath, text: &str) -> Self {
        let limits = Limits {
            max_depth: DEPTH,
            ..Limits::default()
        };
        let parsed = parse::parse(text.as_bytes(), &limits);
        let mut reader = WaiverReader {
            file,
            text: &parsed.text,
            waivers: Self {
                source: Some((file.clone(), Arc::clone(&parsed.text))),
                ..Self::default()
            },
        };
        if let Some(problem) = parsed.problems.iter().find(|problem| problem.fatal) {
            let message = format!("cannot read the waivers file: {}", problem.message);
            reader.unreadable(problem.span, message, problem.help.as_deref());
            return reader.waivers;
        }
        if let Some(second) = parsed.documents.get(1) {
            let message = "the waivers file has more than one document".to_owned();
            let help = "put all entries under one `waivers:`";
            reader.unreadable(second.span(second.root().node), message, Some(help));
            return reader.waivers;
        }
        if let Some(document) = parsed.documents.first() {
            reader.document(document);
        }
        for problem in &parsed.problems {
            reader.problem(problem);
        }
        reader.waivers
    }

    /// A waivers file that is missing, or can't be opened.
    pub fn unreadable(file: &RelPath, message: String, help: &str) -> Self {
        let text = SourceText::default();
        let mut reader = WaiverReader {
            file,
            text: &text,
            waivers: Self::default(),
        };
        reader.unreadable(Span::default(), message, Some(help));
        reader.waivers
    }
}

struct WaiverReader<'r> {
    file: &'r RelPath,
    text: &'r SourceText,
    waivers: Waivers,
}

impl WaiverReader<'_> {
    fn location(&self, span: Span) -> Location {
        Location::of(self.file, self.text, span)
    }

    fn unreadable(&mut self, span: Span, message: String, help: Option<&str>) {
        let location = self.location(span);
        let mut finding = waiver_finding(
            UNREADABLE,
            &WaiverDraft::at(location.clone()),
            &location,
            message,
        );
        finding.incomplete = true;
        finding.route = self.file.to_string();
        if let Some(help) = help {
            finding.help = Some(help.into());
        }
        self.waivers.findings.push(finding);
    }

    fn document(&mut self, document: &Document) {
        let root = document.root();
        let kind = |at: Reached| &document.node(at.node).kind;
        let span = |id: NodeId| document.span(id);
        match kind(root) {
            NodeKind::Null => return,
            NodeKind::Mapping { .. } => {}
            _ => {
                let message = "the waivers file is not a mapping".to_owned();
                return self.unreadable(self.first_line(span(root.node)), message, Some(SHAPE));
            }
        }
        // First, since the keys of another version are another version's.
        let version = document.get(root, "version");
        match version.map(|version| (version, self.text.slice(span(version.node)))) {
            Some((_, VERSION)) => {}
            Some((version, other)) => {
                let message = format!(
                    "the waivers file has version `{other}`, but this govcheck reads version {VERSION}"
                );
                let help =
                    "use the govcheck version that the file was written for, or write `version: 1`";
                return self.unreadable(span(version.node), message, Some(help));
            }
            None => {
                let message = "the waivers file has no `version`".to_owned();
                return self.unreadable(self.first_line(span(root.node)), message, Some(SHAPE));
            }
        }
        for entry in document.entries(root.node) {
            let key = self.key_of(document, entry.key);
            if !matches!(key, "version" | "waivers") {
                let message = format!("unknown key `{key}`");
                return self.unreadable(span(entry.key), message, Some(SHAPE));
            }
        }
        let Some(list) = document.get(root, "waivers") else {
            return;
        };
        match kind(list) {
            NodeKind::Null => {}
            NodeKind::Sequence { .. } => {
                for index in 0..document.items(list.node).len() {
                    if let Some(item) = document.item(list, index) {
                        let draft = self.entry(document, item);
                        self.waivers.drafts.push(draft);
                    }
                }
            }
            _ => {
                let message = "`waivers` is not a list".to_owned();
                self.unreadable(self.first_line(span(list.node)), message, Some(SHAPE));
            }
        }
    }

    /// A key, in quotes or not.
    fn key_of<'k>(&'k self, document: &'k Document, key: NodeId) -> &'k str {
        let text = document.as_str(key).map(|text| &**text);
        text.unwrap_or_else(|| self.text.slice(document.span(key)))
    }

    /// The part of a span on its first line.
    fn first_line(&self, span: Span) -> Span {
        let line = self.text.line_span(self.text.position(span.start).line);
        Span::new(
            span.start,
            line.map_or(span.end, |line| line.end.min(span.end)),
        )
    }

    fn entry(&self, document: &Document, item: Reached) -> WaiverDraft {
        let whole = document.span(item.node);
        let mut draft = WaiverDraft::at(self.location(self.first_line(whole)));
        let NodeKind::Mapping { .. } = document.node(item.node).kind else {
            let message = "the entry is not a mapping".to_owned();
            self.mistake(&mut draft, None, message, "write `rule:`, `entity:`, `reason:`, `owner:` and `expires:`; see `govcheck waive --help`");
            return draft;
        };
        let misspelt = self.keys(&mut draft, document, item);
        let mut text = |key: &str, help: &str| -> Option<(String, Span)> {
            let value = document.get(item, key)?;
            let span = document.span(value.node);
            match &document.node(value.node).kind {
                NodeKind::Null => None,
                NodeKind::Sequence { .. } | NodeKind::Mapping { .. } | NodeKind::Bool(_) => {
                    let message = format!("`{key}` is not text");
                    self.mistake(&mut draft, Some(self.first_line(span)), message, help);
                    None
                }
                NodeKind::String(text) => {
                    (!text.trim().is_empty()).then(|| (text.trim().to_owned(), span))
                }
                // A ticket may be a number.
                _ => Some((self.text.slice(span).to_owned(), span)),
            }
        };
        let rule = text(
            "rule",
            "name one rule or one category; write a separate entry for each",
        );
        let entity = text("entity", "name one entity, such as `contract:orders`");
        let path = text("path", "write one glob; write a separate entry for each");
        let at = text(
            "at",
            "write a route, such as `columns[email].classification`",
        );
        let reason = text("reason", "give the reason in a sentence");
        let owner = text("owner", "name one person or team");
        let approved_by = text("approved_by", "name one person or team");
        let ticket = text("ticket", "name one ticket");
        let expires = text("expires", DAY);
        let created = text("created", DAY);
        let place =
            |said: &Option<(String, Span)>| said.as_ref().map(|(_, span)| self.location(*span));
        (draft.rule_location, draft.expires_location) = (place(&rule), place(&expires));
        for (key, said, help) in [
            (
                "rule",
                &rule,
                "name the rule, such as `rule: security/unclassified-column`",
            ),
            (
                "reason",
                &reason,
                "give the reason, such as `reason: migration ends in March`",
            ),
            (
                "owner",
                &owner,
                "name the owner of the waiver, such as `owner: jane@acme.example`",
            ),
            (
                "expires",
                &expires,
                "set the last day, such as `expires: 2027-03-31`",
            ),
        ] {
            let value = document.get(item, key);
            // Blank text counts as missing; a value that is not a text is reported already.
            let is_told = value.is_some_and(|value| {
                let kind = &document.node(value.node).kind;
                !matches!(kind, NodeKind::Null | NodeKind::String(_))
            });
            if said.is_none() && !is_told && !misspelt.contains(&key) {
                self.mistake(&mut draft, None, format!("the waiver has no `{key}`"), help);
            }
        }
        let has_target = ["entity", "path"].iter().any(|key| misspelt.contains(key));
        if entity.is_none() && path.is_none() && !has_target {
            let message = "the waiver has neither `entity` nor `path`".to_owned();
            self.mistake(
                &mut draft,
                None,
                message,
                "write `entity: contract:orders`, or `path:` with a glob",
            );
        }
        self.glob(&mut draft, &path);
        self.key(&mut draft, &entity);
        draft.expires = self.day(&mut draft, expires);
        draft.created = self.day(&mut draft, created);
        let word = |said: Option<(String, Span)>| said.map(|(text, _)| text);
        draft.rule = word(rule);
        draft.entity = word(entity);
        draft.path = word(path);
        draft.at = word(at);
        draft.reason = word(reason);
        draft.owner = word(owner);
        draft.approved_by = word(approved_by);
        draft.ticket = word(ticket);
        draft
    }

    /// Tells unknown keys. Gives the keys that they mean, which are not missing too.
    fn keys(
        &self,
        draft: &mut WaiverDraft,
        document: &Document,
        item: Reached,
    ) -> Vec<&'static str> {
        let mut misspelt = Vec::new();
        for entry in document.entries(item.node) {
            let key = self.key_of(document, entry.key);
            if KEYS.contains(&key) {
                continue;
            }
            let near = meant(key);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of `{}`", KEYS.join("`, `")),
            };
            let message = format!("unknown key `{key}`");
            self.mistake(draft, Some(document.span(entry.key)), message, &help);
            misspelt.extend(near);
        }
        misspelt
    }

    fn glob(&self, draft: &mut WaiverDraft, path: &Option<(String, Span)>) {
        let Some((glob, span)) = path else { return };
        if let Err(error) = crate::discover::Patterns::new(std::slice::from_ref(glob)) {
            self.mistake(draft, Some(*span), error.to_string(), &error.help);
        }
    }

    fn key(&self, draft: &mut WaiverDraft, entity: &Option<(String, Span)>) {
        let Some((key, span)) = entity else { return };
        if key
            .split_once(':')
            .is_none_or(|(kind, id)| kind.is_empty() || id.is_empty())
        {
            let message = format!("invalid entity `{key}`");
            self.mistake(
                draft,
                Some(*span),
                message,
                "write the kind and the id, such as `contract:orders`",
            );
        }
    }

    fn day(&self, draft: &mut WaiverDraft, said: Option<(String, Span)>) -> Option<Day> {
        let (text, span) = said?;
        let day = parse_day(&text);
        if day.is_none() {
            self.mistake(draft, Some(span), format!("invalid date `{text}`"), DAY);
        }
        day
    }

    fn mistake(&self, draft: &mut WaiverDraft, span: Option<Span>, message: String, help: &str) {
        let location = match span {
            Some(span) => self.location(span),
            None => draft.location.clone(),
        };
        draft.mistakes.push(WaiverMistake {
            location,
            message,
            help: help.to_owned(),
        });
    }

    /// A problem that leaves the file readable belongs to the entry that contains it.
    fn problem(&mut self, problem: &parse::Problem) {
        let location = self.location(problem.span);
        let help = problem.help.clone();
        let drafts = self.waivers.drafts.iter_mut().rev();
        let mut before = drafts.filter(|draft| draft.location.span.start <= problem.span.start);
        match before.next() {
            Some(draft) => draft.mistakes.push(WaiverMistake {
                location,
                message: problem.message.clone(),
                help: help.unwrap_or_default(),
            }),
            None => {
                let message = problem.message.clone();
                let mut finding = waiver_finding(
                    MALFORMED,
                    &WaiverDraft::at(location.clone()),
                    &location,
                    message,
                );
                finding.help = help.map(Into::into).or(finding.help);
                self.waivers.findings.push(finding);
            }
        }
    }
}

const DAY: &str = "write the date as year, month and day: `2027-03-31`";
