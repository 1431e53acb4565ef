//! Numbers of facts that a question is about. Most follow each other, and a mesh has millions: kept as ranges.

use std::ops::Range;

use crate::model::text::text_offset;

/// Numbers, in the order that they came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    ranges: Vec<Range<u32>>,
    len: usize,
}

impl Numbers {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// One by one.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let numbers = self.ranges.iter().flat_map(Clone::clone);
        numbers.map(|number| number as usize)
    }

    /// Some more.
    pub(super) fn extend_with(&mut self, numbers: impl IntoIterator<Item = u32>) {
        self.extend(numbers.into_iter().map(|number| number as usize));
    }

    /// So many at a time, the last ones as many as are left.
    pub(super) fn chunks(&self, size: usize) -> Vec<Self> {
        let mut chunks: Vec<Self> = Vec::new();
        for number in self.iter() {
            match chunks.last_mut() {
                Some(chunk) if chunk.len < size => chunk.extend([number]),
                _ => chunks.push([number].into_iter().collect()),
            }
        }
        chunks
    }
}

impl Extend<usize> for Numbers {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, numbers: I) {
        for number in numbers.into_iter().map(text_offset) {
            match self.ranges.last_mut() {
                Some(range) if range.end == number => range.end += 1,
                _ => self.ranges.push(number..number + 1),
            }
            self.len += 1;
        }
    }
}

impl FromIterator<usize> for Numbers {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        let mut all = Self::default();
        all.extend(numbers);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_order() {
        let given = [4, 5, 6, 2, 3, 9];
        let numbers: Numbers = given.into_iter().collect();
        assert_eq!(numbers.iter().collect::<Vec<_>>(), given);
        assert_eq!((numbers.len(), numbers.ranges.len()), (6, 3));
        let chunks = numbers.chunks(4);
        let sizes: Vec<usize> = chunks.iter().map(Numbers::len).collect();
        let all: Vec<usize> = chunks.iter().flat_map(Numbers::iter).collect();
        assert_eq!((sizes, all), (vec![4, 2], given.to_vec()));
        assert_eq!(Numbers::default().chunks(4).len(), 0);
    }
}
