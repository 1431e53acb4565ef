//! What the cache knows of this mesh: outcomes, answers of mesh rules, their places, whole meshes. Turns bytes into what they
//! mean, and back; the bytes are the cache's.

pub(crate) mod answers;
mod batch;
pub mod change;
pub(crate) mod keys;
pub(crate) mod outcomes;
pub(crate) mod places;
mod shard;
mod whole;

pub use shard::{missing_files, write_part};
pub use whole::Whole;
