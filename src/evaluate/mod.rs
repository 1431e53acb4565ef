//! Map: entity rules and facts, a file at a time. Reduce: mesh rules, once. Change: change rules, once for each entity
//! that two revisions may have different. Then places.

pub(crate) mod answer;
mod ask;
pub mod cache;
pub(crate) mod cause;
pub mod change;
mod inline;
mod lean;
pub mod listed;
mod locate;
pub mod map;
mod numbers;
pub mod outcome;
pub(crate) mod places;
pub mod plain;
pub mod profile;
mod read;
pub mod reduce;
mod removed;
pub mod rules;
pub mod trace;
pub mod two;
pub mod view;
pub mod whole;
