//! conftest's contract as names: which rules it asks, what an exception exempts, which namespaces a pattern matches.

use regex::Regex;

use crate::model::rule::Level;

/// The namespace that is asked if nobody says otherwise.
pub const DEFAULT_NAMESPACE: &str = "main";

/// The rule of a namespace that lists its exemptions.
pub(crate) const EXCEPTION: &str = "exception";

/// The level of a rule's findings by its name. `None` if conftest does not ask it.
///
/// ```
/// # use govcheck::policy::plain::level_of;
/// # use govcheck::model::rule::Level;
/// assert_eq!(level_of("violation_no_owner"), Some(Level::Error));
/// assert_eq!(level_of("warn"), Some(Level::Warning));
/// assert_eq!(level_of("denylist"), None);
/// ```
pub fn level_of(name: &str) -> Option<Level> {
    let fits = |prefix: &str| {
        let Some(rest) = name.strip_prefix(prefix) else {
            return false;
        };
        let mut parts = rest.split('_');
        let fine = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
        parts.next() == Some("") && parts.all(fine)
    };
    match () {
        () if fits("deny") || fits("violation") => Some(Level::Error),
        () if fits("warn") => Some(Level::Warning),
        () => None,
    }
}

/// The name by which an `exception` exempts a rule: the rule's name without `deny_`, `violation_` or `warn_`.
pub(crate) fn exception_name(name: &str) -> &str {
    if ["deny", "violation", "warn"].contains(&name) {
        return "";
    }
    // One after the other, as conftest does.
    ["violation_", "deny_", "warn_"]
        .iter()
        .fold(name, |name, prefix| {
            name.strip_prefix(prefix).unwrap_or(name)
        })
}

/// Whether a namespace is meant as a pattern.
pub(crate) fn is_pattern(namespace: &str) -> bool {
    namespace.contains(['*', '?', '['])
}

/// A pattern of namespaces: `*` for any text, dots too, `?` for one character, `[a-z]` for one of some characters. `None` if it is malformed.
pub(crate) fn namespace_pattern(text: &str) -> Option<Regex> {
    let mut regex = String::from("^");
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => regex.push_str(&regex::escape(&rest.next()?.to_string())),
            '[' => {
                regex.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    regex.push('^');
                }
                let mut is_empty = true;
                loop {
                    match rest.next()? {
                        ']' if !is_empty => break,
                        '-' => regex.push('-'),
                        other => regex.push_str(&regex::escape(&other.to_string())),
                    }
                    is_empty = false;
                }
                regex.push(']');
            }
            other => regex.push_str(&regex::escape(&other.to_string())),
        }
    }
    regex.push('$');
    Regex::new(&regex).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_rules_that_conftest_asks() {
        for name in ["deny", "deny_a", "deny_A1_b", "violation", "violation_x"] {
            assert_eq!(level_of(name), Some(Level::Error), "{name}");
        }
        assert_eq!(level_of("warn_x"), Some(Level::Warning));
        for name in [
            "denied",
            "deny_",
            "deny__a",
            "deny_a_",
            "warning",
            "violations",
            "allow",
            "deny-x",
        ] {
            assert_eq!(level_of(name), None, "{name}");
        }
    }

    #[test]
    fn an_exception_names_a_rule_without_its_prefix() {
        let names = [
            "deny",
            "warn",
            "deny_a_b",
            "violation_x",
            "violation_deny_x",
        ];
        assert_eq!(names.map(exception_name), ["", "", "a_b", "x", "x"]);
    }

    #[test]
    fn patterns_of_namespaces_match_dots_too() {
        let matches = |glob: &str, name: &str| namespace_pattern(glob).unwrap().is_match(name);
        assert!(matches("k8s.*", "k8s.a.b") && matches("*", "main") && matches("m?in", "main"));
        assert!(matches("[a-m]ain", "main") && !matches("[^a-m]ain", "main"));
        assert!(!matches("k8s.*", "k8s") && !matches("main", "xmain"));
        assert!(namespace_pattern("[a").is_none());
    }
}
