//! The checks: one file a group, each a table of rows and the functions that they run.

use crate::Check;

mod abi;
mod after_stop;
mod alloc;
mod asynchronous;
mod conc;
mod contract;
mod create;
mod dispatch;
mod fuzz;
mod health;
mod leak;
mod links;
mod load;
mod log;
pub(crate) mod ops;
mod perf;
mod robust;
mod stop;
mod strangers;
mod values;

/// Where the specification's rules stand.
const SPECIFICATION: &str = "the specification, \"Capability Provider Trait Requirements\"";
/// Where the specification's rules on exports stand.
const SPECIFICATION_FFI: &str = "the specification, \"Capability Provider FFI\"";
/// Where the ABI's rules stand.
const HEADER: &str = "capability_provider.h";

/// Every check, in the order in which reports list them.
pub(crate) fn all() -> Vec<Check> {
    [
        abi::checks(),
        load::checks(),
        create::checks(),
        alloc::checks(),
        dispatch::checks(),
        health::checks(),
        links::checks(),
        values::checks(),
        strangers::checks(),
        ops::checks(),
        stop::checks(),
        after_stop::checks(),
        conc::checks(),
        asynchronous::checks(),
        log::checks(),
        fuzz::checks(),
        leak::checks(),
        robust::checks(),
        contract::checks(),
        perf::checks(),
    ]
    .concat()
}
