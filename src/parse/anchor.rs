//! Nodes that aliases may name.

use crate::model::document::NodeId;

/// A node that aliases may name.
pub(super) struct Anchor {
    pub(super) id: usize,
    pub(super) node: NodeId,
    /// Its height and its bytes with all aliases followed; nothing while it is open.
    pub(super) size: Option<(usize, u64)>,
}
