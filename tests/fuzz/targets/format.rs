//! Any text as a format file or a file of shapes; a format that compiles lifts documents, and shapes that compile judge them.
#![no_main]

use std::sync::LazyLock;

use govcheck::lift::{Contexts, FormatError, compile_format, lift_document, recognise_document, shape};
use govcheck::parse::{Limits, Parsed};
use govcheck_fuzz::{FORMATS, file, hold_span};
use libfuzzer_sys::fuzz_target;

/// Documents that have what most formats ask for.
static DOCUMENTS: LazyLock<[Parsed; 3]> = LazyLock::new(|| {
    let texts = [
        include_str!("../../../fixtures/retail/governance/registers/teams.yaml"),
        include_str!("../../../fixtures/cases/house-format/lager/_meta/bestand.def.yml"),
        "kind: thing\nname: a\nid: a\nlist: [{name: b, text: ü}, {name: c}, d, [e], 1]\nmap: {a: {b: c}, d: []}\n",
    ];
    texts.map(|text| govcheck::parse::parse(text.as_bytes(), &Limits::default()))
});

fuzz_target!(|text: &str| {
    match compile_format("f.yaml", text, &FORMATS.schema) {
        Ok(format) => {
            for parsed in &*DOCUMENTS {
                for (index, document) in parsed.documents.iter().enumerate() {
                    recognise_document(std::slice::from_ref(&format), document, &parsed.text);
                    let contexts = Contexts::default();
                    // Also where it would not be recognised: rules may be odd, too.
                    lift_document(&format, &file(), index, document, &parsed.text, &contexts);
                }
            }
        }
        Err(error) => hold(&error),
    }
    match shape::compile_shapes("shapes/f.yaml", text) {
        Ok(shapes) => {
            for parsed in &*DOCUMENTS {
                for document in &parsed.documents {
                    let found = shape::find_violations(&shapes, document, &parsed.text);
                    assert!(found.iter().all(|one| !one.message.is_empty()));
                }
            }
        }
        Err(error) => hold(&error),
    }
});

fn hold(error: &FormatError) {
    hold_span(&error.text, error.span);
    assert_eq!(error.text.position(error.span.start), error.start);
    assert!(!error.message.is_empty() && !error.help.is_empty());
}
