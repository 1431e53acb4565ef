//! The map step: one file to its outcome. A pure function of the file's bytes, its path and the pack.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{self, Answer, Target};
use super::locate::{Site, bare, location};
use super::rules;
use crate::lift::schema::DOCUMENT_KIND;
use crate::lift::{self, Format, shape};
use crate::mesh::{Card, Fact, card};
use crate::model::document::Document;
use crate::model::entity::{Entity, Place};
use crate::model::finding::{Finding, Related};
use crate::model::path::{ModelPath, Step};
use crate::model::rule::{Level, RuleId};
use crate::model::text::{RelPath, SourceText, Span};
use crate::parse::{self, Limits};
use crate::policy::Pack;
use crate::policy::engine::{Bounds, Datum, EvaluationError, Worker, document_datum, lifted_datum};
use crate::policy::pack::KindProgram;

/// What one file has to say.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether it is a manifest, or looks like one.
    pub manifest: bool,
    /// Findings of entity rules and of reading the file, before judging.
    pub findings: Vec<Finding>,
    /// Cards of its entities.
    pub cards: Vec<Card>,
    /// Facts for mesh rules.
    pub facts: Vec<Fact>,
    /// Its text, if a finding points at it.
    pub text: Option<Arc<SourceText>>,
}

/// What all files are judged with.
pub struct Setting<'p> {
    /// Formats and rules.
    pub pack: &'p Pack,
    /// `options` and `run`: data that entity rules see.
    pub data: Datum,
    /// What a path says of an entity.
    pub place: &'p (dyn Fn(&RelPath) -> Place + Sync),
    /// Bounds of one evaluation.
    pub bounds: Bounds,
    /// Bounds of parsing.
    pub limits: Limits,
}

/// One worker's machines, kept from file to file.
#[derive(Default)]
pub struct Workers(BTreeMap<Arc<str>, Worker>);

/// A document that a format has recognised, lifted.
pub(crate) struct LiftedDocument<'p> {
    pub(crate) format: &'p Format,
    pub(crate) document: Document,
    pub(crate) entities: Vec<Entity>,
}

/// A file as far as it can be read.
pub(crate) struct ReadFile<'p> {
    pub(crate) text: Arc<SourceText>,
    pub(crate) documents: Vec<LiftedDocument<'p>>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) manifest: bool,
}

/// Parses and lifts a file.
pub(crate) fn read<'p>(
    pack: &'p Pack,
    limits: &Limits,
    file: &RelPath,
    bytes: &[u8],
) -> ReadFile<'p> {
    let parsed = parse::parse(bytes, limits);
    let text = parsed.text;
    let mut read = ReadFile {
        text: Arc::clone(&text),
        documents: Vec::new(),
        findings: Vec::new(),
        manifest: false,
    };
    for (index, document) in parsed.documents.into_iter().enumerate() {
        match lift::recognise(&pack.formats, &document, &text).as_slice() {
            [] => {}
            [format] => {
                let entities = lift::lift(format, file, index, &document, &text);
                read.documents.push(LiftedDocument {
                    format,
                    document,
                    entities,
                });
            }
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|format| format!("`{}` ({})", format.name, format.file))
                    .collect();
                let message = format!("document is recognised by {}", names.join(" and by "));
                let span = document.span(document.root().node);
                read.findings.push(own(
                    rules::AMBIGUOUS,
                    message,
                    file,
                    &text,
                    Span::new(span.start, span.start + 1),
                ));
            }
        }
    }
    let named = pack
        .formats
        .iter()
        .find(|format| format.hints_at(file.as_str(), ""));
    let hinted = named.is_some() || {
        let lossy;
        let raw = if text.as_str().is_empty() && !bytes.is_empty() {
            lossy =
                String::from_utf8_lossy(bytes.get(..bytes.len().min(65_536)).unwrap_or_default())
                    .into_owned();
            &lossy
        } else {
            text.as_str()
        };
        !parsed.problems.is_empty()
            && pack
                .formats
                .iter()
                .any(|format| format.hints_at(file.as_str(), raw))
    };
    read.manifest = !read.documents.is_empty()
        || !read.findings.is_empty()
        || (hinted && (named.is_some() || !parsed.problems.is_empty()));
    if read.manifest {
        let recognised = !read.documents.is_empty();
        for problem in parsed.problems {
            let mut finding = own(problem.rule, problem.message, file, &text, problem.span);
            finding.help = problem.help;
            finding.incomplete = problem.fatal;
            finding.related = problem
                .related
                .into_iter()
                .map(|(span, message)| Related {
                    message,
                    location: location(file, &text, span),
                })
                .collect();
            read.findings.push(finding);
        }
        if let (false, true, Some(format)) = (recognised, read.findings.is_empty(), named) {
            let message = format!(
                "file is named like {}, but no format recognises it",
                format.title
            );
            let first = text.line_span(1).unwrap_or_default();
            read.findings
                .push(own(rules::UNRECOGNISED, message, file, &text, first));
        }
    }
    read
}

