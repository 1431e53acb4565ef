//! `required_version`: the versions of govcheck that a config is written for. Compared with this version before anything else is
//! read, since a config for another version may have any keys.

use semver::{Comparator, Op, Version, VersionReq};

/// The key.
pub(super) const KEY: &str = "required_version";

/// What is wrong, and what to do next.
pub(super) type VersionRefusal = (String, String);

/// Why a version does not meet the requirement. `None` if it does.
pub(super) fn refuse_version(required: &str, version: &str) -> Option<VersionRefusal> {
    let requirement = match VersionReq::parse(required) {
        Ok(requirement) => requirement,
        Err(error) => {
            let message = format!("`{required}` is not a version requirement: {error}");
            return Some((message, requirement_examples()));
        }
    };
    // Ours is a version: cargo has read it.
    let own = Version::parse(version).ok()?;
    if requirement.matches(&own) {
        return None;
    }
    let message = format!("this is govcheck {version}, and the config requires `{required}`");
    Some((message, installation(&requirement)))
}

/// How to write a requirement.
pub(super) fn requirement_examples() -> String {
    format!("write a range in quotes, as in Cargo.toml: `{KEY}: \">=0.2, <0.4\"`")
}

/// What to write where a requirement has no quotes, so that YAML takes its `>` for the beginning of a text; `None` on any other
/// line.
pub(super) fn missing_quotes(line: &str) -> Option<String> {
    let value = line.trim_start().strip_prefix(KEY)?.trim_start();
    let value = value.strip_prefix(':')?.trim_start();
    value
        .starts_with(['>', '|', '*', '&', '!', '@'])
        .then(requirement_examples)
}

fn installation(requirement: &VersionReq) -> String {
    let cargo = format!("`cargo install govcheck --version '{requirement}'`");
    let ranges: Option<Vec<String>> = requirement.comparators.iter().map(python).collect();
    match ranges {
        Some(ranges) => format!(
            "install one that fits: {cargo} or `pip install 'govcheck{}'`",
            ranges.join(",")
        ),
        None => format!("install one that fits: {cargo}"),
    }
}

/// A comparator as Python's packages write it; `None` where they have no word for it.
fn python(comparator: &Comparator) -> Option<String> {
    let text = comparator.to_string();
    match comparator.op {
        Op::Greater | Op::GreaterEq | Op::Less | Op::LessEq => Some(text),
        Op::Exact => Some(format!("={text}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_fits_is_taken() {
        for required in [
            "0.3",
            ">=0.2, <0.4",
            "^0.3.0",
            "~0.3",
            "*",
            "=0.3.1",
            "0.3.1",
            ">=0.2,<0.4",
        ] {
            assert_eq!(refuse_version(required, "0.3.1"), None, "{required}");
        }
    }

    #[test]
    fn a_wrong_version_is_reported_with_the_required_one_and_how_to_install_it() {
        let (message, help) = refuse_version(">=0.2, <0.4", "0.1.0").unwrap();
        assert_eq!(
            message,
            "this is govcheck 0.1.0, and the config requires `>=0.2, <0.4`"
        );
        assert_eq!(
            help,
            "install one that fits: `cargo install govcheck --version '>=0.2, <0.4'` or `pip install 'govcheck>=0.2,<0.4'`"
        );
        let (_, help) = refuse_version("=1.2.3", "0.1.0").unwrap();
        assert!(help.contains("'govcheck==1.2.3'"), "{help}");
        let (_, help) = refuse_version("^1", "0.1.0").unwrap();
        assert!(!help.contains("pip"), "{help}");
    }

    #[test]
    fn a_pre_release_fits_only_where_it_is_named() {
        assert!(refuse_version(">=0.2", "0.3.0-rc.1").is_some());
        assert_eq!(refuse_version(">=0.3.0-rc.1", "0.3.0-rc.1"), None);
    }

    #[test]
    fn a_malformed_requirement_is_refused_with_examples() {
        for required in ["latest", "", ">=", "0.2 || 0.3"] {
            let (message, help) = refuse_version(required, "0.1.0").unwrap();
            assert!(
                message.contains("is not a version requirement"),
                "{message}"
            );
            assert!(help.contains("required_version: \">=0.2, <0.4\""), "{help}");
        }
    }

    #[test]
    fn a_line_without_quotes_is_seen() {
        assert!(missing_quotes("required_version: >=0.2").is_some());
        assert!(missing_quotes("  required_version :  *").is_some());
        assert!(missing_quotes("required_version: \">=0.2\"").is_none());
        assert!(missing_quotes("exclude: >").is_none());
    }
}
