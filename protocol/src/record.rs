//! How messages are read: one loop for all records.
//!
//! serde's derive gives each record a reader of its own, which also reads sequences; in the
//! browser, where every byte is loaded before the first click, that is most of what decoding costs. Here a record only
//! says which fields it has (see [`record!`]); the loop over an object's fields stands behind `dyn` and is compiled once.
//!
//! Unknown fields are skipped, a field that comes twice is an error, and a required field that is missing is one that
//! names it.

use serde_json::value::RawValue;

use crate::flat::FlatMap;

/// Says that reading has stopped. Why, is kept by the value where it did.
#[derive(Debug)]
pub struct Stopped;

/// Whether something was read.
pub(crate) type Read = Result<(), Stopped>;

/// What can be read from a message: what may stand in a field of a record, and the records.
pub trait Readable {
    /// A value to read over.
    fn blank() -> Self
    where
        Self: Sized;

    /// Takes what the message has.
    fn read(&mut self, value: &mut dyn Value) -> Read;

    /// Reads one more item of a list.
    fn join(list: &mut Vec<Self>, value: &mut dyn Value) -> Read
    where
        Self: Sized,
    {
        let mut item = Self::blank();
        item.read(value)?;
        list.push(item);
        Ok(())
    }
}

/// What is read from an object. Made by [`record!`].
pub(crate) trait Record {
    /// Names of the fields on the wire, those first that have to be there; at most 32.
    fn names(&self) -> &'static [&'static str];

    /// How many of them have to be there.
    fn required(&self) -> usize;

    /// The field whose name stands at that place.
    fn field(&mut self, at: usize) -> Option<&mut dyn Readable>;
}

/// A value of a message, which can be read once. Each method says with [`Stopped`] that it is of another kind.
pub trait Value {
    /// `true` or `false`.
    ///
    /// # Errors
    /// It is something else, as with all that follow.
    fn flag(&mut self) -> Result<bool, Stopped>;
    /// A whole number.
    fn signed(&mut self) -> Result<i64, Stopped>;
    /// A number that is not greater than `max`.
    fn unsigned(&mut self, max: u64) -> Result<u64, Stopped>;
    /// A string.
    fn text(&mut self) -> Result<String, Stopped>;
    /// JSON as it came.
    fn raw(&mut self) -> Result<Box<RawValue>, Stopped>;
    /// Hands on what is there, and nothing if it is `null`.
    fn optional(&mut self, some: &mut dyn FnMut(&mut dyn Value) -> Read) -> Read;
    /// Hands on each item of a list.
    fn list(&mut self, each: &mut dyn FnMut(&mut dyn Value) -> Read) -> Read;
    /// Hands on each value of an object with its name.
    fn map(&mut self, each: &mut dyn FnMut(&str, &mut dyn Value) -> Read) -> Read;
    /// Goes past it, whatever it is.
    ///
    /// # Errors
    /// It is not a value.
    fn skip(&mut self) -> Read;
    /// Stops, because a required field was not there.
    fn missing(&mut self, field: &'static str) -> Stopped;
    /// Stops, because what was read cannot be meant.
    fn refuse(&mut self, why: &'static str) -> Stopped;
}

/// The loop over an object's fields.
pub(crate) fn read_fields(record: &mut dyn Record, value: &mut dyn Value) -> Read {
    let names = record.names();
    let mut seen = 0_u32;
    value.map(&mut |key, value| {
        let at = names.iter().position(|name| *name == key);
        match at.and_then(|at| Some((at, record.field(at)?))) {
            Some(_) if at.is_some_and(|at| seen & 1 << at != 0) => {
                Err(value.refuse("a field stands there twice"))
            }
            Some((at, field)) => {
                seen |= 1 << at;
                field.read(value)
            }
            None => value.skip(),
        }
    })?;
    let missing = (0..record.required()).find(|at| seen & 1 << at == 0);
    missing.map_or(Ok(()), |at| Err(value.missing(names[at])))
}

/// Makes a struct readable by the names of its fields: `record!(Name { required, … } or { optional, … });`. An optional
/// field that is missing has its type's default. A name that is another one on the wire stands after the field:
/// `publication = "pub"`. A field that is forgotten here does not compile.
macro_rules! record {
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $wire:literal) => { $wire };
    (
        $record:ident $(<$item:ident>)?
        { $($must:ident $(= $must_wire:literal)?),* $(,)? }
        $(or { $($may:ident $(= $may_wire:literal)?),* $(,)? })?
    ) => {
        impl $(<$item: $crate::record::Readable>)? $crate::record::Record for $record $(<$item>)? {
            fn names(&self) -> &'static [&'static str] {
                &[
                    $($crate::record::record!(@name $must $($must_wire)?),)*
                    $($($crate::record::record!(@name $may $($may_wire)?),)*)?
                ]
            }

            fn required(&self) -> usize {
                const REQUIRED: &[&str] = &[$(stringify!($must)),*];
                REQUIRED.len()
            }

            fn field(&mut self, at: usize) -> Option<&mut dyn $crate::record::Readable> {
                let Self { $($must,)* $($($may,)*)? } = self;
                let fields: &mut [Option<&mut dyn $crate::record::Readable>] =
                    &mut [$(Some($must),)* $($(Some($may),)*)?];
                fields.get_mut(at)?.take()
            }
        }

        impl $(<$item: $crate::record::Readable>)? $crate::record::Readable for $record $(<$item>)? {
            fn blank() -> Self {
                Self {
                    $($must: $crate::record::Readable::blank(),)*
                    $($($may: Default::default(),)*)?
                }
            }

            fn read(&mut self, value: &mut dyn $crate::record::Value) -> $crate::record::Read {
                $crate::record::read_fields(self, value)
            }
        }

        $crate::record::readable!($record $(<$item>)?);
    };
}

