//! `pack.yaml`: the description of a pack. It is optional.

use std::sync::Arc;

use serde::Deserialize;

use super::error::{PolicyFile, PolicyMistake};
use super::metadata::explain_message;
use super::source::{PackSource, page_of};
use crate::model::rule::{RuleId, RulePage};
use crate::model::text::{SourceText, text_offset};

/// The file, at the top of a pack.
pub const ABOUT: &str = "pack.yaml";

/// The description of a pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The web address of the pages that `govcheck policy docs` writes: that of the pack's folder, or one with `{category}` and `{name}`.
    pub docs: Option<String>,
}

impl About {
    /// Reads the description of this pack.
    ///
    /// # Errors
    /// The author's mistake: its `pack.yaml` is not YAML, or has unknown keys or an invalid address.
    pub fn of(source: &PackSource) -> Result<Self, PolicyMistake> {
        let Some(file) = source.files.iter().find(|file| file.path == ABOUT) else {
            return Ok(Self::default());
        };
        let file = PolicyFile {
            pack: source.name.clone(),
            file: file.path.clone(),
            text: Arc::new(SourceText::new(file.text.clone())),
        };
        let read: Result<Option<Self>, _> = serde_yaml::from_str(file.text.as_str());
        let about = read.map_err(|error| {
            let line = error
                .location()
                .map_or(1, |location| text_offset(location.line()));
            let (message, help) = explain_message(&error.to_string());
            let help = match help.starts_with("write METADATA") {
                true => "use only `title`, `description` and `docs`".to_owned(),
                false => help,
            };
            file.mistake(file.line(line), message, help)
        })?;
        let about = about.unwrap_or_default();
        let is_address = |docs: &String| {
            ["https://", "http://"]
                .iter()
                .any(|scheme| docs.starts_with(scheme))
                && !docs.contains(char::is_whitespace)
        };
        match &about.docs {
            Some(docs) if !is_address(docs) => Err(file.mistake(
                file.find("docs:"),
                format!("`docs` is not a web address: `{docs}`"),
                "write the address of the published pages, `https://…`, or remove `docs`",
            )),
            _ => Ok(about),
        }
    }

    /// Where the page of a rule of this pack is. `None` where neither the pack says it nor the pack has one.
    pub fn page(&self, rule: &RuleId, source: &PackSource) -> Option<RulePage> {
        let page = page_of(rule.category());
        let file = source
            .home
            .as_ref()
            .filter(|_| source.pages.contains(&page));
        let file = file.map(|home| match home.as_str() {
            "" | "." => page.clone(),
            home => format!("{home}/{page}"),
        });
        let address = self.docs.as_ref().map(|docs| address(docs, rule));
        (address.is_some() || file.is_some()).then(|| RulePage {
            address,
            file,
            heading: rule.name().to_owned(),
        })
    }
}

fn address(docs: &str, rule: &RuleId) -> String {
    if docs.contains('{') {
        return docs
            .replace("{category}", rule.category())
            .replace("{name}", rule.name());
    }
    format!(
        "{}/{}#{}",
        docs.trim_end_matches('/'),
        page_of(rule.category()),
        rule.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::source::PackFile;

    fn source(text: &str) -> PackSource {
        let file = |path: &str, text: &str| PackFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let files = vec![file("kpi/a.rego", ""), file(ABOUT, text)];
        PackSource::of("p", files).unwrap()
    }

    fn address_by(text: &str) -> Option<String> {
        let source = source(text);
        let page = About::of(&source)
            .unwrap()
            .page(&RuleId::new("kpi/a"), &source);
        page.and_then(|page| page.address)
    }

    #[test]
    fn a_page_is_below_the_address_or_where_a_pattern_says() {
        assert_eq!(
            address_by("docs: https://acme.example/policies/").as_deref(),
            Some("https://acme.example/policies/kpi/README.md#a")
        );
        assert_eq!(
            address_by("docs: 'https://acme.example/{category}/{name}.html'").as_deref(),
            Some("https://acme.example/kpi/a.html")
        );
        assert_eq!(address_by("title: Rules of Acme"), None);
    }

    #[test]
    fn a_page_that_is_not_there_is_not_named() {
        let mut source = source("").at("./governance/");
        let page = |source: &PackSource| About::default().page(&RuleId::new("kpi/a"), source);
        assert_eq!(page(&source), None);
        source.pages.insert("kpi/README.md".to_owned());
        let file = page(&source).unwrap().file;
        assert_eq!(file.as_deref(), Some("governance/kpi/README.md"));
    }

    #[test]
    fn a_mistake_has_its_line_and_the_next_step() {
        let refuse = |text: &str| About::of(&source(text)).unwrap_err();
        let typo = refuse("title: T\ndosc: https://x.example\n");
        assert_eq!(
            (typo.start.line, typo.help.as_str()),
            (2, "did you mean `docs`?")
        );
        assert!(
            refuse("docs: pages/")
                .message
                .contains("`docs` is not a web address: `pages/`")
        );
        assert!(refuse("title: [").help.contains("`title`"));
    }
}
