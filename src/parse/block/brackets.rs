//! Lists and mappings in brackets that end on their line.

use super::{BlockReader, NotSimple, Simple};

impl BlockReader<'_, '_> {
    /// Reads what the bracket here opens, up to behind the closing one.
    pub(super) fn brackets(&mut self) -> Simple<()> {
        let is_mapping = self.byte(self.at) == b'{';
        let closing = if is_mapping { b'}' } else { b']' };
        self.begin(is_mapping)?;
        self.at += 1;
        self.skip_spaces();
        if self.byte(self.at) != closing {
            loop {
                if is_mapping {
                    self.flow_key()?;
                }
                self.flow_value()?;
                self.skip_spaces();
                match self.byte(self.at) {
                    b',' => self.at += 1,
                    byte if byte == closing => break,
                    _ => return Err(NotSimple),
                }
                self.skip_spaces();
            }
        }
        self.at += 1;
        self.builder.close_at(self.at).map_err(|_| NotSimple)
    }

    /// Reads a key, its colon and the blanks behind it. A value must follow.
    fn flow_key(&mut self) -> Simple<()> {
        match self.byte(self.at) {
            b'"' | b'\'' => self.quoted()?,
            _ => self.flow_word()?,
        }
        self.skip_spaces();
        if self.byte(self.at) != b':' || self.byte(self.at + 1) != b' ' {
            return Err(NotSimple);
        }
        self.at += 1;
        self.skip_spaces();
        Ok(())
    }

    fn flow_value(&mut self) -> Simple<()> {
        match self.byte(self.at) {
            b'"' | b'\'' => self.quoted(),
            b'[' | b'{' => self.brackets(),
            b'*' => self.alias(),
            b'&' => {
                self.anchor()?;
                self.skip_spaces();
                self.flow_value()
            }
            _ => self.flow_word(),
        }
    }

    /// Reads a word, or several of them, between brackets.
    fn flow_word(&mut self) -> Simple<()> {
        let start = self.at;
        if !super::scalar::can_start(self.byte(start), self.byte(start + 1)) {
            return Err(NotSimple);
        }
        let mut end = start;
        loop {
            match self.byte(self.at) {
                b',' | b']' | b'}' => break,
                b':' if matches!(self.byte(self.at + 1), b' ' | b'\n') => break,
                // Before a bracket a colon may end a word, or be part of it.
                b':' if matches!(self.byte(self.at + 1), b',' | b'[' | b']' | b'{' | b'}') => {
                    return Err(NotSimple);
                }
                b'\n' | b'[' | b'{' => return Err(NotSimple),
                b'#' if self.at > end => return Err(NotSimple),
                b' ' => self.at += 1,
                _ => {
                    self.at += 1;
                    end = self.at;
                }
            }
        }
        self.word(start, end);
        Ok(())
    }
}
