//! What the server's replies must be.

use provider_core::{Error, ErrorKind};
use redis::Value;

/// The string that a key holds, if there is one.
pub(crate) fn string(reply: Value, key: &str) -> Result<Option<String>, Error> {
    match reply {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => text(bytes, key).map(Some),
        other => Err(unexpected(&other)),
    }
}

/// The strings of a list or a set. `keys` are those that it came from.
pub(crate) fn strings(reply: Value, keys: &str) -> Result<Vec<String>, Error> {
    let (Value::Array(values) | Value::Set(values)) = reply else {
        return Err(unexpected(&reply));
    };
    let read = |value| match value {
        Value::BulkString(bytes) => text(bytes, keys),
        other => Err(unexpected(&other)),
    };
    values.into_iter().map(read).collect()
}

/// A length or a count. One that the contract's 32 bits cannot hold is told as the largest that they can.
pub(crate) fn count(reply: &Value) -> Result<i32, Error> {
    match reply {
        Value::Int(count) => Ok(i32::try_from(*count).unwrap_or(i32::MAX)),
        other => Err(unexpected(other)),
    }
}

/// A reply that nobody expected. What is in it may be anybody's data, so it is not shown.
pub(crate) fn unexpected(reply: &Value) -> Error {
    let kind = match reply {
        Value::Nil => "nothing",
        Value::Int(_) => "a number",
        Value::BulkString(_) | Value::SimpleString(_) | Value::Okay => "a string",
        Value::Array(_) | Value::Set(_) => "an array",
        _ => "something else",
    };
    Error::new(ErrorKind::Failed, format!("the server answered with {kind}"))
}

fn text(bytes: Vec<u8>, key: &str) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| {
        let key = &key[..key.floor_char_boundary(128)];
        Error::new(
            ErrorKind::Failed,
            format!("key `{key}` holds bytes that are not UTF-8: another program wrote them"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_refused_and_not_changed_into_some() {
        let error = string(Value::BulkString(vec![0xff]), "k").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert!(error.message().contains("`k` holds bytes"), "{error}");
        let items =
            Value::Array(vec![Value::BulkString(vec![b'a']), Value::BulkString(vec![0xff])]);
        strings(items, "k").unwrap_err();
    }

    #[test]
    fn a_count_beyond_32_bits_is_the_largest_that_they_hold() {
        assert_eq!(count(&Value::Int(7)).unwrap(), 7);
        assert_eq!(count(&Value::Int(1 << 40)).unwrap(), i32::MAX);
        count(&Value::Nil).unwrap_err();
    }
}