fn own(
    rule: &'static str,
    message: String,
    file: &RelPath,
    text: &SourceText,
    span: Span,
) -> Finding {
    let mut finding = bare(RuleId::new(rule), Level::Error, message);
    finding.help = rules::help(rule);
    finding.incomplete = matches!(rule, rules::AMBIGUOUS);
    finding.location = Some(location(file, text, span));
    // There is one such place as a rule; where there are more, they are told apart in order.
    finding.route = file.to_string();
    finding
}

/// Parses, lifts and judges one file.
pub fn judge_file(
    setting: &Setting<'_>,
    workers: &mut Workers,
    file: &RelPath,
    bytes: &[u8],
) -> Outcome {
    let read = read(setting.pack, &setting.limits, file, bytes);
    let mut outcome = Outcome {
        manifest: read.manifest,
        findings: read.findings,
        ..Outcome::default()
    };
    let place = (setting.place)(file);
    for lifted in &read.documents {
        for entity in &lifted.entities {
            let site = Site {
                format: lifted.format,
                entity,
                document: &lifted.document,
                text: &read.text,
            };
            outcome.cards.push(card(
                &setting.pack.schema,
                entity,
                &lifted.document,
                &read.text,
            ));
            judge_entity(setting, workers, site, &place, &mut outcome);
        }
    }
    if !outcome.findings.is_empty() {
        outcome.text = Some(read.text);
    }
    outcome
}

fn judge_entity(
    setting: &Setting<'_>,
    workers: &mut Workers,
    site: Site<'_>,
    place: &Place,
    outcome: &mut Outcome,
) {
    let kind = &site.entity.key.kind;
    let Some(program) = setting.pack.kind(kind) else {
        return;
    };
    let input = input(site, place, program);
    let worker = workers
        .0
        .entry(Arc::clone(kind))
        .or_insert_with(|| program.judge.worker(&setting.data, setting.bounds));
    for entry_point in &program.entry_points {
        match worker.evaluate(entry_point, &input) {
            Ok(result) => take(setting, site, place, &result, outcome),
            Err(_) => {
                one_by_one(setting, site, place, program, &input, outcome);
                return;
            }
        }
    }
}

/// What a policy sees of an entity.
fn input(site: Site<'_>, place: &Place, program: &KindProgram) -> Datum {
    let entity = site.entity;
    let mut fields = host_fields(site, place);
    if program.reads_document {
        fields.push((
            Arc::from("document"),
            document_datum(site.document, site.document.root().node, site.text),
        ));
    }
    if program.reads_text {
        fields.push((Arc::from("text"), Datum::text(site.text.as_str())));
    }
    if program.reads_violations && &*entity.key.kind == DOCUMENT_KIND {
        fields.push((Arc::from("violations"), violations(site)));
    }
    lifted_datum(
        &entity.fields,
        entity.fields.root(),
        site.document,
        site.text,
    )
    .with(fields)
}

/// Where the document does not fit the version of its format that it declares; empty if the format has no shapes.
fn violations(site: Site<'_>) -> Datum {
    let found = match &site.format.shapes {
        Some(shapes) => shape::violations(shapes, site.document, site.text),
        None => Vec::new(),
    };
    Datum::array(found.into_iter().map(|violation| {
        let steps = violation.at.0.iter().map(|step| match step {
            Step::Key(key) => Datum::text(key),
            Step::Index(index) => Datum::number(*index),
        });
        let at = Datum::array([Datum::text("document")].into_iter().chain(steps));
        let message = Datum::text(&violation.message);
        let fix = violation
            .fix
            .map(|fix| (Arc::from("fix"), Datum::text(&fix)));
        let said = [(Arc::from("at"), at), (Arc::from("message"), message)];
        Datum::fields(said.into_iter().chain(fix))
    }))
}

/// What the host adds to an entity's own fields.
pub(crate) fn host_fields(site: Site<'_>, place: &Place) -> Vec<(Arc<str>, Datum)> {
    let entity = site.entity;
    let parts = place
        .parts
        .iter()
        .map(|(name, value)| (Arc::clone(name), Datum::text(value)));
    vec![
        (Arc::from("entity"), Datum::text(&entity.key.to_string())),
        (Arc::from("kind"), Datum::text(&entity.key.kind)),
        (Arc::from("format"), Datum::text(&entity.format)),
        (Arc::from("file"), Datum::text(entity.file.as_str())),
        (Arc::from("place"), Datum::fields(parts)),
    ]
}

/// Reads `{"deny": {rule: set}, "facts": {rule: set}}`.
fn take(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &Place,
    result: &Datum,
    outcome: &mut Outcome,
) {
    for (id, deny) in result
        .get("deny")
        .map(|deny| deny.entries())
        .unwrap_or_default()
    {
        take_deny(setting, site, place, &id, &deny, outcome);
    }
    for (id, facts) in result
        .get("facts")
        .map(|facts| facts.entries())
        .unwrap_or_default()
    {
        take_facts(setting, site, &id, &facts, outcome);
    }
}

