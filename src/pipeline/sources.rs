//! The texts that a report shows.

use super::request::Request;
use crate::config::Config;
use crate::evaluate::change::ChangeFindings;
use crate::evaluate::change::diff::MeshDiff;
use crate::evaluate::mapped::Mapped;
use crate::evaluate::recall::Whole;
use crate::model::sources::Sources;
use crate::model::text::{RelPath, TextId};

/// The texts that findings point at; of files that are gone, those of the base.
pub(crate) fn report_sources(
    request: &Request<'_>,
    head: &Whole<'_>,
    change: Option<&MeshDiff<'_>>,
    changed: &mut ChangeFindings,
) -> Sources {
    let mut sources = Sources::default();
    let mut remember = |texts: &mut dyn Iterator<Item = (RelPath, TextId)>, mapped: &Mapped<'_>| {
        let again = mapped.again(&request.setting.limits);
        texts.for_each(|(file, text)| sources.remember(file, text, &again));
    };
    remember(
        &mut head.mapped.texts().chain(head.reduced.texts()),
        &head.mapped,
    );
    if let Some(change) = change {
        let gone = std::mem::take(&mut changed.base_sources);
        remember(&mut gone.into_iter(), change.base);
        let now = std::mem::take(&mut changed.sources);
        remember(&mut now.into_iter(), &head.mapped);
    }
    let config = request.config.into_iter().flat_map(Config::texts);
    for (file, text) in request.exceptions.sources().chain(config) {
        sources.hold(file, text);
    }
    sources
}
