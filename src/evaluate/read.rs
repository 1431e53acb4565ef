//! A file as far as it can be read: parsed, recognised and lifted. An obstacle is a finding, and this file
//! decides whether a file is a manifest at all. Judges nothing.

use std::sync::{Arc, OnceLock};

use super::comment_waivers::read_waivers;
use super::covered_parts::CoveredParts;
use super::lean_declarations::Lean;
use super::locate::Site;
use super::profile::Stage;
use super::rules;
use super::setting::Setting;
use crate::discover::template_pattern;
use crate::lift::{self, Contexts, Format};
use crate::model::document::{Document, NodeKind};
use crate::model::entity::Entity;
use crate::model::finding::{Finding, Related};
use crate::model::location::Location;
use crate::model::rule::{Level, RuleId};
use crate::model::text::{RelPath, SourceText, Span, text_offset};
use crate::model::waiver::WaiverDraft;
use crate::parse;

/// A document that a format has recognised, lifted.
pub(crate) struct LiftedDocument<'p> {
    pub(crate) format: &'p Format,
    /// Which document of the file, 0-based.
    pub(crate) index: usize,
    pub(crate) document: Document,
    pub(crate) entities: Vec<Entity>,
    /// Its part of the text, with the comments before it.
    pub(crate) extent: Span,
    /// Its entities with all their fields, where `entities` have only those that rules read.
    whole: Option<OnceLock<Vec<Entity>>>,
}

/// A file as far as it can be read.
pub(crate) struct ReadFile<'p> {
    pub(crate) text: Arc<SourceText>,
    pub(crate) documents: Vec<LiftedDocument<'p>>,
    /// Those that no format recognises, with their number in the file, where plain policies want them.
    pub(crate) others: Vec<(usize, Document)>,
    pub(crate) findings: Vec<Finding>,
    /// Waivers in its comments.
    pub(crate) inline: Vec<WaiverDraft>,
    pub(crate) manifest: bool,
    /// Whether only plain policies read it.
    pub(crate) plain_only: bool,
}

impl ReadFile<'_> {
    /// An entity by its document and its number in that.
    pub(crate) fn site(&self, document: usize, ordinal: usize) -> Option<Site<'_>> {
        // In order of the file; one file may hold thousands.
        let number = |document: &LiftedDocument<'_>| document.entities.first().map(|e| e.document);
        let at = self
            .documents
            .binary_search_by_key(&Some(document), number)
            .ok()?;
        let lifted = self.documents.get(at)?;
        Some(lifted.site(lifted.entities.get(ordinal)?, &self.text))
    }

    /// All entities, in the order of the file.
    pub(crate) fn sites(&self) -> impl Iterator<Item = Site<'_>> {
        self.documents
            .iter()
            .flat_map(|lifted| lifted.sites(&self.text))
    }
}

impl LiftedDocument<'_> {
    fn site<'s>(&'s self, entity: &'s Entity, text: &'s SourceText) -> Site<'s> {
        Site {
            format: self.format,
            entity,
            document: &self.document,
            text,
            extent: self.extent,
        }
    }

    /// Its entities as sites.
    pub(crate) fn sites<'s>(&'s self, text: &'s SourceText) -> impl Iterator<Item = Site<'s>> {
        let entities = self.entities.iter();
        entities.map(|entity| self.site(entity, text))
    }

    /// The same entity with all its fields, for places in it.
    pub(crate) fn whole<'s>(&'s self, site: Site<'s>, contexts: &Contexts) -> Site<'s> {
        let Some(whole) = &self.whole else {
            return site;
        };
        let file = &site.entity.file;
        let lift = || {
            lift::lift_document(
                self.format,
                file,
                self.index,
                &self.document,
                site.text,
                contexts,
            )
        };
        let entity = whole.get_or_init(lift).get(site.entity.ordinal);
        Site {
            entity: entity.unwrap_or(site.entity),
            ..site
        }
    }
}

/// Parses and lifts a file.
pub(crate) fn read_file<'p>(
    setting: &Setting<'p>,
    contexts: &Contexts,
    file: &RelPath,
    bytes: &[u8],
) -> ReadFile<'p> {
    read_lean(setting, contexts, (file, bytes), None)
}

