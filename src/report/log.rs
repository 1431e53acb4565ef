//! The one way of all commands to standard output and standard error, which a CI system reads as its log: text of a manifest
//! in it must be no command to the runner. Knows lines, no formats; what a program reads goes past it.

use std::io::{self, Write};

use super::escape::no_command;

/// Bytes of the longest command prefix that works anywhere in a line: `##vso[`.
const LONGEST: usize = 6;

/// Writes what people read, without commands for a runner.
pub struct LogWriter<'w> {
    to: &'w mut dyn Write,
    /// Text that may yet become the start of a command.
    pending: Vec<u8>,
    /// Whether part of the line has been written.
    in_line: bool,
}

impl<'w> LogWriter<'w> {
    /// Writes to `to`.
    pub fn new(to: &'w mut dyn Write) -> Self {
        Self {
            to,
            pending: Vec::new(),
            in_line: false,
        }
    }

    /// Where text for a program goes, past all looks at it.
    pub fn exact(&mut self) -> &mut dyn Write {
        &mut *self.to
    }

    /// Writes the first bytes that are pending.
    fn write_first(&mut self, count: usize) -> io::Result<()> {
        let rest = self.pending.split_off(count);
        let taken = std::mem::replace(&mut self.pending, rest);
        if taken.is_empty() {
            return Ok(());
        }
        // In the middle of a line no command starts with `::`.
        let lead = if self.in_line { "x" } else { "" };
        let text = format!("{lead}{}", String::from_utf8_lossy(&taken));
        let safe = no_command(&text);
        self.in_line = !taken.ends_with(b"\n") && !taken.ends_with(b"\r");
        self.to
            .write_all(safe.get(lead.len()..).unwrap_or_default().as_bytes())
    }
}

impl Write for LogWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        let lines = self.pending.iter().rposition(|byte| *byte == b'\n');
        if let Some(last) = lines {
            self.write_first(last + 1)?;
        }
        Ok(bytes.len())
    }

    /// Writes all but the end of a line that may be the start of a command.
    fn flush(&mut self) -> io::Result<()> {
        let is_start = |byte: &u8| matches!(byte, b':' | b' ' | b'\t' | 0x80..);
        let open = self.pending.iter().rev().take_while(|byte| is_start(byte));
        let count = self.pending.len() - open.count();
        let tail = self.pending.len().saturating_sub(LONGEST);
        let mark = self
            .pending
            .iter()
            .skip(tail)
            .position(|byte| *byte == b'#');
        self.write_first(mark.map_or(count, |mark| count.min(tail + mark)))?;
        self.to.flush()
    }
}

impl Drop for LogWriter<'_> {
    fn drop(&mut self) {
        // If the stream is closed, there is nowhere to report.
        let _ = self.write_first(self.pending.len());
        let _ = self.to.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[&str], flush: bool) -> String {
        let mut out = Vec::new();
        {
            let mut log = LogWriter::new(&mut out);
            for part in parts {
                log.write_all(part.as_bytes()).unwrap();
                if flush {
                    log.flush().unwrap();
                }
            }
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn commands_are_broken_wherever_the_text_is_cut() {
        let text = "a ##[group]x ##vso[y]\n::add-mask::z\n  ::b\nc::d\r::e\nü ##[f";
        let safe = "a #\\#[group]x #\\#vso[y]\n\\::add-mask::z\n  \\::b\nc::d\r\\::e\nü #\\#[f";
        assert_eq!(written(&[text], false), safe);
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let (before, after) = text.split_at(at);
            assert_eq!(written(&[before, after], false), safe, "{at}");
        }
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(written(&letters, false), safe);
    }

    #[test]
    fn text_that_is_not_a_command_is_written_unchanged() {
        for text in [
            "",
            "a\n",
            "a # b: c :: d\n",
            "## heading\n",
            "no line end",
            "x\n\n",
        ] {
            assert_eq!(written(&[text], true), text);
        }
    }

    #[test]
    fn a_flush_lets_no_command_through() {
        for parts in [
            ["::", "error::x\n"],
            ["  ", "::x\n"],
            ["a #", "#[x\n"],
            ["a ##", "[x\n"],
            ["##v", "so[x\n"],
        ] {
            let text = written(&parts, true);
            assert!(text.contains('\\') || !text.contains("##["), "{text:?}");
            assert_ne!(text, parts.concat(), "{text:?}");
        }
    }
}
