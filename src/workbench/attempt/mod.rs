//! What a pack or a rule would do to the mesh, before it is on: the mesh as it is against the mesh as it would be, by domain and
//! owner. Judges nothing itself: two reports of the one pipeline come in.

mod effect;
mod human;
mod json;
mod markdown;
mod packs;
#[cfg(test)]
mod tests;

pub use effect::{Attempt, Levels, OwnerEffect, Times};
pub use human::write_human;
pub use json::write_json;
pub use markdown::write_markdown;
pub use packs::{Tried, add_tried};

use effect::{count_noun, describe_place, pick_examples};
