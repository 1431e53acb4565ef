//! Rules as a product, for those who write them: tests, checks, what a rule would do to the mesh, pages, bundles.
//! Stands on the whole pipeline, and judges by nothing else; what a run of `govcheck check` needs lies in the layers above.

pub mod attempt;
pub mod check;
pub mod examples;
pub mod formats;
pub mod judge;
pub mod new;
pub mod pages;
pub mod schemas;
pub mod test;
pub mod verify;
