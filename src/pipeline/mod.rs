//! The stages of a run that `check` in `lib.rs` puts together. Each stage is a file; none prints, reads the environment or
//! knows the command line.

pub(crate) mod departures;
pub(crate) mod judging;
pub(crate) mod meshes;
pub(crate) mod notes;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod scope;
pub(crate) mod selection;
pub(crate) mod sources;
