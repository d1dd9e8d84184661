//! One walk over a payload: is it exactly one value, whole, and not nested too deeply?

use rmp::Marker;

use crate::error::{Error, ErrorKind};

/// How many arrays and maps may be inside each other. Ours decode on a stack of 256 KiB.
pub const MAX_DEPTH: usize = 64;

/// Walks over a payload that must be one value and nothing else.
pub(super) fn whole(payload: &[u8]) -> Result<(), Error> {
    if payload.is_empty() {
        return Err(refuse("the payload is empty, a message is expected"));
    }
    let mut walk = Walk::new(payload);
    walk.skip(MAX_DEPTH)?;
    walk.end()
}

/// A place in a payload.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, length: payload.len() }
    }

    /// Refuses what is left.
    pub(super) fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.trailing()) }
    }

    #[cold]
    fn trailing(&self) -> Error {
        let at = self.length - self.rest.len();
        refuse(format!("{} trailing bytes after the message, from byte {at} on", self.rest.len()))
    }

    #[cold]
    fn truncated(&self) -> Error {
        refuse(format!("the payload ends within a value, after {} bytes", self.length))
    }

    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.truncated()),
        }
    }

    #[inline]
    pub(super) fn marker(&mut self) -> Result<Marker, Error> {
        Ok(Marker::from_u8(self.take(1)?[0]))
    }

    /// A big-endian length of `width` bytes.
    #[inline]
    fn length(&mut self, width: usize) -> Result<usize, Error> {
        let bytes = self.take(width)?;
        Ok(bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    /// How many entries the map after `marker` has; nothing if it is no map.
    #[inline]
    pub(super) fn map(&mut self, marker: Marker) -> Result<Option<usize>, Error> {
        Ok(Some(match marker {
            Marker::FixMap(count) => usize::from(count),
            Marker::Map16 => self.length(2)?,
            Marker::Map32 => self.length(4)?,
            _ => return Ok(None),
        }))
    }

    /// How many items the array after `marker` has; nothing if it is no array.
    #[inline]
    pub(super) fn array(&mut self, marker: Marker) -> Result<Option<usize>, Error> {
        Ok(Some(match marker {
            Marker::FixArray(count) => usize::from(count),
            Marker::Array16 => self.length(2)?,
            Marker::Array32 => self.length(4)?,
            _ => return Ok(None),
        }))
    }

    /// The string after `marker`; nothing if it is no string.
    #[inline]
    pub(super) fn string(&mut self, marker: Marker) -> Result<Option<&'a [u8]>, Error> {
        let length = match marker {
            Marker::FixStr(length) => usize::from(length),
            Marker::Str8 => self.length(1)?,
            Marker::Str16 => self.length(2)?,
            Marker::Str32 => self.length(4)?,
            _ => return Ok(None),
        };
        self.take(length).map(Some)
    }

    /// How many entries the map that begins here has, if it has fewer than 16; nothing otherwise.
    #[inline]
    pub(super) fn small_map(&mut self) -> Option<usize> {
        let (&marker, rest) = self.rest.split_first()?;
        if marker & 0xf0 != 0x80 {
            return None;
        }
        self.rest = rest;
        Some(usize::from(marker & 0x0f))
    }

    /// The value of the next entry of a map, if its key is `name`. A string's UTF-8 is left to whoever
    /// reads it. Where it says nothing the walk is of no use any more.
    #[inline]
    pub(super) fn entry(&mut self, name: &str) -> Option<&'a [u8]> {
        let (&marker, rest) = self.rest.split_first()?;
        // A key of up to 31 bytes, which names nearly always are.
        if marker & 0xe0 != 0xa0 || usize::from(marker & 0x1f) != name.len() {
            return None;
        }
        self.rest = rest.strip_prefix(name.as_bytes())?;
        let start = self.rest;
        let length = match *start.first()? {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 1,
            marker @ 0xa0..=0xbf => 1 + usize::from(marker & 0x1f),
            _ => return self.value(MAX_DEPTH - 1).ok(),
        };
        let (value, rest) = start.split_at_checked(length)?;
        self.rest = rest;
        Some(value)
    }

    /// The bytes of the next value, which may be nested `depth` levels deep.
    #[inline]
    pub(super) fn value(&mut self, depth: usize) -> Result<&'a [u8], Error> {
        let start = self.rest;
        self.skip(depth)?;
        Ok(&start[..start.len() - self.rest.len()])
    }

    /// Walks over the next value, which may be nested `depth` levels deep.
    #[inline]
    pub(super) fn skip(&mut self, depth: usize) -> Result<(), Error> {
        let marker = self.marker()?;
        self.skip_after(marker, depth)
    }

    /// Walks over the rest of a value whose marker was taken.
    pub(super) fn skip_after(&mut self, marker: Marker, depth: usize) -> Result<(), Error> {
        let count = match marker {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => {
                0
            }
            Marker::U8 | Marker::I8 => 1,
            // An extension is a type byte and its data.
            Marker::U16 | Marker::I16 | Marker::FixExt1 => 2,
            Marker::U32 | Marker::I32 | Marker::F32 => 4,
            Marker::U64 | Marker::I64 | Marker::F64 => 8,
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let text = self.string(marker)?.unwrap_or_default();
                return match std::str::from_utf8(text) {
                    Ok(_) => Ok(()),
                    Err(_) => Err(refuse("a string is not UTF-8")),
                };
            }
            Marker::Bin8 => self.length(1)?,
            Marker::Bin16 => self.length(2)?,
            Marker::Bin32 => self.length(4)?,
            Marker::FixExt2 => 3,
            Marker::FixExt4 => 5,
            Marker::FixExt8 => 9,
            Marker::FixExt16 => 17,
            Marker::Ext8 => self.length(1)? + 1,
            Marker::Ext16 => self.length(2)? + 1,
            Marker::Ext32 => self.length(4)?.saturating_add(1),
            Marker::FixArray(_)
            | Marker::Array16
            | Marker::Array32
            | Marker::FixMap(_)
            | Marker::Map16
            | Marker::Map32 => return self.skip_items(marker, depth),
            Marker::Reserved => {
                return Err(refuse("the byte 0xc1 never occurs in MessagePack"));
            }
        };
        self.take(count).map(|_| ())
    }

    fn skip_items(&mut self, marker: Marker, depth: usize) -> Result<(), Error> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(refuse(format!("nested deeper than {MAX_DEPTH} arrays and maps")));
        };
        let items = match self.array(marker)? {
            Some(count) => count,
            None => self.map(marker)?.unwrap_or_default().saturating_mul(2),
        };
        // A length that cannot be true ends here at the first missing byte: nothing is allocated
        // for it.
        for _ in 0..items {
            self.skip(depth)?;
        }
        Ok(())
    }
}

#[cold]
pub(super) fn refuse(message: impl AsRef<str> + Into<String>) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}
