//! The baseline: what was there when a mesh adopted govcheck, by identity. One entry a line, sorted by what is as good as
//! random, each with its comma, so that git merges two branches' baselines without a conflict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use crate::model::document::NodeKind;
use crate::model::entity::EntityKey;
use crate::model::finding::{Finding, Related};
use crate::model::location::Location;
use crate::model::published::{self, SchemaName};
use crate::model::rule::{BuiltinRule, Level, RuleId};
use crate::model::text::{Position, RelPath, SourceText, Span};
use crate::parse::{self, Limits};

const GONE: &str = "baseline/gone";
const RENAMED: &str = "baseline/renamed-rule";

/// The built-in rules on the baseline.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: GONE,
        title: "Stale baseline entries",
        description: "Some entries of the baseline no longer match a finding: the problem is fixed, or its rule or entity is gone. A stale entry would hide the same problem if it came back.",
        help: "run `govcheck baseline prune`",
        level: Level::Note,
    },
    BuiltinRule {
        id: RENAMED,
        title: "Baseline entries under old rule names",
        description: "These rules have been renamed. The entries still work, but a search for the current rule name does not find them.",
        help: "run `govcheck baseline write` to update the entries to the current names",
        level: Level::Note,
    },
];

/// The version of the file that this govcheck reads and writes.
const VERSION: &str = "1";

/// What closes the list, so that each entry's line ends alike.
const END: &str = "end";

/// Entries that are named one by one.
const NAMED: usize = 20;

/// The JSON Schema (draft-07) of the baseline.
pub fn baseline_schema() -> serde_json::Value {
    published::publish_schema(include_str!("baseline.schema.json"), SchemaName::Baseline)
}

/// The findings that were there when the mesh adopted govcheck.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// By identity: the text beside it, and its place.
    entries: BTreeMap<String, (String, Span)>,
    /// The file and its text, for excerpts.
    pub source: (RelPath, Arc<SourceText>),
}

