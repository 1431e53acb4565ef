//! Manifests of the base that a change takes out of sight without deleting them.

use std::collections::{BTreeMap, BTreeSet};

use super::request::Request;
use crate::evaluate::change::diff::{Base, MeshDiff};
use crate::evaluate::recall::Whole;
use crate::evaluate::rules::{LEFT_THE_MESH, find_help};
use crate::lift::schema::DOCUMENT_KIND;
use crate::mesh::Card;
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::rule::{Level, RuleId};
use crate::model::text::RelPath;

/// The most unread files that are compared with removed manifests.
const CANDIDATES: usize = 1_000;

/// A finding for each manifest of the base that is not a manifest in the head although its file, or a similar one, is
/// still there. Leaves out files that the head's own findings report already.
pub(crate) fn find_departures(
    request: &Request<'_>,
    (base, before): (&Base<'_>, &Whole<'_>),
    head: &Whole<'_>,
    change: &MeshDiff<'_>,
    found: &[Finding],
) -> Vec<Finding> {
    let mut declared: BTreeMap<&RelPath, Vec<&Card>> = BTreeMap::new();
    let cards = before.mesh.declared();
    for card in cards.filter(|card| &*card.key.kind != DOCUMENT_KIND) {
        declared.entry(&card.file).or_default().push(card);
    }
    let here: BTreeSet<&RelPath> = head.mesh.declared().map(|card| &card.file).collect();
    let is_told = |file: &RelPath| {
        let mut errors = found.iter().filter(|finding| finding.level == Level::Error);
        errors.any(|error| error.location.as_ref().is_some_and(|at| at.file == *file))
    };
    let is_gone = |file: &RelPath, cards: &[&Card]| {
        let is_elsewhere = |card: &&Card| head.mesh.declares(&card.key);
        !here.contains(file)
            && !change.renames.contains_key(file)
            && !is_told(file)
            && !cards.iter().all(is_elsewhere)
    };
    declared.retain(|file, cards| is_gone(file, cards));
    let mut findings = Vec::new();
    let mut removed = Vec::new();
    for (file, cards) in &declared {
        let why = match head.mapped.outcomes.contains_key(*file) {
            true => "its content is no longer a manifest",
            false if request.source.holds(file) => "it is a link, ignored or excluded now",
            false => {
                removed.push(*file);
                continue;
            }
        };
        findings.push(departure(base, cards, file, why));
    }
    for (old, new) in find_unread(request, base, &removed) {
        if let Some(cards) = declared.get(&old) {
            let why = format!("`{old}` is `{new}` now, which is not read");
            findings.push(departure(base, cards, &new, &why));
        }
    }
    findings
}

/// Removed files and the files that they have become, which are not read.
fn find_unread(
    request: &Request<'_>,
    base: &Base<'_>,
    removed: &[&RelPath],
) -> BTreeMap<RelPath, RelPath> {
    if removed.is_empty() {
        return BTreeMap::new();
    }
    let stem = |path: &RelPath| {
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').find(|part| !part.is_empty());
        stem.unwrap_or_default().to_owned()
    };
    let stems: BTreeSet<String> = removed.iter().map(|path| stem(path)).collect();
    let mut unread = request.source.unread();
    // First those with a name like one of them.
    unread.sort_by_key(|path| !stems.contains(&stem(path)));
    unread.truncate(CANDIDATES);
    let unread: Vec<&RelPath> = unread.iter().collect();
    (base.renames)(removed, &unread)
}

fn departure(base: &Base<'_>, cards: &[&Card], file: &RelPath, why: &str) -> Finding {
    let first = cards.first().map(|card| &card.key);
    let named = first.map_or_else(String::new, |key| format!("{} `{}`", key.kind, key.id));
    let more = match cards.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let message = format!("{named}{more} of base `{}` left the mesh: {why}", base.name);
    let mut finding = Finding::bare(RuleId::new(LEFT_THE_MESH), Level::Error, message);
    finding.help = find_help(LEFT_THE_MESH);
    finding.entity = first.cloned();
    finding.route = file.to_string();
    finding.location = Some(Location::start_of(file));
    finding
}
