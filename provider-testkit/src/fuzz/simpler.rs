//! Simpler scripts than one that fails: fewer calls, fewer actors, smaller payloads.

use serde_json::{Value, json};

use super::{
    Act, Script,
    mutation::{at, places},
};
use crate::payload;

/// Shrinks `script` as long as `fails` says that what is left still does. `fails` says that nothing
/// does once its time is over.
pub(super) fn shrink(script: Script, mut fails: impl FnMut(&Script) -> bool) -> Script {
    let kind = script.kind;
    let mut fails = |acts: &[Act]| fails(&Script { kind, acts: acts.to_vec() });
    let acts = last_few(script.acts, &mut fails);
    let acts = fewer(acts, &mut fails);
    let mut acts = low_numbers(acts, &mut fails);
    for index in 0..acts.len() {
        smaller(&mut acts, index, &mut fails);
    }
    Script { kind, acts }
}

type Fails<'a> = dyn FnMut(&[Act]) -> bool + 'a;

/// The last call alone, else the last life, else ever more of what came before.
fn last_few(acts: Vec<Act>, fails: &mut Fails<'_>) -> Vec<Act> {
    let mut counts = vec![1, 2, 4];
    if let Some(new) = acts.iter().rposition(|act| *act == Act::New) {
        counts.push(acts.len() - new - 1);
    }
    counts.extend([16, 64, 256, 1024]);
    for count in counts {
        if (1..acts.len()).contains(&count) && fails(&acts[acts.len() - count..]) {
            return acts[acts.len() - count..].to_vec();
        }
    }
    acts
}

/// Leaves out ever shorter runs of calls, until no call can be left out.
fn fewer(mut acts: Vec<Act>, fails: &mut Fails<'_>) -> Vec<Act> {
    let mut length = acts.len() / 2;
    while length > 0 {
        let mut start = 0;
        let mut changed = false;
        while start < acts.len() && acts.len() > 1 {
            let end = (start + length).min(acts.len());
            let rest = [&acts[..start], &acts[end..]].concat();
            if !rest.is_empty() && fails(&rest) {
                acts = rest;
                changed = true;
            } else {
                start = end;
            }
        }
        // A call that could not be left out before may be now.
        if !(changed && length == 1) {
            length /= 2;
        }
    }
    acts
}

/// Actors in the order in which they come, and no change where a link alone will do.
fn low_numbers(mut acts: Vec<Act>, fails: &mut Fails<'_>) -> Vec<Act> {
    let mut order: Vec<u8> = Vec::new();
    let mut renamed = acts.clone();
    for actor in renamed.iter_mut().filter_map(Act::actor_mut) {
        let place = order.iter().position(|known| known == actor).unwrap_or_else(|| {
            order.push(*actor);
            order.len() - 1
        });
        *actor = u8::try_from(place).unwrap_or_default();
    }
    if renamed != acts && fails(&renamed) {
        acts = renamed;
    }
    for index in 0..acts.len() {
        if let Act::Change(actor) = acts[index] {
            let mut plain = acts.clone();
            plain[index] = Act::Bind(actor);
            if fails(&plain) {
                acts = plain;
            }
        }
    }
    acts
}

/// A smaller payload of one call: first by its structure, then by its bytes.
fn smaller(acts: &mut [Act], index: usize, fails: &mut Fails<'_>) {
    let Act::Send(op, payload) = acts[index].clone() else {
        return;
    };
    let mut tried = |payload: Vec<u8>| {
        let before = std::mem::replace(&mut acts[index], Act::Send(op.clone(), payload));
        let failed = fails(acts);
        if !failed {
            acts[index] = before;
        }
        failed
    };
    let mut payload = payload;
    if let Ok(value) = payload::decode(&payload)
        && let Ok(plain) = payload::encode(&value)
        && (plain == payload || tried(plain.clone()))
    {
        payload = plain;
        smaller_value(value, &mut payload, &mut tried);
        // Fewer bytes would make it something else, and each byte costs a process.
        return;
    }
    smaller_bytes(payload, &mut tried);
}

fn smaller_value(mut value: Value, payload: &mut Vec<u8>, tried: &mut dyn FnMut(Vec<u8>) -> bool) {
    let mut number = 0;
    while number < places(&value, |_| true).len() {
        let changed = candidates(&value, number).into_iter().find(|simpler| {
            let Ok(bytes) = payload::encode(simpler) else {
                return false;
            };
            if bytes.len() > payload.len() || bytes == *payload || !tried(bytes.clone()) {
                return false;
            }
            *payload = bytes;
            true
        });
        match changed {
            // The same part once more: it may become simpler still.
            Some(simpler) => value = simpler,
            None => number += 1,
        }
    }
}