/// A baseline that can't be used. The user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default())]
pub struct BaselineError {
    /// The file.
    pub file: RelPath,
    /// Where, if it is a place.
    pub at: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl Baseline {
    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// It is not a baseline, is of a newer govcheck, or has an unresolved merge conflict.
    pub fn parse(file: &RelPath, text: &str) -> Result<Self, BaselineError> {
        if let Some(line) = text.lines().position(is_conflict) {
            let source = SourceText::new(text.to_owned());
            let span = source.line_span(crate::model::text::text_offset(line + 1));
            return Err(BaselineError {
                file: file.clone(),
                at: Some(source.position(span.unwrap_or_default().start)),
                message: "the baseline has an unresolved merge conflict".to_owned(),
                help: "run `govcheck baseline write`, which keeps the entries of both sides that still match a finding"
                    .to_owned(),
            });
        }
        Self::read(file, text)
    }

    /// Reads a baseline that may hold a merge conflict: the entries of both sides.
    ///
    /// # Errors
    /// As [`Baseline::parse`], but for the conflict.
    pub fn parse_both_sides(file: &RelPath, text: &str) -> Result<Self, BaselineError> {
        let lines = text.lines().filter(|line| !is_conflict(line));
        let joined: String = lines.flat_map(|line| [line, "\n"]).collect();
        Self::read(file, &joined)
    }

    fn read(file: &RelPath, text: &str) -> Result<Self, BaselineError> {
        let limits = Limits {
            max_depth: 8,
            ..Limits::default()
        };
        let parsed = parse::parse(text.as_bytes(), &limits);
        let source = Arc::clone(&parsed.text);
        let refuse = |span: Option<Span>, message: String, help: &str| BaselineError {
            file: file.clone(),
            at: span.map(|span| source.position(span.start)),
            message,
            help: help.to_owned(),
        };
        if let Some(problem) = parsed.problems.iter().find(|problem| problem.fatal) {
            let message = format!("cannot read the baseline: {}", problem.message);
            return Err(refuse(Some(problem.span), message, AGAIN));
        }
        let root = parsed
            .documents
            .first()
            .map(|document| (document, document.root()));
        let Some((document, root)) =
            root.filter(|(document, root)| !document.entries(root.node).is_empty())
        else {
            return Err(refuse(None, "the file is not a baseline".to_owned(), AGAIN));
        };
        let span = |reached: crate::model::document::Reached| document.span(reached.node);
        match document
            .get(root, "version")
            .map(|version| (source.slice(span(version)), span(version)))
        {
            Some((VERSION, _)) => {}
            Some((other, span)) => {
                let newer = other.parse::<u64>().is_ok_and(|version| version > 1);
                let (message, help) = if newer {
                    (
                        format!(
                            "the baseline has version {other}, but this govcheck reads version {VERSION}"
                        ),
                        "upgrade govcheck to the version that wrote the baseline",
                    )
                } else {
                    (format!("invalid baseline version `{other}`"), AGAIN)
                };
                return Err(refuse(Some(span), message, help));
            }
            None => {
                return Err(refuse(
                    None,
                    "the baseline has no `version`".to_owned(),
                    AGAIN,
                ));
            }
        }
        for entry in document.entries(root.node) {
            let key = source.slice(document.span(entry.key));
            if !matches!(key.trim_matches('"'), "version" | "findings") {
                let message = format!("unknown key `{key}` in the baseline");
                return Err(refuse(Some(document.span(entry.key)), message, AGAIN));
            }
        }
        let list = document.get(root, "findings");
        let list =
            list.ok_or_else(|| refuse(None, "the baseline has no `findings`".to_owned(), AGAIN))?;
        if !matches!(document.node(list.node).kind, NodeKind::Mapping { .. }) {
            let message = "`findings` of the baseline must be a mapping".to_owned();
            return Err(refuse(Some(span(list)), message, AGAIN));
        }
        let mut entries = BTreeMap::new();
        for entry in document.entries(list.node) {
            let text = document.as_str(entry.value);
            match (document.as_str(entry.key), text) {
                (Some(key), _) if &**key == END => {}
                (Some(key), Some(text)) if is_identity(key) => {
                    let line = Span::new(
                        document.span(entry.key).start,
                        document.span(entry.value).end,
                    );
                    entries.insert(key.to_string(), (text.to_string(), line));
                }
                _ => {
                    let span = document.span(entry.key);
                    let message = format!("invalid baseline entry `{}`", source.slice(span));
                    return Err(refuse(Some(span), message, AGAIN));
                }
            }
        }
        Ok(Self {
            entries,
            source: (file.clone(), source),
        })
    }

    /// Whether it has an identity.
    pub fn contains(&self, identity: &str) -> bool {
        self.entries.contains_key(identity)
    }

    /// Its entries, by identity: the text beside each.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(identity, (text, _))| (identity.as_str(), text.as_str()))
    }

    /// The identities of the entries that nothing matches. Entries of rules that are off are left out.
    pub fn gone<'b>(
        &'b self,
        matched: &'b BTreeSet<String>,
        off: &'b dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'b str> {
        let entries = self.entries.iter();
        let gone = entries
            .filter(|(identity, (text, _))| !matched.contains(*identity) && !off(rule_of(text)));
        gone.map(|(identity, _)| identity.as_str())
    }

    /// One finding for all of these, so that thousands do not bury the rest.
    pub(super) fn gone_finding(
        &self,
        matched: &BTreeSet<String>,
        off: &dyn Fn(&str) -> bool,
    ) -> Option<Finding> {
        self.told(GONE, self.gone(matched, off), |count| match count {
            1 => "1 baseline entry no longer matches a finding".to_owned(),
            many => format!("{many} baseline entries no longer match a finding"),
        })
    }

