//! `--combine`: all documents as one input, `[{"path": …, "contents": …}]`, sorted by path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::plain::ground::{Ground, PlainInput, file_inputs};
use super::plain::run::PlainRun;
use crate::evaluate::mapped::Mapped;
use crate::evaluate::read::{self, ReadFile};
use crate::evaluate::setting::{INSTRUCTIONS, Setting};
use crate::model::finding::Finding;
use crate::model::text::{RelPath, TextId};
use crate::policy::engine::{Bounds, Datum, plain_datum};

/// Results of rules on all documents together.
#[derive(Default)]
pub struct Combined {
    /// Before judging.
    pub findings: Vec<Finding>,
    /// The texts that they point at.
    pub texts: BTreeMap<RelPath, TextId>,
}

/// A document among all.
pub(crate) fn combined_element(path: &str, contents: Datum) -> Datum {
    let path = Datum::text(path);
    Datum::fields([(Arc::from("path"), path), (Arc::from("contents"), contents)])
}

/// Judges the documents of the files that `wanted` selects as one input. Empty unless policies ask for the combined input.
pub fn judge_combined(
    setting: &Setting<'_>,
    mapped: &Mapped<'_>,
    bounds: Bounds,
    wanted: &(dyn Fn(&RelPath) -> bool + Sync),
) -> Combined {
    let plain = setting.pack.plain.as_ref().filter(|plain| plain.combine);
    let Some((plain, (program, active))) =
        plain.and_then(|plain| Some((plain, plain.program.as_ref()?)))
    else {
        return Combined::default();
    };
    let files: Vec<&RelPath> = mapped.outcomes.keys().collect();
    let read: Vec<(&RelPath, ReadFile<'_>)> = files
        .into_par_iter()
        .filter(|file| plain.covers(file) && wanted(file))
        .filter_map(|file| {
            // The map step reports files that can't be read.
            let bytes = mapped.source.read(file).ok()?;
            Some((
                file,
                read::read_file(setting, &mapped.contexts, file, &bytes),
            ))
        })
        .collect();
    let all: Vec<PlainInput<'_>> = read
        .iter()
        .flat_map(|(file, read)| file_inputs(setting, file, read))
        .collect();
    let input = Datum::array(all.iter().map(|input| {
        let contents = plain_datum(input.document, input.root.node, input.text);
        combined_element(input.file.as_str(), contents)
    }));
    let size: usize = read.iter().map(|(_, read)| read.text.as_str().len()).sum();
    let ground = Ground {
        inputs: all,
        combined: true,
    };
    let mut run = PlainRun {
        plain,
        ground: &ground,
        input: &input,
        bounds,
        more: INSTRUCTIONS.saturating_mul(size),
        exceptions: BTreeMap::new(),
    };
    let mut found = Combined::default();
    let mut worker = program.worker(&plain.with_file("Combined"), bounds);
    run.judge(
        &mut worker,
        active,
        &mut BTreeSet::new(),
        &mut found.findings,
    );
    let places = |finding: &Finding| {
        let own = finding.location.iter();
        let related = finding.related.iter().map(|related| &related.location);
        own.chain(related)
            .map(|place| place.file.clone())
            .collect::<Vec<_>>()
    };
    let pointed: BTreeSet<RelPath> = found.findings.iter().flat_map(places).collect();
    let texts = read.iter().filter(|(file, _)| pointed.contains(file));
    found.texts = texts
        .map(|(file, read)| ((*file).clone(), read.text.id()))
        .collect();
    found
}
