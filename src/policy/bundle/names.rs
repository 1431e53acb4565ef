//! The files of a bundle that are not files of a pack.

pub(super) const MANIFEST: &str = ".manifest";

pub(super) const SIGNATURES: &str = ".signatures.json";
