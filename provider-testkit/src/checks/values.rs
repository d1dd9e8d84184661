//! Link values that the library describes.

use provider_core::description::LinkValue;

use super::HEADER;
use crate::{
    Check, Level,
    lab::{Lab, Outcome, actor, each, skip},
    protocol::Failure,
    subject::{Answer, Provider, Values},
};

/// What no type has that says in these words what it is. There are types for which any text is right.
const WRONG: &str = "\u{1f980} is none";
const JUDGED: &[&str] =
    &["a whole number", "a number", "`true` or `false`", "a duration", "an IP", "one character"];
const LIST: &str = "values with commas between them, each ";
/// Given as a secret, it must not come back.
const SECRET: &str = "testkit-secret-4711";

pub(super) fn checks() -> Vec<Check> {
    vec![Check {
        id: "links::values",
        level: Level::Should,
        title: "link values are what the library says",
        rule: "CP_BAD_REQUEST: the payload cannot be understood",
        source: HEADER,
        why: "Link values are typed by people, from what the library says of them. A wrong one that is \
              taken is found out by an actor, much later and without a hint at the value; an error that \
              does not name it is a search; one that repeats a password puts it into every log.",
        what: "links an actor without each value that is required, with a wrong one for each whose type is \
               a number, a truth value, a duration, an address or a character, and with another one for \
               each secret: the first two must be errors that name the key, and no error may repeat the \
               secret",
        causes: &[
            "the value is described by hand, and not read as it is described",
            "the value is read when it is first used, and not when the actor is linked",
            "the error of the value's type is returned without the key",
            "what the provider connects with is in the error that says why it cannot",
        ],
        fix: "read all values in `BindActor`; with the SDK, name them in `Provider::LINK` and take secrets \
              as `Secret`",
        example: include_str!("examples/links-values.md"),
        needs: &["links::config-values"],
        run: values,
        ..Check::BLANK
    }]
}

/// A link that is tried.
struct Trial {
    /// What it is, if it must be refused; else empty.
    what: String,
    key: String,
    values: Values,
}

fn values(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let described = provider.library().describe();
    let described = described.map_err(|error| Failure::new(error.to_string()))?;
    let Some(described) = described.and_then(|described| described.link) else {
        return Err(skip("the library does not say which values its links have"));
    };
    let actor = actor(0);
    let base = lab.values(&actor);
    let trials: Vec<Trial> = described.iter().flat_map(|value| trials(value, &base)).collect();
    each(&lab.reporter, trials, |_, trial| {
        let answer = provider.bind(&actor, &trial.values);
        judge(&trial, &answer)?;
        if answer.reply.is_ok() { removed(&provider, &actor) } else { Ok(()) }
    })
}

fn removed(provider: &Provider, actor: &str) -> Outcome {
    provider.remove(actor).empty(provider_core::ops::OP_REMOVE_ACTOR)
}

/// The links that a value is tried with.
fn trials(value: &LinkValue, base: &Values) -> Vec<Trial> {
    let key = &value.key;
    let with = |what: String, text: Option<&str>| {
        let mut values = base.clone();
        values.remove(key);
        values.extend(text.map(|text| (key.clone(), text.to_owned())));
        Trial { what, key: key.clone(), values }
    };
    let mut trials = Vec::new();
    if value.required {
        trials.push(with(format!("a link without the required `{key}`"), None));
    }
    if let Some(ty) = value.r#type.as_deref().filter(|ty| is_judged(ty)) {
        trials.push(with(format!("a link whose `{key}` is not {ty}"), Some(WRONG)));
    }
    if value.secret {
        trials.push(with(String::new(), Some(SECRET)));
    }
    trials
}

/// Whether [`WRONG`] is none of this type.
fn is_judged(ty: &str) -> bool {
    let ty = ty.strip_prefix(LIST).unwrap_or(ty);
    JUDGED.iter().any(|judged| ty.starts_with(judged))
}

fn judge(trial: &Trial, answer: &Answer) -> Outcome {
    let Trial { what, key, .. } = trial;
    if !what.is_empty() {
        answer.refused(what)?;
    }
    let Err(error) = &answer.reply else { return Ok(()) };
    let failure = if error.message().contains(SECRET) {
        Failure::new(format!("the error repeats the value of `{key}`, which is a secret"))
            .expected("an error without the value")
    } else if !what.is_empty() && !error.message().contains(key.as_str()) {
        Failure::new(format!("the error for {what} does not name it"))
            .expected(format!("an error that names `{key}`"))
    } else {
        return Ok(());
    };
    Err(failure.got(answer.shown()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_that_no_text_is_of_are_judged() {
        for judged in [
            "a whole number from 1 to 64",
            "an IPv4 address and a port, such as `127.0.0.1:80`",
            "values with commas between them, each a number",
        ] {
            assert!(is_judged(judged), "{judged}");
        }
        for unknown in ["text", "a path", "values with commas between them", "a value of `Url`"] {
            assert!(!is_judged(unknown), "{unknown}");
        }
    }

    #[test]
    fn a_value_is_left_out_spoilt_and_taken_for_a_secret() {
        let value = LinkValue {
            key: "PIN".into(),
            doc: String::new(),
            r#type: Some("a whole number from 0 to 65535".into()),
            required: true,
            default: None,
            secret: true,
        };
        let base = Values::from([("PIN".into(), "1".into()), ("HOST".into(), "here".into())]);
        let tried = trials(&value, &base);
        let pins: Vec<_> = tried.iter().map(|trial| trial.values.get("PIN")).collect();
        assert_eq!(pins, [None, Some(&WRONG.to_owned()), Some(&SECRET.to_owned())]);
        assert!(tried.iter().all(|trial| trial.values["HOST"] == "here"));
        assert!(tried[2].what.is_empty());
        let optional = LinkValue { required: false, secret: false, r#type: None, ..value };
        assert!(trials(&optional, &base).is_empty());
    }
}
