//! Bytes to text: UTF-8 and UTF-16, with or without a byte order mark. Reports where bytes are not text; ignores the grammar.

use crate::model::text::{SourceText, Span, text_offset};

use super::{NOT_TEXT, Problem};

/// Why bytes are not text, with as much of the text as shows the place.
pub(super) struct NotText {
    pub(super) text: SourceText,
    pub(super) problem: Problem,
}

/// Decodes a file. The byte order mark is no part of the text.
pub(super) fn decode_bytes(bytes: &[u8]) -> Result<String, Box<NotText>> {
    let text = match bytes {
        [0xFF, 0xFE, 0, 0, ..]
        | [0, 0, 0xFE, 0xFF, ..]
        | [0, 0, 0, 1..0x80, ..]
        | [1..0x80, 0, 0, 0, ..] => {
            return Err(not_text("", 0, |_| "the file is in UTF-32".to_owned()));
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, 2, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, 2, u16::from_be_bytes)?,
        // Every document starts with ASCII, so its first two characters distinguish UTF-16 from text with a stray NUL.
        [1..0x80, 0, 1..0x80, 0, ..] if bytes.len().is_multiple_of(2) => {
            utf16(bytes, 0, u16::from_le_bytes)?
        }
        [0, 1..0x80, 0, 1..0x80, ..] if bytes.len().is_multiple_of(2) => {
            utf16(bytes, 0, u16::from_be_bytes)?
        }
        _ => utf8(bytes, 0)?,
    };
    match memchr::memchr(0, text.as_bytes()) {
        Some(at) => {
            let shown = text
                .get(at..)
                .and_then(|rest| rest.find('\n'))
                .map_or(text.len(), |end| at + end);
            let shown = text.get(..shown).unwrap_or_default();
            Err(not_text(shown, at, |line| {
                format!("line {line} has a NUL byte, at byte {at} of the text")
            }))
        }
        None => Ok(text),
    }
}

/// `before`: bytes of the byte order mark, which count in a message.
fn utf8(bytes: &[u8], before: usize) -> Result<String, Box<NotText>> {
    let invalid = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text.to_owned()),
        Err(invalid) => invalid,
    };
    let at = invalid.valid_up_to();
    let line_end = bytes
        .iter()
        .skip(at)
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |end| at + end);
    let shown = String::from_utf8_lossy(bytes.get(..line_end).unwrap_or_default());
    let byte = bytes.get(at).copied().unwrap_or_default();
    Err(not_text(&shown, at, |line| {
        format!(
            "byte {} (0x{byte:02X}) on line {line} is not valid UTF-8",
            at + before
        )
    }))
}

fn utf16(bytes: &[u8], before: usize, unit: fn([u8; 2]) -> u16) -> Result<String, Box<NotText>> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut read = 0;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(c) => {
                text.push(c);
                read += c.len_utf16() * 2;
            }
            Err(_) => return Err(bad_utf16(&text, read + before)),
        }
    }
    if odd.is_empty() {
        Ok(text)
    } else {
        Err(bad_utf16(&text, read + before))
    }
}

fn bad_utf16(text: &str, byte: usize) -> Box<NotText> {
    not_text(&format!("{text}\u{FFFD}"), text.len(), |line| {
        format!("byte {byte} on line {line} is not valid UTF-16")
    })
}

/// `message` gets the 1-based line of byte `at` of the text shown.
fn not_text(shown: &str, at: usize, message: impl FnOnce(u32) -> String) -> Box<NotText> {
    let text = SourceText::new(shown.to_owned());
    let width = shown
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    Box::new(NotText {
        problem: Problem {
            rule: NOT_TEXT,
            message: message(text.position(text_offset(at)).line),
            help: Some(
                "save the file as UTF-8, or add it to `exclude` if it is not a manifest".to_owned(),
            ),
            span: Span::new(text_offset(at), text_offset(at + width)),
            related: Vec::new(),
            fatal: true,
        },
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> (String, Span) {
        let refused = decode_bytes(bytes).err().unwrap().problem;
        assert_eq!((refused.rule, refused.fatal), ("parse/not-text", true));
        (refused.message, refused.span)
    }

    #[test]
    fn utf8_and_utf16_decode_with_and_without_a_mark() {
        let text = "a: ü😀\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(&[0xEF, 0xBB, 0xBF], text.as_bytes()),
            le.clone(),
            be.clone(),
            marked(&[0xFF, 0xFE], &le),
            marked(&[0xFE, 0xFF], &be),
        ] {
            assert_eq!(decode_bytes(&bytes).ok().unwrap(), text, "{bytes:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_at_their_place() {
        let (message, span) = refused(b"a: 1\nb: \xE4x\nc: 2");
        assert_eq!(message, "byte 8 (0xE4) on line 2 is not valid UTF-8");
        assert_eq!(span, Span::new(8, 11));
        assert_eq!(
            refused(b"\xEF\xBB\xBFa: \xFF").0,
            "byte 6 (0xFF) on line 1 is not valid UTF-8"
        );
        assert_eq!(
            refused(b"\xFF\xFEa\0\x00\xD8b\0").0,
            "byte 4 on line 1 is not valid UTF-16"
        );
        assert_eq!(
            refused(b"\xFF\xFEa\0b").0,
            "byte 4 on line 1 is not valid UTF-16"
        );
        assert_eq!(
            refused(b"a: 1\nb\0: 2"),
            (
                "line 2 has a NUL byte, at byte 6 of the text".to_owned(),
                Span::new(6, 7)
            )
        );
    }

    #[test]
    fn utf32_is_refused_by_name() {
        for bytes in [
            &b"\xFF\xFE\0\0a\0\0\0"[..],
            b"\0\0\xFE\xFF\0\0\0a",
            b"a\0\0\0b\0\0\0",
            b"\0\0\0a\0\0\0b",
        ] {
            assert_eq!(refused(bytes).0, "the file is in UTF-32");
        }
    }
}
