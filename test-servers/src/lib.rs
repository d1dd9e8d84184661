//! Real servers for tests.
//!
//! A [`Server`] is a program that is found on this machine, started on loopback at a free port with a
//! folder of its own, and gone with the test, also when the test is killed. It can be killed, started
//! again at the same port, and stopped so that it does not answer.
//!
//! [`main`] is the `main` of a test that needs such programs (`harness = false`), and [`prepare`] what
//! a conformance test is prepared with. Where a program is not installed the tests are reported as
//! not run, with the reason; in continuous integration (`CI=true`) that is a failure.
//! `scripts/servers` installs them all.

mod held;
mod program;
mod ready;
mod server;
mod trials;

pub use self::{
    held::Held,
    program::{Absent, Program, find},
    server::Server,
    trials::{main, prepare},
};
