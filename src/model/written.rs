//! Values that people write as a mapping, or in short as a text. Serde by itself would also accept a list as a mapping, with
//! its items as the values of the keys.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Unexpected, Visitor};

/// What is written as a mapping. Its own `deserialize`, by `#[serde(remote = "Self")]`, reads the mapping.
pub(crate) trait Written<'de>: Sized {
    /// What belongs there, for messages.
    const EXPECTED: &'static str = "a mapping";

    /// What a text stands for; `None` where it stands for nothing.
    fn of_text(_text: &str) -> Option<Self> {
        None
    }

    /// Reads a mapping.
    fn of_mapping<D: Deserializer<'de>>(mapping: D) -> Result<Self, D::Error>;

    /// Reads what is there, or says what belongs there.
    fn read<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WrittenVisitor(PhantomData))
    }
}

struct WrittenVisitor<T>(PhantomData<T>);

impl<'de, T: Written<'de>> Visitor<'de> for WrittenVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::of_text(text).ok_or_else(|| E::invalid_type(Unexpected::Str(text), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<T, A::Error> {
        T::of_mapping(MapAccessDeserializer::new(mapping))
    }
}

/// Has types read as [`Written`] says.
macro_rules! read_as_written {
    ($($type:ty),+) => {$(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::model::written::Written::read(from)
            }
        }
    )+};
}

/// Has types read as mappings, and as nothing else.
macro_rules! read_as_mapping {
    ($($type:ty),+) => {$(
        impl<'de> $crate::model::written::Written<'de> for $type {
            fn of_mapping<D: serde::Deserializer<'de>>(mapping: D) -> Result<Self, D::Error> {
                Self::deserialize(mapping)
            }
        }
        $crate::model::written::read_as_written!($type);
    )+};
}

pub(crate) use {read_as_mapping, read_as_written};
