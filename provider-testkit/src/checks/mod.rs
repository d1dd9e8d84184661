//! The checks: one file a group, each a table of rows and the functions that they run.

use crate::Check;

mod abi;
mod health;
mod lifecycle;
mod links;
mod load;
pub(crate) mod ops;
mod stop;

/// Where the specification's rules stand.
const SPECIFICATION: &str = "the specification, \"Capability Provider Trait Requirements\"";
/// Where the specification's rules on exports stand.
const SPECIFICATION_FFI: &str = "the specification, \"Capability Provider FFI\"";
/// Where the ABI's rules stand.
const HEADER: &str = "capability_provider.h";

/// Every check, in the order in which reports list them.
pub(crate) fn all() -> Vec<Check> {
    [
        &abi::checks()[..],
        &load::checks(),
        &lifecycle::checks(),
        &health::checks(),
        &links::checks(),
        &ops::checks(),
        &stop::checks(),
    ]
    .concat()
}
