//! Where the keys and values of a YAML text stand, which serde does not tell. Nothing is judged here.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser};

/// A config has three levels and options; a deeper text is refused before serde's parser spends minutes on it.
const DEPTH: usize = 64;

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// 1-based.
    pub(super) line: u32,
    /// 1-based, in characters.
    pub(super) column: u32,
}

/// From the root: keys of mappings, indexes of lists.
pub(super) type KeyPath = Vec<String>;

/// The marks of the first document.
#[derive(Debug, Default)]
pub(super) struct Marks {
    keys: BTreeMap<KeyPath, Mark>,
    values: BTreeMap<KeyPath, Mark>,
    scalars: BTreeMap<KeyPath, String>,
    /// Keys that stand twice in a mapping: the second.
    pub(super) duplicates: Vec<(KeyPath, Mark)>,
}

enum Frame {
    /// The key whose value comes next, if it was read.
    Mapping(Option<String>),
    /// The index of the next element.
    List(usize),
}

impl Marks {
    /// Marks of a text, or what is wrong with it.
    pub(super) fn of(text: &str) -> Result<Self, (Mark, String)> {
        let mut marks = Self::default();
        let mut frames: Vec<Frame> = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) =
                event.map_err(|error| (mark(*error.marker()), error.info().to_owned()))?;
            let mark = mark(span.start);
            match event {
                Event::Scalar(text, ..) => {
                    marks.node(&mut frames, mark, Some(&text));
                    finish(&mut frames, Some(&text));
                }
                Event::Alias(_) => {
                    marks.node(&mut frames, mark, None);
                    finish(&mut frames, None);
                }
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    marks.node(&mut frames, mark, None);
                    frames.push(match event {
                        Event::MappingStart(..) => Frame::Mapping(None),
                        _ => Frame::List(0),
                    });
                    if frames.len() > DEPTH {
                        return Err((mark, format!("it is nested deeper than {DEPTH} levels")));
                    }
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    frames.pop();
                    finish(&mut frames, None);
                }
                Event::DocumentEnd => break,
                _ => {}
            }
        }
        Ok(marks)
    }

    /// Records a node, which is a key where its mapping waits for one.
    fn node(&mut self, frames: &mut [Frame], mark: Mark, text: Option<&str>) {
        let is_key = matches!(frames.last(), Some(Frame::Mapping(None)));
        let mut path = path(frames);
        if is_key {
            path.extend(text.map(str::to_owned));
            if text.is_some() && self.keys.insert(path.clone(), mark).is_some() {
                self.duplicates.push((path, mark));
            }
        } else {
            if let Some(text) = text {
                self.scalars.insert(path.clone(), text.to_owned());
            }
            self.values.insert(path, mark);
        }
    }

    /// Where the key at the end of `path` stands, or the nearest thing above it.
    pub(super) fn key(&self, path: &[&str]) -> Option<Mark> {
        nearest(path, |path| {
            self.keys
                .get(path)
                .or_else(|| self.values.get(path))
                .copied()
        })
    }

    /// Where the value at `path` stands, or the nearest thing above it.
    pub(super) fn value(&self, path: &[&str]) -> Option<Mark> {
        nearest(path, |path| self.values.get(path).copied())
    }

    /// The text of the scalar at `path`.
    pub(super) fn scalar(&self, path: &[&str]) -> Option<&str> {
        self.scalars.get(&owned(path)).map(String::as_str)
    }

    /// The keys of the mapping at `path`, sorted by name.
    pub(super) fn keys_of(&self, path: &[&str]) -> Vec<(&str, Mark)> {
        let path = owned(path);
        let below = self
            .keys
            .range(path.clone()..)
            .take_while(|(key, _)| key.starts_with(&path));
        let inside = below.filter(|(key, _)| key.len() == path.len() + 1);
        inside
            .filter_map(|(key, mark)| Some((key.last()?.as_str(), *mark)))
            .collect()
    }
}

/// The path of the node that comes next; without a key, of the mapping that waits for it.
fn path(frames: &[Frame]) -> KeyPath {
    let step = |frame: &Frame| match frame {
        Frame::Mapping(key) => key.clone(),
        Frame::List(at) => Some(at.to_string()),
    };
    frames.iter().filter_map(step).collect()
}

/// A node is complete: the frame around it waits for the next.
fn finish(frames: &mut [Frame], text: Option<&str>) {
    match frames.last_mut() {
        Some(Frame::Mapping(key)) => {
            *key = match key {
                None => Some(text.unwrap_or("?").to_owned()),
                Some(_) => None,
            }
        }
        Some(Frame::List(at)) => *at += 1,
        None => {}
    }
}

fn nearest(path: &[&str], find: impl Fn(&KeyPath) -> Option<Mark>) -> Option<Mark> {
    let mut path = owned(path);
    loop {
        if let Some(mark) = find(&path) {
            return Some(mark);
        }
        path.pop()?;
    }
}

fn owned(path: &[&str]) -> KeyPath {
    path.iter().map(ToString::to_string).collect()
}

fn mark(marker: Marker) -> Mark {
    Mark {
        line: number(marker.line()),
        column: number(marker.col() + 1),
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_their_places() {
        let marks = Marks::of(
            "a: &n 1\nb:\n  - x: {y: z}\n    'é x': w\n  - [1, *n]\n? [k]\n: v\nlast: 2\n",
        )
        .unwrap();
        let at = |mark: Option<Mark>| mark.map(|mark| (mark.line, mark.column)).unwrap();
        assert_eq!(at(marks.key(&["b"])), (2, 1));
        assert_eq!(at(marks.key(&["b", "0", "x", "y"])), (3, 9));
        assert_eq!(at(marks.value(&["b", "0", "é x"])), (4, 12));
        assert_eq!(at(marks.value(&["b", "1", "0"])), (5, 6));
        assert_eq!(marks.scalar(&["a"]), Some("1"));
        assert_eq!(
            at(marks.value(&["b", "0", "nope", "deeper"])),
            (3, 5),
            "the nearest above"
        );
    }

    #[test]
    fn complex_keys_and_duplicates_do_not_confuse() {
        let marks = Marks::of("? [k, l]\n: {a: b}\nlast: 2\nx: 1\nx: 2\n").unwrap();
        assert_eq!(marks.key(&["last"]).unwrap().line, 3);
        assert_eq!(marks.duplicates.len(), 1);
        assert_eq!(marks.duplicates[0].1.line, 5);
        let names: Vec<&str> = marks.keys_of(&[]).into_iter().map(|(key, _)| key).collect();
        assert_eq!(names, ["last", "x"]);
    }

    #[test]
    fn hostile_depth_ends() {
        assert!(Marks::of(&"[".repeat(1 << 20)).is_err());
        let (mark, why) = Marks::of(&"- ".repeat(1 << 16)).unwrap_err();
        assert_eq!((mark.line, mark.column), (1, 129), "{why}");
    }
}