fn take_deny(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &Place,
    id: &str,
    deny: &Datum,
    outcome: &mut Outcome,
) {
    match answer::read(deny) {
        Ok(answers) => {
            for answer in answers {
                match finding(setting, site, place, id, &answer) {
                    Ok(finding) => outcome.findings.push(finding),
                    Err(why) => outcome.findings.push(failure(site, id, rules::SHAPE, &why)),
                }
            }
        }
        Err(why) => outcome.findings.push(failure(site, id, rules::SHAPE, &why)),
    }
}

fn finding(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &Place,
    id: &str,
    answer: &Answer,
) -> Result<Finding, String> {
    let index = setting
        .pack
        .rule_index(id)
        .ok_or("a rule of that id is not there")?;
    let rule = &setting.pack.rules[index].rule;
    let here = |target: &Target| match target {
        Target::Here(path) => Ok(path.clone()),
        _ => Err(
            "a rule of scope `entity` can point at its own entity alone; give it `scope: mesh`"
                .to_owned(),
        ),
    };
    let (location, used, route) = site.place(&here(&answer.target)?);
    let mut finding = bare(rule.id.clone(), rule.severity, answer.message.clone());
    finding.help = Some(rule.help.clone());
    finding.fix.clone_from(&answer.fix);
    finding.location = Some(location);
    finding.related.extend(used);
    for (target, message) in &answer.related {
        let (location, _, _) = site.place(&here(target)?);
        finding.related.push(Related {
            message: message.clone(),
            location,
        });
    }
    finding.entity = Some(site.entity.key.clone());
    finding.route = route;
    finding.owner = site.owner();
    finding.domain = site.domain(place);
    finding.discriminator.clone_from(&answer.key);
    Ok(finding)
}

fn take_facts(
    setting: &Setting<'_>,
    site: Site<'_>,
    id: &str,
    facts: &Datum,
    outcome: &mut Outcome,
) {
    let Some(rule) = setting.pack.rule_index(id) else {
        return;
    };
    for value in facts.items().unwrap_or_default() {
        let at = match value.get("at") {
            Some(at) => at.as_path(),
            None => Some(ModelPath::root()),
        };
        match at.filter(|_| !value.entries().is_empty()) {
            Some(at) => outcome.facts.push(Fact {
                rule,
                entity: site.entity.key.clone(),
                file: site.entity.file.clone(),
                document: site.entity.document,
                ordinal: site.entity.ordinal,
                at,
                value,
            }),
            None => outcome.findings.push(failure(
                site,
                id,
                rules::SHAPE,
                "an element of `facts` is no object with a path `at`",
            )),
        }
    }
}

/// After a failed evaluation: each rule alone, so that the others' findings are kept and the culprit is named.
fn one_by_one(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &Place,
    program: &KindProgram,
    input: &Datum,
    outcome: &mut Outcome,
) {
    for index in &program.rules {
        let Some(rule) = setting.pack.rules.get(*index) else {
            continue;
        };
        let mesh = rule.rule.scope == crate::model::rule::Scope::Mesh;
        let Some((judge, entry)) = setting
            .pack
            .single(*index, if mesh { "facts" } else { "deny" })
        else {
            continue;
        };
        let id = rule.rule.id.as_str();
        match judge
            .worker(&setting.data, setting.bounds)
            .evaluate(&entry, input)
        {
            Ok(result) if mesh => take_facts(setting, site, id, &result, outcome),
            Ok(result) => take_deny(setting, site, place, id, &result, outcome),
            Err(error) => {
                let (own_rule, why) = explain(&error);
                outcome.findings.push(failure(site, id, own_rule, &why));
            }
        }
    }
}

/// Which rule of ours an evaluation error is, and what to say of it.
pub(crate) fn explain(error: &EvaluationError) -> (&'static str, String) {
    match error {
        EvaluationError::Time(bound) => (rules::TIME, format!("it used up {bound}")),
        EvaluationError::Memory(bound) => (rules::MEMORY, format!("it used up {bound}")),
        EvaluationError::Panic(text) => (rules::PANIC, format!("a builtin panicked: {text}")),
        EvaluationError::Runtime(text) => (rules::RUNTIME, text.clone()),
    }
}

fn failure(site: Site<'_>, id: &str, own_rule: &'static str, why: &str) -> Finding {
    let (location, _, _) = site.place(&ModelPath::root());
    let message = format!("rule `{id}` could not judge `{}`: {why}", site.entity.key);
    let mut finding = bare(RuleId::new(own_rule), Level::Error, message);
    finding.help = rules::help(own_rule);
    finding.location = Some(location);
    finding.entity = Some(site.entity.key.clone());
    finding.discriminator = Some(id.to_owned());
    finding.incomplete = true;
    finding
}
