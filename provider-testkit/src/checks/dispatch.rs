//! The way to a provider's actors.

use super::SPECIFICATION;
use crate::{
    Check,
    lab::{Lab, Outcome},
};

pub(super) fn checks() -> Vec<Check> {
    vec![Check {
        id: "dispatch::configure",
        title: "takes the way to its actors",
        rule: "This function will be called on the provider when the host runtime is ready and \
                   has configured a dispatcher.",
        source: SPECIFICATION,
        why: "The host hands over the way to its actors while it is still setting up. A provider \
              that refuses is of no use, and one that calls at once meets actors that are not \
              there yet.",
        what: "hands a dispatcher over once; it must not be used before the call returned",
        causes: &["it connects to something here that only a link can name"],
        fix: "only keep the dispatcher; connect at bind",
        example: include_str!("examples/dispatch-configure.md"),
        needs: &["create::ok"],
        run: configure,
        ..Check::BLANK
    }]
}

fn configure(lab: &mut Lab) -> Outcome {
    lab.configured().map(drop)
}
