//! Words of a file that come again and again, as keys and types do: each is kept once, as long as no other takes its place.

use std::sync::Arc;

use crate::model::document::NameHash;

/// Words by a part of their hash.
#[derive(Default)]
pub(super) struct Words(Vec<Option<Arc<str>>>);

/// How many words are known at once.
const KNOWN: usize = 256;

/// Longer ones hardly ever come twice.
const MAX_LEN: usize = 20;

impl Words {
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
