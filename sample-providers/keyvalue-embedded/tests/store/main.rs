//! The store through its operations, as actors use it.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod files;
#[cfg(unix)]
mod full;
mod killed;
mod meaning;
mod provider;
