//! The identity of findings: what stays the same when lines move and messages change.

use std::collections::HashMap;
use std::fmt::Write;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::finding::Finding;

/// Identity: rule, entity, route, discriminator, and a number where all of these agree. No line, index or message.
pub(super) fn identify(findings: &mut [Finding]) {
    let own: Vec<String> = findings
        .par_iter()
        .map(|finding| identity(finding, &finding.route))
        .collect();
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(own.len());
    let numbers: Vec<usize> = own
        .iter()
        .map(|own| {
            let next = seen.entry(own).or_default();
            std::mem::replace(next, *next + 1)
        })
        .collect();
    let identified = findings.par_iter_mut().zip(&own).zip(&numbers);
    identified.for_each(|((finding, own), number)| {
        finding.fingerprint = hash(own, *number);
        // As if each had been told by itself.
        let covered = finding.covers.iter();
        finding.covered = covered
            .map(|route| hash(&identity(finding, route), 0))
            .collect();
    });
}

pub(super) fn identity(finding: &Finding, route: &str) -> String {
    let entity = finding.entity.as_ref().map(ToString::to_string);
    let discriminator = finding.discriminator.as_deref().unwrap_or_default();
    [
        finding.rule.as_str(),
        &entity.unwrap_or_default(),
        route,
        discriminator,
    ]
    .join("\0")
}

pub(super) fn hash(identity: &str, number: usize) -> String {
    let mut told = identity.to_owned();
    // Writing to text can't fail.
    let _ = write!(told, "\0{number}");
    let mut shown = String::with_capacity(32);
    for byte in Sha256::digest(told.as_bytes()).iter().take(16) {
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}
