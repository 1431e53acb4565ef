//! Looks into packed values that make none: what groups and counts facts asks this of every one of them.

use super::{
    ARRAY, OBJECT, SET, SHORT, TEXT, WHOLE, WORD, read_byte, skip_value, unpack_length, words,
};

/// A field of an object, as bytes. `None` if it is missing. Builds no values, because this is called for every fact.
pub fn field_of<'b>(mut bytes: &'b [u8], name: &str) -> Option<&'b [u8]> {
    if read_byte(&mut bytes)? != OBJECT {
        return None;
    }
    for _ in 0..unpack_length(&mut bytes)? {
        let key = value_of(&mut bytes)?;
        let value = value_of(&mut bytes)?;
        if key_of(key) == name.as_bytes() {
            return Some(value);
        }
    }
    None
}

/// The elements of a list or set, or the value itself, each as bytes.
pub fn items_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    let mark = rest.first().copied();
    let mut left = match mark {
        Some(ARRAY | SET) => {
            read_byte(&mut rest);
            unpack_length(&mut rest).unwrap_or_default()
        }
        _ => 1,
    };
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        value_of(&mut rest)
    })
}

/// The identity of a value: the letters of a text, the bytes of any other value.
pub fn key_of(bytes: &[u8]) -> &[u8] {
    text_of(bytes).map_or(bytes, str::as_bytes)
}

/// The text of a value. `None` for other types.
pub fn text_of(bytes: &[u8]) -> Option<&str> {
    let mut rest = bytes;
    match read_byte(&mut rest)? {
        TEXT => drop(unpack_length(&mut rest)?),
        mark if mark >= WORD => return words::word_by_number(mark - WORD),
        mark if mark >= SHORT => {}
        _ => return None,
    }
    std::str::from_utf8(rest).ok()
}

/// The whole number of a value. `None` for other types.
pub fn whole_of(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    (read_byte(&mut rest)? == WHOLE).then(|| unpack_length(&mut rest))?
}

/// The bytes of the next value.
fn value_of<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let all = *bytes;
    skip_value(bytes, usize::MAX)?;
    all.get(..all.len() - bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::engine::Datum;
    use crate::policy::engine::codec::{Packed, pack_datum};

    fn packed(json: serde_json::Value) -> Packed {
        Packed::of(&Datum::json(&json))
    }

    #[test]
    fn a_field_is_found_only_by_its_name() {
        let fact = packed(
            serde_json::json!({"a": {"b": 1}, "b": [300, "x", {"c": null}], "long name": "y"}),
        );
        let list = field_of(fact.bytes(), "b").unwrap();
        let keys: Vec<&[u8]> = items_of(list).map(key_of).collect();
        let mut object = Vec::new();
        pack_datum(&Datum::json(&serde_json::json!({"c": null})), &mut object);
        assert_eq!(
            (keys.len(), keys[1], keys[2]),
            (3, b"x".as_slice(), object.as_slice())
        );
        assert_eq!(items_of(list).next().and_then(whole_of), Some(300));
        assert_eq!(
            text_of(field_of(fact.bytes(), "long name").unwrap()),
            Some("y")
        );
        assert_eq!(field_of(fact.bytes(), "c"), None);
        assert_eq!(field_of(list, "a"), None, "a list has no fields");
    }

    #[test]
    fn a_value_other_than_a_list_is_one_item() {
        let long = "x".repeat(1000);
        let text = packed(serde_json::json!(long));
        assert_eq!(
            items_of(text.bytes()).map(key_of).collect::<Vec<_>>(),
            [long.as_bytes()]
        );
        assert_eq!(items_of(packed(serde_json::json!([])).bytes()).count(), 0);
        assert_eq!((text_of(&[]), whole_of(&[])), (None, None));
    }
}
