//! Random payloads and random lives, the same again for the same seed.

use crate::Check;

pub(super) fn checks() -> Vec<Check> {
    Vec::new()
}
