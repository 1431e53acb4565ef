//! Words that come again and again, as keys and types do, in one file and in the next: each is kept once by a thread, as long
//! as no other takes its place.

use std::cell::Cell;
use std::sync::Arc;

use crate::model::document::NameHash;

/// Words by a part of their hash.
#[derive(Default)]
pub(super) struct Words(Vec<Option<Arc<str>>>);

/// How many words are known at once.
const KNOWN: usize = 1024;

/// Longer ones hardly ever come twice.
const MAX_LEN: usize = 20;

thread_local! {
    static KEPT: Cell<Words> = const { Cell::new(Words(Vec::new())) };
}

impl Words {
    /// Those of the files that this thread has read before.
    pub(super) fn of_thread() -> Self {
        KEPT.take()
    }

    /// Keeps them for the next file.
    pub(super) fn keep(self) {
        KEPT.set(self);
    }

    /// A text, shared with where it was before if it is a word that is known.
    pub(super) fn shared(&mut self, text: &str) -> Arc<str> {
        if text.len() > MAX_LEN {
            return text.into();
        }
        if self.0.is_empty() {
            self.0.resize(KNOWN, None);
        }
        let Some(place) = self.0.get_mut(NameHash::of(text).among(KNOWN)) else {
            return text.into();
        };
        match place {
            Some(known) if **known == *text => Arc::clone(known),
            _ => {
                let word: Arc<str> = text.into();
                *place = Some(Arc::clone(&word));
                word
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_comes_again_is_the_same_text_once() {
        let mut words = Words::default();
        let first = words.shared("classification");
        let again = words.shared("classification");
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn a_word_of_the_file_before_is_the_same_text() {
        let mut words = Words::of_thread();
        let first = words.shared("classification");
        words.keep();
        let again = Words::of_thread().shared("classification");
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn whatever_takes_whose_place_each_word_is_itself() {
        let mut words = Words::default();
        for round in 0..3 {
            for number in 0..2_000 {
                let text = format!("w{number}{}", "x".repeat(number % 25));
                assert_eq!(&*words.shared(&text), text, "round {round}");
            }
        }
    }
}
