//! The arguments of an operation: the fields of the request map.

use std::fmt;

use serde::{Deserialize, Serialize, de::value::Error as ValueError, forward_to_deserialize_any};

use super::{
    MAX_DEPTH,
    walk::{Walk, refuse},
    walked, write,
};
use crate::error::{Error, ErrorKind};

/// So many arguments need no allocation.
const INLINE: usize = 8;

/// A request, split into the values of its arguments but not decoded yet.
///
/// The table that `#[contract]` makes takes them in declared order.
pub struct Args<'a> {
    op: &'static str,
    names: &'static [&'static str],
    values: Values<'a>,
    next: usize,
}

enum Values<'a> {
    Few([Option<&'a [u8]>; INLINE]),
    Many(Vec<Option<&'a [u8]>>),
}

impl<'a> Args<'a> {
    /// Splits `payload` into the arguments `names` of operation `op`.
    ///
    /// The payload is a map with their names as keys, or an array with their values in this order.
    /// An operation without arguments takes no bytes at all as well.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) for whatever readers refuse but a missing argument,
    /// which [`take`](Self::take) finds.
    pub fn split(
        op: &'static str,
        names: &'static [&'static str],
        payload: &'a [u8],
    ) -> Result<Self, Error> {
        let values = if names.len() <= INLINE {
            Values::Few([None; INLINE])
        } else {
            Values::Many(vec![None; names.len()])
        };
        let mut args = Self {
            op,
            names,
            values,
            next: 0,
        };
        match args.fill(payload) {
            Ok(()) => Ok(args),
            Err(error) => Err(error.context(format_args!("`{op}`"))),
        }
    }

    /// Takes all of `payload` as the only argument of operation `op`.
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
        let mut values = [None; INLINE];
        values[0] = Some(payload);
        Ok(Self {
            op,
            names,
            values: Values::Few(values),
            next: 0,
        })
    }

    fn slots(&mut self) -> &mut [Option<&'a [u8]>] {
        match &mut self.values {
            Values::Few(values) => &mut values[..self.names.len()],
            Values::Many(values) => values,
        }
    }

    fn fill(&mut self, payload: &'a [u8]) -> Result<(), Error> {
        if payload.is_empty() {
            return if self.names.is_empty() {
                Ok(())
            } else {
                Err(refuse("the payload is empty, a message is expected"))
            };
        }
        let mut walk = Walk::new(payload);
        let marker = walk.marker()?;
        if let Some(count) = walk.map(marker)? {
            self.fill_by_name(&mut walk, count)?;
        } else if let Some(count) = walk.array(marker)? {
            self.fill_by_position(&mut walk, count)?;
        } else {
            return Err(refuse("a map of the arguments is expected"));
        }
        walk.end()
    }

    fn fill_by_name(&mut self, walk: &mut Walk<'a>, count: usize) -> Result<(), Error> {
        for position in 0..count {
            let marker = walk.marker()?;
            let Some(key) = walk.string(marker)? else {
                // A key of another type names no argument of ours.
                walk.skip_after(marker, MAX_DEPTH - 1)?;
                walk.skip(MAX_DEPTH - 1)?;
                continue;
            };
            let value = walk.value(MAX_DEPTH - 1)?;
            // Writers keep the declared order, so the first look nearly always hits.
            let found = match self.names.get(position) {
                Some(name) if name.as_bytes() == key => Some(position),
                _ => self.names.iter().position(|name| name.as_bytes() == key),
            };
            if let Some(index) = found
                && self.slots()[index].replace(value).is_some()
            {
                return Err(refuse(format!(
                    "argument `{}` is there twice",
                    self.names[index]
                )));
            }
        }
        Ok(())
    }

    fn fill_by_position(&mut self, walk: &mut Walk<'a>, count: usize) -> Result<(), Error> {
        if count > self.names.len() {
            return Err(refuse(format!(
                "an array of {count} values, at most {} are expected",
                self.names.len()
            )));
        }
        for index in 0..count {
            self.slots()[index] = Some(walk.value(MAX_DEPTH - 1)?);
        }
        Ok(())
    }

    /// The next argument, in declared order.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) with the names of operation and argument when the
    /// argument is not there and is no `Option`, or is not a `T`.
    pub fn take<T: Deserialize<'a>>(&mut self) -> Result<T, Error> {
        let index = self.next;
        self.next += 1;
        match self.slots().get(index).copied().flatten() {
            Some(value) => walked(value).map_err(|error| self.argument(index, &error)),
            None => T::deserialize(Missing).map_err(|_| self.missing(index)),
        }
    }

    #[cold]
    fn argument(&self, index: usize, error: &Error) -> Error {
        refuse(format!(
            "`{}`: argument `{}`: {}",
            self.op,
            self.names[index],
            error.message()
        ))
    }

    #[cold]
    fn missing(&self, index: usize) -> Error {
        let name = self.names.get(index).copied().unwrap_or("?");
        refuse(format!("`{}`: missing argument `{name}`", self.op))
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
        Self {
            payload: super::encode(value),
        }
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
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::BadRequest, message)
        );
    }

    #[test]
    fn arguments_come_by_name_in_any_order_or_by_position() {
        let expected = (String::from("k"), 5, None);
        assert_eq!(split(b"\x82\xa3key\xa1k\xa5value\x05").unwrap(), expected);
        assert_eq!(
            split(b"\x83\xa1x\x91\xc0\xa5value\x05\xa3key\xa1k").unwrap(),
            expected
        );
        assert_eq!(
            split(b"\x83\x07\x90\xa5value\x05\xa3key\xa1k").unwrap(),
            expected
        );
        assert_eq!(split(b"\x92\xa1k\x05").unwrap(), expected);
    }

    #[test]
    fn errors_name_the_operation_and_the_argument() {
        refused(b"\x81\xa3key\xa1k", "`Set`: missing argument `value`");
        refused(
            b"\x82\xa3key\x05\xa5value\x05",
            "`Set`: argument `key`: invalid type: integer `5`, expected a string",
        );
        refused(
            b"\x82\xa3key\xa1k\xa3key\xa1k",
            "`Set`: argument `key` is there twice",
        );
        refused(b"", "`Set`: the payload is empty, a message is expected");
        refused(b"\x05", "`Set`: a map of the arguments is expected");
        refused(
            b"\x94\xa1k\x05\xc0\xc0",
            "`Set`: an array of 4 values, at most 3 are expected",
        );
        refused(
            b"\x80\x00",
            "`Set`: 1 trailing bytes after the message, from byte 1 on",
        );
    }

    #[test]
    fn more_arguments_than_fit_inline_work_as_well() {
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
    }
}
