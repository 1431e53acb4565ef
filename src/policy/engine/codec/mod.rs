//! Values as bytes, for what a mesh keeps of every entity: a tenth of the room that values take. They are made values again
//! for the rule at hand. Equal values are equal bytes, so that two meshes can be compared without making any.

mod look;
mod marks;
mod words;

pub use look::{field_of, items_of, key_of, text_of, whole_of};
pub use marks::unpack_length;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use regorus::Value;

use super::Datum;
use marks::{
    ARRAY, FALSE, FLOAT, LARGE, NEGATIVE, NULL, OBJECT, SET, SHORT, TEXT, TRUE, UNDEFINED, WHOLE,
    WORD, read_byte, read_varint, skip_value, take_bytes,
};

/// How deep bytes from elsewhere may go: deeper than anything that parsing lets in. What this run has packed was a value
/// before, however deep.
const MAX_DEPTH: usize = 256;

/// A value as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(Arc<[u8]>);

impl Packed {
    /// Packs a value.
    pub fn of(datum: &Datum) -> Self {
        let mut bytes = Vec::new();
        pack_datum(datum, &mut bytes);
        Self(bytes.into())
    }

    /// The value.
    pub fn datum(&self) -> Datum {
        self.datum_with(&mut SharedTexts::default())
    }

    /// The value, its texts shared with others.
    pub fn datum_with(&self, texts: &mut SharedTexts) -> Datum {
        unpack_datum(&mut &*self.0, texts).unwrap_or(Datum(Value::Undefined))
    }

    /// The value, an object, with some fields more, which win.
    pub fn datum_and(&self, texts: &mut SharedTexts, more: &[(FieldName, Datum)]) -> Datum {
        unpack_with(&mut &*self.0, texts, more).unwrap_or(Datum(Value::Undefined))
    }

    /// Its bytes, for stores.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads what [`bytes`](Self::bytes) gave. `None` for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        is_packed(bytes).then(|| Self(bytes.into()))
    }
}

/// Texts that many values have, each once.
#[derive(Debug, Default)]
pub struct SharedTexts(HashSet<Arc<str>, RandomState>);

/// Longer texts hardly ever occur twice.
const SHARED: usize = 64;

