//! Answers of change rules in the cache: the same two meshes have the same answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::outcomes::is_unsure;
use super::whole::Whole;
use crate::cache::{CacheKey, hash_parts, open_sealed, seal_content};
use crate::evaluate::change::ChangeFindings;
use crate::evaluate::outcome::wire::{TextNumber, WireFinding, WireLocation, WireReader, Writer};
use crate::evaluate::setting::Setting;
use crate::model::comparison::{VersionAdvice, VersionPart};
use crate::model::text::{RelPath, TextId};

#[derive(Serialize, Deserialize)]
struct WireChanged {
    texts: Vec<Arc<str>>,
    findings: Vec<WireFinding>,
    sources: Vec<(TextNumber, u64)>,
    base_sources: Vec<(TextNumber, u64)>,
    versions: Vec<WireAdvice>,
}

#[derive(Serialize, Deserialize)]
struct WireAdvice {
    entity: [TextNumber; 2],
    location: WireLocation,
    /// From, to, suggested.
    versions: [TextNumber; 3],
    part: u8,
    reasons: Vec<TextNumber>,
}

/// The cached answers for a base and a head. `None` if there are none.
pub fn recall_change(
    setting: &Setting<'_>,
    base: &Whole<'_>,
    head: &Whole<'_>,
) -> Option<ChangeFindings> {
    let cache = setting.cached?.cache;
    let wire: WireChanged = open_sealed(&cache.record(&change_key(setting, base, head)?)?)?;
    let reader = WireReader::new(&wire.texts);
    let texts = |texts: &[(TextNumber, u64)]| -> Option<BTreeMap<RelPath, TextId>> {
        let texts = texts.iter();
        texts
            .map(|(file, text)| Some((reader.file(*file)?, TextId(*text))))
            .collect()
    };
    let findings = wire.findings.iter().map(|one| reader.finding(one));
    let versions = wire.versions.iter().map(|advice| advice.read(&reader));
    Some(ChangeFindings {
        findings: findings.collect::<Option<_>>()?,
        sources: texts(&wire.sources)?,
        base_sources: texts(&wire.base_sources)?,
        versions: versions.collect::<Option<_>>()?,
    })
}

/// Keeps the answers for later runs. Both meshes must be cached too.
pub fn keep_change(
    setting: &Setting<'_>,
    base: &Whole<'_>,
    head: &Whole<'_>,
    changed: &ChangeFindings,
) {
    let kept = || {
        let cache = setting.cached?.cache;
        let key = change_key(setting, base, head)?;
        if changed.findings.iter().any(is_unsure) || !head.mapped.unchanged(cache) {
            return None;
        }
        cache.put(key, &bytes(changed)?);
        Some(())
    };
    // What is not kept is asked again.
    kept();
}

fn change_key(setting: &Setting<'_>, base: &Whole<'_>, head: &Whole<'_>) -> Option<CacheKey> {
    let (base, head) = (base.mapped.key(setting)?, head.mapped.key(setting)?);
    Some(hash_parts([b"change".as_slice(), &base, &head]))
}

fn bytes(changed: &ChangeFindings) -> Option<Vec<u8>> {
    // All fields by name: a new one must be written, too.
    let ChangeFindings {
        findings,
        sources,
        base_sources,
        versions,
    } = changed;
    let mut writer = Writer::default();
    let findings = findings.iter().map(|one| writer.finding(one)).collect();
    let mut texts = |texts: &BTreeMap<RelPath, TextId>| {
        let texts = texts.iter();
        texts
            .map(|(file, TextId(text))| (writer.text(file.as_str()), *text))
            .collect()
    };
    let (sources, base_sources) = (texts(sources), texts(base_sources));
    let versions = versions.iter();
    let versions = versions.map(|advice| WireAdvice::of(advice, &mut writer));
    let versions = versions.collect();
    if writer.is_partial {
        return None;
    }
    seal_content(&WireChanged {
        findings,
        sources,
        base_sources,
        versions,
        texts: writer.texts,
    })
}

impl WireAdvice {
    fn of(advice: &VersionAdvice, writer: &mut Writer<'_>) -> Self {
        let VersionAdvice {
            entity,
            location,
            from,
            to,
            part,
            suggested,
            reasons,
        } = advice;
        Self {
            entity: writer.key(entity),
            location: writer.location(location),
            versions: [from, to, suggested].map(|version| writer.text(version)),
            part: match part {
                VersionPart::Patch => 0,
                VersionPart::Minor => 1,
                VersionPart::Major => 2,
            },
            reasons: reasons.iter().map(|reason| writer.text(reason)).collect(),
        }
    }

    fn read(&self, reader: &WireReader<'_>) -> Option<VersionAdvice> {
        let [from, to, suggested] = self.versions;
        let reasons = self.reasons.iter().map(|reason| reader.text(*reason));
        Some(VersionAdvice {
            entity: reader.key(self.entity)?,
            location: reader.location(&self.location)?,
            from: reader.text(from)?,
            to: reader.text(to)?,
            part: match self.part {
                0 => VersionPart::Patch,
                1 => VersionPart::Minor,
                2 => VersionPart::Major,
                _ => return None,
            },
            suggested: reader.text(suggested)?,
            reasons: reasons.collect::<Option<_>>()?,
        })
    }
}
