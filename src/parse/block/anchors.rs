//! Anchors, `&name`, and the aliases that stand for them, `*name`. An anchor before a key, or before nothing, is for the
//! scanner.

use super::{BlockReader, NotSimple, Simple};

impl BlockReader<'_, '_> {
    /// Reads the anchor, if any, before the value of a key or a dash. Returns whether the line ends there.
    pub(super) fn before_value(&mut self) -> Simple<bool> {
        if self.line_is_over() {
            return Ok(true);
        }
        if self.byte(self.at) != b'&' {
            return Ok(false);
        }
        self.anchor()?;
        if self.line_is_over() {
            return Ok(true);
        }
        self.skip_spaces();
        // Right before a key it is the key's.
        if self.is_dash() || self.key_end().is_some() {
            return Err(NotSimple);
        }
        Ok(false)
    }

    /// Reads an anchor, up to behind its name: it is that of the node which comes next.
    pub(super) fn anchor(&mut self) -> Simple<()> {
        let (start, end) = self.name()?;
        let name = self.text.get(start..end).ok_or(NotSimple)?;
        if self.anchor > 0 {
            return Err(NotSimple);
        }
        // The scanner numbers them; a name is that of the last one that has it.
        self.anchors.push(name.to_owned());
        self.anchor = self.anchors.len();
        self.at = end;
        Ok(())
    }

    /// Reads an alias, up to behind its name.
    pub(super) fn alias(&mut self) -> Simple<()> {
        if self.anchor > 0 {
            return Err(NotSimple);
        }
        let before = self.at;
        let (start, end) = self.name()?;
        let name = self.text.get(start..end).ok_or(NotSimple)?;
        let known = self.anchors.iter().rposition(|anchor| anchor == name);
        let id = known.ok_or(NotSimple)? + 1;
        self.at = end;
        let told = self.builder.alias(id, before, end);
        told.map_err(|_| NotSimple)
    }

    /// Where the name behind the `&` or `*` here begins and ends.
    fn name(&self) -> Simple<(usize, usize)> {
        let start = self.at + 1;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let end = start + length;
        match self.byte(end) {
            _ if length == 0 => Err(NotSimple),
            b' ' | b'\n' | b',' | b']' | b'}' => Ok((start, end)),
            _ => Err(NotSimple),
        }
    }
}