/// Makes an enum readable by its names on the wire: `words!(Name { "word" => Variant, … } or Unknown);`. Without the
/// last part, an unknown word is an error.
macro_rules! words {
    (@unknown $value:ident) => { return Err($value.refuse("a word is not known")) };
    (@unknown $value:ident $other:ident) => { Self::$other };
    ($words:ident { $first:literal => $blank:ident $(, $text:literal => $variant:ident)* $(,)? } $(or $other:ident)?) => {
        impl $crate::record::Readable for $words {
            fn blank() -> Self {
                Self::$blank
            }

            fn read(&mut self, value: &mut dyn $crate::record::Value) -> $crate::record::Read {
                const WORDS: &[(&str, $words)] =
                    &[($first, $words::$blank) $(, ($text, $words::$variant))*];
                let text = value.text()?;
                let known = WORDS.iter().find(|(word, _)| *word == text);
                *self = match known {
                    Some((_, known)) => *known,
                    None => $crate::record::words!(@unknown value $($other)?),
                };
                Ok(())
            }
        }

        $crate::record::readable!($words);
    };
}

/// Lets serde read what can stand in a field.
macro_rules! readable {
    ($readable:ident $(<$item:ident>)?) => {
        impl<'de $(, $item: $crate::record::Readable)?> serde::Deserialize<'de> for $readable $(<$item>)? {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let mut blank = <Self as $crate::record::Readable>::blank();
                $crate::serde_source::fill(from, &mut blank)?;
                Ok(blank)
            }
        }
    };
}
pub(crate) use {readable, record, words};

macro_rules! numbers {
    ($($number:ident),+) => {$(
        impl Readable for $number {
            fn blank() -> Self {
                0
            }

            fn read(&mut self, value: &mut dyn Value) -> Read {
                *self = value.unsigned(Self::MAX.into())? as Self;
                Ok(())
            }
        }
    )+};
}
numbers!(u8, u16, u32, u64);

impl Readable for i64 {
    fn blank() -> Self {
        0
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = value.signed()?;
        Ok(())
    }
}

impl Readable for bool {
    fn blank() -> Self {
        false
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = value.flag()?;
        Ok(())
    }
}

impl Readable for String {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = value.text()?;
        Ok(())
    }
}

impl Readable for Box<RawValue> {
    fn blank() -> Self {
        RawValue::NULL.to_owned()
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = value.raw()?;
        Ok(())
    }
}

impl<T: Readable> Readable for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        (**self).read(value)
    }
}

impl<T: Readable> Readable for Option<T> {
    fn blank() -> Self {
        None
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = None;
        value.optional(&mut |value| self.insert(T::blank()).read(value))
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        self.clear();
        value.list(&mut |value| T::join(self, value))
    }
}

impl<T: Readable> Readable for FlatMap<String, T> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        self.clear();
        value.map(&mut |key, value| {
            let mut item = T::blank();
            item.read(value)?;
            self.insert(key.to_owned(), item);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    #[derive(Debug, PartialEq)]
    struct Track {
        id: String,
        beats: u8,
        kind: Option<Kind>,
        tags: Vec<String>,
    }
    record!(Track { id, beats = "bpm" } or { kind, tags });

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Kind {
        Loop,
        Song,
    }
    words!(Kind { "loop" => Loop, "song" => Song });

    fn read(text: &str) -> Result<Track, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_are_read_by_name_in_any_order_and_unknown_ones_skipped() {
        let text = r#"{"tags":["a","b"],"new":{"id":[1]},"bpm":90,"kind":"song","id":"t"}"#;
        let track = Track {
            id: "t".to_owned(),
            beats: 90,
            kind: Some(Kind::Song),
            tags: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(read(text), Ok(track));
    }

    #[test]
    fn optional_fields_may_be_missing_or_null() {
        let text = r#"{"id":"t","bpm":1,"kind":null,"tags":[]}"#;
        assert_eq!(read(text), read(r#"{"id":"t","bpm":1}"#));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_says_why() {
        for (text, why) in [
            (r#"{"id":"t"}"#, "missing field `bpm`"),
            (r#"{"bpm":1}"#, "missing field `id`"),
            (r#"{"id":"t","bpm":256}"#, "a number is too great"),
            (r#"{"id":"t","bpm":-1}"#, "invalid value: integer `-1`"),
            (r#"{"id":"t","bpm":1.5}"#, "invalid type: floating point"),
            (r#"{"id":7,"bpm":1}"#, "invalid type: integer `7`"),
            (r#"{"id":"t","bpm":1,"kind":"jam"}"#, "a word is not known"),
            (
                r#"{"id":"t","bpm":1,"bpm":1}"#,
                "a field stands there twice",
            ),
            (r#"{"id":"t","bpm":1,"tags":{}}"#, "expected a list"),
            (r#"["t",1]"#, "expected an object"),
            (r#"{"id":"t","bpm":1"#, "EOF"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
