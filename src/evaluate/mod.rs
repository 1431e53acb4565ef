//! Map: entity rules and facts, a file at a time. Reduce: mesh rules, once. Then places.

mod answer;
pub(crate) mod cause;
mod inline;
mod locate;
pub mod map;
pub(crate) mod places;
pub mod profile;
mod read;
pub mod reduce;
pub mod rules;
pub mod two;
pub mod view;
pub mod whole;
