//! An attempt for programs.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Attempt, Levels, OwnerEffect, pick_examples};
use crate::model::finding::Finding;

/// Goes up when a reader of the version before would read something wrong.
const VERSION: u32 = 1;

/// Writes the attempt. All but `time_differs_from_run_to_run` is the same for the same input.
///
/// # Errors
/// The output can't be written.
pub fn write_json(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    let rules = attempt.rules.iter().map(|rule| {
        json!({"id": rule.id, "state": rule.state, "severity": rule.severity, "enforced_from": rule.enforced_from,
               "pack": rule.pack})
    });
    let becoming = attempt.becoming().into_iter().map(|becoming| {
        let rules = becoming.rules.iter();
        let rules: serde_json::Map<String, Value> = rules
            .map(|(rule, count)| (rule.to_string(), json!(count)))
            .collect();
        json!({"day": becoming.day, "rules": rules})
    });
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (before, after) = attempt.time.all;
    let times = attempt.time.rules.iter().map(|(id, (before, after))| {
        json!({"id": id, "before_ms": ms(before.time), "after_ms": ms(after.time), "asked": after.asked})
    });
    let document = json!({
        "version": VERSION,
        "tried": attempt.what,
        "rules": rules.collect::<Vec<_>>(),
        "files": attempt.after.counts.files,
        "base": attempt.after.comparison.as_ref().map(|two| {
            json!({"revision": two.base.given, "commit": two.base.commit, "changed_files": two.changed.len()})
        }),
        "incomplete": attempt.after.incomplete,
        "new": attempt.total(|row| &row.new),
        "fixed": attempt.total(|row| &row.fixed),
        "unchanged": attempt.total(|row| &row.unchanged),
        "becoming_errors": becoming.collect::<Vec<_>>(),
        "owners": attempt.rows.iter().map(row).collect::<Vec<_>>(),
        "notes": attempt.notes,
        "time_differs_from_run_to_run": {
            "rules_before_ms": ms(before),
            "rules_after_ms": ms(after),
            "rules": times.collect::<Vec<_>>(),
        },
    });
    writeln!(out, "{document:#}")
}

fn row(row: &OwnerEffect) -> Value {
    let mut value = json!({"domain": row.domain, "owner": row.owner});
    for (kind, findings) in row.kinds() {
        let told: Vec<Value> = pick_examples(findings).into_iter().map(finding).collect();
        value[kind] = json!({"counts": Levels::of(findings), "examples": told});
    }
    value
}

fn finding(finding: &Finding) -> Value {
    let at = finding.location.as_ref();
    let entity = finding.entity.as_ref().map(ToString::to_string);
    json!({
        "rule": finding.rule, "level": finding.level, "error_from": finding.error_from, "message": finding.message,
        "file": at.map(|at| &at.file), "start": at.map(|at| at.start), "end": at.map(|at| at.end),
        "entity": entity, "fingerprint": finding.fingerprint,
    })
}
