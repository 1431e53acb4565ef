//! The few lines of a source around some places, ready for a terminal: control characters visible, tabs as spaces, over-long lines cut.
//! Its cost is that of the lines shown, not of the file. Knows nothing of how it is drawn.

use std::collections::BTreeSet;

use super::escape::{is_unsafe, push_visible};
use crate::model::location::Location;
use crate::model::text::{Position, SourceText};

/// Lines shown before and after each place.
pub(super) const CONTEXT_LINES: u32 = 1;
/// A place on more lines than this is marked only on its first line.
const PLACE_LINES: u32 = 4;
const TAB_WIDTH: usize = 4;

/// Lines of a source as they are shown.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    /// The shown lines, each with a line feed at its end.
    pub(super) text: String,
    /// Ascending, with gaps between places that are far apart.
    pub(super) lines: Vec<ExcerptLine>,
    /// The places, in the order asked for. `None` for a place that is cut off or not of this source.
    pub(super) marks: Vec<Option<ExcerptMark>>,
}

/// A shown line.
#[derive(Debug)]
pub(super) struct ExcerptLine {
    /// 1-based.
    pub(super) number: u32,
    /// Its first byte in [`Excerpt::text`].
    pub(super) start: usize,
    /// Byte in the source and byte in [`Excerpt::text`] of each shown character, and of the end.
    columns: Vec<(usize, usize)>,
    /// Whether the source goes on after what is shown.
    cut: bool,
}

/// A place in an excerpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExcerptMark {
    /// Bytes of [`Excerpt::text`], half-open.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the place starts in the source.
    pub(super) at: Position,
    /// Columns before its middle in its first line.
    pub(super) middle: usize,
}

impl Excerpt {
    /// The lines around `places`, at most `width` columns each. Where several places share an over-long line, the first wins.
    pub(super) fn new(
        source: &SourceText,
        places: &[&Location],
        width: usize,
        ellipsis: &str,
    ) -> Self {
        let count = u32::try_from(source.line_count()).unwrap_or(u32::MAX);
        let ranges: Vec<(u32, u32)> = places
            .iter()
            .map(|place| (place.start.line, last_line(source, place)))
            .collect();
        let mut numbers = BTreeSet::new();
        for (first, last) in &ranges {
            let from = first.saturating_sub(CONTEXT_LINES).max(1);
            numbers.extend(from..=last.saturating_add(CONTEXT_LINES).min(count));
        }
        let marked = |number: u32| {
            ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&number))
        };
        // After the last line break comes no line that anyone would call one.
        if numbers.last() == Some(&count)
            && !marked(count)
            && source.line_span(count).is_none_or(|line| line.is_empty())
        {
            numbers.remove(&count);
        }
        let mut excerpt = Self::default();
        for number in numbers {
            let focus = places.iter().find(|place| place.start.line == number);
            excerpt.push_line(source, number, focus.copied(), width, ellipsis);
        }
        excerpt.marks = places
            .iter()
            .zip(&ranges)
            .map(|(place, range)| excerpt.mark(place, *range))
            .collect();
        excerpt
    }

    fn push_line(
        &mut self,
        source: &SourceText,
        number: u32,
        focus: Option<&Location>,
        width: usize,
        ellipsis: &str,
    ) {
        let Some(span) = source.line_span(number) else {
            return;
        };
        let (start, end) = (span.start as usize, span.end as usize);
        let text = source.slice(span);
        let focus = focus.map(|place| {
            let clamp = |at: u32| (at as usize).clamp(start, end) - start;
            (clamp(place.span.start), clamp(place.span.end))
        });
        let (from, to) = window(text, focus, width, ellipsis.chars().count());
        let mut line = ExcerptLine {
            number,
            start: self.text.len(),
            columns: Vec::new(),
            cut: to < text.len(),
        };
        if from > 0 {
            self.text.push_str(ellipsis);
        }
        let mut column = 0;
        for (at, c) in text.get(from..to).unwrap_or("").char_indices() {
            line.columns.push((start + from + at, self.text.len()));
            if c == '\t' {
                let spaces = TAB_WIDTH - column % TAB_WIDTH;
                self.text.extend(std::iter::repeat_n(' ', spaces));
            } else if is_unsafe(c) {
                push_visible(&mut self.text, c);
            } else {
                self.text.push(c);
            }
            column += columns(c, column);
        }
        line.columns.push((start + to, self.text.len()));
        if line.cut {
            self.text.push_str(ellipsis);
        }
        self.text.push('\n');
        self.lines.push(line);
    }

    fn mark(&self, place: &Location, (first, last): (u32, u32)) -> Option<ExcerptMark> {
        let line = self.line(first)?;
        let start = line.shown(place.span.start as usize)?;
        let end = match place.end.line > last {
            true => self.line(last)?.end(),
            false => self.line(last)?.shown_or_end(place.span.end as usize),
        };
        let end = end.max(start);
        let before = self.text.get(line.start..start).unwrap_or("");
        let on_first = self
            .text
            .get(start..end)
            .unwrap_or("")
            .lines()
            .next()
            .unwrap_or("");
        Some(ExcerptMark {
            start,
            end,
            at: place.start,
            middle: text_columns(before) + text_columns(on_first) / 2,
        })
    }

    fn line(&self, number: u32) -> Option<&ExcerptLine> {
        let index = self
            .lines
            .binary_search_by_key(&number, |line| line.number)
            .ok()?;
        self.lines.get(index)
    }

    /// The text of one shown line, by its number.
    pub(super) fn line_text(&self, number: u32) -> Option<&str> {
        let rest = self.text.get(self.line(number)?.start..)?;
        rest.lines().next()
    }
}

