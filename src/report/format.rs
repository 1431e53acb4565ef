//! The type of an output format: a name, a purpose and a function that writes. [`OutputFormat::all`] lists them.

use std::fmt;
use std::io::{self, Write};

use super::ReportContext;
use crate::model::report::Report;

/// Writes a whole report in one format.
type WriteReport = fn(&Report, &ReportContext, &mut dyn Write) -> io::Result<()>;

/// An output format.
#[derive(Clone, Copy)]
pub struct OutputFormat {
    name: &'static str,
    purpose: &'static str,
    write: WriteReport,
    has_statistics: bool,
}

impl OutputFormat {
    /// A format with its name on the command line and its purpose, a phrase for the help text.
    pub(super) const fn new(name: &'static str, purpose: &'static str, write: WriteReport) -> Self {
        Self {
            name,
            purpose,
            write,
            has_statistics: false,
        }
    }

    /// The same format, with counts by rule where [`ReportContext::statistics`] asks for them.
    pub(super) const fn with_statistics(self) -> Self {
        Self {
            has_statistics: true,
            ..self
        }
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Its purpose, as a phrase.
    pub fn purpose(self) -> &'static str {
        self.purpose
    }

    /// Whether it can show counts by rule.
    pub fn has_statistics(self) -> bool {
        self.has_statistics
    }

    pub(super) fn write(
        self,
        report: &Report,
        context: &ReportContext,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        (self.write)(report, context, out)
    }
}

/// Names are unique, so two formats of one name are the same.
impl PartialEq for OutputFormat {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for OutputFormat {}

impl fmt::Debug for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format({})", self.name)
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
