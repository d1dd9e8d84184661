//! The arguments of an operation: the fields of the request map.

use std::fmt;

use serde::{Deserialize, Serialize, de::value::Error as ValueError, forward_to_deserialize_any};

use super::{
    MAX_DEPTH, value,
    walk::{Walk, refuse},
    write,
};
use crate::error::{Error, ErrorKind};

/// A request whose arguments are taken one by one.
///
/// The table that `#[contract]` makes takes all of them, in declared order, before it calls the
/// method: with the last one the whole payload has been checked.
pub struct Args<'a> {
    op: &'static str,
    names: &'static [&'static str],
    payload: &'a [u8],
    source: Source<'a>,
    next: usize,
}

/// Where the next argument comes from.
enum Source<'a> {
    /// The payload is a map with one entry an argument, and so far in declared order, as writers make
    /// it: the next entry is the next argument.
    InOrder(Walk<'a>),
    /// The payload was walked to its end and its values sorted into their places.
    Sorted(Vec<Option<&'a [u8]>>),
    /// The payload is the only argument.
    Whole,
}

impl<'a> Args<'a> {
    /// The arguments `names` of operation `op`, out of `payload`.
    ///
    /// The payload is a map with their names as keys, or an array with their values in this order.
    /// An operation without arguments takes no bytes at all as well.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) for whatever readers refuse. What is found only with an
    /// argument is an error of [`take`](Self::take).
    #[inline]
    pub fn split(
        op: &'static str,
        names: &'static [&'static str],
        payload: &'a [u8],
    ) -> Result<Self, Error> {
        let mut walk = Walk::new(payload);
        let source = if !names.is_empty() && walk.small_map() == Some(names.len()) {
            Source::InOrder(walk)
        } else {
            Source::Sorted(sorted(op, names, payload)?)
        };
        Ok(Self { op, names, payload, source, next: 0 })
    }

    /// All of `payload` as the only argument of operation `op`.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) for whatever readers refuse.
    pub fn unary(
        op: &'static str,
        names: &'static [&'static str],
        payload: &'a [u8],
    ) -> Result<Self, Error> {
        super::walk::whole(payload).map_err(|error| error.context(format_args!("`{op}`")))?;
        Ok(Self { op, names, payload, source: Source::Whole, next: 0 })
    }

    /// The next argument, in declared order.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) with the names of operation and argument when the
    /// argument is not there and is no `Option`, or is not a `T`; or for whatever readers refuse.
    #[inline]
    pub fn take<T: Deserialize<'a>>(&mut self) -> Result<T, Error> {
        match self.next_value()? {
            Some(value) => value::read(value).map_err(|error| self.unreadable(&error)),
            None => T::deserialize(Missing).map_err(|_| self.missing()),
        }
    }

    /// The bytes of the next argument, nothing if it is not there.
    #[inline]
    fn next_value(&mut self) -> Result<Option<&'a [u8]>, Error> {
        let index = self.next;
        self.next += 1;
        if let Source::InOrder(walk) = &mut self.source {
            if let Some(value) = self.names.get(index).and_then(|name| walk.entry(name))
                && (self.next < self.names.len() || walk.end().is_ok())
            {
                return Ok(Some(value));
            }
            // Another order, or something is wrong: look at all of it.
            self.source = Source::Sorted(sorted(self.op, self.names, self.payload)?);
        }
        Ok(match &self.source {
            Source::Sorted(values) => values.get(index).copied().flatten(),
            Source::Whole | Source::InOrder(_) => (index == 0).then_some(self.payload),
        })
    }

    /// The name of the argument that was taken last.
    fn name(&self) -> &'static str {
        self.names.get(self.next - 1).copied().unwrap_or("?")
    }

    #[cold]
    fn unreadable(&self, error: &Error) -> Error {
        refuse(format!("`{}`: argument `{}`: {}", self.op, self.name(), error.message()))
    }

    #[cold]
    fn missing(&self) -> Error {
        refuse(format!("`{}`: missing argument `{}`", self.op, self.name()))
    }
}

impl fmt::Debug for Args<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Args")
            .field("op", &self.op)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// Walks over all of a payload and sorts its values into the places of `names`.
