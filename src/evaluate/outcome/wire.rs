//! The shapes that outcomes have in stores and parts of a run: texts by their number in one table, so that each is written
//! once. Says nothing of bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::common::Common;
use crate::mesh::{Card, Facts, Presence};
use crate::model::entity::EntityKey;
use crate::model::finding::{Finding, Related};
use crate::model::location::Location;
use crate::model::rule::{Day, Level, RuleId};
use crate::model::text::{Position, RelPath, Span};
use crate::model::waiver::{CoveredPart, WaiverDraft, WaiverMistake};
use crate::policy::engine::codec::Packed;

/// The number of a text in the table.
pub(crate) type TextNumber = u32;

/// Texts, each once, while things are written.
#[derive(Debug, Default)]
pub(crate) struct Writer<'w> {
    /// Texts that readers have already. They have the first numbers.
    beside: Option<(&'w Common, &'w RelPath)>,
    numbers: BTreeMap<Arc<str>, TextNumber>,
    pub(crate) texts: Vec<Arc<str>>,
    /// Whether something was not written that can't be done without.
    pub(crate) is_partial: bool,
}

/// Texts to read things back from.
pub(crate) struct WireReader<'t> {
    beside: Option<(&'t Common, &'t RelPath)>,
    texts: &'t [Arc<str>],
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireLocation {
    file: TextNumber,
    span: [u32; 2],
    start: [u32; 3],
    end: [u32; 3],
}

/// A finding before judging.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireFinding {
    rule: TextNumber,
    level: u8,
    message: TextNumber,
    help: Option<TextNumber>,
    fix: Option<TextNumber>,
    location: Option<WireLocation>,
    related: Vec<(TextNumber, WireLocation)>,
    entity: Option<[TextNumber; 2]>,
    route: TextNumber,
    owner: Option<TextNumber>,
    domain: Option<TextNumber>,
    discriminator: Option<TextNumber>,
    covers: Vec<TextNumber>,
    incomplete: bool,
}

/// Where an entity is declared.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireEntity {
    key: [TextNumber; 2],
    file: TextNumber,
    document: u32,
    ordinal: u32,
}

/// A card, with its facts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireCard {
    entity: WireEntity,
    text: u64,
    fields: Vec<u8>,
    facts: Vec<u8>,
}

/// A waiver in a comment.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireDraft {
    /// Rule, entity, path, at, reason, owner, who approved it, ticket.
    said: [Option<TextNumber>; 8],
    expires: Option<TextNumber>,
    created: Option<TextNumber>,
    /// Its place, that of its rule, that of its last day.
    places: [Option<WireLocation>; 3],
    covers: Option<[u32; 2]>,
    parts: Vec<WirePart>,
    mistakes: Vec<(WireLocation, TextNumber, TextNumber)>,
}

/// A part of an entity that a comment covers.
#[derive(Debug, Serialize, Deserialize)]
struct WirePart {
    entity: [TextNumber; 2],
    route: TextNumber,
    whole: bool,
    span: [u32; 2],
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many texts readers have already: the common ones, and the path of the file.
fn known(beside: Option<(&Common, &RelPath)>) -> usize {
    beside.map_or(0, |(common, _)| common.texts().len() + 1)
}

impl<'w> Writer<'w> {
    /// Writes for somebody who has common texts and knows the file.
    pub(super) fn beside(common: &'w Common, file: &'w RelPath) -> Self {
        Self {
            beside: Some((common, file)),
            ..Self::default()
        }
    }

    /// The number of a text.
    pub(crate) fn text(&mut self, text: &str) -> TextNumber {
        match self.number(text) {
            Some(number) => number,
            None => self.add(Arc::from(text)),
        }
    }

    fn shared(&mut self, text: &Arc<str>) -> TextNumber {
        match self.number(text) {
            Some(number) => number,
            None => self.add(Arc::clone(text)),
        }
    }

    fn number(&self, text: &str) -> Option<TextNumber> {
        let known = self.beside.and_then(|(common, file)| {
            let is_file = || (file.as_str() == text).then(|| small(common.texts().len()));
            common.number(text).or_else(is_file)
        });
        known.or_else(|| self.numbers.get(text).copied())
    }

    fn add(&mut self, text: Arc<str>) -> TextNumber {
        let number = small(known(self.beside) + self.texts.len());
        self.numbers.insert(Arc::clone(&text), number);
        self.texts.push(text);
        number
    }

    fn perhaps(&mut self, text: Option<&String>) -> Option<TextNumber> {
        text.map(|text| self.text(text))
    }

    pub(crate) fn key(&mut self, key: &EntityKey) -> [TextNumber; 2] {
        [self.shared(&key.kind), self.shared(&key.id)]
    }

