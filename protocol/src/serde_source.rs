//! Values of a message as serde hands them on: how the server reads records.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::record::{Read, Readable, Stopped, Value};

/// Reads over a value, through serde.
pub(crate) fn fill<'de, D: Deserializer<'de>>(
    from: D,
    into: &mut dyn Readable,
) -> Result<(), D::Error> {
    hand_on(from, &mut |value| into.read(value))
}

fn hand_on<'de, D: Deserializer<'de>>(
    from: D,
    read: &mut dyn FnMut(&mut dyn Value) -> Read,
) -> Result<(), D::Error> {
    let mut source = Source {
        from: Some(from),
        error: None,
    };
    read(&mut source).map_err(|Stopped| {
        let error = source.error.take();
        error.unwrap_or_else(|| D::Error::custom("a value was read twice"))
    })
}

/// A value that serde can read.
struct Source<'de, D: Deserializer<'de>> {
    /// Where it stands, until it is read.
    from: Option<D>,
    /// Why it could not be read.
    error: Option<D::Error>,
}

impl<'de, D: Deserializer<'de>> Source<'de, D> {
    fn read<T>(&mut self, how: impl FnOnce(D) -> Result<T, D::Error>) -> Result<T, Stopped> {
        let from = self.from.take().ok_or(Stopped)?;
        how(from).map_err(|error| {
            self.error = Some(error);
            Stopped
        })
    }
}

impl<'de, D: Deserializer<'de>> Value for Source<'de, D> {
    fn flag(&mut self) -> Result<bool, Stopped> {
        self.read(bool::deserialize)
    }

    fn signed(&mut self) -> Result<i64, Stopped> {
        self.read(i64::deserialize)
    }

    fn unsigned(&mut self, max: u64) -> Result<u64, Stopped> {
        self.read(|from| {
            let number = u64::deserialize(from)?;
            if number > max {
                return Err(D::Error::custom("a number is too great"));
            }
            Ok(number)
        })
    }

    fn text(&mut self) -> Result<String, Stopped> {
        self.read(String::deserialize)
    }

    fn raw(&mut self) -> Result<Box<RawValue>, Stopped> {
        self.read(Box::deserialize)
    }

    fn optional(&mut self, some: &mut dyn FnMut(&mut dyn Value) -> Read) -> Read {
        self.read(|from| from.deserialize_option(Optional(some)))
    }

    fn list(&mut self, each: &mut dyn FnMut(&mut dyn Value) -> Read) -> Read {
        self.read(|from| from.deserialize_seq(List(each)))
    }

    fn map(&mut self, each: &mut dyn FnMut(&str, &mut dyn Value) -> Read) -> Read {
        self.read(|from| from.deserialize_map(Map(each)))
    }

    fn skip(&mut self) -> Read {
        self.read(IgnoredAny::deserialize).map(drop)
    }

    fn missing(&mut self, field: &'static str) -> Stopped {
        self.error = Some(D::Error::missing_field(field));
        Stopped
    }

    fn refuse(&mut self, why: &'static str) -> Stopped {
        self.error = Some(D::Error::custom(why));
        Stopped
    }
}

/// Hands a value on from within a list or an object.
struct Seed<'a>(&'a mut dyn FnMut(&mut dyn Value) -> Read);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        hand_on(from, self.0)
    }
}

struct Optional<'a>(&'a mut dyn FnMut(&mut dyn Value) -> Read);

impl<'de> Visitor<'de> for Optional<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or nothing")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        hand_on(from, self.0)
    }
}

struct List<'a>(&'a mut dyn FnMut(&mut dyn Value) -> Read);

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Seed(self.0))?.is_some() {}
        Ok(())
    }
}

struct Map<'a>(&'a mut dyn FnMut(&str, &mut dyn Value) -> Read);

impl<'de> Visitor<'de> for Map<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            entries.next_value_seed(Seed(&mut |value| (self.0)(&key, value)))?;
        }
        Ok(())
    }
}