#[cold]
fn sorted<'a>(op: &str, names: &[&str], payload: &'a [u8]) -> Result<Vec<Option<&'a [u8]>>, Error> {
    let mut values = vec![None; names.len()];
    match sort(names, payload, &mut values) {
        Ok(()) => Ok(values),
        Err(error) => Err(error.context(format_args!("`{op}`"))),
    }
}

fn sort<'a>(
    names: &[&str],
    payload: &'a [u8],
    values: &mut [Option<&'a [u8]>],
) -> Result<(), Error> {
    if payload.is_empty() {
        return if names.is_empty() {
            Ok(())
        } else {
            Err(refuse("the payload is empty, a message is expected"))
        };
    }
    let mut walk = Walk::new(payload);
    let marker = walk.marker()?;
    if let Some(count) = walk.map(marker)? {
        for _ in 0..count {
            let marker = walk.marker()?;
            let Some(key) = walk.string(marker)? else {
                // A key of another type names no argument of ours.
                walk.skip_after(marker, MAX_DEPTH - 1)?;
                walk.skip(MAX_DEPTH - 1)?;
                continue;
            };
            let value = walk.value(MAX_DEPTH - 1)?;
            match names.iter().position(|name| name.as_bytes() == key) {
                Some(index) if values[index].replace(value).is_some() => {
                    return Err(refuse(format!("argument `{}` is there twice", names[index])));
                }
                None if str::from_utf8(key).is_err() => {
                    return Err(refuse("a string is not UTF-8"));
                }
                Some(_) | None => {}
            }
        }
    } else if let Some(count) = walk.array(marker)? {
        if count > names.len() {
            let most = names.len();
            return Err(refuse(format!("an array of {count} values, at most {most} are expected")));
        }
        for place in values.iter_mut().take(count) {
            *place = Some(walk.value(MAX_DEPTH - 1)?);
        }
    } else {
        return Err(refuse("a map of the arguments is expected"));
    }
    walk.end()
}

/// What stands for an argument that is not there: an `Option` takes it, nothing else does.
struct Missing;

