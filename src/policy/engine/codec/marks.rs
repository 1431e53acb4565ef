//! The marks that packed values begin with, and the reading of bytes.

use super::words;
use regorus::Value;

pub(in crate::policy::engine) const UNDEFINED: u8 = 0;

pub(in crate::policy::engine) const NULL: u8 = 1;

pub(in crate::policy::engine) const FALSE: u8 = 2;

pub(in crate::policy::engine) const TRUE: u8 = 3;

/// A whole number from zero.
pub(in crate::policy::engine) const WHOLE: u8 = 4;

/// A whole number below it: how far below -1.
pub(in crate::policy::engine) const NEGATIVE: u8 = 5;

/// A whole number of more than 64 bits, in digits.
pub(in crate::policy::engine) const LARGE: u8 = 6;

pub(in crate::policy::engine) const FLOAT: u8 = 7;

pub(in crate::policy::engine) const ARRAY: u8 = 8;

pub(in crate::policy::engine) const SET: u8 = 9;

pub(in crate::policy::engine) const OBJECT: u8 = 10;

/// A text whose length follows; one that is shorter has its length in the mark.
pub(in crate::policy::engine) const TEXT: u8 = 11;

pub(in crate::policy::engine) const SHORT: u8 = 16;

/// A word that many values have: its number is in the mark.
pub(in crate::policy::engine) const WORD: u8 = 192;

/// Reads a length that `pack_length` wrote.
pub fn unpack_length(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(read_varint(bytes)?).ok()
}

pub(in crate::policy::engine) fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let next = read_byte(bytes)?;
        number |= u64::from(next & 0x7f) << shift;
        if next < 0x80 {
            return Some(number);
        }
    }
    None
}

pub(in crate::policy::engine) fn read_byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

pub(in crate::policy::engine) fn take_bytes<'b>(
    bytes: &mut &'b [u8],
    length: usize,
) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// Goes over what `unpack_value` would read. `None` where it would give none. Makes nothing: this is asked of every fact
/// that comes out of a store.
pub(in crate::policy::engine) fn skip_value(bytes: &mut &[u8], depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match read_byte(bytes)? {
        UNDEFINED | NULL | FALSE | TRUE => {}
        WHOLE | NEGATIVE => drop(read_varint(bytes)?),
        LARGE => {
            let length = unpack_length(bytes)?;
            let digits = std::str::from_utf8(take_bytes(bytes, length)?).ok()?;
            Value::from_numeric_string(digits).ok()?;
        }
        FLOAT => drop(take_bytes(bytes, 8)?),
        ARRAY | SET => {
            for _ in 0..unpack_length(bytes)? {
                skip_value(bytes, depth)?;
            }
        }
        OBJECT => {
            for _ in 0..unpack_length(bytes)? {
                skip_value(bytes, depth)?;
                skip_value(bytes, depth)?;
            }
        }
        TEXT => {
            let length = unpack_length(bytes)?;
            skip_text(bytes, length)?;
        }
        mark if mark >= WORD => drop(words::word_by_number(mark - WORD)?),
        mark => skip_text(bytes, usize::from(mark.checked_sub(SHORT)?))?,
    }
    Some(())
}

pub(in crate::policy::engine) fn skip_text(bytes: &mut &[u8], length: usize) -> Option<()> {
    std::str::from_utf8(take_bytes(bytes, length)?)
        .ok()
        .map(drop)
}
