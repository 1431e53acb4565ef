//! The files, settings and revisions of a run: finds the root, reads config, packs, waivers and baseline from where they come
//! from, and judges with them. Prints nothing and knows no subcommand; those are `cli`'s.

pub(crate) mod color;
pub(crate) mod exceptions;
pub(crate) mod failure;
pub(crate) mod hook;
pub(crate) mod in_force;
pub(crate) mod judge;
pub(crate) mod locate;
pub(crate) mod open;
pub(crate) mod origin;
pub(crate) mod packs;
pub(crate) mod plain;
pub(crate) mod revisions;
pub(crate) mod stdin;
pub(crate) mod world;

pub use hook::{Hook, PreCommit};
pub use world::{Terminals, World, blob_address};