    pub(crate) fn location(&mut self, at: &Location) -> WireLocation {
        let position = |at: Position| [at.line, at.column, at.column_utf16];
        WireLocation {
            file: self.text(at.file.as_str()),
            span: [at.span.start, at.span.end],
            start: position(at.start),
            end: position(at.end),
        }
    }

    pub(crate) fn finding(&mut self, finding: &Finding) -> WireFinding {
        // All fields by name, here and below: a new one must be written, too.
        let Finding {
            rule,
            level,
            message,
            help,
            fix,
            location,
            related,
            entity,
            route,
            owner,
            domain,
            discriminator,
            covers,
            incomplete,
            certainty,
            excepted,
            metadata,
            // Judging fills these.
            error_from: _,
            fingerprint: _,
            covered: _,
            against: _,
            suppression: _,
        } = finding;
        // Only plain policies fill these, and their results are not cached.
        self.is_partial |= certainty.is_some() || *excepted || !metadata.is_empty();
        WireFinding {
            rule: self.text(rule.as_str()),
            level: match level {
                Level::Note => 0,
                Level::Warning => 1,
                Level::Error => 2,
            },
            message: self.text(message),
            help: help.as_ref().map(|help| self.shared(help)),
            fix: self.perhaps(fix.as_ref()),
            location: location.as_ref().map(|at| self.location(at)),
            related: related
                .iter()
                .map(|one| (self.text(&one.message), self.location(&one.location)))
                .collect(),
            entity: entity.as_ref().map(|key| self.key(key)),
            route: self.text(route),
            owner: self.perhaps(owner.as_ref()),
            domain: self.perhaps(domain.as_ref()),
            discriminator: self.perhaps(discriminator.as_ref()),
            covers: covers.iter().map(|one| self.text(one)).collect(),
            incomplete: *incomplete,
        }
    }

    pub(crate) fn entity(
        &mut self,
        key: &EntityKey,
        file: &RelPath,
        (document, ordinal): (usize, usize),
    ) -> WireEntity {
        WireEntity {
            key: self.key(key),
            file: self.text(file.as_str()),
            document: small(document),
            ordinal: small(ordinal),
        }
    }

    pub(crate) fn card(&mut self, card: &Card) -> WireCard {
        let Card {
            key,
            file,
            document,
            ordinal,
            fields,
            facts,
            text,
            // Outcomes hold what is declared.
            presence: _,
        } = card;
        WireCard {
            entity: self.entity(key, file, (*document, *ordinal)),
            text: *text,
            fields: fields.bytes().to_vec(),
            facts: facts.bytes().to_vec(),
        }
    }

    pub(crate) fn draft(&mut self, draft: &WaiverDraft) -> WireDraft {
        let WaiverDraft {
            rule,
            entity,
            path,
            at,
            reason,
            owner,
            approved_by,
            expires,
            created,
            ticket,
            location,
            rule_location,
            expires_location,
            covers,
            parts,
            mistakes,
        } = draft;
        let said = [rule, entity, path, at, reason, owner, approved_by, ticket];
        let places = [
            Some(location),
            rule_location.as_ref(),
            expires_location.as_ref(),
        ];
        WireDraft {
            said: said.map(|text| self.perhaps(text.as_ref())),
            expires: expires.map(|day| self.text(&day.to_string())),
            created: created.map(|day| self.text(&day.to_string())),
            places: places.map(|at| at.map(|at| self.location(at))),
            covers: covers.map(|span| [span.start, span.end]),
            parts: parts.iter().map(|part| self.part(part)).collect(),
            mistakes: mistakes
                .iter()
                .map(|one| {
                    let at = self.location(&one.location);
                    (at, self.text(&one.message), self.text(&one.help))
                })
                .collect(),
        }
    }
}

impl Writer<'_> {
    fn part(&mut self, part: &CoveredPart) -> WirePart {
        let CoveredPart {
            entity,
            route,
            whole,
            span,
        } = part;
        WirePart {
            entity: self.key(entity),
            route: self.text(route),
            whole: *whole,
            span: [span.start, span.end],
        }
    }
}

impl<'t> WireReader<'t> {
    /// Reads what was written for anybody.
    pub(crate) fn new(texts: &'t [Arc<str>]) -> Self {
        Self {
            beside: None,
            texts,
        }
    }

    /// Reads what was written for somebody who has common texts and knows the file.
    pub(super) fn beside(common: &'t Common, file: &'t RelPath, texts: &'t [Arc<str>]) -> Self {
        Self {
            beside: Some((common, file)),
            texts,
        }
    }

    fn shared(&self, number: TextNumber) -> Option<Arc<str>> {
        let number = number as usize;
        let own = number.checked_sub(known(self.beside));
        let text = match (own, self.beside) {
            (Some(own), _) => self.texts.get(own)?,
            (None, Some((common, file))) => {
                common.texts().get(number).unwrap_or_else(|| file.shared())
            }
            (None, None) => return None,
        };
        Some(Arc::clone(text))
    }

