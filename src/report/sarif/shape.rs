//! Whom a SARIF file is for.

/// The root of the repository, to which all URIs are relative. Where it lies is left to the reader, so that reports do not differ by machine.
pub(super) const ROOT: &str = "%SRCROOT%";

/// Which of the two shapes a log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SarifShape {
    /// For code scanning: what is in it becomes an alert, so what does not count is left out. `with_unchanged` lets in what the base has.
    Upload { with_unchanged: bool },
    /// For auditors: everything, with `baselineState` and `suppressions`, which code scanning ignores.
    Audit,
}
