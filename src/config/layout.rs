//! Layouts: values that the path of a file gives the entities in it.

use std::sync::Arc;

use regex::Regex;

use crate::model::entity::LayoutPlace;
use crate::model::text::RelPath;

/// A compiled layout, as `domains/{domain}/{product}/**`: `{name}` takes a part of one component, `*` and `?` match within
/// a component, `**` as a whole component any number of them, at the end one at least.
#[derive(Debug, Clone)]
pub struct Layout {
    pattern: Regex,
}

/// Why a layout can't be used, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayoutError {
    pub(super) message: String,
    pub(super) help: String,
}

impl Layout {
    pub(super) fn new(text: &str) -> Result<Self, LayoutError> {
        if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return refuse(
                "a layout starts at the root of the mesh",
                "remove the leading `/` and any `..`",
            );
        }
        let parts: Vec<&str> = text.strip_prefix("./").unwrap_or(text).split('/').collect();
        let (mut regex, mut names) = (String::from(r"(?s)\A"), Vec::new());
        for (at, part) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            match (*part, last) {
                ("**", true) => regex.push_str(".+"),
                ("**", false) => regex.push_str("(?:[^/]+/)*"),
                (part, last) => {
                    component(part, &mut regex, &mut names)?;
                    regex.push_str(if last { "" } else { "/" });
                }
            }
        }
        if names.is_empty() {
            return refuse(
                "it captures nothing",
                "write `{domain}` or `{product}` in place of a folder's name, as in `domains/{domain}/{product}/**`",
            );
        }
        regex.push_str(r"\z");
        match Regex::new(&regex) {
            Ok(pattern) => Ok(Self { pattern }),
            Err(_) => refuse("it is too long", "write a shorter one"),
        }
    }

    /// The values of its names if `path` has this layout.
    pub(super) fn place(&self, path: &RelPath) -> Option<LayoutPlace> {
        let found = self.pattern.captures(path.as_str())?;
        let names = self.pattern.capture_names().flatten();
        let mut parts: Vec<(Arc<str>, Arc<str>)> = names
            .filter_map(|name| Some((Arc::from(name), Arc::from(found.name(name)?.as_str()))))
            .collect();
        parts.sort();
        Some(LayoutPlace { parts })
    }
}

fn component(part: &str, regex: &mut String, names: &mut Vec<String>) -> Result<(), LayoutError> {
    let mut rest = part;
    while let Some(character) = rest.chars().next() {
        if let Some(inner) = rest.strip_prefix('{') {
            let Some((name, after)) = inner.split_once('}') else {
                return refuse(
                    "`{` is never closed",
                    "write `{domain}`, with both braces in one component",
                );
            };
            let valid = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !valid {
                return refuse(
                    &format!("`{{{name}}}` is not a valid name"),
                    "use lower-case letters, digits and `_`, as in `{domain}`; for alternatives, write a list of layouts",
                );
            }
            if names.iter().any(|known| known == name) {
                return refuse(
                    &format!("`{{{name}}}` is used twice"),
                    "capture each part once, and write `*` for the other",
                );
            }
            names.push(name.to_owned());
            regex.push_str(&format!("(?P<{name}>[^/]+?)"));
            rest = after;
            continue;
        }
        match character {
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            _ => regex.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    Ok(())
}

fn refuse<T>(message: &str, help: &str) -> Result<T, LayoutError> {
    Err(LayoutError {
        message: message.to_owned(),
        help: help.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(layout: &str, path: &str) -> Option<String> {
        let place = Layout::new(layout).unwrap().place(&RelPath::new(path))?;
        Some(
            place
                .parts
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    #[test]
    fn names_take_their_component() {
        let of = |layout, path| place(layout, path).unwrap_or_default();
        assert_eq!(
            of(
                "domains/{domain}/{product}/**",
                "domains/sales/orders/a/b.yaml"
            ),
            "domain=sales product=orders"
        );
        assert_eq!(
            of("domains/{domain}/{product}/**", "domains/sales/domain.yaml"),
            ""
        );
        assert_eq!(
            of("{product}/x/{domain}.yaml", "p/x/d.yaml"),
            "domain=d product=p",
            "sorted by name"
        );
        assert_eq!(
            of("**/dp-{product}/*.y?ml", "a/b/dp-x-y/c.yaml"),
            "product=x-y"
        );
        assert_eq!(of("**/dp-{product}/*.y?ml", "dp-x/c.yaml"), "product=x");
        assert_eq!(of("a.b/{x}", "aXb/c"), "");
        assert_eq!(of("{x}", "a/b"), "");
    }

    #[test]
    fn layouts_that_cannot_be_used_say_why() {
        for (layout, says) in [
            ("domains/**", "captures nothing"),
            ("{a,b}/{domain}", "not a valid name"),
            ("{domain/x", "never closed"),
            ("{x}/{x}", "twice"),
            ("/{x}", "starts at the root"),
            ("../{x}", "starts at the root"),
            ("{}", "not a valid name"),
        ] {
            let error = Layout::new(layout).unwrap_err();
            assert!(error.message.contains(says), "{layout}: {}", error.message);
        }
    }
}
