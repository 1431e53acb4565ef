//! What a scalar means under the core schema of YAML 1.2: `yes` and `on` are strings, `0o17` is fifteen.

use std::borrow::Cow;
use std::sync::Arc;

use saphyr_parser::{ScalarStyle, Tag};

use crate::model::document::NodeKind;

/// A tag that says what a scalar is, as far as the core schema knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CoreTag {
    String,
    Int,
    Float,
    Bool,
    Null,
}

impl CoreTag {
    /// The type that a tag names. `None` for tags outside the core schema.
    pub(super) fn of(tag: &Tag) -> Option<Self> {
        let name = match tag.handle.as_str() {
            "" if tag.suffix == "!" => "str",
            "" => tag.suffix.strip_prefix("tag:yaml.org,2002:")?,
            "tag:yaml.org,2002:" => &tag.suffix,
            _ => return None,
        };
        match name {
            "str" => Some(Self::String),
            "int" => Some(Self::Int),
            "float" => Some(Self::Float),
            "bool" => Some(Self::Bool),
            "null" => Some(Self::Null),
            _ => None,
        }
    }

    /// The tag as people write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "!!str",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Bool => "!!bool",
            Self::Null => "!!null",
        }
    }
}

/// The value of a scalar.
///
/// # Errors
/// It does not fit its tag: the value is its text.
pub(super) fn resolve_scalar(
    text: &str,
    style: ScalarStyle,
    said: Option<CoreTag>,
) -> Result<NodeKind, NodeKind> {
    let string = || NodeKind::String(Arc::from(text));
    let plain = || resolve_plain(text).unwrap_or_else(string);
    match said {
        None if style == ScalarStyle::Plain => Ok(plain()),
        None | Some(CoreTag::String) => Ok(string()),
        Some(said) => match (said, plain()) {
            (CoreTag::Int, kind @ NodeKind::Int(_)) => Ok(kind),
            (CoreTag::Int, kind @ NodeKind::Float(_)) if whole(text) => Ok(kind),
            #[expect(clippy::cast_precision_loss, reason = "`!!float` asks for just that")]
            (CoreTag::Float, NodeKind::Int(int)) => Ok(NodeKind::Float(int as f64)),
            (CoreTag::Float, kind @ NodeKind::Float(_)) => Ok(kind),
            (CoreTag::Bool, kind @ NodeKind::Bool(_)) => Ok(kind),
            (CoreTag::Null, kind @ NodeKind::Null) => Ok(kind),
            _ => Err(string()),
        },
    }
}

/// The value of an unquoted scalar. `None` if it is a string.
pub(super) fn resolve_plain(text: &str) -> Option<NodeKind> {
    // The first byte rules most words out at once.
    match text.as_bytes().first() {
        None => Some(NodeKind::Null),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => match text {
            "~" | "null" | "Null" | "NULL" => Some(NodeKind::Null),
            "true" | "True" | "TRUE" => Some(NodeKind::Bool(true)),
            "false" | "False" | "FALSE" => Some(NodeKind::Bool(false)),
            _ => None,
        },
        Some(_) => None,
    }
}

fn number(text: &str) -> Option<NodeKind> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(unsigned) => (text.starts_with('-'), unsigned),
        None => (false, text),
    };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            return Some(NodeKind::Float(if negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            }));
        }
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == text.len() => {
            return Some(NodeKind::Float(f64::NAN));
        }
        _ => {}
    }
    if whole(text) {
        if let Ok(int) = text.parse::<i64>() {
            return Some(NodeKind::Int(int));
        }
    } else if !is_decimal(unsigned) {
        return None;
    }
    text.parse().ok().map(NodeKind::Float)
}

