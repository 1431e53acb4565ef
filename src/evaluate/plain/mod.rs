//! Plain policies on documents: each document of a file by itself, or all of them as one input. An answer becomes
//! a finding like any other; `place` finds its place if the rule gives none.

mod answer;
pub(super) mod ground;
mod place;
pub(super) mod run;

use std::collections::{BTreeMap, BTreeSet};

use ground::Ground;
use run::PlainRun;

use super::read::ReadFile;
use super::setting::{INSTRUCTIONS, Setting};
use crate::model::finding::Finding;
use crate::model::text::RelPath;
use crate::policy::engine::{Datum, plain_datum};
use crate::policy::plain::Plain;

/// Judges the documents of a file one by one.
pub(super) fn judge_file(
    setting: &Setting<'_>,
    plain: &Plain,
    file: &RelPath,
    read: &ReadFile<'_>,
    findings: &mut Vec<Finding>,
) {
    let Some((program, active)) = plain.program.as_ref().filter(|_| !plain.combine) else {
        return;
    };
    let pooled = setting.plain.take();
    let mut worker = pooled.unwrap_or_else(|| {
        let program = program.hastened();
        program.worker(&plain.data, setting.bounds)
    });
    if plain.reads_file {
        worker.set_data(&plain.with_file(file.as_str()));
    }
    let mut spent = BTreeSet::new();
    for input in ground::file_inputs(setting, file, read) {
        let datum = plain_datum(input.document, input.root.node, input.text);
        let ground = Ground::single(input);
        let more = INSTRUCTIONS.saturating_mul(read.text.as_str().len());
        let mut run = PlainRun {
            plain,
            ground: &ground,
            input: &datum,
            bounds: setting.bounds,
            more,
            exceptions: BTreeMap::new(),
        };
        run.judge(&mut worker, active, &mut spent, findings);
    }
    setting.plain.give_back(worker);
}

/// The inputs that plain rules see of a file, each with its name.
pub(super) fn plain_inputs(
    setting: &Setting<'_>,
    file: &RelPath,
    read: &ReadFile<'_>,
) -> Vec<(String, Datum)> {
    let inputs = ground::file_inputs(setting, file, read).into_iter();
    inputs
        .map(|input| {
            let datum = plain_datum(input.document, input.root.node, input.text);
            (input.key.to_string(), datum)
        })
        .collect()
}
