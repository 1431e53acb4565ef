//! Ids of rules that several readers name.

/// The file is no YAML as it stands, because it is a template of a file: no document of it is read.
pub const TEMPLATE: &str = "parse/template";

pub(super) const COMPLEX_KEY: &str = "parse/complex-key";

pub(super) const SYNTAX_ERROR: &str = "parse/syntax-error";

pub(super) const SHORT_INDENTATION: &str = "parse/short-indentation";

pub(super) const LINE_SEPARATOR: &str = "parse/line-separator";

pub(super) const NOT_JSON: &str = "parse/not-json";

/// A key stands twice in a mapping: the problem that leaves a file readable.
pub const DUPLICATE_KEY: &str = "parse/duplicate-key";
