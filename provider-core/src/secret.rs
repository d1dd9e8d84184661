//! A value that never prints.

use std::fmt;

/// A value that prints as `[hidden]`, for a password in a link's values.
///
/// `Debug` and `Display` show `[hidden]`, it is not serialized by anything, and an error about it does
/// not repeat what was given. [`expose`](Self::expose) is the only way to the value, so that the
/// places where it leaves are easily found.
///
/// ```
/// use provider_core::Secret;
///
/// let password = Secret::new(String::from("hunter2"));
/// assert_eq!(format!("{password} {password:?}"), "[hidden] [hidden]");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone, Default)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    #[must_use]
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, taken out.
    #[must_use]
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_however_it_is_printed() {
        #[derive(Debug)]
        struct Settings {
            password: Secret,
            pins: Vec<Secret<u16>>,
        }

        let settings =
            Settings { password: Secret::new("hunter2".into()), pins: vec![Secret::new(4711)] };
        for text in [
            format!("{settings:?}"),
            format!("{settings:#?}"),
            format!("{:>40}", settings.password),
            format!("{:x?}", settings.pins),
        ] {
            assert!(text.contains("[hidden]"), "{text}");
            assert!(!text.contains("hunter2") && !text.contains("4711"), "{text}");
        }
    }
}