/// The same with only the fields in `lean`, where that has an entity's format and kind.
pub(super) fn read_lean<'p>(
    setting: &Setting<'p>,
    contexts: &Contexts,
    (file, bytes): (&RelPath, &[u8]),
    lean: Option<&Lean>,
) -> ReadFile<'p> {
    let pack = setting.pack;
    let mut parsed = setting.time(Stage::Parse, || parse::parse(bytes, &setting.limits));
    let is_among_templates = || template_pattern(file.as_str()) != file.as_str();
    if let Some(template) = parsed.may_be_template.take_if(|_| is_among_templates()) {
        parsed.documents.clear();
        parsed.notes.clear();
        parsed.problems = vec![template];
    }
    let text = parsed.text;
    let mut read = ReadFile {
        text: Arc::clone(&text),
        documents: Vec::new(),
        others: Vec::new(),
        findings: Vec::new(),
        inline: Vec::new(),
        manifest: false,
        plain_only: false,
    };
    let is_input = pack.plain.as_ref().is_some_and(|plain| plain.covers(file));
    let is_empty = parsed.documents.iter().all(is_null);
    let extents = extents(&parsed.documents, &text);
    let mut inline = read_waivers(file, &text, &parsed.documents);
    let mut covered = CoveredParts::of(file, &text, &mut inline);
    for ((index, document), extent) in parsed.documents.into_iter().enumerate().zip(extents) {
        match lift::recognise_document(&pack.formats, &document, &text).as_slice() {
            [] => {
                covered.add(index, &document, &[]);
                let miss = lift::near_miss(&pack.formats, &document, &text);
                let miss = miss.map(|miss| near_miss_finding(&miss, file, &text));
                read.findings.extend(miss);
                if is_input {
                    read.others.push((index, document));
                }
            }
            [format] => {
                let of = (file, index);
                let lifted = lift_document((setting, contexts, lean), format, of, document, &text);
                covered.add(index, &lifted.document, &lifted.entities);
                read.findings
                    .extend(unknown_version(format, file, &lifted.document, &text));
                read.documents.push(LiftedDocument { extent, ..lifted });
            }
            several => {
                covered.add(index, &document, &[]);
                let told = ambiguous(several, &document, file, &text);
                read.findings.push(told);
                if is_input {
                    read.others.push((index, document));
                }
            }
        }
    }
    let is_context = Contexts::is_one(&pack.formats, file);
    let is_read = !read.documents.is_empty() && parsed.problems.is_empty();
    // What is read is a manifest whatever it is called.
    let named = pack
        .formats
        .iter()
        .find(|format| !is_read && format.hints_at(file.as_str(), ""));
    let is_broken = !parsed.problems.is_empty();
    read.manifest = !read.documents.is_empty()
        || !read.findings.is_empty()
        || (is_context && is_broken)
        || named.is_some()
        || (is_broken && is_hinted_in(setting, &parsed.problems, (&text, bytes)));
    read.plain_only = is_input && !read.manifest;
    read.manifest |= is_input;
    let fatal = parsed.problems.iter().any(|problem| problem.fatal);
    let speaks = read.manifest || is_context;
    inline.retain(|draft| counts(draft, speaks, fatal));
    read.inline = inline;
    if read.manifest {
        let recognised = !read.documents.is_empty() || read.plain_only;
        let problems = parsed.problems.into_iter();
        read.findings.extend(problems.map(|problem| {
            let mut finding = told(problem, (file, is_context), &text);
            // Plain policies were to judge it, and could not.
            if is_input && finding.rule.as_str() == parse::TEMPLATE {
                (finding.incomplete, finding.level) = (true, Level::Error);
            }
            finding
        }));
        if let (false, true, Some(format)) = (recognised, read.findings.is_empty(), named) {
            let finding = unrecognised_finding(format, is_empty, file, &text);
            read.findings.push(finding);
        }
        if recognised && !fatal && file.as_str().to_ascii_lowercase().ends_with(".json") {
            let error = parse::find_json_error(text.as_str()).into_iter();
            read.findings
                .extend(error.map(|error| told(error, (file, is_context), &text)));
        }
        read.findings.extend(parsed.notes.into_iter().map(|note| {
            let mut finding = told(note, (file, is_context), &text);
            finding.level = Level::Note;
            finding
        }));
    }
    read
}

/// Lifts a document of a format, with only the fields in `lean`. Its extent is left open.
fn lift_document<'p>(
    (setting, contexts, lean): (&Setting<'p>, &Contexts, Option<&Lean>),
    format: &'p Format,
    (file, index): (&RelPath, usize),
    document: Document,
    text: &SourceText,
) -> LiftedDocument<'p> {
    let mut is_lean = false;
    let mut declared = |number, own| {
        let lean =
            lean.and_then(|lean| lean.of(setting.pack, setting.given, (format, number), own));
        is_lean |= lean.is_some();
        lean.unwrap_or(own)
    };
    let entities = setting.time(Stage::Lift, || {
        let of = (file, index);
        lift::lift_as(format, &mut declared, of, &document, text, contexts)
    });
    LiftedDocument {
        format,
        index,
        document,
        entities,
        extent: Span::default(),
        whole: is_lean.then(OnceLock::new),
    }
}

/// Whether the text of a file that can't be read in full has the marks of a manifest.
fn is_hinted_in(
    setting: &Setting<'_>,
    problems: &[parse::Problem],
    (text, bytes): (&SourceText, &[u8]),
) -> bool {
    let formats = &setting.pack.formats;
    // Where bytes are not text, `text` is what comes before them.
    let is_text = problems.iter().all(|it| it.rule != parse::NOT_TEXT);
    match text.as_str() {
        text if is_text && !text.is_empty() => lift::hints_in_broken_text(formats, text).is_some(),
        _ => lift::hints_in_bytes(formats, bytes).is_some(),
    }
}

fn is_null(document: &Document) -> bool {
    matches!(document.node(document.root().node).kind, NodeKind::Null)
}