impl<'de> serde::Deserializer<'de> for Missing {
    type Error = ValueError;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(serde::de::Error::custom("missing"))
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Writes a request: the arguments of an operation as a map.
#[derive(Debug)]
pub struct ArgsWriter {
    payload: Result<Vec<u8>, Error>,
}

impl ArgsWriter {
    /// A request with `count` arguments, to be [`put`](Self::put) one by one.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let mut payload = Vec::with_capacity(128);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let payload = match rmp::encode::write_map_len(&mut payload, count) {
            Ok(_) => Ok(payload),
            Err(error) => Err(Error::with_source(ErrorKind::Failed, error)),
        };
        Self { payload }
    }

    /// A request that is `value` itself.
    #[must_use]
    pub fn unary<T: Serialize + ?Sized>(value: &T) -> Self {
        Self { payload: super::encode(value) }
    }

    /// Adds the argument `name`. An error is kept until [`finish`](Self::finish).
    #[must_use]
    pub fn put<T: Serialize + ?Sized>(mut self, name: &'static str, value: &T) -> Self {
        if let Ok(payload) = &mut self.payload
            && let Err(error) = write(payload, name).and_then(|()| write(payload, value))
        {
            self.payload = Err(error.context(format_args!("argument `{name}`")));
        }
        self
    }

    /// The payload.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) for the first argument that cannot be represented.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["key", "value", "note"];

    fn split(payload: &[u8]) -> Result<(String, i32, Option<String>), Error> {
        let mut args = Args::split("Set", NAMES, payload)?;
        Ok((args.take()?, args.take()?, args.take()?))
    }

    fn refused(payload: &[u8], message: &str) {
        let error = split(payload).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadRequest, message));
    }

    #[test]
    fn arguments_come_by_name_in_any_order_or_by_position() {
        let expected = (String::from("k"), 5, None);
        assert_eq!(split(b"\x82\xa3key\xa1k\xa5value\x05").unwrap(), expected);
        assert_eq!(split(b"\x83\xa3key\xa1k\xa5value\x05\xa4note\xc0").unwrap(), expected);
        assert_eq!(split(b"\x83\xa3key\xa1k\xa4note\xc0\xa5value\x05").unwrap(), expected);
        assert_eq!(split(b"\x83\xa3key\xa1k\xa5value\x05\xa1x\xc0").unwrap(), expected);
        assert_eq!(split(b"\x83\xa1x\x91\xc0\xa5value\x05\xa3key\xa1k").unwrap(), expected);
        assert_eq!(split(b"\x83\x07\x90\xa5value\x05\xa3key\xa1k").unwrap(), expected);
        assert_eq!(split(b"\xde\0\x02\xa3key\xa1k\xa5value\x05").unwrap(), expected);
        assert_eq!(split(b"\x92\xa1k\x05").unwrap(), expected);
        let whole = (String::from("k"), 5, Some(String::from("n")));
        assert_eq!(split(b"\x83\xa3key\xa1k\xa5value\x05\xa4note\xa1n").unwrap(), whole);
    }

    #[test]
    fn errors_name_the_operation_and_the_argument() {
        refused(b"\x81\xa3key\xa1k", "`Set`: missing argument `value`");
        refused(
            b"\x83\xa3key\x05\xa5value\x05\xa4note\xc0",
            "`Set`: argument `key`: invalid type: integer `5`, expected a string",
        );
        refused(b"\x82\xa3key\xa1\xff\xa5value\x05", "`Set`: a string is not UTF-8");
        refused(
            b"\x83\xa3key\xa1\xff\xa5value\x05\xa4note\xc0",
            "`Set`: argument `key`: a string is not UTF-8",
        );
        refused(b"\x82\xa1\xff\xc0\xa3key\xa1k", "`Set`: a string is not UTF-8");
        refused(b"\x82\xa3key\xa1k\xa3key\xa1k", "`Set`: argument `key` is there twice");
        refused(
            b"\x83\xa3key\xa1k\xa5value\x05\xa3key\xa1k",
            "`Set`: argument `key` is there twice",
        );
        refused(b"", "`Set`: the payload is empty, a message is expected");
        refused(b"\x05", "`Set`: a map of the arguments is expected");
        refused(b"\x94\xa1k\x05\xc0\xc0", "`Set`: an array of 4 values, at most 3 are expected");
        refused(b"\x80\x00", "`Set`: 1 trailing bytes after the message, from byte 1 on");
        refused(
            b"\x83\xa3key\xa1k\xa5value\x05\xa4note\xc0\x00",
            "`Set`: 1 trailing bytes after the message, from byte 20 on",
        );
        refused(
            b"\x83\xa3key\xa1k\xa5value\x05\xa4note",
            "`Set`: the payload ends within a value, after 19 bytes",
        );
    }

    #[test]
    fn a_key_that_is_no_string_is_no_argument() {
        const LONG: &[&str] = &["a_name_that_is_32_characters_long"];
        let mut payload = vec![0x81, 0xa0 ^ u8::try_from(LONG[0].len()).unwrap()];
        payload.extend(LONG[0].bytes());
        payload.push(5);
        let outcome = Args::split("Set", LONG, &payload).and_then(|mut args| args.take::<u8>());
        assert!(outcome.unwrap_err().message().contains("trailing"));
    }

    #[test]
    fn a_string_is_utf8_whatever_reads_it() {
        use serde::de::IgnoredAny;
        for payload in [&b"\x81\xa3key\xa1\xff"[..], b"\x81\xa3key\xd9\x01\xff"] {
            let args = || Args::split("Set", &["key"], payload);
            args().and_then(|mut args| args.take::<IgnoredAny>()).map(drop).unwrap_err();
            args().and_then(|mut args| args.take::<serde_bytes::ByteBuf>()).map(drop).unwrap_err();
        }
    }

    #[test]
    fn many_arguments_come_in_order() {
        const MANY: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let mut writer = ArgsWriter::new(MANY.len());
        for (value, name) in MANY.iter().enumerate() {
            writer = writer.put(name, &value);
        }
        let payload = writer.finish().unwrap();
        let mut args = Args::split("Many", MANY, &payload).unwrap();
        for value in 0..MANY.len() {
            assert_eq!(args.take::<usize>().unwrap(), value);
        }
    }

    #[test]
    fn an_operation_without_arguments_takes_no_bytes_and_an_empty_map() {
        Args::split("Flush", &[], b"").unwrap();
        Args::split("Flush", &[], b"\x80").unwrap();
        Args::split("Flush", &[], b"\xc0").unwrap_err();
        Args::split("Flush", &[], b"\x80\x80").unwrap_err();
    }
}
