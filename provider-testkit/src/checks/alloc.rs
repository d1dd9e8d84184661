//! Who owns what a provider answers.

use provider_core::{
    Error, ReplyBytes,
    ops::{OP_HEALTH_REQUEST, SYSTEM_ACTOR},
};

use super::HEADER;
use crate::{
    Check,
    lab::{Lab, Outcome},
    payload,
    protocol::Failure,
    subject::Provider,
};

pub(super) fn checks() -> Vec<Check> {
    vec![Check {
        id: "alloc::owned",
        title: "replies stay what they are",
        rule: "Nobody frees what the other side allocated; an owned buffer carries its own \
                   free function. [..] perhaps after the provider was destroyed.",
        source: HEADER,
        why: "A host keeps replies for as long as it likes, also past the provider's end, and \
              frees them with the function that came with them. Memory that the provider uses \
              again turns one actor's reply into another's.",
        what: "keeps replies and an error past later calls and past the provider's end, then \
                   frees them",
        causes: &["a buffer that was given is used again for the next reply, or belongs to the \
                 provider"],
        fix: "give away only memory that nobody else uses, with a function that frees it alone",
        example: include_str!("examples/alloc-owned.md"),
        needs: &["health::response", "links::bind"],
        run: owned,
        ..Check::BLANK
    }]
}

fn owned(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let (replies, error) = kept(lab, &provider, &actor);
    let copies: Vec<Vec<u8>> = replies.iter().map(|reply| reply.to_vec()).collect();
    let told = error.message().to_owned();
    let same = |when: &str| -> Outcome {
        let changed = replies.iter().zip(&copies).find(|(reply, copy)| reply[..] != copy[..]);
        let Some((reply, copy)) = changed else {
            return Ok(());
        };
        Err(Failure::new(format!("a reply changed {when}"))
            .expected(payload::render(copy, 200))
            .got(payload::render(reply, 200))
            .into())
    };
    // Later calls, of which one fails.
    let _ = kept(lab, &provider, &actor);
    same("during later calls")?;
    provider.destroy()?;
    same("when the provider was destroyed")?;
    if error.message() != told {
        return Err(Failure::new("an error's message changed").into());
    }
    // Their own functions free them, now that the provider is gone.
    let given = replies.iter().filter(|reply| matches!(reply, ReplyBytes::Given(_))).count();
    let seq =
        lab.reporter.step("free", format!("{} replies, {given} of them given", replies.len()));
    drop(replies);
    lab.reporter.done(seq, "Ok");
    Ok(())
}

/// Replies of several kinds and an error.
fn kept(lab: &Lab, provider: &Provider, actor: &str) -> (Vec<ReplyBytes>, Error) {
    let mut replies = Vec::new();
    for _ in 0..3 {
        replies.extend(provider.health().reply.ok());
    }
    let library = provider.library();
    let description = library.description();
    for op in &description.ops {
        if let Some(sample) = lab.sample(&description.contract, &op.name)
            && let Ok(request) = sample.payload()
        {
            replies.extend(provider.call(actor, op.name.as_str(), &request).reply.ok());
        }
    }
    if description.contract == "wasmcloud:keyvalue" {
        replies.extend(large_value(lab, provider, actor));
    }
    match provider.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &[0xc1]).reply {
        Err(error) => (replies, error),
        // Whether it refuses that is another check's business.
        Ok(_) => (replies, Error::new(provider_core::ErrorKind::Failed, "none")),
    }
}

/// A reply that is large enough to be given and not copied.
fn large_value(lab: &Lab, provider: &Provider, actor: &str) -> Option<ReplyBytes> {
    let key = format!("testkit-{:016x}-large", lab.job.seed);
    let value = "x".repeat(200 << 10);
    let set = serde_json::json!({"key": key, "value": value, "expires": 60});
    let get = serde_json::json!({"key": key});
    provider.call(actor, "Set", &payload::encode(&set).ok()?).reply.ok()?;
    provider.call(actor, "Get", &payload::encode(&get).ok()?).reply.ok()
}
