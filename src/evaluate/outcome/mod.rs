//! What one file has to say, and the same as bytes, for the cache and for parts of a run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cache::{open_sealed, seal_content};
use crate::mesh::Card;
use crate::model::text::{RelPath, TextId};
use crate::model::waiver::WaiverDraft;

mod common;
mod kept;
pub(crate) mod wire;

pub use common::Common;
pub use kept::Findings;

use wire::{WireCard, WireDraft, WireFinding, WireReader, Writer};

/// What one file has to say.
#[derive(Debug, Default, Clone)]
pub struct Outcome {
    /// Whether it is a manifest, or looks like one.
    pub manifest: bool,
    /// Findings of entity rules and of reading the file, before judging.
    pub findings: Findings,
    /// Cards of its entities, with the facts for mesh rules.
    pub cards: Vec<Card>,
    /// Waivers in its comments.
    pub inline: Vec<WaiverDraft>,
    /// Whether only plain policies read it, so that it is not part of the mesh.
    pub plain_only: bool,
    /// Which text it has, if a finding or a waiver points at it. The text itself is not kept: a report reads it again.
    pub text: Option<TextId>,
}

/// An outcome with its own table of texts.
#[derive(Serialize, Deserialize)]
struct WireOutcome {
    manifest: bool,
    plain_only: bool,
    text: Option<u64>,
    texts: Vec<Arc<str>>,
    findings: Vec<WireFinding>,
    cards: Vec<WireCard>,
    inline: Vec<WireDraft>,
}

/// Writes the outcome of a file as bytes. `None` if it can't be serialised.
pub fn encode_outcome(file: &RelPath, outcome: &Outcome) -> Option<Vec<u8>> {
    // All fields by name: a new one must be written, too.
    let Outcome {
        manifest,
        findings,
        cards,
        inline,
        plain_only,
        text,
    } = outcome;
    let mut writer = Writer::default();
    let findings = findings.read(file);
    let findings = findings.iter().map(|one| writer.finding(one)).collect();
    let cards = cards.iter().map(|one| writer.card(one)).collect();
    let inline = inline.iter().map(|one| writer.draft(one)).collect();
    if writer.is_partial {
        return None;
    }
    seal_content(&WireOutcome {
        manifest: *manifest,
        plain_only: *plain_only,
        text: text.map(|TextId(text)| text),
        texts: writer.texts,
        findings,
        cards,
        inline,
    })
}

/// Reads an outcome from bytes. `None` unless [`encode_outcome`] wrote them.
pub fn decode_outcome(bytes: &[u8]) -> Option<Outcome> {
    let wire: WireOutcome = open_sealed(bytes)?;
    let reader = WireReader::new(&wire.texts);
    let findings = wire.findings.iter().map(|one| reader.finding(one));
    let inline = wire.inline.iter().map(|one| reader.draft(one));
    Some(Outcome {
        manifest: wire.manifest,
        plain_only: wire.plain_only,
        text: wire.text.map(TextId),
        findings: findings.collect::<Option<Vec<_>>>()?.into(),
        inline: inline.collect::<Option<_>>()?,
        cards: collect(wire.cards.iter().map(|one| reader.card(one)))?,
    })
}

