//! The graphs through their operations, as actors use them.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod disk;
mod files;
mod limits;
mod meaning;
mod provider;
