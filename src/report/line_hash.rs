//! `primaryLocationLineHash`: the identity that GitHub code scanning gives a line, computed as its own upload step would, so that both agree.

use std::collections::HashMap;

use crate::model::text::SourceText;

/// How many characters from the start of a line count.
const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Stands for the end of the file; zeros follow it.
const END_OF_FILE: u16 = 65_535;

/// The hashes of all lines of one text.
#[derive(Debug, Default)]
pub(super) struct LineHashes {
    /// `<hash>:<occurrence>` by line, 0-based.
    lines: Vec<String>,
}

impl LineHashes {
    /// Hashes every line, reading the text once.
    ///
    /// A line's hash covers the 100 UTF-16 code units from its start on, across line breaks: spaces and tabs left out, CR and CRLF read as LF.
    pub(super) fn new(source: &SourceText) -> Self {
        let (units, starts) = significant_units(source.as_str());
        let raw = hashes_at(&units, &starts);
        let mut seen: HashMap<u64, usize> = HashMap::new();
        let lines = raw
            .into_iter()
            .map(|hash| {
                let occurrence = seen.entry(hash).or_insert(0);
                *occurrence += 1;
                format!("{hash:x}:{occurrence}")
            })
            .collect();
        Self { lines }
    }

    /// The hash of a line, 1-based.
    pub(super) fn line(&self, line: u32) -> Option<&str> {
        let index = (line as usize).checked_sub(1)?;
        self.lines.get(index).map(String::as_str)
    }
}

/// The code units that count, the end of the file among them, and at which of them a line starts.
fn significant_units(text: &str) -> (Vec<u16>, Vec<usize>) {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut starts = Vec::new();
    let mut at_line_start = true;
    let mut after_cr = false;
    for unit in text.encode_utf16() {
        let was_after_cr = std::mem::replace(&mut after_cr, unit == u16::from(b'\r'));
        match u8::try_from(unit) {
            Ok(b' ' | b'\t') => continue,
            Ok(b'\n') if was_after_cr => continue,
            _ => {}
        }
        if std::mem::take(&mut at_line_start) {
            starts.push(units.len());
        }
        let unit = if after_cr { u16::from(b'\n') } else { unit };
        at_line_start = unit == u16::from(b'\n');
        units.push(unit);
    }
    if at_line_start {
        starts.push(units.len());
    }
    units.push(END_OF_FILE);
    (units, starts)
}

/// The polynomial over the window that starts at each of `starts`, which ascend.
fn hashes_at(units: &[u16], starts: &[usize]) -> Vec<u64> {
    let leaving_factor = (0..WINDOW).fold(1u64, |power, _| power.wrapping_mul(FACTOR));
    let mut hashes = Vec::with_capacity(starts.len());
    let mut starts = starts.iter().copied().peekable();
    let mut hash = 0u64;
    for read in 0..units.len() + WINDOW {
        if let Some(begin) = read.checked_sub(WINDOW)
            && starts.next_if_eq(&begin).is_some()
        {
            hashes.push(hash);
        }
        let entering = units.get(read).copied().unwrap_or(0);
        let leaving = read
            .checked_sub(WINDOW)
            .and_then(|begin| units.get(begin))
            .copied()
            .unwrap_or(0);
        hash = hash
            .wrapping_mul(FACTOR)
            .wrapping_add(u64::from(entering))
            .wrapping_sub(leaving_factor.wrapping_mul(u64::from(leaving)));
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<String> {
        LineHashes::new(&SourceText::new(text.to_owned())).lines
    }

    /// Values published with GitHub's upload step.
    #[test]
    fn agrees_with_the_upload_step() {
        assert_eq!(hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            hashes(" a\nb\n  \t\tc\n d"),
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1"
            ]
        );
        let repeated = hashes(&"Lorem ipsum dolor sit amet.\n".repeat(10));
        assert_eq!(repeated[0], "a7f2ff13bc495cf2:1");
        assert_eq!(repeated[5], "a7f2ff13bc495cf2:6");
        assert_eq!(
            repeated[6..],
            [
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1"
            ]
        );
    }

    #[test]
    fn line_breaks_of_all_kinds_are_one() {
        let expected = hashes("x: 1\n\n\n  y: 2\n");
        for text in [
            "x: 1\r\n\r\n\r\n  y: 2\r\n",
            "x: 1\r\r\r  y: 2\r",
            "x: 1\r\n\n\r  y: 2\n",
        ] {
            assert_eq!(hashes(text), expected, "{text:?}");
        }
    }

    /// Straight from the definition, without the rolling.
    fn naive(text: &str, line_start: usize) -> String {
        let rest = text
            .get(line_start..)
            .unwrap()
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        let mut units: Vec<u16> = rest.replace([' ', '\t'], "").encode_utf16().collect();
        units.push(END_OF_FILE);
        units.resize(units.len().max(WINDOW), 0);
        let hash = units[..WINDOW].iter().fold(0u64, |hash, unit| {
            hash.wrapping_mul(FACTOR).wrapping_add(u64::from(*unit))
        });
        format!("{hash:x}")
    }

    #[test]
    fn rolling_equals_the_definition() {
        let long = format!("k: {}\n", "ä😀 ".repeat(90));
        for text in [
            long.as_str(),
            "a: 1\n  b: 2\r\n\tc: [1, 2]\n\n\n  \nd",
            "  \t",
            "\r\n\r\n",
        ] {
            let source = SourceText::new(text.to_owned());
            let got = LineHashes::new(&source);
            for line in 1..=u32::try_from(source.line_count()).unwrap() {
                let start = source.line_span(line).unwrap().start as usize;
                let hash = got.line(line).unwrap().split(':').next().unwrap();
                assert_eq!(hash, naive(text, start), "line {line} of {text:?}");
            }
            assert_eq!(got.lines.len(), source.line_count());
        }
    }

    #[test]
    fn lines_outside_the_text_have_none() {
        let hashes = LineHashes::new(&SourceText::new("a".to_owned()));
        assert_eq!(hashes.line(0), None);
        assert_eq!(hashes.line(2), None);
    }
}