    /// One finding for all entries that findings match under an earlier name of their rule; `now` gives a rule's name of today.
    pub(super) fn renamed_finding<'n>(
        &self,
        matched: &BTreeSet<String>,
        now: &dyn Fn(&str) -> Option<&'n RuleId>,
    ) -> Option<Finding> {
        let is_old = |identity: &&str| {
            let entry = self.entries.get(*identity);
            entry.is_some_and(|(text, _)| {
                let old = rule_of(text);
                now(old).is_some_and(|now| now.as_str() != old)
            })
        };
        let matched = matched.iter().map(String::as_str);
        let old: Vec<&str> = matched.filter(is_old).collect();
        let names: BTreeSet<String> = old
            .iter()
            .filter_map(|identity| self.entries.get(*identity))
            .filter_map(|(text, _)| {
                let old = rule_of(text);
                Some(format!("`{old}` is now `{}`", now(old)?))
            })
            .collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        self.told(RENAMED, old.into_iter(), |count| match count {
            1 => format!("1 baseline entry uses an old rule name: {names}"),
            many => {
                format!("{many} baseline entries use old rule names: {names}")
            }
        })
    }

    /// A finding at the first of some entries, with others beside it. `None` if there are none.
    fn told<'b>(
        &'b self,
        rule: &'static str,
        identities: impl Iterator<Item = &'b str>,
        message: impl Fn(usize) -> String,
    ) -> Option<Finding> {
        let entries = identities.filter_map(|identity| self.entries.get(identity));
        let mut entries: Vec<&(String, Span)> = entries.collect();
        entries.sort_by_key(|(_, span)| *span);
        let (_, first) = entries.first()?;
        let (file, source) = &self.source;
        let mut finding = Finding::bare(RuleId::new(rule), Level::Note, message(entries.len()));
        let known = RULES.iter().find(|known| known.id == rule);
        finding.help = known.map(|rule| rule.help.into());
        finding.route = file.to_string();
        finding.location = Some(Location::of(file, source, *first));
        let named = entries.iter().take(NAMED).map(|(text, span)| Related {
            message: text.clone(),
            location: Location::of(file, source, *span),
        });
        finding.related = named.collect();
        Some(finding)
    }
}

const AGAIN: &str = "restore the file from git, or delete it and run `govcheck baseline write`";

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
        .iter()
        .any(|mark| {
            line.strip_prefix(mark)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
}

fn is_identity(key: &str) -> bool {
    key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The rule that an entry's text begins with.
pub fn rule_of(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// The entries of a finding, one for each of its parts: identity, and a text for readers that begins with the rule.
pub fn entries_of(finding: &Finding) -> Vec<(String, String)> {
    let own = std::slice::from_ref(&finding.route);
    let routes = if finding.covers.is_empty() {
        own
    } else {
        &finding.covers
    };
    let file = finding.location.as_ref();
    let file = file.map_or_else(String::new, |at| format!(" in {}", at.file));
    let parts = routes.iter().zip(finding.identities());
    parts
        .map(|(route, identity)| {
            let what = text_of(finding.rule.as_str(), finding.entity.as_ref(), route);
            (identity.clone(), format!("{what}{file}"))
        })
        .collect()
}

/// An entry's text without its file.
pub(super) fn text_of(rule: &str, entity: Option<&EntityKey>, route: &str) -> String {
    let mut text = rule.to_owned();
    if let Some(entity) = entity {
        text.push_str(&format!(" {entity}"));
    }
    if !route.is_empty() {
        text.push_str(&format!(" {route}"));
    }
    text
}

/// The text of a baseline with these entries.
pub fn write_baseline(entries: &BTreeMap<String, String>) -> String {
    let mut text = format!("{{\n\"version\": {VERSION},\n\"findings\": {{\n");
    for (identity, said) in entries {
        text.push_str(&format!("{}: {},\n", json!(identity), json!(said)));
    }
    text.push_str(&format!(
        "{}: {}\n}}\n}}\n",
        json!(END),
        json!("each line above ends with a comma, so that git can merge them")
    ));
    text
}
