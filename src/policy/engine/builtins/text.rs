//! Builtins on texts that rules ask of every name and description. regorus's own look for one character as for any text,
//! and copy what they leave as it is. Same answers; whatever is not plain is left to regorus's own builtin.

use memchr::memmem;
use regorus::unstable::{BuiltinFcn, Expr, Ref, Span};
use regorus::{Rc, Value};

use super::theirs::{BuiltinResult, call_regorus};

/// The builtins that are here.
pub(in crate::policy::engine) const OWN: [(&str, BuiltinFcn); 5] = [
    ("concat", (concat, 2)),
    ("contains", (contains, 2)),
    ("lower", (lower, 1)),
    ("replace", (replace, 3)),
    ("split", (split, 2)),
];

fn lower(span: &Span, params: &[Ref<Expr>], args: &[Value], strict: bool) -> BuiltinResult {
    match args {
        [Value::String(text)] => Ok(Value::String(lower_text(text))),
        _ => call_regorus("lower", span, params, args, strict),
    }
}

/// In lower case; the same text where it is that already.
pub(in crate::policy::engine) fn lower_text(text: &Rc<str>) -> Rc<str> {
    // Not one by one: this goes over many bytes at once.
    let (others, capitals) = text.bytes().fold((0, 0), |(others, capitals), byte| {
        let is_capital = u8::from(byte.is_ascii_uppercase());
        (others | (byte & 0x80), capitals | is_capital)
    });
    match (others, capitals) {
        (0, 0) => Rc::clone(text),
        (0, _) => text.to_ascii_lowercase().into(),
        _ => text.to_lowercase().into(),
    }
}

fn contains(span: &Span, params: &[Ref<Expr>], args: &[Value], strict: bool) -> BuiltinResult {
    match args {
        [Value::String(text), Value::String(part)] => Ok(Value::Bool(contains_text(text, part))),
        _ => call_regorus("contains", span, params, args, strict),
    }
}

/// Whether a text contains a part.
pub(in crate::policy::engine) fn contains_text(text: &str, part: &str) -> bool {
    memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

fn replace(span: &Span, params: &[Ref<Expr>], args: &[Value], strict: bool) -> BuiltinResult {
    let [Value::String(text), Value::String(old), Value::String(new)] = args else {
        return call_regorus("replace", span, params, args, strict);
    };
    if old.is_empty() {
        return call_regorus("replace", span, params, args, strict);
    }
    let mut places = memmem::find_iter(text.as_bytes(), old.as_bytes()).peekable();
    if places.peek().is_none() {
        return Ok(Value::String(Rc::clone(text)));
    }
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        replaced.push_str(text.get(from..place).unwrap_or_default());
        replaced.push_str(new);
        from = place + old.len();
    }
    replaced.push_str(text.get(from..).unwrap_or_default());
    Ok(Value::String(replaced.into()))
}

fn split(span: &Span, params: &[Ref<Expr>], args: &[Value], strict: bool) -> BuiltinResult {
    let parts = match args {
        [Value::String(text), Value::String(by)] => split_text(text, by),
        _ => None,
    };
    match parts {
        Some(parts) => Ok(parts),
        None => call_regorus("split", span, params, args, strict),
    }
}

/// Splits a text at a character. `None` if `by` is not a single character.
pub(in crate::policy::engine) fn split_text(text: &str, by: &str) -> Option<Value> {
    let [by @ 1..=0x7f] = by.as_bytes() else {
        return None;
    };
    let parts = text.split(char::from(*by));
    let parts = parts.map(|part| Value::String(part.into()));
    Some(Value::from(parts.collect::<Vec<_>>()))
}

fn concat(span: &Span, params: &[Ref<Expr>], args: &[Value], strict: bool) -> BuiltinResult {
    if let [Value::String(between), Value::Array(texts)] = args
        && let Some(joined) = joined(between, texts.iter())
    {
        return Ok(Value::String(joined.into()));
    }
    call_regorus("concat", span, params, args, strict)
}

fn joined<'v>(between: &str, texts: impl Iterator<Item = &'v Value> + Clone) -> Option<String> {
    let length = |text: &Value| match text {
        Value::String(text) => Some(text.len() + between.len()),
        _ => None,
    };
    let all: Option<usize> = texts.clone().map(length).sum();
    let mut joined = String::with_capacity(all?);
    for (at, text) in texts.enumerate() {
        if at > 0 {
            joined.push_str(between);
        }
        if let Value::String(text) = text {
            joined.push_str(text);
        }
    }
    Some(joined)
}
