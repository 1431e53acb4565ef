//! Ids of rules that several readers name.

/// The file is a template and not valid YAML itself: no document of it is read.
pub const TEMPLATE: &str = "parse/template";

/// The bytes of the file are not text in an encoding that is read.
pub const NOT_TEXT: &str = "parse/not-text";

pub(super) const COMPLEX_KEY: &str = "parse/complex-key";

pub(super) const SYNTAX_ERROR: &str = "parse/syntax-error";

pub(super) const SHORT_INDENTATION: &str = "parse/short-indentation";

pub(super) const LINE_SEPARATOR: &str = "parse/line-separator";

pub(super) const NOT_JSON: &str = "parse/not-json";

/// A mapping has a key twice: a problem that leaves the file readable.
pub const DUPLICATE_KEY: &str = "parse/duplicate-key";
