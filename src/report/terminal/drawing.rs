//! A finding as miette draws it: a message and an excerpt with labels. miette gets only the few lines around each place, so the cost
//! follows from what is shown, not from the size of the file.

use std::fmt;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan,
    SpanContents,
};

use super::{TEXT_LIMIT, Terminal};
use crate::model::finding::{Finding, Related};
use crate::model::location::Location;
use crate::model::rule::Level;
use crate::report::escape::{cut_text, cut_with, terminal_line};
use crate::report::excerpt::{Excerpt, ExcerptMark};

/// A message and, below it, an excerpt with labels.
#[derive(Debug, Default)]
pub(super) struct Drawing<'a> {
    pub(super) message: String,
    pub(super) level: Option<Level>,
    pub(super) excerpt: Option<NamedExcerpt>,
    pub(super) labels: Vec<LabeledSpan>,
    /// Related places that the excerpt does not show.
    pub(super) elsewhere: Vec<&'a Related>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(finding: &'a Finding, terminal: &Terminal<'_>) -> Self {
        let mut drawing = Self {
            message: terminal_line(&cut_text(finding.message.trim(), TEXT_LIMIT)),
            level: Some(finding.level),
            ..Self::default()
        };
        let related = finding.related.iter().take(terminal.related_limit);
        let source = finding
            .location
            .as_ref()
            .and_then(|at| Some((at, terminal.report.sources.get(&at.file)?)));
        let Some((at, source)) = source else {
            drawing.elsewhere = related.collect();
            return drawing;
        };
        let (here, elsewhere): (Vec<_>, Vec<_>) = related.partition(|related| {
            related.location.file == at.file && !overlap(&related.location, at)
        });
        drawing.elsewhere = elsewhere;
        let mut places = vec![at];
        places.extend(here.iter().map(|related| &related.location));
        let last = places
            .iter()
            .map(|place| place.end.line)
            .max()
            .unwrap_or(at.end.line);
        let excerpt = Excerpt::new(
            &source,
            &places,
            terminal.excerpt_width(last),
            terminal.ellipsis(),
        );
        let Some(Some(primary)) = excerpt.marks.first().copied() else {
            // The file changed since it was judged: no excerpt is better than a wrong one.
            drawing.elsewhere.extend(here);
            return drawing;
        };
        let room = |mark: ExcerptMark| {
            terminal
                .excerpt_width(last)
                .saturating_sub(mark.middle)
                .max(16)
        };
        let entity = entity_label(finding, terminal);
        let label = main_label(&finding.route, entity.as_deref(), room(primary));
        let text = label.map(|label| cut_with(&label, room(primary), terminal.ellipsis()));
        drawing
            .labels
            .push(LabeledSpan::new_primary_with_span(text, span(primary)));
        let mut taken = vec![primary];
        for (related, mark) in here.into_iter().zip(excerpt.marks.iter().skip(1)) {
            match mark {
                Some(mark)
                    if taken
                        .iter()
                        .all(|other| mark.end <= other.start || other.end <= mark.start) =>
                {
                    taken.push(*mark);
                    let text = terminal_line(&related.message);
                    let text = cut_with(&text, room(*mark), terminal.ellipsis());
                    drawing
                        .labels
                        .push(LabeledSpan::new_with_span(Some(text), span(*mark)));
                }
                _ => drawing.elsewhere.push(related),
            }
        }
        drawing.excerpt = Some(NamedExcerpt {
            name: terminal_line(at.file.as_str()),
            excerpt,
        });
        drawing
    }
}

fn overlap(a: &Location, b: &Location) -> bool {
    a.span == b.span || (a.span.start < b.span.end && b.span.start < a.span.end)
}

fn span(mark: ExcerptMark) -> SourceSpan {
    (mark.start, mark.end - mark.start).into()
}

/// The place as policies name it: "`owner.team` of contract `orders`". If that is too long, only the end of the route, because the
/// message names the entity. Even that may be too long.
fn main_label(route: &str, entity: Option<&str>, room: usize) -> Option<String> {
    let route = Some(route).filter(|route| !route.is_empty());
    let mut labels = match (route, entity) {
        (Some(route), Some(entity)) => vec![format!("`{route}` of {entity}"), format!("`{route}`")],
        (Some(route), None) => vec![format!("`{route}`")],
        (None, Some(entity)) => vec![entity.to_owned()],
        (None, None) => return None,
    };
    labels.extend(route.map(|route| {
        let last = route.rsplit_once('.').map_or(route, |(_, last)| last);
        format!("`{last}`")
    }));
    let labels: Vec<String> = labels.iter().map(|label| terminal_line(label)).collect();
    let fits = labels.iter().find(|label| label.chars().count() <= room);
    fits.or(labels.last()).cloned()
}

/// The kind and name of the entity. `None` without an entity, or if the name adds nothing: an empty one, or one made of the path, which
/// the excerpt shows.
fn entity_label(finding: &Finding, terminal: &Terminal<'_>) -> Option<String> {
    let key = finding.entity.as_ref()?;
    let file = finding.location.as_ref()?.file.as_str();
    let name = terminal.report.names.name(key);
    let is_informative = !name.trim().is_empty() && !name.contains(file);
    is_informative.then(|| format!("{} `{name}`", key.kind))
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(match self.level {
            Some(Level::Error) => Severity::Error,
            Some(Level::Warning) => Severity::Warning,
            Some(Level::Note) | None => Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt
            .as_ref()
            .map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.excerpt.as_ref()?;
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// The lines of an excerpt as a source for miette, with the line numbers of the file.
#[derive(Debug)]
pub(super) struct NamedExcerpt {
    name: String,
    excerpt: Excerpt,
}

impl SourceCode for NamedExcerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let lines = &self.excerpt.lines;
        let index_of = |at: usize| {
            lines
                .partition_point(|line| line.start <= at)
                .checked_sub(1)
        };
        let number_at = |index: usize| lines.get(index).map(|line| line.number);
        let follows =
            |index: usize| number_at(index + 1) == number_at(index).map(|number| number + 1);
        let last_byte = span.offset() + span.len().saturating_sub(1);
        let mut first = index_of(span.offset()).ok_or(MietteError::OutOfBounds)?;
        let mut last = index_of(last_byte).ok_or(MietteError::OutOfBounds)?;
        if !(first..last).all(follows) {
            // Lines between the two are not shown, so miette draws two excerpts.
            return Err(MietteError::OutOfBounds);
        }
        let asked_from = first;
        for _ in 0..before {
            first = first
                .checked_sub(1)
                .filter(|index| follows(*index))
                .unwrap_or(first);
        }
        for _ in 0..after {
            last += usize::from(follows(last));
        }
        let text = &self.excerpt.text;
        let start = lines.get(first).ok_or(MietteError::OutOfBounds)?.start;
        let end = lines.get(last + 1).map_or(text.len(), |line| line.start);
        let number = number_at(if before == 0 { asked_from } else { first }).unwrap_or(1);
        let column = match before {
            0 => self.source_column(span.offset()),
            _ => 0,
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            text.as_bytes()
                .get(start..end)
                .ok_or(MietteError::OutOfBounds)?,
            (start, end - start).into(),
            number.saturating_sub(1) as usize,
            column,
            last - first + 1,
        )))
    }
}

impl NamedExcerpt {
    /// The column in the file, 0-based, of a place in the excerpt.
    fn source_column(&self, start: usize) -> usize {
        let mark = self
            .excerpt
            .marks
            .iter()
            .flatten()
            .find(|mark| mark.start == start);
        mark.map_or(0, |mark| mark.at.column.saturating_sub(1) as usize)
    }
}