impl ExcerptLine {
    /// Where a byte of the source is shown. `None` if it is cut off.
    fn shown(&self, at: usize) -> Option<usize> {
        let index = self.columns.partition_point(|(source, _)| *source < at);
        let (first, _) = self.columns.first()?;
        let (_, shown) = self.columns.get(index)?;
        let cut_off = at < *first || (self.cut && index + 1 == self.columns.len());
        (!cut_off).then_some(*shown)
    }

    fn shown_or_end(&self, at: usize) -> usize {
        let index = self.columns.partition_point(|(source, _)| *source < at);
        self.columns
            .get(index)
            .map_or_else(|| self.end(), |(_, shown)| *shown)
    }

    /// The end of what is shown of the source.
    fn end(&self) -> usize {
        self.columns.last().map_or(self.start, |(_, shown)| *shown)
    }
}

/// The last line to show of a place, 1-based: never a blank one, and the first if it is on too many.
fn last_line(source: &SourceText, place: &Location) -> u32 {
    let (first, mut last) = (place.start.line, place.end.line);
    let outside = |line: u32| {
        source
            .line_span(line)
            .is_none_or(|span| span.start >= place.span.end || source.slice(span).trim().is_empty())
    };
    while last > first && last - first <= PLACE_LINES && outside(last) {
        last -= 1;
    }
    if last.saturating_sub(first) < PLACE_LINES {
        last.max(first)
    } else {
        first
    }
}

/// The bytes of a line to show: all if they fit, else around `focus`, else from the start.
fn window(
    text: &str,
    focus: Option<(usize, usize)>,
    width: usize,
    ellipsis: usize,
) -> (usize, usize) {
    let fitting = take_columns(text, width);
    if fitting == text.len() {
        return (0, fitting);
    }
    let from_start = take_columns(text, width.saturating_sub(ellipsis));
    match focus {
        Some((start, end)) if end > from_start => {
            let room = width.saturating_sub(2 * ellipsis);
            let before = text.get(..start).unwrap_or("");
            let focused = text.get(start..end).unwrap_or("");
            // A place that fits gets what is left before and after it; of one that does not, its start is shown.
            let taken = text_columns(focused.get(..take_columns(focused, room)).unwrap_or(""));
            let lead = (room - taken.min(room)) / 2;
            let from = start - take_columns_back(before, lead);
            let to = from + take_columns(text.get(from..).unwrap_or(""), room);
            (from, to)
        }
        _ => (0, from_start),
    }
}

/// How many bytes of `text` fit into `width` columns. Bounds characters too, for some take no column.
fn take_columns(text: &str, width: usize) -> usize {
    let mut column = 0;
    for (count, (at, c)) in text.char_indices().enumerate() {
        column += columns(c, column);
        if column > width || count >= 4 * width {
            return at;
        }
    }
    text.len()
}

/// How many bytes at the end of `text` fit into `width` columns.
fn take_columns_back(text: &str, width: usize) -> usize {
    let mut column = 0;
    for (count, (at, c)) in text.char_indices().rev().enumerate() {
        column += columns(c, 0);
        if column > width || count >= 4 * width {
            return text.len() - at - c.len_utf8();
        }
    }
    text.len()
}

/// Columns of a text that is shown as it is.
fn text_columns(text: &str) -> usize {
    text.chars()
        .fold(0, |column, c| column + columns(c, column))
}

