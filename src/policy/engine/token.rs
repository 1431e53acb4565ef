//! Values apart from the engine, for stores and parts of a run: one flat list of tokens, texts by their number in a table.
//! Flat, so that reading it back needs no more stack than a bound allows, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regorus::Value;
use serde::{Deserialize, Serialize};

use super::Datum;

/// Deeper than anything that parsing lets in, aliases followed.
const MAX_DEPTH: usize = 1024;

/// A value, or the start of one: as many values as it says follow as its elements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Token {
    /// No value.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number from zero.
    Whole(u64),
    /// One below it.
    Negative(i64),
    /// A whole number of more than 64 bits, in decimal digits.
    Large(String),
    /// Any other number.
    Float(f64),
    /// A text, by its number in the table.
    Text(u32),
    /// An array of so many.
    Array(u32),
    /// A set of so many.
    Set(u32),
    /// An object of so many keys, each followed by its value.
    Object(u32),
}

/// Writes a value; `number` gives a text its number in the table.
pub fn write(datum: &Datum, tokens: &mut Vec<Token>, number: &mut dyn FnMut(&Arc<str>) -> u32) {
    write_value(&datum.0, tokens, number);
}

fn write_value(value: &Value, tokens: &mut Vec<Token>, number: &mut dyn FnMut(&Arc<str>) -> u32) {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match value {
        Value::Undefined => tokens.push(Token::Undefined),
        Value::Null => tokens.push(Token::Null),
        Value::Bool(value) => tokens.push(Token::Bool(*value)),
        Value::Number(_) => tokens.push(number_token(value)),
        Value::String(text) => tokens.push(Token::Text(number(text))),
        Value::Array(items) => {
            tokens.push(Token::Array(count(items.len())));
            for item in items.iter() {
                write_value(item, tokens, number);
            }
        }
        Value::Set(items) => {
            tokens.push(Token::Set(count(items.len())));
            for item in items.iter() {
                write_value(item, tokens, number);
            }
        }
        Value::Object(fields) => {
            tokens.push(Token::Object(count(fields.len())));
            for (key, value) in fields.iter_sorted() {
                write_value(key, tokens, number);
                write_value(value, tokens, number);
            }
        }
    }
}

fn number_token(value: &Value) -> Token {
    let Ok(number) = value.as_number() else {
        return Token::Undefined;
    };
    let float = number.as_f64();
    // What is no whole number to the engine, and zero with a sign.
    let is_float = number.as_big().is_none()
        || float.is_some_and(|float| float == 0.0 && float.is_sign_negative());
    match (number.as_u64(), number.as_i64(), float) {
        (_, _, Some(float)) if is_float => Token::Float(float),
        (Some(whole), _, _) => Token::Whole(whole),
        (None, Some(negative), _) => Token::Negative(negative),
        (None, None, _) => Token::Large(number.format_decimal()),
    }
}

/// Reads the next value; none if the tokens are none that [`write`] wrote.
pub fn read<'t>(tokens: &mut impl Iterator<Item = &'t Token>, texts: &[Arc<str>]) -> Option<Datum> {
    read_value(tokens, texts, 0).map(Datum)
}

fn read_value<'t>(
    tokens: &mut impl Iterator<Item = &'t Token>,
    texts: &[Arc<str>],
    depth: usize,
) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let next = |tokens: &mut _| read_value(tokens, texts, depth + 1);
    Some(match tokens.next()? {
        Token::Undefined => Value::Undefined,
        Token::Null => Value::Null,
        Token::Bool(value) => Value::Bool(*value),
        Token::Whole(number) => Value::from(*number),
        Token::Negative(number) => Value::from(*number),
        Token::Large(digits) => Value::from_numeric_string(digits).ok()?,
        Token::Float(number) => Value::from(*number),
        Token::Text(number) => Value::String(Arc::clone(texts.get(*number as usize)?)),
        Token::Array(length) => {
            let items = (0..*length).map(|_| next(tokens));
            Value::from(items.collect::<Option<Vec<_>>>()?)
        }
        Token::Set(length) => {
            let items = (0..*length).map(|_| next(tokens));
            Value::from(items.collect::<Option<BTreeSet<_>>>()?)
        }
        Token::Object(length) => {
            let fields = (0..*length).map(|_| Some((next(tokens)?, next(tokens)?)));
            Value::from(fields.collect::<Option<BTreeMap<_, _>>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(datum: &Datum) -> Option<Datum> {
        let (mut tokens, mut texts) = (Vec::new(), Vec::new());
        write(datum, &mut tokens, &mut |text| {
            texts.push(Arc::clone(text));
            u32::try_from(texts.len() - 1).unwrap()
        });
        let mut tokens = tokens.iter();
        let read = read(&mut tokens, &texts);
        assert!(tokens.next().is_none());
        read
    }

    #[test]
    fn a_value_comes_back_as_it_was() {
        let json = serde_json::json!({
            "a": [null, true, false, 0, -1, u64::MAX, i64::MIN, 1.5, -0.0, 1e300, "ü"],
            "b": {"": {}, "c": []},
        });
        let mut datum = Datum::json(&json);
        let large = Value::from_numeric_string("123456789012345678901234567890").unwrap();
        let set = Value::from(BTreeSet::from([Value::from(2_u64), large.clone()]));
        datum = datum.with([
            (Arc::from("set"), Datum(set)),
            (Arc::from("large"), Datum(large)),
        ]);
        let back = there_and_back(&datum).unwrap();
        assert_eq!(back, datum);
        assert_eq!(back.to_json().to_string(), datum.to_json().to_string());
        assert_eq!(
            there_and_back(&Datum(Value::Undefined)),
            Some(Datum(Value::Undefined))
        );
    }

    #[test]
    fn tokens_that_nobody_wrote_are_no_value() {
        let read = |tokens: &[Token]| read(&mut tokens.iter(), &[Arc::from("a")]);
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[Token::Text(1)]), None);
        assert_eq!(read(&[Token::Array(u32::MAX), Token::Null]), None);
        assert_eq!(read(&[Token::Object(1), Token::Text(0)]), None);
        assert_eq!(read(&[Token::Large("x".to_owned())]), None);
        let endless: Vec<Token> = (0..100_000).map(|_| Token::Array(1)).collect();
        assert_eq!(read(&endless), None);
    }
}
