//! Small providers of the `wasmcloud:*` contracts, each whole and correct, unless the environment
//! variable `FAULTY_DEFECT` names one of [`defects`]: then it breaks that rule.
//!
//! They are what the testkit's checks of the contracts are tested with. Among the defects is each
//! fault that the providers of 2021 had ([`faults_of_2021`]). The library holds the providers; each
//! example exports one.

#![expect(
    clippy::missing_errors_doc,
    reason = "what the contracts refuse is said in the contracts"
)]

pub mod blobstore;
mod defects;
pub mod graphdb;
pub mod graphdb_undeclared;
mod http;
pub mod http_client;
pub mod http_server;
pub mod keyvalue;
pub mod link_values;
pub mod logging;
pub mod messaging;
mod shell;
pub mod telnet;

pub use self::{
    defects::{Fault, defects, faults_of_2021, has},
    shell::Shell,
};
