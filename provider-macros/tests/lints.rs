//! Clippy reads the targets of a package, which the pass suite is not: here it reads the provider
//! that denies everything. `cargo clippy --all-targets` is the test.

#[path = "pass/deny_everything.rs"]
pub mod deny_everything;

use deny_everything::{Clock, Wall};
use provider_core::OpEntry;

#[test]
fn what_clippy_read_is_the_provider() {
    let names: Vec<_> =
        Wall::__declared_with_contract_attribute.ops().iter().map(OpEntry::name).collect();
    assert_eq!(names, ["Now", "NowIn", "Set"]);
}