/// A file that has the name of a format's manifests, but is none. One of comments alone may be one to come.
fn unrecognised_finding(
    format: &Format,
    is_empty: bool,
    file: &RelPath,
    text: &SourceText,
) -> Finding {
    let but = match is_empty {
        true => "has no content",
        false => "matches no format",
    };
    let message = format!(
        "file is named like a manifest ({}), but {but}",
        format.title
    );
    let first = text.line_span(1).unwrap_or_default();
    let mut finding = own(rules::UNRECOGNISED, message, file, text, first);
    if is_empty {
        finding.level = Level::Note;
    }
    let help = format!("write {}, or rename the file", format.requirements());
    finding.help = Some(help.into());
    finding
}

/// A document that has the marks of a format, but is not one of it.
fn near_miss_finding(miss: &lift::NearMiss<'_>, file: &RelPath, text: &SourceText) -> Finding {
    let lacks = || miss.lacks.iter();
    let clauses: Vec<&str> = lacks().map(|lack| &*lack.clause).collect();
    let write: Vec<&str> = lacks().map(|lack| &*lack.write).collect();
    let message = format!(
        "document looks like {}, but {}",
        miss.format.title,
        clauses.join(" and ")
    );
    let mut finding = own(rules::NEAR_MISS, message, file, text, miss.span);
    let help = format!(
        "write {}, or add the file to `exclude` in `govcheck.yaml` if it is something else",
        write.join(" and ")
    );
    finding.help = Some(help.into());
    finding
}

/// A problem of parsing as a finding.
fn told(
    problem: parse::Problem,
    (file, is_context): (&RelPath, bool),
    text: &SourceText,
) -> Finding {
    let mut finding = own(problem.rule, problem.message, file, text, problem.span);
    finding.level = parse::rule_level(problem.rule);
    finding.help = problem.help.map(Into::into);
    finding.incomplete = problem.fatal;
    let related = problem.related.into_iter().map(|(span, message)| Related {
        message,
        location: Location::of(file, text, span),
    });
    finding.related = related.collect();
    if problem.rule == parse::TEMPLATE {
        let pattern = template_pattern(file.as_str());
        let help = format!(
            "if it is one, add `exclude: [{pattern:?}]` to `govcheck.yaml` and check the files made from it; else quote each `{{{{ … }}}}`"
        );
        finding.help = Some(help.into());
        // No manifest yet, so nothing of the check is missing; what it was in the base is for the comparison to see.
        // Other files inherit from a context file, so that without it they are not checked in full.
        finding.incomplete = is_context && pattern == file.as_str();
        if finding.incomplete {
            finding.level = Level::Error;
        }
    }
    finding
}

fn ambiguous(
    formats: &[&Format],
    document: &Document,
    file: &RelPath,
    text: &SourceText,
) -> Finding {
    let names: Vec<String> = formats
        .iter()
        .map(|format| format!("`{}` ({})", format.name, format.file))
        .collect();
    let message = format!("document matches several formats: {}", names.join(" and "));
    let start = document.span(document.root().node).start;
    let place = Span::new(start, start + 1);
    own(rules::AMBIGUOUS, message, file, text, place)
}

/// Only in manifests: other files may mention govcheck freely. In a file that is read in part, the text that a comment is
/// about may be missing, and that is reported already.
fn counts(draft: &WaiverDraft, speaks: bool, fatal: bool) -> bool {
    let beside = draft.covers.is_some_and(|covers| !covers.is_empty());
    speaks && (beside || !fatal)
}

/// The parts of a file that its documents make up, each up to the end of its last value, the last to the end.
fn extents(documents: &[Document], text: &SourceText) -> Vec<Span> {
    let mut start = 0;
    let mut extents: Vec<Span> = documents
        .iter()
        .map(|document| {
            let end = document.span(document.root().node).end.max(start);
            Span::new(std::mem::replace(&mut start, end), end)
        })
        .collect();
    if let Some(last) = extents.last_mut() {
        last.end = text_offset(text.as_str().len());
    }
    extents
}

/// A version that the format does not list is judged like the nearest one that it does, with a finding that says so.
fn unknown_version(
    format: &Format,
    file: &RelPath,
    document: &Document,
    text: &SourceText,
) -> Option<Finding> {
    let unknown = format.unknown_version(document, text)?;
    let message = format!(
        "version `{}` of {} is unknown; checked as {}",
        unknown.declared, format.title, unknown.nearest
    );
    let mut finding = own(rules::VERSION, message, file, text, unknown.span);
    finding.help = Some(
        format!(
            "use one of {}, or upgrade govcheck if the version is correct",
            format.versions.join(", ")
        )
        .into(),
    );
    finding.level = Level::Note;
    Some(finding)
}

fn own(
    rule: &'static str,
    message: String,
    file: &RelPath,
    text: &SourceText,
    span: Span,
) -> Finding {
    let mut finding = Finding::bare(RuleId::new(rule), Level::Error, message);
    finding.help = rules::find_help(rule);
    finding.incomplete = matches!(rule, rules::AMBIGUOUS);
    finding.location = Some(Location::of(file, text, span));
    // Usually there is one such place; several are numbered in order.
    finding.route = file.to_string();
    finding
}
