//! Map: entity rules and facts, a file at a time. Reduce: mesh rules, once. Then places.

mod answer;
mod inline;
mod locate;
pub mod map;
pub mod profile;
mod read;
pub mod reduce;
pub mod rules;
pub mod view;
