//! Numbers that look like chance, the same in each run.

/// Where the numbers are.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// The next number, below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from((self.0 >> 33) % end as u64).unwrap()
    }
}
