//! Change rules: each entity that may differ between two revisions is judged once, as both have it. Reads the files of
//! both sides again, two at a time, so that memory does not grow with the change.

mod cause;
mod close;
mod content;
pub mod diff;
mod leaves;
mod machines;
mod removed;
mod renamed_ids;
mod revisions;
mod templates;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use self::machines::Machines;
pub use self::revisions::{ChangeFindings, RevisionSide};
use self::revisions::{JudgedChange, PairFiles, UnlocatedFinding, What};
use super::input::{DocumentInput, build_input, expressible_fields};
use super::read::{self, ReadFile};
use super::rules;
use super::setting::Setting;
use crate::discover::ReadError;
use crate::mesh::Mesh;
pub use crate::mesh::{EntityPair, pair_entities};
use crate::model::entity::EntityKey;
use crate::model::text::RelPath;
use crate::model::wanted::Projection;
use crate::policy::engine::{Bounds, Datum, Maker};
use crate::policy::pack::{KindProgram, RuleReads};

/// Judges pairs of entities by all change rules that are on.
pub fn judge_changes(
    setting: &Setting<'_>,
    bounds: Bounds,
    base: &RevisionSide<'_>,
    head: &RevisionSide<'_>,
    pairs: &[EntityPair],
) -> ChangeFindings {
    let change = JudgedChange {
        setting,
        base,
        head,
    };
    let mut groups: BTreeMap<PairFiles<'_>, Vec<EntityPair>> = BTreeMap::new();
    for pair in pairs {
        if change.program(*pair).is_some() {
            groups.entry(change.files(*pair)).or_default().push(*pair);
        }
    }
    if groups.is_empty() {
        return ChangeFindings::default();
    }
    let data = change_data(setting, base.mesh, head.mesh);
    let entities = base.mesh.cards.len() + head.mesh.cards.len();
    let said: Vec<UnlocatedFinding> = groups
        .into_par_iter()
        .map_init(
            || Machines::new(setting, &data, bounds, entities),
            |machines, (files, pairs)| change.judge_files(machines, files, &pairs),
        )
        .flatten()
        .collect();
    close::locate_findings(change, &said)
}

/// `data` of change rules: that of all rules, `mesh` of the head and `base.mesh` of the base.
pub fn change_data(setting: &Setting<'_>, base: &Mesh, head: &Mesh) -> Datum {
    let schema = &setting.pack.schema;
    let (base, head) = rayon::join(
        || base.document_with_links(schema),
        || head.document_with_links(schema),
    );
    setting.data.with([
        (Arc::from("mesh"), head),
        (
            Arc::from("base"),
            Datum::fields([(Arc::from("mesh"), base)]),
        ),
    ])
}

/// What change rules see of a pair.
pub struct SeenPair {
    /// The entity.
    pub key: EntityKey,
    /// Its file in the head; in the base, if it is gone.
    pub file: RelPath,
    /// `input`.
    pub input: Datum,
    /// The instructions that it adds to the bound of an evaluation.
    pub more: usize,
}

/// The input of change rules for each pair, for tracing and for other engines.
pub fn pair_inputs(
    setting: &Setting<'_>,
    base: &RevisionSide<'_>,
    head: &RevisionSide<'_>,
    pairs: &[EntityPair],
) -> Vec<SeenPair> {
    let change = JudgedChange {
        setting,
        base,
        head,
    };
    let entities = base.mesh.cards.len() + head.mesh.cards.len();
    let seen = pairs.iter().filter_map(|pair| {
        let files = change.files(*pair);
        let read = change.read(files);
        let (input, bytes) = change.input(*pair, &read, change.program(*pair)?)?;
        let [before, now] = files;
        Some(SeenPair {
            key: change.key(*pair)?.clone(),
            file: now.or(before)?.clone(),
            input,
            more: machines::extra_instructions(bytes, entities),
        })
    });
    seen.collect()
}

impl<'c> JudgedChange<'c> {
    /// Whether the head has the file, but can't be read there: what it declares is not gone, and the file is reported.
    fn is_unreadable_in_head(self, file: &RelPath) -> bool {
        match self.head.source.read(file) {
            Ok(bytes) => {
                let read = read::read_file(self.setting, self.head.contexts, file, &bytes);
                read.findings.iter().any(|finding| finding.incomplete)
            }
            Err(ReadError::Io(error)) => error.kind() != io::ErrorKind::NotFound,
            Err(ReadError::NotAFile) => false,
            Err(_) => true,
        }
    }

    fn judge_files(
        self,
        machines: &mut Machines<'_>,
        files: PairFiles<'_>,
        pairs: &[EntityPair],
    ) -> Vec<UnlocatedFinding> {
        if let [Some(file), None] = files
            && self.is_unreadable_in_head(file)
        {
            return Vec::new();
        }
        let read = self.read(files);
        machines.open();
        let mut said = Vec::new();
        for pair in pairs {
            let (Some(key), Some(program)) = (self.key(*pair), self.program(*pair)) else {
                continue;
            };
            let found = match self.input(*pair, &read, program) {
                Some((input, bytes)) => machines.judge(&key.kind, program, &input, bytes),
                None => {
                    let why = "the file changed during the run".to_owned();
                    let ids = program.rules.iter().filter_map(|rule| self.id(*rule));
                    ids.map(|id| What::Failed(id, rules::RUNTIME, why.clone()))
                        .collect()
                }
            };
            said.extend(
                found
                    .into_iter()
                    .map(|what| UnlocatedFinding { pair: *pair, what }),
            );
        }
        said
    }

    /// `input` of a pair, and how many bytes of text it was made of. `None` if a side is no longer there.
    fn input(
        self,
        pair: EntityPair,
        read: &[Option<ReadFile<'_>>; 2],
        program: &KindProgram,
    ) -> Option<(Datum, usize)> {
        let entries = program.entry_points.iter();
        let reads = entries.fold(RuleReads::default(), |reads, entry| reads.and(entry.reads));
        let key = self.key(pair)?;
        let mut fields = vec![
            (Arc::from("entity"), Datum::text(&key.to_string())),
            (Arc::from("kind"), Datum::text(&key.kind)),
        ];
        let mut bytes = 0;
        let mut maker = Maker::default();
        let whole = Projection::all();
        let mut sites = Vec::new();
        let cards = [
            ("base", self.base_card(pair)),
            ("head", self.head_card(pair)),
        ];
        for ((side, card), read) in cards.into_iter().zip(read) {
            let Some(card) = card else { continue };
            let site = read.as_ref()?.site(card.document, card.ordinal)?;
            if site.entity.key != card.key {
                return None;
            }
            let place = (self.setting.place)(&card.file);
            let input = build_input(
                (&mut maker, &mut DocumentInput::default()),
                site,
                &place,
                (reads, &whole),
                expressible_fields(site),
            );
            fields.push((Arc::from(side), input));
            bytes += site.text.as_str().len();
            sites.push(site);
        }
        if let [before, now] = sites.as_slice() {
            let routes = content::unmodelled_changes(*before, *now);
            let routes = routes.iter().map(|route| Datum::text(route));
            let is_changed = content::is_changed(*before, *now);
            fields.push((Arc::from("changed"), Datum::json(&is_changed.into())));
            fields.push((Arc::from("unmodelled"), Datum::array(routes)));
        }
        Some((Datum::fields(fields), bytes))
    }
}
