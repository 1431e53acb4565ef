//! What one engine came to: how many answers were compared, and the differences.

use std::collections::BTreeMap;

/// A path to which engines say different things, with the smallest input that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineDifference {
    /// How many inputs show it.
    pub cases: usize,
    /// Where the smallest one comes from.
    pub place: String,
    /// It, as JSON.
    pub input: String,
    /// What the register VM says, as JSON.
    pub vm: String,
    /// What the other says.
    pub other: String,
}

/// What one engine came to.
#[derive(Debug, Clone, Default)]
pub struct EngineVerdict {
    /// Answers that were compared.
    pub compared: usize,
    /// Differences by path.
    pub differences: BTreeMap<String, EngineDifference>,
}

impl EngineVerdict {
    /// How many answers were the same.
    pub fn same(&self) -> usize {
        let cases = self.differences.values().map(|difference| difference.cases);
        self.compared.saturating_sub(cases.sum())
    }
}

/// What each engine came to, by its name, in the order they were added.
pub type Verdicts = [(String, EngineVerdict)];