    pub(crate) fn text(&self, number: TextNumber) -> Option<String> {
        self.shared(number).map(|text| text.to_string())
    }

    /// A text that need not be there: of two options the inner one is its own.
    fn perhaps(&self, number: Option<TextNumber>) -> Option<Option<String>> {
        number.map_or(Some(None), |number| self.text(number).map(Some))
    }

    pub(crate) fn key(&self, [kind, id]: [TextNumber; 2]) -> Option<EntityKey> {
        Some(EntityKey {
            kind: self.shared(kind)?,
            id: self.shared(id)?,
        })
    }

    pub(crate) fn file(&self, number: TextNumber) -> Option<RelPath> {
        self.shared(number).map(RelPath::new)
    }

    pub(crate) fn location(&self, at: &WireLocation) -> Option<Location> {
        let position = |[line, column, column_utf16]: [u32; 3]| Position {
            line,
            column,
            column_utf16,
        };
        Some(Location {
            file: self.file(at.file)?,
            span: Span::new(at.span[0], at.span[1]),
            start: position(at.start),
            end: position(at.end),
        })
    }

    pub(crate) fn finding(&self, wire: &WireFinding) -> Option<Finding> {
        let level = match wire.level {
            0 => Level::Note,
            1 => Level::Warning,
            2 => Level::Error,
            _ => return None,
        };
        let rule = RuleId::new(self.shared(wire.rule)?);
        let mut finding = Finding::bare(rule, level, self.text(wire.message)?);
        if let Some(help) = wire.help {
            finding.help = Some(self.shared(help)?);
        }
        finding.fix = self.perhaps(wire.fix)?;
        if let Some(at) = &wire.location {
            finding.location = Some(self.location(at)?);
        }
        for (message, at) in &wire.related {
            finding.related.push(Related {
                message: self.text(*message)?,
                location: self.location(at)?,
            });
        }
        if let Some(key) = wire.entity {
            finding.entity = Some(self.key(key)?);
        }
        finding.route = self.text(wire.route)?;
        finding.owner = self.perhaps(wire.owner)?;
        finding.domain = self.perhaps(wire.domain)?;
        finding.discriminator = self.perhaps(wire.discriminator)?;
        let covers = wire.covers.iter().map(|one| self.text(*one));
        finding.covers = covers.collect::<Option<_>>()?;
        finding.incomplete = wire.incomplete;
        Some(finding)
    }

    /// Key, file, document and ordinal.
    pub(crate) fn entity(&self, wire: &WireEntity) -> Option<(EntityKey, RelPath, usize, usize)> {
        let (document, ordinal) = (wire.document as usize, wire.ordinal as usize);
        Some((
            self.key(wire.key)?,
            self.file(wire.file)?,
            document,
            ordinal,
        ))
    }

    pub(crate) fn card(&self, wire: &WireCard) -> Option<Card> {
        let (key, file, document, ordinal) = self.entity(&wire.entity)?;
        Some(Card {
            key,
            file,
            document,
            ordinal,
            fields: Packed::from_bytes(&wire.fields)?,
            facts: Facts::from_bytes(&wire.facts)?,
            text: wire.text,
            presence: Presence::Declared,
        })
    }

    pub(crate) fn draft(&self, wire: &WireDraft) -> Option<WaiverDraft> {
        let place = |at: &Option<WireLocation>| {
            at.as_ref()
                .map_or(Some(None), |at| self.location(at).map(Some))
        };
        let day = |number: Option<TextNumber>| match number {
            None => Some(None),
            Some(number) => self.shared(number)?.parse().ok().map(Day).map(Some),
        };
        let said = |index: usize| self.perhaps(wire.said.get(index).copied().flatten());
        let mut draft = WaiverDraft::at(place(&wire.places[0])??);
        draft.rule = said(0)?;
        draft.entity = said(1)?;
        draft.path = said(2)?;
        draft.at = said(3)?;
        draft.reason = said(4)?;
        draft.owner = said(5)?;
        draft.approved_by = said(6)?;
        draft.ticket = said(7)?;
        draft.expires = day(wire.expires)?;
        draft.created = day(wire.created)?;
        draft.rule_location = place(&wire.places[1])?;
        draft.expires_location = place(&wire.places[2])?;
        draft.covers = wire.covers.map(|[start, end]| Span::new(start, end));
        for part in &wire.parts {
            draft.parts.push(CoveredPart {
                entity: self.key(part.entity)?,
                route: self.text(part.route)?,
                whole: part.whole,
                span: Span::new(part.span[0], part.span[1]),
            });
        }
        for (at, message, help) in &wire.mistakes {
            draft.mistakes.push(WaiverMistake {
                location: self.location(at)?,
                message: self.text(*message)?,
                help: self.text(*help)?,
            });
        }
        Some(draft)
    }
}
