//! Map: entity rules and facts, a file at a time. Reduce: mesh rules, once. Change: change rules, once for each entity
//! that two revisions may have different. Then places.

mod address;
mod answer;
pub mod change;
mod locate;
pub mod map;
pub mod profile;
mod read;
pub mod reduce;
pub mod rules;
pub mod view;