/// Columns that a character takes as it is shown. Near enough to cut lines by; what is drawn is aligned by those who draw it.
fn columns(c: char, column: usize) -> usize {
    match c {
        '\t' => TAB_WIDTH - column % TAB_WIDTH,
        ' '..='~' => 1,
        c if is_unsafe(c) => {
            let mut shown = String::new();
            push_visible(&mut shown, c);
            shown.len()
        }
        '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::{RelPath, Span, text_offset};
    use crate::report::sample::location_at;

    fn source(text: &str) -> SourceText {
        SourceText::new(text.to_owned())
    }

    fn place(source: &SourceText, needle: &str) -> Location {
        let start = text_offset(source.as_str().find(needle).unwrap());
        location_at(
            source,
            RelPath::new("a.yaml"),
            Span::new(start, start + text_offset(needle.len())),
        )
    }

    fn marked(excerpt: &Excerpt, index: usize) -> &str {
        let mark = excerpt.marks[index].unwrap();
        excerpt.text.get(mark.start..mark.end).unwrap()
    }

    #[test]
    fn a_place_has_a_line_of_context_on_each_side() {
        let source = source("a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n");
        let excerpt = Excerpt::new(&source, &[&place(&source, "2")], 80, "…");
        assert_eq!(excerpt.text, "a: 1\nb: 2\nc: 3\n");
        assert_eq!(marked(&excerpt, 0), "2");
        let excerpt = Excerpt::new(&source, &[&place(&source, "4")], 80, "…");
        assert_eq!(excerpt.text, "c: 3\nd: 4\n", "no empty line after the last");
    }

    #[test]
    fn control_characters_are_visible_and_marks_still_exact() {
        let source = source("a\u{1b}[2J:\tx\u{202e}y: bad\n");
        let excerpt = Excerpt::new(&source, &[&place(&source, "bad")], 80, "…");
        assert_eq!(excerpt.text, "a\\x1b[2J:   x\\u{202e}y: bad\n");
        assert_eq!(marked(&excerpt, 0), "bad");
    }

    #[test]
    fn an_over_long_line_is_cut_around_the_place() {
        let long = format!(
            "{{{}\"team\":\"salez\",{}}}",
            "\"k\":1,".repeat(100_000),
            "\"k\":2,".repeat(100_000)
        );
        let source = source(&long);
        let excerpt = Excerpt::new(&source, &[&place(&source, "\"salez\"")], 60, "…");
        assert_eq!(marked(&excerpt, 0), "\"salez\"");
        assert!(excerpt.text.starts_with('…') && excerpt.text.ends_with("…\n"));
        assert!(excerpt.text.chars().count() <= 61, "{}", excerpt.text);
        assert_eq!(excerpt.marks[0].unwrap().at.column, 600_009);
    }

    #[test]
    fn a_place_longer_than_the_width_shows_its_start() {
        let source = source(&format!("key: {}\n", "x".repeat(500)));
        let excerpt = Excerpt::new(&source, &[&place(&source, &"x".repeat(500))], 40, "…");
        assert_eq!(excerpt.text.chars().count(), 41);
        assert!(marked(&excerpt, 0).starts_with("xxx"));
    }

    #[test]
    fn a_second_place_that_is_cut_off_has_no_mark() {
        let source = source(&format!("first: 1, {} second", "x".repeat(500)));
        let places = [&place(&source, "first"), &place(&source, "second")];
        let excerpt = Excerpt::new(&source, &places, 40, "…");
        assert_eq!(marked(&excerpt, 0), "first");
        assert_eq!(excerpt.marks[1], None);
    }

    #[test]
    fn a_place_on_many_lines_is_marked_on_its_first() {
        let source = source("a:\n  - 1\n  - 2\n  - 3\n  - 4\n  - 5\nb: 1\n");
        let all = place(&source, "- 1\n  - 2\n  - 3\n  - 4\n  - 5\n");
        let excerpt = Excerpt::new(&source, &[&all], 80, "…");
        assert_eq!(marked(&excerpt, 0), "- 1");
        let few = place(&source, "- 1\n  - 2\n");
        let excerpt = Excerpt::new(&source, &[&few], 80, "…");
        assert_eq!(marked(&excerpt, 0), "- 1\n  - 2");
    }

    #[test]
    fn ends_and_empty_files_have_a_place() {
        for text in ["", "a", "a\n"] {
            let source = source(text);
            let end = text_offset(text.len());
            let at = location_at(&source, RelPath::new("a.yaml"), Span::new(end, end));
            let excerpt = Excerpt::new(&source, &[&at], 80, "…");
            let mark = excerpt.marks[0].unwrap();
            assert_eq!((mark.start, mark.end), (text.len(), text.len()), "{text:?}");
        }
    }

    #[test]
    fn a_place_outside_the_text_does_not_panic() {
        let long = source("one\ntwo\nthree\n");
        let at = place(&long, "three");
        let excerpt = Excerpt::new(&source("x"), &[&at], 80, "…");
        assert_eq!(excerpt.marks, [None]);
    }
}
