//! How a provider says that it is well.

use provider_core::{HealthResponse, codec};
use serde_json::Value;

use super::SPECIFICATION;
use crate::{
    Check,
    lab::{Lab, Outcome},
    payload,
    protocol::Failure,
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "health::response",
            title: "answers `HealthRequest`",
            rule: "Return an `Ok` with a `HealthResponse` struct to indicate a properly running \
                   provider.",
            source: SPECIFICATION,
            why: "A host polls this to learn whether to keep the provider. An answer that it \
                  cannot read counts as no answer, however well the provider is.",
            what: "asks once; the reply must be the map `{healthy: boolean, message: string}`",
            causes: &[
                "the operation is not handled",
                "the reply is encoded by position and not by name",
            ],
            fix: "answer `HealthResponse`, encoded as a map with its fields' names",
            example: include_str!("examples/health-response.md"),
            needs: &["dispatch::configure"],
            run: response,
            ..Check::BLANK
        },
        Check {
            id: "health::initially-true",
            title: "healthy from the start",
            rule: "If it responds without error, but indicates that it is unhealthy, it will be \
                   stopped and removed from the runtime.",
            source: SPECIFICATION,
            why: "The specification lets a host stop and remove a provider that says it is not \
                  well. One that waits for its first link to be healthy is removed before it can \
                  get one.",
            what: "asks right after `configure_dispatch`, before anything is linked",
            causes: &["it counts as unhealthy until something is linked"],
            fix: "a provider that waits for its first link is healthy",
            example: include_str!("examples/health-initially-true.md"),
            needs: &["health::response"],
            run: initially_true,
            ..Check::BLANK
        },
    ]
}

fn response(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let answer = provider.health();
    let failure = |summary: String| {
        Failure::new(summary)
            .expected("Ok({\"healthy\":true,\"message\":\"\"})")
            .got(answer.shown())
    };
    let reply = match &answer.reply {
        Ok(reply) => reply,
        Err(error) => {
            let summary = format!("`HealthRequest` failed: {}", error.message());
            return Err(failure(summary).into());
        }
    };
    let problem = match payload::decode(reply).ok() {
        None => String::from("no `MessagePack` message"),
        Some(Value::Object(fields)) => match (fields.get("healthy"), fields.get("message")) {
            (Some(Value::Bool(_)), Some(Value::String(_))) => return Ok(()),
            (Some(Value::Bool(_)), Some(_)) => String::from("`message` is no string"),
            (Some(Value::Bool(_)), None) => String::from("`message` is missing"),
            (Some(_), _) => String::from("`healthy` is no boolean"),
            (None, _) => String::from("`healthy` is missing"),
        },
        Some(Value::Array(_)) => {
            return Err(failure("the reply is an array and no map".into())
                .likely("it is encoded by position: encode structs as maps with field names")
                .into());
        }
        Some(Value::Null) if reply.is_empty() => String::from("no bytes"),
        Some(_) => String::from("no map"),
    };
    Err(failure(format!("the reply is no `HealthResponse`: {problem}")).into())
}

fn initially_true(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let answer = provider.health();
    let health = answer.reply.as_deref().map(codec::decode::<HealthResponse>);
    match health {
        Ok(Ok(health)) if health.healthy => Ok(()),
        Ok(Ok(health)) => Err(Failure::new(format!("it is not healthy: {:?}", health.message))
            .expected("healthy: true")
            .got(answer.shown())
            .into()),
        _ => Err(Failure::new("it does not say how it is").got(answer.shown()).into()),
    }
}
