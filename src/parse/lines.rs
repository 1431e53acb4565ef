//! Lines inside brackets and quotes that are indented less than YAML asks for. PyYAML, libyaml and ruamel.yaml read them, the
//! scanner refuses them. Finds them by a tolerant look at the text, so that the scanner can be shown more indentation; what
//! they mean, and whether this look was right, is decided elsewhere. One pass, linear in the text.

use super::work;

/// Spaces that the scanner reads and the text does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Indentation {
    /// The byte where the line starts.
    pub(super) line: usize,
    /// How many spaces are missing before the line's own.
    pub(super) missing: usize,
}

/// The lines of brackets and quotes that are indented too little, in order.
pub(super) fn find_short_lines(text: &str) -> Vec<Indentation> {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        at: 0,
        line: 0,
        columns: Vec::new(),
        short: Vec::new(),
    };
    while lexer.at < lexer.bytes.len() {
        lexer.read_line();
    }
    work::count_steps(text.len());
    lexer.short
}

struct Lexer<'a> {
    bytes: &'a [u8],
    /// The next byte.
    at: usize,
    /// Where its line starts.
    line: usize,
    /// The columns of the block collections that are open, from the root on.
    columns: Vec<usize>,
    short: Vec<Indentation>,
}

impl Lexer<'_> {
    /// The byte at a place, a line break at the end of the text.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn is_break(&self) -> bool {
        matches!(self.byte(self.at), b'\n' | b'\r')
    }

    fn is_blank_or_break(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r')
    }

    fn is_comment(&self) -> bool {
        let before = self.at.checked_sub(1);
        self.byte(self.at) == b'#' && before.is_none_or(|before| self.is_blank_or_break(before))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.byte(self.at), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Goes to the line break, or the end.
    fn skip_to_break(&mut self) {
        while !self.is_break() {
            self.at += 1;
        }
    }

    /// Goes behind the line break.
    fn skip_break(&mut self) {
        self.at += 1 + usize::from(
            self.byte(self.at) == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n'),
        );
        self.at = self.at.min(self.bytes.len());
        self.line = self.at;
    }

    /// Spaces from here on.
    fn spaces(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.iter().take_while(|byte| **byte == b' ').count()
    }

    /// `---` or `...` at the start of a line.
    fn is_marker(&self) -> bool {
        let marker = self.bytes.get(self.line..self.line + 3);
        (marker == Some(b"---") || marker == Some(b"...")) && self.is_blank_or_break(self.line + 3)
    }

    /// The column that all lines of a value exceed; nothing for a value of the root.
    fn column(&self) -> Option<usize> {
        self.columns.last().copied()
    }

    fn open_column(&mut self, column: usize) {
        if self.column().is_none_or(|last| last < column) {
            self.columns.push(column);
        }
    }

    /// Reads a line that no value before it has taken.
    fn read_line(&mut self) {
        self.line = self.at;
        if self.is_marker() {
            self.columns.clear();
            self.at += 3;
            return self.read_tokens();
        }
        if self.byte(self.at) == b'%' {
            self.skip_to_break();
            return self.skip_break();
        }
        let indent = self.spaces();
        self.at += indent;
        self.skip_blanks();
        if !self.is_break() && !self.is_comment() {
            while self.column().is_some_and(|column| column > indent) {
                self.columns.pop();
            }
        }
        self.read_tokens();
    }

    /// Reads the rest of a line, and the lines that its last value goes on in.
    fn read_tokens(&mut self) {
        let mut key = None;
        loop {
            self.skip_blanks();
            let start = self.at;
            let column = start - self.line;
            match self.byte(start) {
                b'\n' | b'\r' => return self.skip_break(),
                b'#' => {
                    self.skip_to_break();
                    return self.skip_break();
                }
                b'-' | b'?' | b':' if self.is_blank_or_break(start + 1) => {
                    self.open_column(column);
                    self.at += 1;
                    continue;
                }
                b'|' | b'>' => return self.read_text_block(),
                b'&' | b'!' | b'*' => self.skip_word(),
                b'"' | b'\'' => self.read_quoted(),
                b'[' | b'{' => self.read_brackets(),
                _ => {
                    if self.read_plain() {
                        return;
                    }
                }
            }
            let first = *key.get_or_insert(column);
            self.skip_blanks();
            if self.byte(self.at) == b':' && self.is_blank_or_break(self.at + 1) {
                self.open_column(first);
                self.at += 1;
                key = None;
            }
        }
    }

    fn skip_word(&mut self) {
        while !self.is_blank_or_break(self.at) {
            self.at += 1;
        }
    }

    /// Reads words up to a colon; if there is none, with the lines that they go on in, and says so.
    fn read_plain(&mut self) -> bool {
        loop {
            match self.byte(self.at) {
                b':' if self.is_blank_or_break(self.at + 1) => return false,
                b'\n' | b'\r' => break,
                b'#' if self.is_comment() => {
                    self.skip_to_break();
                    self.skip_break();
                    return true;
                }
                _ => self.at += 1,
            }
        }
        self.skip_break();
        while !self.is_end() && !self.is_marker() {
            let indent = self.spaces();
            let from = self.at;
            self.at += indent;
            self.skip_blanks();
            let goes_on = self.column().is_none_or(|column| indent > column);
            if !self.is_break() && (!goes_on || self.is_comment()) {
                self.at = from;
                return true;
            }
            self.skip_to_break();
            self.skip_break();
        }
        true
    }

    /// Reads `|` or `>` and its lines.
    fn read_text_block(&mut self) {
        let column = self.column();
        let header = self.at;
        self.skip_to_break();
        let stated = self.bytes.get(header..self.at).unwrap_or_default().iter();
        let stated = stated.skip(1).take(2).find(|byte| byte.is_ascii_digit());
        let mut indent = stated.map(|digit| column.unwrap_or(0) + usize::from(digit - b'0'));
        self.skip_break();
        while !self.is_end() {
            let spaces = self.spaces();
            let is_blank = matches!(self.byte(self.at + spaces), b'\n' | b'\r');
            if !is_blank {
                let deeper = column.is_none_or(|column| spaces > column);
                let least = *indent.get_or_insert(spaces);
                if !deeper || spaces < least || self.is_marker() {
                    return;
                }
            }
            self.skip_to_break();
            self.skip_break();
        }
    }

    /// Reads a quoted text to its end, or to that of the document.
    fn read_quoted(&mut self) {
        let quote = self.byte(self.at);
        self.at += 1;
        while !self.is_end() {
            match self.byte(self.at) {
                b'\n' | b'\r' => {
                    if !self.next_line(true) {
                        return;
                    }
                }
                b'\\' if quote == b'"' && !matches!(self.byte(self.at + 1), b'\n' | b'\r') => {
                    self.at += 2
                }
                byte if byte == quote => {
                    self.at += 1;
                    if quote == b'"' || self.byte(self.at) != quote {
                        return;
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Reads brackets to the one that closes them, or to the end of the document.
    fn read_brackets(&mut self) {
        let mut depth = 0_usize;
        let mut in_words = false;
        while !self.is_end() {
            let byte = self.byte(self.at);
            match byte {
                b'\n' | b'\r' => {
                    if !self.next_line(false) {
                        return;
                    }
                    continue;
                }
                b' ' | b'\t' => {}
                b'#' if self.is_comment() => {
                    self.skip_to_break();
                    continue;
                }
                b'[' | b'{' => {
                    depth += 1;
                    in_words = false;
                }
                b']' | b'}' => {
                    depth -= 1;
                    in_words = false;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b',' => in_words = false,
                b':' if !in_words || self.ends_key() => in_words = false,
                b'"' | b'\'' if !in_words => {
                    self.read_quoted();
                    continue;
                }
                _ => in_words = true,
            }
            self.at += 1;
        }
    }

    /// Whether the colon here, behind words in brackets, ends a key.
    fn ends_key(&self) -> bool {
        let next = self.byte(self.at + 1);
        self.is_blank_or_break(self.at + 1) || matches!(next, b',' | b'[' | b']' | b'{' | b'}')
    }

    /// Goes to the next line of a value in brackets or quotes; false if a marker ends the document.
    fn next_line(&mut self, is_quoted: bool) -> bool {
        self.skip_break();
        if self.is_marker() {
            return false;
        }
        let spaces = self.spaces();
        let line = self.line;
        self.at += spaces;
        let least = self.column().map_or(0, |column| column + 1);
        let from = self.at;
        self.skip_blanks();
        let is_nothing = self.is_break() || (!is_quoted && self.is_comment());
        if spaces < least && !is_nothing {
            self.short.push(Indentation {
                line,
                missing: least - spaces,
            });
        }
        self.at = from;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::continuation::indent_short_lines;

    /// A text with `^` before each line that is indented too little, once for each missing space.
    fn agrees(marked: &str) {
        let text = marked.replace('^', "");
        let short = find_short_lines(&text);
        assert_eq!(
            indent_short_lines(&text, &short),
            marked.replace('^', " "),
            "{text:?}"
        );
    }

    #[test]
    fn lines_of_brackets_and_quotes_must_exceed_their_column() {
        for marked in [
            "a: [\n^1,\n  2\n^]\n",
            "- a: {\n^^^b: 1\n  ^}\n- c\n",
            "a:\n  b: 'x\n^^^y\n\n ^^z'\nc: d\n",
            "a: \"x\\\n^y\"\n",
            "a:\n- [b,\n^c]\n",
            "- - [\n^^^1]\n",
            "[1,\n2]\n",
            "\"k\": [1,\n^\t2]\r\n",
        ] {
            agrees(marked);
        }
    }

    #[test]
    fn brackets_in_words_texts_and_comments_open_nothing() {
        for text in [
            "a: it's [\nb: 1\n",
            "a: two\n  'lines [\nb: 1\n",
            "a: |\n  [\n\n  \"\nb: 1\n",
            "- a: >-\n    {\n  b: 'c'\n",
            "# [\na: b # {\nc: d\n",
            "a: [\n  it's, # [\n  b ]\nc: d\n",
            "a: '''['\nb: \"\\\"[\"\nc: d\n",
            "&x a: !t [b]\nc: *x\n",
            "%TAG ! [\n---\na: b\n",
            "a: |2\n   [\n  {\nb: c\n",
            "a: [x#y, b:c, 'd':e]\nb: c\n",
        ] {
            assert_eq!(find_short_lines(text), [], "{text:?}");
        }
    }

    #[test]
    fn a_marker_ends_unclosed_collections() {
        agrees("a: [1\n---\nb: {\n^c: 1}\n");
        agrees("a: 'b\n...\n---\n- 'c\n^d'\n");
    }
}
