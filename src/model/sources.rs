//! The texts that findings point at. Most are not kept: a report reads again what it shows, and never shows a text
//! that has changed. Reads no file itself: the caller passes the reader.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::text::{RelPath, SourceText, TextId};

/// Reads the text of a file again. `None` if it is no longer available.
pub type ReadAgain = dyn Fn(&RelPath) -> Option<SourceText> + Send + Sync;

/// How many texts that were read again are kept: a finding and the places related to it, and those of the next in its file.
const KEPT: usize = 8;

/// Texts by file.
#[derive(Clone, Default)]
pub struct Sources {
    texts: BTreeMap<RelPath, Text>,
    recent: Arc<Mutex<Recent>>,
}

#[derive(Clone)]
enum Text {
    Held(Arc<SourceText>),
    Again(TextId, Arc<ReadAgain>),
}

#[derive(Default)]
struct Recent {
    /// The latest last.
    texts: VecDeque<(RelPath, Arc<SourceText>)>,
    changed: BTreeSet<RelPath>,
}

impl Sources {
    /// Keeps a text; it takes the place of what is known of that file.
    pub fn hold(&mut self, file: RelPath, text: Arc<SourceText>) {
        self.texts.insert(file, Text::Held(text));
    }

    /// Remembers which text of a file was judged, to be read again; it takes the place of what is known of that file.
    pub fn remember(&mut self, file: RelPath, judged: TextId, again: &Arc<ReadAgain>) {
        let text = Text::Again(judged, Arc::clone(again));
        self.texts.insert(file, text);
    }

    /// The same where nothing is known of the file.
    pub fn remember_if_new(&mut self, file: RelPath, judged: TextId, again: &Arc<ReadAgain>) {
        let text = || Text::Again(judged, Arc::clone(again));
        self.texts.entry(file).or_insert_with(text);
    }

    /// Forgets all files but some.
    pub fn retain(&mut self, keep: impl Fn(&RelPath) -> bool) {
        self.texts.retain(|file, _| keep(file));
    }

    /// The text of a file as it was judged. `None` if the file is unknown or has changed since.
    pub fn get(&self, file: &RelPath) -> Option<Arc<SourceText>> {
        let (judged, again) = match self.texts.get(file)? {
            Text::Held(text) => return Some(Arc::clone(text)),
            Text::Again(judged, again) => (judged, again),
        };
        if let Some(known) = self.recent().known(file) {
            return known;
        }
        // Without the lock: reports read side by side. Two may read one file, and keep the same.
        let text = again(file).filter(|text| text.id() == *judged);
        let mut recent = self.recent();
        if let Some(known) = recent.known(file) {
            return known;
        }
        let Some(text) = text.map(Arc::new) else {
            recent.changed.insert(file.clone());
            return None;
        };
        if recent.texts.len() == KEPT {
            recent.texts.pop_front();
        }
        recent.texts.push_back((file.clone(), Arc::clone(&text)));
        Some(text)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        // A panic with the lock leaves texts that are whole: each is put in at once.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The files that were read again and differ from what was judged, sorted.
    pub fn changed(&self) -> Vec<RelPath> {
        self.recent().changed.iter().cloned().collect()
    }
}

impl Recent {
    /// What is known of a file: its text, or that it is another by now.
    fn known(&self, file: &RelPath) -> Option<Option<Arc<SourceText>>> {
        let kept = self.texts.iter().find(|(known, _)| known == file);
        match kept {
            Some((_, text)) => Some(Some(Arc::clone(text))),
            None => self.changed.contains(file).then_some(None),
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.texts.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn text(text: &str) -> SourceText {
        SourceText::new(text.to_owned())
    }

    #[test]
    fn a_text_is_read_again_once_in_a_row() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        let again: Arc<ReadAgain> = Arc::new(|_| {
            READ.fetch_add(1, Ordering::Relaxed);
            Some(text("a: 1"))
        });
        let mut sources = Sources::default();
        let file = RelPath::new("a.yaml");
        sources.remember(file.clone(), text("a: 1").id(), &again);
        for _ in 0..3 {
            assert_eq!(sources.get(&file).unwrap().as_str(), "a: 1");
        }
        assert_eq!(READ.load(Ordering::Relaxed), 1);
        assert!(sources.changed().is_empty());
        for n in 0..=KEPT {
            let other = RelPath::new(format!("{n}.yaml"));
            sources.remember(other.clone(), text("a: 1").id(), &again);
            assert!(sources.get(&other).is_some());
        }
        sources.get(&file);
        assert_eq!(READ.load(Ordering::Relaxed), KEPT + 3);
    }

    #[test]
    fn a_text_that_has_changed_is_reported_and_never_shown() {
        let mut sources = Sources::default();
        let (gone, other) = (RelPath::new("gone.yaml"), RelPath::new("other.yaml"));
        let nothing: Arc<ReadAgain> = Arc::new(|_| None);
        let changed: Arc<ReadAgain> = Arc::new(|_| Some(text("a: 2")));
        sources.remember(gone.clone(), text("a: 1").id(), &nothing);
        sources.remember(other.clone(), text("a: 1").id(), &changed);
        assert!(sources.get(&other).is_none() && sources.get(&gone).is_none());
        assert!(sources.get(&other).is_none());
        assert_eq!(sources.changed(), [gone, other]);
    }

    #[test]
    fn held_texts_replace_remembered_ones() {
        let mut sources = Sources::default();
        let file = RelPath::new("a.yaml");
        let nothing: Arc<ReadAgain> = Arc::new(|_| None);
        sources.remember(file.clone(), text("a: 1").id(), &nothing);
        sources.hold(file.clone(), Arc::new(text("held")));
        sources.remember_if_new(file.clone(), text("a: 1").id(), &nothing);
        assert_eq!(sources.get(&file).unwrap().as_str(), "held");
        sources.retain(|kept| *kept != file);
        assert!(sources.get(&file).is_none() && sources.changed().is_empty());
    }
}