/// The value with one part made simpler in one way, the boldest first.
fn candidates(value: &Value, number: usize) -> Vec<Value> {
    let mut whole = value.clone();
    let Some(part) = at(&mut whole, &mut { number }).cloned() else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    match &part {
        Value::Array(items) => {
            parts.extend(items.iter().cloned());
            for left_out in 0..items.len().min(16) {
                let mut fewer = items.clone();
                fewer.remove(left_out);
                parts.push(Value::Array(fewer));
            }
        }
        Value::Object(fields) if !fields.contains_key("$bytes") => {
            // What nests may do with what is inside.
            parts.extend(fields.values().filter(|_| number > 0).cloned());
            for left_out in fields.keys().take(16) {
                let mut fewer = fields.clone();
                fewer.shift_remove(left_out);
                parts.push(Value::Object(fewer));
            }
        }
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            let plain = "a".repeat(letters.len());
            if *text != plain {
                parts.push(Value::String(plain));
            }
            let texts = shorter(letters.len()).map(|length| letters[..length].iter().collect());
            parts.extend(texts.map(Value::String));
        }
        Value::Number(number) if number.as_i64() != Some(0) => parts.push(json!(0)),
        Value::Object(_) => {
            let bytes = payload::encode(&part).ok().and_then(|bytes| serialised_bytes(&bytes));
            let bytes = bytes.unwrap_or_default();
            parts.extend(shorter(bytes.len()).map(|length| payload::bytes(&bytes[..length])));
            let zeros = vec![0; bytes.len()];
            if bytes != zeros {
                parts.push(payload::bytes(&zeros));
            }
        }
        _ => {}
    }
    parts
        .into_iter()
        .filter_map(|simpler| {
            let mut whole = value.clone();
            *at(&mut whole, &mut { number })? = simpler;
            Some(whole)
        })
        .collect()
}

/// Lengths below `length`, the shortest first: nothing, one, a half, and so on up to one less.
fn shorter(length: usize) -> impl Iterator<Item = usize> {
    let nothing = (length > 0).then_some(0);
    let one = (length > 1).then_some(1);
    let steps = std::iter::successors(Some(length / 2), |step| Some(step / 2));
    let steps = steps.take_while(|step| *step > 0).map(move |step| length - step);
    nothing.into_iter().chain(one).chain(steps.filter(|length| *length > 1))
}

/// The bytes of a bin value.
fn serialised_bytes(payload: &[u8]) -> Option<Vec<u8>> {
    let head = match payload.first()? {
        0xc4 => 2,
        0xc5 => 3,
        0xc6 => 5,
        _ => return None,
    };
    payload.get(head..).map(<[u8]>::to_vec)
}

/// Leaves out ever shorter runs of bytes, as long as there are few of them.
fn smaller_bytes(mut payload: Vec<u8>, tried: &mut dyn FnMut(Vec<u8>) -> bool) {
    /// How many runs are tried: each costs a process.
    const RUNS: usize = 64;
    let mut length = payload.len().next_power_of_two();
    while length > 0 && payload.len() / length <= RUNS {
        let mut start = 0;
        while start < payload.len() {
            let end = (start + length).min(payload.len());
            let rest = [&payload[..start], &payload[end..]].concat();
            if tried(rest.clone()) {
                payload = rest;
            } else {
                start = end;
            }
        }
        length /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::Kind;

    fn shrunk(token: &str, mut fails: impl FnMut(&Script) -> bool) -> (String, u32) {
        let script: Script = token.parse().unwrap();
        assert!(fails(&script));
        let mut runs = 0;
        let shrunk = shrink(script, |script| {
            runs += 1;
            fails(script)
        });
        assert!(fails(&shrunk));
        (shrunk.to_string(), runs)
    }

    fn in_order(script: &Script, wanted: &[&str]) -> bool {
        let mut wanted = wanted.iter().peekable();
        for act in &script.acts {
            if wanted.peek().is_some_and(|wanted| act.to_string() == **wanted) {
                wanted.next();
            }
        }
        wanted.peek().is_none()
    }

    #[test]
    fn what_is_left_is_what_is_needed() {
        let filler = "health,bind1,change1,remove3,unknown2,".repeat(30);
        let token = format!("life:{filler}bind2,{filler}remove2,new,{filler}health");
        let needed = ["bind2", "remove2", "new", "health"];
        let (left, runs) = shrunk(&token, |script| in_order(script, &needed));
        assert_eq!(left, "life:bind2,remove2,new,health");
        assert!(runs < 150, "{runs}");
    }

    #[test]
    fn actors_get_low_numbers_and_a_change_becomes_a_link_where_that_is_enough() {
        let fails = |script: &Script| script.acts.len() > 1;
        assert_eq!(shrunk("life:change3,remove2", fails).0, "life:bind0,remove1");
    }

    #[test]
    fn the_last_call_alone_is_tried_first() {
        let token = format!("payload:{}Get=c1", "Get=80,".repeat(2000));
        let (left, runs) = shrunk(&token, |script| script.to_string().ends_with("Get=c1"));
        assert_eq!(left, "payload:Get=c1");
        assert!(runs < 12, "{runs}");
    }

    #[test]
    fn a_text_becomes_as_short_as_it_may_be() {
        let long = payload::encode(&json!({"x": [1, 2], "text": "\u{e9}".repeat(5000)})).unwrap();
        let script = Script { kind: Kind::Payload, acts: vec![Act::Send("Echo".into(), long)] };
        let fails = |script: &Script| {
            let Act::Send(_, payload) = &script.acts[0] else { return false };
            let Ok(value) = payload::decode(payload) else { return false };
            value["text"].as_str().is_some_and(|text| text.len() > 200)
        };
        let mut runs = 0;
        let left = shrink(script, |script| {
            runs += 1;
            fails(script)
        });
        let Act::Send(_, payload) = &left.acts[0] else { panic!() };
        assert_eq!(*payload, payload::encode(&json!({"text": "a".repeat(201)})).unwrap());
        assert!(runs < 150, "{runs}");
    }

    #[test]
    fn bytes_that_are_no_message_shrink_too() {
        let token = "payload:Get=c1c2c3c4c5c6c7c8c9cacbcccdcecfd0";
        let (left, _) = shrunk(token, |script| {
            let Act::Send(_, payload) = &script.acts[0] else { return false };
            payload.contains(&0xc5) && payload.contains(&0xcf)
        });
        assert_eq!(left, "payload:Get=c5cf");
    }
}
