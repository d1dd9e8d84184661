//! What grows with use.

use crate::Check;

pub(super) fn checks() -> Vec<Check> {
    Vec::new()
}
