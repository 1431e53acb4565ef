//! The comment that METADATA is: where it is in a file, its YAML, and the place in the file of what is wrong with that.

use crate::model::text::{Span, text_offset};
use crate::policy::error::{PolicyFile, PolicyMistake};

/// The line that opens it.
const HEAD: &str = "# METADATA";

/// A comment of METADATA.
pub(crate) struct Block<'f> {
    file: &'f PolicyFile,
    /// The line, 1-based, of `# METADATA` itself.
    head: u32,
    /// The lines below it.
    span: Span,
}

impl<'f> Block<'f> {
    /// The first of a file.
    pub(crate) fn first(file: &'f PolicyFile) -> Option<Self> {
        let mut end = 0;
        for (number, line) in file.text.as_str().split_inclusive('\n').enumerate() {
            end += line.len();
            if line.trim() == HEAD {
                return Some(Self::below(file, number + 1, end));
            }
        }
        None
    }

    /// The one directly above what starts at a byte.
    pub(crate) fn above(file: &'f PolicyFile, start: u32) -> Option<Self> {
        let before = file.text.slice(Span::new(0, start));
        let (mut end, mut found) = (0, None);
        for (number, line) in before.split_inclusive('\n').enumerate() {
            end += line.len();
            if line.trim_end() == HEAD {
                found = Some((number + 1, end));
            } else if !line.starts_with('#') {
                found = None;
            }
        }
        found.map(|(head, end)| Self::below(file, head, end))
    }

    fn below(file: &'f PolicyFile, head: usize, start: usize) -> Self {
        let rest = file.text.as_str().get(start..).unwrap_or_default();
        let lines = rest.split_inclusive('\n');
        let lines = lines.take_while(|line| line.starts_with('#'));
        let length: usize = lines.map(str::len).sum();
        Self {
            file,
            head: text_offset(head),
            span: Span::new(text_offset(start), text_offset(start + length)),
        }
    }

    /// The YAML, line by line.
    pub(super) fn lines(&self) -> Vec<&'f str> {
        let lines = self.file.text.slice(self.span).lines();
        let yaml = lines.map(|line| line.strip_prefix('#').unwrap_or(line));
        yaml.map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect()
    }

    /// The YAML with a blank for the sign of the comment, so that every place stays where it is behind the byte that goes
    /// with it.
    pub(crate) fn blanked(&self) -> (u32, String) {
        let lines = self.file.text.slice(self.span).split_inclusive('\n');
        let yaml = lines.map(|line| line.replacen('#', " ", 1));
        (self.span.start, yaml.collect())
    }

    /// All of it as a value.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_yaml::Error> {
        serde_yaml::from_str(&self.lines().join("\n"))
    }

    /// A mistake at the place of an error; on its line the name, if there is one.
    pub(crate) fn mistake(
        &self,
        error: &serde_yaml::Error,
        name: Option<&str>,
        message: &str,
        help: &str,
    ) -> PolicyMistake {
        self.file.mistake(self.place(error, name), message, help)
    }

    /// The name on the line of an error; without one all of the line.
    fn place(&self, error: &serde_yaml::Error, name: Option<&str>) -> Span {
        let line = error
            .location()
            .map_or(1, |location| text_offset(location.line()));
        let line = self.file.line(self.head + line);
        let text = self.file.text.slice(line);
        let named = name.and_then(|name| Some((text.find(name)?, name)));
        match named {
            Some((at, name)) => {
                let start = line.start + text_offset(at);
                Span::new(start, start + text_offset(name.len()))
            }
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::text::SourceText;

    fn file(text: &str) -> PolicyFile {
        PolicyFile {
            pack: "p".to_owned(),
            file: "a.rego".to_owned(),
            text: Arc::new(SourceText::new(text.to_owned())),
        }
    }

    const TEXT: &str = "# METADATA\r\n# title: whole\r\npackage p\r\n\r\n# METADATA\n# title: far\n\n# of no rule\n# METADATA\n#   title: näher\nx := 1\n";

    #[test]
    fn the_first_of_a_file_is_its_package_s() {
        let file = file(TEXT);
        let block = Block::first(&file).unwrap();
        assert_eq!((block.head, block.lines()), (1, vec!["title: whole"]));
    }

    #[test]
    fn the_one_above_a_rule_is_the_nearest_without_a_gap() {
        let file = file(TEXT);
        let start = text_offset(TEXT.find("x :=").unwrap());
        let block = Block::above(&file, start).unwrap();
        assert_eq!((block.head, block.lines()), (9, vec!["  title: näher"]));
        let gap = text_offset(TEXT.find("# of no rule").unwrap());
        assert!(Block::above(&file, gap).is_none());
    }

    #[test]
    fn blanked_keeps_every_place() {
        let file = file(TEXT);
        let (start, yaml) = Block::first(&file).unwrap().blanked();
        let at = yaml.find("whole").unwrap() + start as usize;
        assert_eq!(TEXT.get(at..at + 5), Some("whole"));
    }
}
