//! Globs of the config: what they match, which folders they can't reach, which hidden names they name.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A glob that cannot be used. The user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid glob `{pattern}`: {message}")]
pub struct PatternError {
    /// As written.
    pub pattern: String,
    /// What is wrong, as a phrase.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Globs on paths relative to the root. `*` and `?` stay within a component, `**` spans components;
/// a pattern that matches a folder stands for all that is in it, as in git.
#[derive(Debug, Clone)]
pub struct Patterns {
    set: GlobSet,
    /// Components up to the first that has a wildcard, per pattern: what is not on the way to one or below one is not reached.
    literal: Vec<Vec<String>>,
    /// The patterns cut after each component that names a hidden file or folder.
    hidden: GlobSet,
}

impl Patterns {
    /// Compiles globs.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        let (mut set, mut hidden, mut literal) =
            (GlobSetBuilder::new(), GlobSetBuilder::new(), Vec::new());
        for pattern in patterns {
            let base = base(pattern)?;
            set.add(compile(pattern, base)?);
            set.add(compile(pattern, &format!("{base}/**"))?);
            let parts = components(base);
            for (at, part) in parts.iter().enumerate() {
                if names_hidden(part) {
                    let until = parts.get(..=at).unwrap_or_default().join("/");
                    hidden.add(compile(pattern, &until)?);
                }
            }
            literal.push(
                parts
                    .into_iter()
                    .take_while(|part| !part.contains(['*', '?', '[', '{', '\\']))
                    .map(str::to_owned)
                    .collect(),
            );
        }
        let build = |builder: &GlobSetBuilder| {
            builder
                .build()
                .map_err(|error| bad(&patterns.join("`, `"), &error))
        };
        Ok(Self {
            set: build(&set)?,
            literal,
            hidden: build(&hidden)?,
        })
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Whether a pattern matches `path`, or a folder above it.
    pub fn is_match(&self, path: &str) -> bool {
        self.set.is_match(path)
    }

    /// Whether something in `folder` could match; `true` when in doubt.
    pub(super) fn reaches(&self, folder: &str) -> bool {
        self.literal.iter().any(|literal| {
            folder
                .split('/')
                .zip(literal)
                .all(|(have, want)| have == want)
        })
    }

    /// Whether a pattern names the hidden file or folder `path`, so that it is meant to be looked at.
    pub(super) fn names_hidden(&self, path: &str) -> bool {
        self.hidden.is_match(path)
    }
}

/// A pattern without the parts that only mean "below the root" and "everything in it".
fn base(pattern: &str) -> Result<&str, PatternError> {
    let refuse = |message: &str, help: &str| {
        Err(PatternError {
            pattern: pattern.to_owned(),
            message: message.to_owned(),
            help: help.to_owned(),
        })
    };
    if pattern.starts_with('/') {
        return refuse(
            "patterns are relative to the root of the mesh",
            "remove the leading `/`",
        );
    }
    let mut base = pattern.strip_prefix("./").unwrap_or(pattern);
    while base != "**" && base != "/**" {
        match base.strip_suffix("/**").or_else(|| base.strip_suffix('/')) {
            Some(shorter) => base = shorter,
            None => break,
        }
    }
    if base.is_empty() {
        return refuse(
            "the pattern is empty",
            "write `**` to match every file, or remove the pattern",
        );
    }
    if base.split('/').any(|part| part == "..") {
        return refuse("files above the root are never read", "remove the `..`");
    }
    Ok(base)
}

fn compile(pattern: &str, glob: &str) -> Result<globset::Glob, PatternError> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .build()
        .map_err(|error| bad(pattern, &error))
}

fn bad(pattern: &str, error: &globset::Error) -> PatternError {
    PatternError {
        pattern: pattern.to_owned(),
        message: error.kind().to_string(),
        help: "use `*` and `?` within a name, `**` for any folders, `{a,b}` for alternatives, and `\\` to escape a special character".to_owned(),
    }
}

/// Splits at `/`, but not within `{…}` or `[…]`.
fn components(pattern: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, character) in pattern.char_indices() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                parts.extend(pattern.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(pattern.get(start..));
    parts
}

/// Whether a component of a pattern says the dot at the start of a hidden name.
fn names_hidden(part: &str) -> bool {
    part.starts_with('.') || (part.starts_with('{') && (part.contains("{.") || part.contains(",.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(list: &[&str]) -> Patterns {
        Patterns::new(&list.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_star_stays_within_a_name_and_two_span_folders() {
        let p = patterns(&["domains/*.yaml", "platform/**/c.yaml"]);
        assert!(p.is_match("domains/a.yaml"));
        assert!(!p.is_match("domains/a/b.yaml"));
        assert!(p.is_match("platform/c.yaml") && p.is_match("platform/x/y/c.yaml"));
    }

    #[test]
    fn a_pattern_for_a_folder_covers_all_in_it() {
        for pattern in [
            "domains",
            "domains/",
            "domains/**",
            "./domains",
            "domains/**/**",
            "do*s",
        ] {
            assert!(
                patterns(&[pattern]).is_match("domains/a/b.yaml"),
                "{pattern}"
            );
            assert!(
                !patterns(&[pattern]).is_match("x/domains/b.yaml"),
                "{pattern}"
            );
        }
        assert!(
            patterns(&["**/node_modules/**"]).is_match("node_modules"),
            "so that the folder is not walked"
        );
        assert!(patterns(&["**"]).is_match("a") && patterns(&["**/"]).is_match("a/b/c"));
    }

    #[test]
    fn folders_that_no_pattern_reaches_are_known() {
        let p = patterns(&["domains/sales/**", "platform/*/x"]);
        assert!(
            p.reaches("domains") && p.reaches("domains/sales/a") && p.reaches("platform/anything")
        );
        assert!(!p.reaches("domains/hr") && !p.reaches("node_modules"));
        assert!(patterns(&["{a,b}/c"]).reaches("b") && patterns(&["**"]).reaches("z"));
    }

    #[test]
    fn a_hidden_name_must_be_named() {
        let p = patterns(&[".github/**", "**/.meta/*.yaml", "{.a,b}/x"]);
        assert!(p.names_hidden(".github") && p.names_hidden("x/y/.meta") && p.names_hidden(".a"));
        assert!(
            !p.names_hidden("x/.github")
                && !p.names_hidden(".cache")
                && !p.names_hidden(".github/.x")
        );
        assert!(!patterns(&["**", "*", "?github/**"]).names_hidden(".github"));
    }

    #[test]
    fn bad_patterns_say_what_to_write() {
        for (pattern, says) in [
            ("a/{b", "unclosed"),
            ("/a", "relative to the root"),
            ("", "empty"),
            ("a/../b", "above the root"),
            ("[z-a]", "range"),
        ] {
            let error = Patterns::new(&[pattern.to_owned()]).unwrap_err();
            assert!(error.message.contains(says), "{pattern}: {error}");
            assert!(!error.help.is_empty());
        }
    }
}