impl SharedTexts {
    fn share(&mut self, text: &str) -> Arc<str> {
        if text.len() > SHARED {
            return text.into();
        }
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// Appends a value's bytes.
pub fn pack_datum(datum: &Datum, to: &mut Vec<u8>) {
    pack_value(&datum.0, to);
}

fn pack_value(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Undefined => to.push(UNDEFINED),
        Value::Null => to.push(NULL),
        Value::Bool(false) => to.push(FALSE),
        Value::Bool(true) => to.push(TRUE),
        Value::Number(_) => pack_number(value, to),
        Value::String(text) => pack_text(text, to),
        Value::Array(items) => {
            to.push(ARRAY);
            pack_length(items.len(), to);
            items.iter().for_each(|item| pack_value(item, to));
        }
        Value::Set(items) => {
            to.push(SET);
            pack_length(items.len(), to);
            items.iter_sorted().for_each(|item| pack_value(item, to));
        }
        Value::Object(fields) => {
            to.push(OBJECT);
            pack_length(fields.len(), to);
            for (key, value) in fields.iter_sorted() {
                pack_value(key, to);
                pack_value(value, to);
            }
        }
    }
}

fn pack_text(text: &str, to: &mut Vec<u8>) {
    if let Some(number) = words::number_of(text) {
        to.push(WORD + number);
        return;
    }
    let mark = u8::try_from(text.len() + usize::from(SHORT));
    match mark.ok().filter(|mark| *mark < WORD) {
        Some(mark) => to.push(mark),
        None => {
            to.push(TEXT);
            pack_length(text.len(), to);
        }
    }
    to.extend_from_slice(text.as_bytes());
}

/// A whole number is one however it was written: `1.0` is 1.
fn pack_number(value: &Value, to: &mut Vec<u8>) {
    let Ok(number) = value.as_number() else {
        return;
    };
    let float = number.as_f64();
    let signed_zero = float.is_some_and(|float| float == 0.0 && float.is_sign_negative());
    match (number.as_u64(), number.as_i64(), float) {
        (Some(whole), _, _) if !signed_zero => {
            to.push(WHOLE);
            pack_varint(whole, to);
        }
        (None, Some(negative), _) => {
            to.push(NEGATIVE);
            pack_varint(!negative.cast_unsigned(), to);
        }
        (_, _, Some(float)) => {
            to.push(FLOAT);
            to.extend_from_slice(&float.to_le_bytes());
        }
        (_, _, None) => {
            to.push(LARGE);
            let digits = number.format_decimal();
            pack_length(digits.len(), to);
            to.extend_from_slice(digits.as_bytes());
        }
    }
}

/// Appends a length, or any other number that is small as a rule.
pub fn pack_length(length: usize, to: &mut Vec<u8>) {
    pack_varint(length as u64, to);
}

fn pack_varint(mut number: u64, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push((number & 0x7f) as u8);
}

/// Reads the next value. `None` unless [`pack_datum`] wrote the bytes.
pub fn unpack_datum(bytes: &mut &[u8], texts: &mut SharedTexts) -> Option<Datum> {
    unpack_value(bytes, texts, usize::MAX).map(Datum)
}

/// Reads the next value, an object, and gives it some fields more, which win.
pub fn unpack_with(
    bytes: &mut &[u8],
    texts: &mut SharedTexts,
    more: &[(FieldName, Datum)],
) -> Option<Datum> {
    let fields = match read_byte(bytes)? {
        OBJECT => unpack_fields(bytes, texts, usize::MAX)?,
        _ => return None,
    };
    let more = more.iter();
    let more = more.map(|(key, value)| (key.0.clone(), value.0.clone()));
    let all: BTreeMap<Value, Value> = fields.into_iter().chain(more).collect();
    Some(Datum(Value::from(all)))
}

/// The name of a field, made once for many objects.
#[derive(Debug, Clone)]
pub struct FieldName(Value);

impl FieldName {
    /// The name.
    pub fn new(name: &str) -> Self {
        Self(Value::String(name.into()))
    }
}

/// Whether bytes are those of one value that can be unpacked.
pub fn is_packed(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    skip_value(&mut rest, MAX_DEPTH).is_some() && rest.is_empty()
}

fn unpack_value(bytes: &mut &[u8], texts: &mut SharedTexts, depth: usize) -> Option<Value> {
    // How many levels may follow.
    let depth = depth.checked_sub(1)?;
    Some(match read_byte(bytes)? {
        UNDEFINED => Value::Undefined,
        NULL => Value::Null,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        WHOLE => Value::from(read_varint(bytes)?),
        NEGATIVE => Value::from((!read_varint(bytes)?).cast_signed()),
        LARGE => {
            let length = unpack_length(bytes)?;
            let digits = std::str::from_utf8(take_bytes(bytes, length)?).ok()?;
            Value::from_numeric_string(digits).ok()?
        }
        FLOAT => Value::from(f64::from_le_bytes(take_bytes(bytes, 8)?.try_into().ok()?)),
        ARRAY => {
            let items = 0..unpack_length(bytes)?;
            let items = items.map(|_| unpack_value(bytes, texts, depth));
            Value::from(items.collect::<Option<Vec<_>>>()?)
        }
        SET => {
            let items = 0..unpack_length(bytes)?;
            let items = items.map(|_| unpack_value(bytes, texts, depth));
            Value::from(items.collect::<Option<BTreeSet<_>>>()?)
        }
        OBJECT => {
            let fields = unpack_fields(bytes, texts, depth)?;
            Value::from(fields.into_iter().collect::<BTreeMap<_, _>>())
        }
        TEXT => {
            let length = unpack_length(bytes)?;
            text(bytes, length, texts)?
        }
        mark if mark >= WORD => Value::String(texts.share(words::word_by_number(mark - WORD)?)),
        mark => text(bytes, usize::from(mark.checked_sub(SHORT)?), texts)?,
    })
}

fn unpack_fields(
    bytes: &mut &[u8],
    texts: &mut SharedTexts,
    depth: usize,
) -> Option<Vec<(Value, Value)>> {
    let fields = 0..unpack_length(bytes)?;
    let mut field = || {
        let key = unpack_value(bytes, texts, depth)?;
        Some((key, unpack_value(bytes, texts, depth)?))
    };
    fields.map(|_| field()).collect()
}

fn text(bytes: &mut &[u8], length: usize, texts: &mut SharedTexts) -> Option<Value> {
    let text = std::str::from_utf8(take_bytes(bytes, length)?).ok()?;
    Some(Value::String(texts.share(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let json = serde_json::json!({
            "a": [null, true, false, 0, -1, 127, 128, u64::MAX, i64::MIN, 1.5, -0.0, 1e300, "ü"],
            "b": {"": {}, "c": [], "long": "x".repeat(300), "239": "x".repeat(239), "240": "x".repeat(240)},
        });
        let large = Value::from_numeric_string("-123456789012345678901234567890").unwrap();
        let set = Value::from(BTreeSet::from([Value::from(2_u64), large.clone()]));
        let datum = Datum::json(&json).with([
            (Arc::from("set"), Datum(set)),
            (Arc::from("large"), Datum(large)),
        ]);
        let packed = Packed::of(&datum);
        assert_eq!(packed.datum(), datum);
        assert_eq!(
            packed.datum().to_json().to_string(),
            datum.to_json().to_string()
        );
        assert_eq!(Packed::from_bytes(packed.bytes()), Some(packed));
    }

    #[test]
    fn equal_values_are_equal_bytes() {
        let whole = Packed::of(&Datum(Value::from_numeric_string("1.0").unwrap()));
        assert_eq!(whole, Packed::of(&Datum::number(1)));
    }

    #[test]
    fn fields_are_added_and_win() {
        let mut bytes = Vec::new();
        pack_datum(
            &Datum::json(&serde_json::json!({"a": 1, "b": 2})),
            &mut bytes,
        );
        let more = [
            (FieldName::new("b"), Datum::number(3)),
            (FieldName::new("c"), Datum::number(4)),
        ];
        let datum = unpack_with(&mut &*bytes, &mut SharedTexts::default(), &more).unwrap();
        assert_eq!(
            datum,
            Datum::json(&serde_json::json!({"a": 1, "b": 3, "c": 4}))
        );
    }

    #[test]
    fn bytes_that_nobody_packed_are_no_value() {
        let endless = [ARRAY, 1].repeat(100_000);
        let cases: [&[u8]; 8] = [
            &[],
            &[12],
            &[SHORT + 2, b'a'],
            &[SHORT + 1, 0xff],
            &[ARRAY, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            &[LARGE, 1, b'x'],
            &[NULL, NULL],
            &endless,
        ];
        for bytes in cases {
            assert_eq!(Packed::from_bytes(bytes), None, "{:?}", bytes.get(..4));
        }
    }
}
