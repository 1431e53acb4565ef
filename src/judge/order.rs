//! The order of findings in every output.

use crate::model::finding::Finding;
use rayon::prelude::*;

/// Sorts findings as every output has them. They are large, and there are many: their order is worked out apart, and then
/// each is moved to its place, where sorting themselves would take their room once more.
pub(super) fn sort_findings(findings: &mut [Finding]) {
    let key = |at: &usize| findings.get(*at).map(Finding::sort_key);
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.par_sort_by(|a, b| key(a).cmp(&key(b)));
    for start in 0..order.len() {
        let mut at = start;
        // Whose place this is comes from where it lies, and leaves its own to the next.
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start {
                break;
            }
            findings.swap(at, from);
            at = from;
        }
    }
}
