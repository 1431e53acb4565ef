//! The findings of a file from the map step until they are judged: as bytes, a third of the room that findings take. Where
//! something in them can't be written, they are kept as they are.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::common::Common;
use super::wire::{WireFinding, WireReader, Writer};
use crate::evaluate::rules;
use crate::model::finding::Finding;
use crate::model::rule::{Level, RuleId};
use crate::model::text::RelPath;

/// Findings of one file, before judging.
#[derive(Debug, Clone, Default)]
pub struct Findings(FindingsForm);

#[derive(Debug, Clone)]
enum FindingsForm {
    Whole(Vec<Finding>),
    Packed {
        count: u32,
        bytes: Box<[u8]>,
        common: Arc<Common>,
    },
}

impl Default for FindingsForm {
    fn default() -> Self {
        Self::Whole(Vec::new())
    }
}

#[derive(Serialize, Deserialize)]
struct WireFindings {
    texts: Vec<Arc<str>>,
    findings: Vec<WireFinding>,
}

impl From<Vec<Finding>> for Findings {
    fn from(findings: Vec<Finding>) -> Self {
        Self(FindingsForm::Whole(findings))
    }
}

impl Findings {
    /// Keeps the findings of a file; who reads them must name it.
    pub fn keep(mut findings: Vec<Finding>, file: &RelPath, common: &Arc<Common>) -> Self {
        if findings.is_empty() {
            return Self::default();
        }
        let mut writer = Writer::beside(common, file);
        let written = findings.iter().map(|one| writer.finding(one)).collect();
        let bytes = (!writer.is_partial).then(|| {
            let content = WireFindings {
                texts: std::mem::take(&mut writer.texts),
                findings: written,
            };
            postcard::to_allocvec(&content).ok()
        });
        match (bytes.flatten(), u32::try_from(findings.len())) {
            (Some(bytes), Ok(count)) => Self(FindingsForm::Packed {
                count,
                bytes: bytes.into(),
                common: Arc::clone(common),
            }),
            _ => {
                // A list that was pushed to has room for four.
                findings.shrink_to_fit();
                Self(FindingsForm::Whole(findings))
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            FindingsForm::Whole(findings) => findings.len(),
            FindingsForm::Packed { count, .. } => *count as usize,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The findings; `file` is the one that they were kept with.
    pub fn read(&self, file: &RelPath) -> Cow<'_, [Finding]> {
        match &self.0 {
            FindingsForm::Whole(findings) => findings.into(),
            FindingsForm::Packed { bytes, common, .. } => unpack(bytes, file, common)
                .unwrap_or_else(|| vec![unreadable(file)])
                .into(),
        }
    }

    /// Hands them over and keeps none.
    pub(crate) fn take(&mut self, file: &RelPath) -> Vec<Finding> {
        match std::mem::take(&mut self.0) {
            FindingsForm::Whole(findings) => findings,
            packed @ FindingsForm::Packed { .. } => Self(packed).read(file).into_owned(),
        }
    }
}

#[cfg(test)]
impl Findings {
    /// How many bytes they are.
    pub(super) fn room(&self) -> usize {
        match &self.0 {
            FindingsForm::Whole(_) => usize::MAX,
            FindingsForm::Packed { bytes, .. } => bytes.len(),
        }
    }

    /// Without their last byte.
    pub(super) fn cut(self) -> Self {
        match self.0 {
            FindingsForm::Packed {
                count,
                bytes,
                common,
            } => Self(FindingsForm::Packed {
                count,
                bytes: bytes.split_last().unwrap().1.into(),
                common,
            }),
            whole => Self(whole),
        }
    }
}

fn unpack(bytes: &[u8], file: &RelPath, common: &Common) -> Option<Vec<Finding>> {
    let content: WireFindings = postcard::from_bytes(bytes).ok()?;
    let reader = WireReader::beside(common, file, &content.texts);
    let mut findings = Vec::with_capacity(content.findings.len());
    for finding in &content.findings {
        findings.push(reader.finding(finding)?);
    }
    Some(findings)
}

/// This run wrote the bytes, so they can be read. If they can't, the run must not pass.
fn unreadable(file: &RelPath) -> Finding {
    let message =
        format!("the findings of `{file}` cannot be read back, which is a bug in govcheck");
    let mut finding = Finding::bare(RuleId::new(rules::PANIC), Level::Error, message);
    finding.help = rules::find_help(rules::PANIC);
    finding.route = file.to_string();
    finding.incomplete = true;
    finding
}
