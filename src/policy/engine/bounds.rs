//! Bounds of one evaluation.

use std::time::Duration;

/// Bounds of one evaluation: of all rules of a kind on one entity, or of one rule on the mesh.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Wall time.
    pub time: Duration,
    /// Bytes that it may ask for, given back or not.
    pub memory: u64,
    /// Instructions of the register VM: the bound that does not depend on the machine.
    pub instructions: usize,
}
