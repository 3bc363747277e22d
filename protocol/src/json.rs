//! JSON texts, read strictly (RFC 8259) and as the values that records ask for.
//!
//! serde_json would read the same, and does in the server. But it says in words what was wrong, numbers with fractions
//! among them, and the tables for that are the part of the application that compresses least; nobody reads those
//! words in a browser.

use std::borrow::Cow;
use std::iter;

use serde::de::value::{self, MapDeserializer};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use crate::record::{Read, Readable, Stopped, Value};

/// Reads a message. `None` if the text is not JSON, or not such a message.
///
/// # Example
/// ```
/// use dashboard_protocol::{Money, from_json};
///
/// let money: Option<Money> = from_json(r#"{"amount":1999,"currency":"EUR"}"#);
/// assert_eq!(money.map(|money| money.amount), Some(1999));
/// assert_eq!(from_json::<Money>(r#"{"amount":1999}"#), None);
/// ```
#[must_use]
pub fn from_json<T: Readable>(text: &str) -> Option<T> {
    let mut message = T::blank();
    fill(text, &mut message).then_some(message)
}

/// Reads over a value; says whether the text was one.
pub(crate) fn fill(text: &str, into: &mut dyn Readable) -> bool {
    let mut json = Json { text, at: 0 };
    into.read(&mut json).is_ok() && json.peek().is_none()
}

/// A text, read up to some place.
struct Json<'a> {
    text: &'a str,
    /// How much is read, in bytes. Always between two characters.
    at: usize,
}

impl<'a> Json<'a> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.here(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.here()
    }

    fn here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past a byte, if it is the next one.
    fn pass(&mut self, byte: u8) -> bool {
        let is_next = self.here() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes past a sign between values.
    fn sign(&mut self, byte: u8) -> bool {
        self.peek();
        self.pass(byte)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.rest().starts_with(word);
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    fn digits(&mut self) -> Read {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += digits;
        needed(digits > 0)
    }

    fn number(&mut self) -> Result<&'a str, Stopped> {
        self.peek();
        let text = self.rest();
        let from = self.at;
        self.pass(b'-');
        if !self.pass(b'0') {
            self.digits()?;
        }
        if self.pass(b'.') {
            self.digits()?;
        }
        if self.pass(b'e') || self.pass(b'E') {
            let _signed = self.pass(b'+') || self.pass(b'-');
            self.digits()?;
        }
        text.get(..self.at - from).ok_or(Stopped)
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Stopped> {
        needed(self.sign(b'"'))?;
        let mut text = Cow::default();
        loop {
            let (plain, end) = self.plain()?;
            // Copies only what has escapes in it.
            text += plain;
            match end {
                b'"' => return Ok(text),
                b'\\' => text.to_mut().push(self.escaped()?),
                _ => return Err(Stopped),
            }
        }
    }

    /// Text up to a byte that means something else, and that byte.
    fn plain(&mut self) -> Result<(&'a str, u8), Stopped> {
        let rest = self.rest();
        let special = |byte: u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let length = rest.bytes().position(special).ok_or(Stopped)?;
        let (plain, end) = rest.split_at_checked(length).ok_or(Stopped)?;
        self.at += length + 1;
        end.bytes().next().map(|end| (plain, end)).ok_or(Stopped)
    }

    fn escaped(&mut self) -> Result<char, Stopped> {
        let escape = self.rest().chars().next().ok_or(Stopped)?;
        self.at += escape.len_utf8();
        Ok(match escape {
            '"' | '\\' | '/' => escape,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.unit()?;
                // What does not fit into sixteen bits comes as two halves.
                let code = if matches!(unit, 0xd800..0xdc00) {
                    needed(self.pass(b'\\') && self.pass(b'u'))?;
                    let low = self.unit()?.wrapping_sub(0xdc00);
                    needed(low < 0x400)?;
                    0x1_0000 + ((unit - 0xd800) << 10) + low
                } else {
                    unit
                };
                char::from_u32(code).ok_or(Stopped)?
            }
            _ => return Err(Stopped),
        })
    }

    fn unit(&mut self) -> Result<u32, Stopped> {
        let digits = self.rest().get(..4).ok_or(Stopped)?;
        needed(digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Stopped)
    }

    /// The name of a value in an object, with the sign behind it.
    fn name(&mut self) -> Result<Cow<'a, str>, Stopped> {
        let name = self.string()?;
        needed(self.sign(b':'))?;
        Ok(name)
    }

    /// Goes past a value that holds no others.
    fn skip_plain(&mut self) -> Read {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b't' | b'f') => self.flag().map(drop),
            Some(b'n') => needed(self.word("null")),
            _ => self.number().map(drop),
        }
    }
}

