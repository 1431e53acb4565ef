//! Any bytes as a manifest of the built-in formats: what is lifted has a place, all rules judge it, and what is found
//! survives the cache.
#![no_main]

use govcheck::evaluate::map::judge_file;
use govcheck::evaluate::outcome::{decode_outcome, encode_outcome};
use govcheck::evaluate::setting::Setting;
use govcheck::lift::{Contexts, Format, lift_document, locate_path, recognise_document};
use govcheck::model::document::Document;
use govcheck::model::entity::{Entity, LiftedId, LiftedValue};
use govcheck::model::path::{ModelPath, Step};
use govcheck::model::text::SourceText;
use govcheck::parse::Parsed;
use govcheck_fuzz::{PACK, file, hold_finding, hold_location, hold_span, parse, setting};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static SETTING: Setting<'static> = setting(&PACK);
}

fuzz_target!(|bytes: &[u8]| {
    let parsed = parse(bytes);
    let contexts = Contexts::default();
    for (index, document) in parsed.documents.iter().enumerate() {
        for format in recognise_document(&PACK.formats, document, &parsed.text) {
            let entities = lift_document(format, &file(), index, document, &parsed.text, &contexts);
            for entity in &entities {
                hold_places(format, entity, document, &parsed.text);
            }
        }
    }
    SETTING.with(|setting| judge(setting, &parsed, bytes));
});

/// Holds that each value of an entity has a place.
fn hold_places(format: &Format, entity: &Entity, document: &Document, text: &SourceText) {
    let mut open: Vec<(LiftedId, ModelPath)> = vec![(entity.fields.root(), ModelPath::root())];
    let mut left = 300;
    while let Some((id, path)) = open.pop() {
        let located = locate_path(format, entity, document, &path);
        hold_span(text, located.span);
        located.used_at.iter().for_each(|span| hold_span(text, *span));
        let below = |step: Step| ModelPath(path.0.iter().cloned().chain([step]).collect());
        match &entity.fields.node(id).value {
            LiftedValue::List(items) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(index, id)| (*id, below(Step::Index(index)))));
            }
            LiftedValue::Map(fields) => {
                let fields = fields.iter();
                open.extend(fields.map(|(name, id)| (*id, below(Step::Key(name.clone())))));
            }
            _ => {}
        }
        left -= 1;
        if left == 0 {
            return;
        }
    }
}

fn judge(setting: &Setting<'_>, parsed: &Parsed, bytes: &[u8]) {
    let outcome = judge_file(setting, &Contexts::default(), &file(), bytes);
    let findings = outcome.findings.read(&file());
    for finding in findings.iter() {
        hold_finding(&parsed.text, &file(), finding);
        assert!(!finding.rule.as_str().starts_with("engine/"), "{finding:?}");
    }
    for waiver in &outcome.inline {
        let at = &waiver.location;
        hold_location(&parsed.text, at.span, [at.start, at.end]);
    }
    let kept = encode_outcome(&file(), &outcome).expect("an outcome can be kept");
    let again = decode_outcome(&kept).expect("what is kept can be read");
    assert_eq!(again.findings.read(&file()), findings);
    assert_eq!((again.cards.len(), again.inline), (outcome.cards.len(), outcome.inline));
}
