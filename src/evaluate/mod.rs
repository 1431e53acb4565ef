//! Map: entity rules and facts, a file at a time. Reduce: mesh rules, once. Change: change rules, once for each entity
//! that two revisions may have different. Then places.

pub(crate) mod answer;
pub mod change;
pub mod combine;
mod comment_waivers;
mod covered_parts;
mod fact_numbers;
mod failures;
mod findings;
mod input;
mod joined_answers;
mod lean_declarations;
pub mod listed;
mod locate;
pub mod map;
pub mod mapped;
mod mesh_rules;
pub mod outcome;
pub(crate) mod places;
pub mod plain;
pub mod profile;
mod read;
pub mod recall;
pub mod reduce;
pub mod rules;
pub mod setting;
mod single_rules;
#[cfg(test)]
mod steps_tests;
pub mod trace;
pub mod view;
mod workers;

pub(crate) use failures::explain_error;
