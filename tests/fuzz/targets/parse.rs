//! Any bytes as a manifest: documents, problems, comments, and where JSON ends.
#![no_main]

use govcheck::parse::{find_comments, find_json_error};
use govcheck_fuzz::{hold_span, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let parsed = parse(bytes);
    for comment in find_comments(&parsed.text, &parsed.documents, "govcheck") {
        hold_span(&parsed.text, comment.span);
        comment
            .covers
            .iter()
            .for_each(|span| hold_span(&parsed.text, *span));
    }
    if let Some(problem) = find_json_error(parsed.text.as_str()) {
        hold_span(&parsed.text, problem.span);
    }
});
