//! The identity of findings: what stays the same when lines move and messages change.

use std::collections::HashMap;
use std::fmt::Write;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::shared_keys::SharedKeys;
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// Gives findings on entities whose key several files declare identities of their own.
pub fn tell_apart(findings: &mut [Finding], shared: &SharedKeys) {
    if !shared.is_empty() {
        let findings = findings.iter_mut();
        let findings = findings.filter(|finding| !shared.files_of(finding).is_empty());
        identify_findings(findings.collect(), shared);
    }
}

/// Identity: rule, entity, route, discriminator, and a number where all of these agree. No line, index or message; a file
/// only where the same key is declared in another one before.
pub(super) fn identify_findings(mut findings: Vec<&mut Finding>, shared: &SharedKeys) {
    let own: Vec<String> = findings
        .par_iter()
        .map(|finding| identity(finding, &finding.route, shared.place(finding)))
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
        finding.fingerprint = hash_identity(own, *number);
        // Each part has the identity that it would have as a finding of its own.
        let place = shared.place(finding).cloned();
        let covered = finding.covers.iter();
        finding.covered = covered
            .map(|route| hash_identity(&identity(finding, route, place.as_ref()), 0))
            .collect();
    });
}

fn identity(finding: &Finding, route: &str, place: Option<&RelPath>) -> String {
    let entity = finding.entity.as_ref().map(ToString::to_string);
    let entity = entity.unwrap_or_default();
    identity_of(finding, (finding.rule.as_str(), &entity), route, place)
}

/// The identity of a finding under another name of its rule or its entity.
pub(super) fn identity_of(
    finding: &Finding,
    (rule, entity): (&str, &str),
    route: &str,
    place: Option<&RelPath>,
) -> String {
    let discriminator = finding.discriminator.as_deref().unwrap_or_default();
    let mut identity = [rule, entity, route, discriminator].join("\0");
    if let Some(place) = place {
        // Writing to text can't fail.
        let _ = write!(identity, "\0{place}");
    }
    identity
}

pub(super) fn hash_identity(identity: &str, number: usize) -> String {
    let mut told = identity.to_owned();
    // Writing to text can't fail.
    let _ = write!(told, "\0{number}");
    let mut shown = String::with_capacity(32);
    for byte in Sha256::digest(told.as_bytes()).iter().take(16) {
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}