/// `[-+]? [0-9]+`, or hexadecimal or octal.
fn whole(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    text.starts_with("0x")
        || text.starts_with("0o")
        || (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(unsigned: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        ),
        None => (unsigned, None),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(before)
        && digits(after)
        && !(before.is_empty() && after.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

fn radix(digits: &str, base: u32) -> Option<NodeKind> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    Some(match i64::from_str_radix(digits, base) {
        Ok(int) => NodeKind::Int(int),
        Err(_) => {
            let digits = digits.chars().filter_map(|digit| digit.to_digit(base));
            NodeKind::Float(digits.fold(0.0, |sum, digit| sum * f64::from(base) + f64::from(digit)))
        }
    })
}

/// The value of a block text that ends with the file, without the line break that the scanner adds for a last line of
/// nothing but its indentation. `source` is from its `|` or `>` to the end.
pub(super) fn without_added_break<'v>(source: &str, mut value: Cow<'v, str>) -> Cow<'v, str> {
    let is_blank = |c: char| matches!(c, ' ' | '\n' | '\r');
    let breaks = |text: &str| {
        let last = text.len() - text.trim_end_matches(is_blank).len();
        let blank = text.get(text.len() - last..).unwrap_or_default();
        let lone = blank.replace("\r\n", "\n");
        lone.chars().filter(|c| *c != ' ').count()
    };
    if !source.ends_with(' ') || !value.ends_with("\n\n") {
        return value;
    }
    // Elsewhere than with `+` one line break is the most that such a text ends with.
    let header = source.get(..source.len().min(3)).unwrap_or_default();
    if !header.contains('+') || breaks(&value) > breaks(source) {
        value.to_mut().pop();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NodeKind {
        resolve_scalar(text, ScalarStyle::Plain, None).unwrap()
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(read(text), NodeKind::Null, "{text}");
        }
        for (text, bool) in [("true", true), ("True", true), ("FALSE", false)] {
            assert_eq!(read(text), NodeKind::Bool(bool));
        }
        for (text, int) in [
            ("0", 0),
            ("007", 7),
            ("-12", -12),
            ("+3", 3),
            ("0o17", 15),
            ("0x1F", 31),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(read(text), NodeKind::Int(int), "{text}");
        }
        for (text, float) in [
            ("1.10", 1.1),
            ("-.5", -0.5),
            ("1.", 1.0),
            ("1e3", 1000.0),
            ("2.5E-1", 0.25),
            ("-.INF", f64::NEG_INFINITY),
        ] {
            assert_eq!(read(text), NodeKind::Float(float), "{text}");
        }
        assert_eq!(
            read("9223372036854775808"),
            NodeKind::Float(9_223_372_036_854_775_808.0)
        );
        assert_eq!(
            read("0x8000000000000000"),
            NodeKind::Float(9_223_372_036_854_775_808.0)
        );
        assert!(matches!(read(".nan"), NodeKind::Float(nan) if nan.is_nan()));
    }

    #[test]
    fn what_other_parsers_take_for_more_is_a_string() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "tRUE",
            "nULL",
            "1_000",
            "0b1",
            "1:30",
            "2024-01-01",
            "1.2.3",
            "-",
            "+",
            ".",
            "..",
            "0x",
            "0o8",
            "0xG",
            "-0x1",
            "1e",
            "e1",
            "+.nan",
            "inf",
            "nan",
            "infinity",
            "-inf",
            "1e+",
            ".e1",
            "--1",
            "+-1",
        ] {
            assert_eq!(read(text), NodeKind::String(text.into()));
        }
        assert_eq!(
            resolve_scalar("12", ScalarStyle::DoubleQuoted, None),
            Ok(NodeKind::String("12".into()))
        );
    }

    #[test]
    fn a_tag_decides_and_a_wrong_one_is_reported() {
        let tagged = |text, said| resolve_scalar(text, ScalarStyle::DoubleQuoted, Some(said));
        assert_eq!(
            resolve_scalar("12", ScalarStyle::Plain, Some(CoreTag::String)),
            Ok(NodeKind::String("12".into()))
        );
        assert_eq!(tagged("12", CoreTag::Int), Ok(NodeKind::Int(12)));
        assert_eq!(tagged("12", CoreTag::Float), Ok(NodeKind::Float(12.0)));
        assert_eq!(tagged("true", CoreTag::Bool), Ok(NodeKind::Bool(true)));
        assert_eq!(tagged("", CoreTag::Null), Ok(NodeKind::Null));
        assert_eq!(
            tagged("1.5", CoreTag::Int),
            Err(NodeKind::String("1.5".into()))
        );
        assert_eq!(
            tagged("yes", CoreTag::Bool),
            Err(NodeKind::String("yes".into()))
        );
    }
}
