//! What a known contract says beyond the rules for all.

use crate::Check;

pub(super) fn checks() -> Vec<Check> {
    Vec::new()
}
