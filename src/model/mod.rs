//! The words of govcheck as data types: text and spans, documents, entities, rules, findings, reports.
//! Data only: nothing here reads a file, a clock or the environment.

pub mod caught;
pub mod comparison;
pub mod document;
pub mod entity;
pub mod finding;
pub mod kinds;
pub(super) mod location;
pub mod names;
pub mod path;
pub mod published;
pub mod report;
pub mod rule;
pub mod selection;
pub mod sources;
pub mod text;
pub mod waiver;
pub mod wanted;
pub(crate) mod work;
pub(crate) mod written;
