//! Any text as a waivers file, and as a manifest with waivers in its comments. What the reader of the file accepts, its
//! JSON Schema accepts.
#![no_main]

use std::sync::LazyLock;

use govcheck::evaluate::map::judge_file;
use govcheck::evaluate::setting::Setting;
use govcheck::judge::{Waivers, waivers_schema};
use govcheck::lift::Contexts;
use govcheck::model::document::{Document, NodeId, NodeKind};
use govcheck::model::waiver::WaiverDraft;
use govcheck::model::text::SourceText;
use govcheck::parse::Limits;
use govcheck_fuzz::{FORMATS, file, hold_finding, hold_location, hold_span, setting};
use jsonschema::Validator;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static SCHEMA: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&waivers_schema()).expect("the schema is valid"));

thread_local! {
    static SETTING: Setting<'static> = setting(&FORMATS);
}

fuzz_target!(|text: &str| {
    waivers_file(text);
    let read = govcheck::parse::decode_text(text.as_bytes(), &Limits::default());
    let outcome =
        SETTING.with(|setting| judge_file(setting, &Contexts::default(), &file(), text.as_bytes()));
    for draft in &outcome.inline {
        hold_draft(&read, draft);
        draft.covers.iter().for_each(|span| hold_span(&read, *span));
        draft.parts.iter().for_each(|part| hold_span(&read, part.span));
    }
});

fn hold_draft(text: &SourceText, draft: &WaiverDraft) {
    let rule = draft.rule_location.iter().chain(&draft.expires_location);
    let mistakes = draft.mistakes.iter().map(|mistake| &mistake.location);
    let all = rule.chain(mistakes).chain([&draft.location]);
    all.for_each(|at| hold_location(text, at.span, [at.start, at.end]));
}

fn waivers_file(text: &str) {
    let waivers = Waivers::parse(&file(), text);
    let Some((_, source)) = &waivers.source else {
        return;
    };
    for finding in &waivers.findings {
        hold_finding(source, &file(), finding);
    }
    for draft in &waivers.drafts {
        hold_draft(source, draft);
    }
    let mistakes = waivers.drafts.iter().flat_map(|draft| &draft.mistakes);
    if mistakes.count() > 0 || !waivers.findings.is_empty() {
        return;
    }
    let parsed = govcheck::parse::parse(text.as_bytes(), &Limits::default());
    let read = parsed.documents.first();
    let read = read.map_or(Value::Null, |document| json(document, document.root().node));
    if let Err(error) = SCHEMA.validate(&read) {
        panic!("the reader accepts what the schema refuses: {error}\n{read:#}");
    }
}

/// A document as the schema sees it.
fn json(document: &Document, node: NodeId) -> Value {
    let node = document.resolve(node);
    match &document.node(node).kind {
        NodeKind::Null | NodeKind::Alias(_) => Value::Null,
        NodeKind::Bool(value) => (*value).into(),
        NodeKind::Int(value) => (*value).into(),
        NodeKind::Float(value) => (*value).into(),
        NodeKind::String(text) => (&**text).into(),
        NodeKind::Sequence { .. } => {
            let items = document.items(node).iter();
            items.map(|item| json(document, *item)).collect()
        }
        NodeKind::Mapping { .. } => {
            let entries = document.entries(node).iter().rev();
            let entries = entries.map(|entry| {
                let key = document.as_str(entry.key);
                let key = key.map_or_else(String::new, |key| key.to_string());
                (key, json(document, entry.value))
            });
            Value::Object(entries.collect())
        }
    }
}