fn collect<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{Card, FactsBuilder};
    use crate::model::entity::EntityKey;
    use crate::model::finding::{Certainty, Finding, Related};
    use crate::model::location::Location;
    use crate::model::rule::{Day, Level, RuleId};
    use crate::model::text::{Position, RelPath, Span};
    use crate::model::waiver::{CoveredPart, WaiverDraft, WaiverMistake};
    use crate::policy::engine::Datum;
    use crate::policy::engine::codec::Packed;

    fn file() -> RelPath {
        RelPath::new("domains/ü.yaml")
    }

    fn location(line: u32) -> Location {
        let at = |column| Position {
            line,
            column,
            column_utf16: column + 1,
        };
        Location {
            file: file(),
            span: Span::new(3, 70_000),
            start: at(1),
            end: at(9),
        }
    }

    fn outcome() -> Outcome {
        let key = EntityKey {
            kind: "contract".into(),
            id: "orders".into(),
        };
        let mut finding = Finding::bare(RuleId::new("a/b"), Level::Warning, "m".to_owned());
        finding.help = Some("help".into());
        finding.fix = Some(String::new());
        finding.location = Some(location(4));
        finding.related = vec![Related {
            message: "here".to_owned(),
            location: location(5),
        }];
        finding.entity = Some(key.clone());
        finding.route = "columns[a].name".to_owned();
        finding.owner = Some("team".to_owned());
        finding.domain = Some("sales".to_owned());
        finding.discriminator = Some("a".to_owned());
        finding.covers = vec!["columns[a]".to_owned()];
        finding.incomplete = true;
        let mut draft = WaiverDraft::at(location(7));
        draft.rule = Some("a/b".to_owned());
        draft.ticket = Some("T-1".to_owned());
        draft.expires = Some(Day("2027-03-31".parse().unwrap()));
        draft.rule_location = Some(location(8));
        draft.covers = Some(Span::new(1, 2));
        draft.parts = vec![CoveredPart {
            entity: key.clone(),
            route: "\0columns".to_owned(),
            whole: true,
            span: Span::new(1, 2),
        }];
        draft.mistakes = vec![WaiverMistake {
            location: location(9),
            message: "no".to_owned(),
            help: "yes".to_owned(),
        }];
        let fields = Datum::json(&serde_json::json!({"owner": {"team": "a"}, "n": [1, 2.5, null]}));
        let mut facts = FactsBuilder::default();
        facts.push(41, &fields);
        Outcome {
            manifest: true,
            plain_only: true,
            findings: vec![
                finding,
                Finding::bare(RuleId::new("c/d"), Level::Note, "n".to_owned()),
            ]
            .into(),
            cards: vec![Card {
                key,
                file: file(),
                document: 1,
                ordinal: 2,
                fields: Packed::of(&fields),
                facts: facts.finish(),
                text: u64::MAX,
                presence: crate::mesh::Presence::Declared,
            }],
            inline: vec![draft],
            text: Some(TextId(7)),
        }
    }

    #[test]
    fn an_outcome_comes_back_as_it_was() {
        for outcome in [outcome(), Outcome::default()] {
            let back = decode_outcome(&encode_outcome(&file(), &outcome).unwrap()).unwrap();
            assert_eq!(format!("{back:?}"), format!("{outcome:?}"));
        }
    }

    #[test]
    fn findings_are_kept_as_they_were_in_less_room() {
        let common = Arc::new(Common::with(["a/b", "help", "contract"]));
        let found = outcome().findings.take(&file());
        let mut kept = Findings::keep(found.clone(), &file(), &common);
        assert_eq!(kept.len(), found.len());
        assert_eq!(*kept.read(&file()), found);
        assert!(kept.room() < 300, "{}", kept.room());
        let stored = Outcome {
            findings: kept.clone(),
            ..outcome()
        };
        assert_eq!(
            encode_outcome(&file(), &stored),
            encode_outcome(&file(), &outcome())
        );
        assert_eq!(kept.take(&file()), found);
        assert!(kept.is_empty());
        let mut plain = found;
        plain[0].certainty = Some(Certainty::Likely);
        assert_eq!(
            *Findings::keep(plain.clone(), &file(), &common).read(&file()),
            plain
        );
    }

    #[test]
    fn findings_that_cant_be_read_back_are_reported() {
        let common = Arc::new(Common::with(["a/b", "help", "contract"]));
        let kept = Findings::keep(outcome().findings.take(&file()), &file(), &common);
        let read = kept.cut().read(&file()).into_owned();
        assert!(read.len() == 1 && read[0].incomplete, "{read:?}");
    }

    #[test]
    fn what_plain_policies_say_is_rather_not_written_than_in_part() {
        let mut outcome = outcome();
        let mut findings = outcome.findings.take(&file());
        findings[0].excepted = true;
        outcome.findings = findings.into();
        assert!(encode_outcome(&file(), &outcome).is_none());
    }

    #[test]
    fn damaged_cut_off_or_other_versions_bytes_are_not_an_outcome() {
        let bytes = encode_outcome(&file(), &outcome()).unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(decode_outcome(&damaged).is_none(), "byte {at}");
            assert!(decode_outcome(&bytes[..at]).is_none(), "{at} bytes");
        }
        assert!(decode_outcome(&[bytes, vec![0]].concat()).is_none());
    }
}