impl Value for Json<'_> {
    fn flag(&mut self) -> Result<bool, Stopped> {
        let flag = self.word("true");
        needed(flag || self.word("false"))?;
        Ok(flag)
    }

    fn signed(&mut self) -> Result<i64, Stopped> {
        self.number()?.parse().map_err(|_| Stopped)
    }

    fn unsigned(&mut self, max: u64) -> Result<u64, Stopped> {
        let number = self.number()?.parse().map_err(|_| Stopped)?;
        needed(number <= max)?;
        Ok(number)
    }

    fn text(&mut self) -> Result<String, Stopped> {
        self.string().map(Cow::into_owned)
    }

    fn raw(&mut self) -> Result<Box<RawValue>, Stopped> {
        self.peek();
        let (text, from) = (self.rest(), self.at);
        self.skip()?;
        let text = text.get(..self.at - from).ok_or(Stopped)?;
        Deserialize::deserialize(Kept(text)).map_err(|_| Stopped)
    }

    fn optional(&mut self, some: &mut dyn FnMut(&mut dyn Value) -> Read) -> Read {
        if self.word("null") {
            return Ok(());
        }
        some(self)
    }

    fn list(&mut self, each: &mut dyn FnMut(&mut dyn Value) -> Read) -> Read {
        needed(self.sign(b'['))?;
        if self.peek() != Some(b']') {
            each(self)?;
            while self.sign(b',') {
                each(self)?;
            }
        }
        needed(self.sign(b']'))
    }

    fn map(&mut self, each: &mut dyn FnMut(&str, &mut dyn Value) -> Read) -> Read {
        needed(self.sign(b'{'))?;
        if self.peek() != Some(b'}') {
            loop {
                let key = self.name()?;
                each(&key, self)?;
                if !self.sign(b',') {
                    break;
                }
            }
        }
        needed(self.sign(b'}'))
    }

    /// What is skipped may be as deep as its sender likes, so the ends to come are kept in a list.
    fn skip(&mut self) -> Read {
        let mut ends = Vec::new();
        loop {
            let end = match self.peek() {
                Some(b'{') => Some(b'}'),
                Some(b'[') => Some(b']'),
                _ => None,
            };
            match end {
                None => self.skip_plain()?,
                Some(end) => {
                    self.at += 1;
                    if !self.sign(end) {
                        ends.push(end);
                        if end == b'}' {
                            self.name()?;
                        }
                        continue;
                    }
                }
            }
            loop {
                let Some(end) = ends.last().copied() else {
                    return Ok(());
                };
                if self.sign(b',') {
                    if end == b'}' {
                        self.name()?;
                    }
                    break;
                }
                needed(self.sign(end))?;
                ends.pop();
            }
        }
    }

    fn missing(&mut self, _field: &'static str) -> Stopped {
        Stopped
    }

    fn refuse(&mut self, _why: &'static str) -> Stopped {
        Stopped
    }
}

/// JSON that was read already, for `RawValue` to keep: it asks for an entry under a name of its own. Its constructor
/// would read the text once more, and bring all words for errors along.
struct Kept<'a>(&'a str);

impl<'de> Deserializer<'de> for Kept<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_map(MapDeserializer::new(iter::once((name, self.0))))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

const fn needed(is_there: bool) -> Read {
    if is_there { Ok(()) } else { Err(Stopped) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::flat::FlatMap;

    type Object = FlatMap<String, Box<RawValue>>;

    fn texts(object: &mut dyn Iterator<Item = (String, Box<RawValue>)>) -> Vec<(String, String)> {
        object
            .map(|(key, raw)| (key, raw.get().to_owned()))
            .collect()
    }

    #[test]
    fn texts_are_read_as_serde_json_reads_them() {
        for text in [
            r#""""#,
            r#""plain é 🎵""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u00e9\ud83c\udfb5x""#,
            r#" "spaced" "#,
            r#""\ud83c""#,
            r#""\ud83c\u0041""#,
            r#""\udfb5""#,
            r#""\u+0e9""#,
            r#""\uD83""#,
            r#""\x""#,
            r#""\é""#,
            "\"line\nbreak\"",
            r#""open"#,
            r#""twice" "#,
            r#""a""b""#,
            "7",
            "",
        ] {
            let expected = serde_json::from_str::<String>(text).ok();
            assert_eq!(from_json::<String>(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_serde_json_reads_them() {
        for text in [
            "0",
            "7",
            "-7",
            "18446744073709551615",
            "18446744073709551616",
            "9223372036854775807",
            "-9223372036854775808",
            "-9223372036854775809",
            "1.0",
            "1e3",
            "01",
            "+1",
            "-",
            "1.",
            "1e",
            "\"1\"",
            "null",
        ] {
            let expected = serde_json::from_str(text).ok();
            assert_eq!(from_json::<u64>(text), expected, "{text}");
            let expected = serde_json::from_str(text).ok();
            assert_eq!(from_json::<i64>(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_skipped_or_kept_as_it_came_is_json() {
        for text in [
            r#"{}"#,
            r#" { "a" : 1 , "b":[ ] } "#,
            r#"{"a":{"b":[1,-0.5e+3,"x\u0041",true,false,null,{}]}}"#,
            r#"{"a":01}"#,
            r#"{"a":.5}"#,
            r#"{"a":1.e2}"#,
            r#"{"a":tru}"#,
            r#"{"a":nul}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[,1]}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"a":1 "b":2}"#,
            r#"{a:1}"#,
            r#"{"a":1]"#,
            r#"{"a":{]}"#,
            r#"{"a":1}}"#,
            r#"{"a":"#,
            r#"["a"]"#,
        ] {
            let expected = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text).ok();
            let expected = expected.map(|object| texts(&mut object.into_iter()));
            let read = from_json::<Object>(text);
            let read = read.map(|object| texts(&mut object.into_iter()));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn what_is_kept_may_be_as_deep_as_its_sender_likes() {
        for depth in [1, 127, 128, 1_000_000] {
            let text = format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
            assert!(from_json::<Object>(&text).is_some(), "{depth}");
            assert!(from_json::<Object>(&text[1..]).is_none(), "{depth}");
        }
    }
}
