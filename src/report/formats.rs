//! The list of output formats. A new format is a file and a line here.

use super::{
    OutputFormat, concise, csv, github, gitlab, grouped, json, junit, markdown, rdjson, sarif,
    terminal,
};

/// Every output format, in the order of the help text; the first is the default.
static FORMATS: [OutputFormat; 12] = [
    terminal::FORMAT,
    concise::FORMAT,
    grouped::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    sarif::AUDIT,
    github::FORMAT,
    gitlab::FORMAT,
    rdjson::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    csv::FORMAT,
];

impl OutputFormat {
    /// All formats, in the order of the help text.
    pub fn all() -> &'static [OutputFormat] {
        &FORMATS
    }
}

impl Default for OutputFormat {
    /// The first of the list: `human`.
    fn default() -> Self {
        let [first, ..] = FORMATS;
        first
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_purposes_stated() {
        let names: BTreeSet<&str> = OutputFormat::all()
            .iter()
            .map(|format| format.name())
            .collect();
        assert_eq!(names.len(), OutputFormat::all().len());
        assert!(
            OutputFormat::all()
                .iter()
                .all(|it| !it.purpose().is_empty())
        );
        assert_eq!(OutputFormat::default().name(), "human");
    }
}
