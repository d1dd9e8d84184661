//! Payloads that nobody would send, made of one that somebody would.

use std::mem;

use serde_json::{Map, Value, json};

use super::chance::Chance;
use crate::payload;

/// How deep a payload nests to overflow the stack of a decoder without a limit.
const DEEP: usize = 100_000;
/// How long a text becomes, the first time and later.
const LENGTHS: [usize; 8] = [300, 70_000, 31, 32, 255, 256, 5000, 65_535];
/// What a text becomes, the first time and later.
const TEXTS: [&str; 12] = [
    "\0",
    "",
    "\u{1f980}",
    "a\0b",
    "../../etc/passwd",
    "%s%n%x",
    "'; DROP TABLE x; --",
    "\u{202e}abc",
    "\r\n\u{1b}[31m",
    "\u{feff}",
    "\u{10ffff}",
    "-1",
];

/// How a payload is made of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    AsItIs,
    LongText,
    OddText,
    Extreme,
    OtherType,
    Drop,
    Extra,
    Twice,
    Deep,
    Positional,
    Wide,
    Cut,
    Trailing,
    Mixed,
    Flip,
    Insert,
    Length,
    Noise,
}

/// Every way. The first [`OWN`] of them keep to the request's own texts.
const ALL: [Way; 18] = [
    Way::AsItIs,
    Way::LongText,
    Way::OddText,
    Way::Extreme,
    Way::OtherType,
    Way::Drop,
    Way::Extra,
    Way::Twice,
    Way::Deep,
    Way::Positional,
    Way::Wide,
    Way::Cut,
    Way::Trailing,
    Way::Mixed,
    Way::Flip,
    Way::Insert,
    Way::Length,
    Way::Noise,
];
const OWN: usize = 14;

/// How many ways there are.
pub(super) const WAYS: usize = ALL.len();

/// What payloads are made of.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) value: &'a Value,
    /// Texts keep their beginning: what a request names is ours, and what it does is done to that.
    pub(super) own: bool,
}

impl Request<'_> {
    /// A payload. The first round of all ways is much the same for every seed.
    pub(super) fn mutated(&self, round: usize, chance: &mut Chance) -> Vec<u8> {
        let ways = if self.own { &ALL[..OWN] } else { &ALL[..] };
        self.payload(ways[round % ways.len()], round < ways.len(), chance)
    }

    fn payload(&self, way: Way, first: bool, chance: &mut Chance) -> Vec<u8> {
        let mut value = self.value.clone();
        match way {
            Way::AsItIs => {}
            Way::LongText
            | Way::OddText
            | Way::Extreme
            | Way::OtherType
            | Way::Drop
            | Way::Extra
            | Way::Deep
            | Way::Positional => self.change(&mut value, way, first, chance),
            Way::Mixed => {
                // Once deep is deep enough: values are cloned and dropped by recursion, here as well.
                let mut deep = false;
                for _ in 0..2 + chance.below(3) {
                    let way = ALL[1 + chance.below(9)];
                    let again = way == Way::Deep && mem::replace(&mut deep, true);
                    if way != Way::Twice && !again {
                        self.change(&mut value, way, false, chance);
                    }
                }
            }
            Way::Wide => {
                let mut bytes = Vec::new();
                wide(&mut bytes, &value);
                return bytes;
            }
            Way::Twice => return self.twice(chance),
            _ => return spoilt(encoded(&value), way, chance),
        }
        encoded(&value)
    }

    /// Changes one part of a value.
    fn change(&self, value: &mut Value, way: Way, first: bool, chance: &mut Chance) {
        let wanted: fn(&Value) -> bool = match way {
            Way::LongText | Way::OddText => Value::is_string,
            Way::Extreme => |value| value.is_number() || value.is_boolean(),
            Way::Drop | Way::Extra | Way::Positional => Value::is_object,
            _ => |_| true,
        };
        let places = places(value, wanted);
        // The value as a whole is the least interesting one.
        let place = match (first, &places[..]) {
            (true, [0, place, ..] | [place, ..]) => *place,
            _ => match chance.pick(&places) {
                Some(place) => *place,
                None => return self.append(value, chance),
            },
        };
        if let Some(node) = at(value, &mut { place }) {
            let before = node.take();
            *node = self.changed(before, way, first, chance);
        }
    }

    fn changed(&self, node: Value, way: Way, first: bool, chance: &mut Chance) -> Value {
        fn chosen<'a, T>(from: &'a [T], first: bool, chance: &mut Chance) -> Option<&'a T> {
            if first { from.first() } else { chance.pick(from) }
        }
        match (way, node) {
            (Way::LongText, Value::String(text)) => {
                let length = chosen(&LENGTHS, first, chance).copied().unwrap_or_default();
                let letter = if chance.one_in(4) { "\u{e9}" } else { "a" };
                Value::String(text + &letter.repeat(length / letter.len()))
            }
            (Way::OddText, Value::String(text)) => {
                let odd = chosen(&TEXTS, first, chance).copied().unwrap_or_default();
                Value::String(if self.own { text + odd } else { odd.to_owned() })
            }
            (Way::Extreme, node) => {
                let extremes = [
                    json!(i64::MIN),
                    json!(u64::MAX),
                    json!(i64::MAX),
                    json!(-1),
                    json!(0),
                    json!(i64::from(i32::MIN)),
                    json!(i64::from(i32::MAX) + 1),
                    json!(u32::MAX),
                    json!(1.5),
                    json!(-0.0),
                    json!(1e308),
                ];
                chosen(&extremes, first, chance).cloned().unwrap_or(node)
            }
            (Way::OtherType, node) => self.other(&node, first, chance),
            (Way::Drop, Value::Object(mut fields)) => {
                if let Some(key) = chance.pick(&fields.keys().cloned().collect::<Vec<_>>()) {
                    let value = fields.shift_remove(key);
                    // Sometimes it is there under another name.
                    if let Some(value) = value.filter(|_| !first && chance.one_in(2)) {
                        fields.insert(key.to_uppercase() + "_", value);
                    }
                }
                Value::Object(fields)
            }
            (Way::Extra, Value::Object(mut fields)) => {
                fields.insert(String::from("testkit_unknown"), random(chance, 3));
                Value::Object(fields)
            }
            (Way::Positional, Value::Object(fields)) => {
                fields.into_iter().map(|(_, v)| v).collect()
            }
            (Way::Deep, node) => {
                let depth = chosen(&[100, 20, 64, 65, 130, 1000], first, chance);
                (0..depth.copied().unwrap_or_default()).fold(node, |inner, level| {
                    // Moved inside: a macro would copy it at every level.
                    if level % 2 == 0 {
                        Value::Array(vec![inner])
                    } else {
                        Value::Object(Map::from_iter([(String::from("a"), inner)]))
                    }
                })
            }
            (_, node) => node,
        }
    }

    /// A value of another type; bytes the first time.
    fn other(&self, node: &Value, first: bool, chance: &mut Chance) -> Value {
        let text = node.as_str().unwrap_or_default();
        match if first { 0 } else { chance.below(9) } {
            0 | 1 if self.own => payload::bytes(text.as_bytes()),
            0 => payload::bytes(&chance.bytes(16)),
            1 => {
                let count = chance.below(64);
                payload::bytes(&chance.bytes(count))
            }
            2 => Value::Null,
            3 => json!(chance.one_in(2)),
            4 => json!([]),
            5 => json!({}),
            6 => json!(chance.number()),
            7 => json!([node, node]),
            _ => json!({ "": node }),
        }
    }

    fn append(&self, value: &mut Value, chance: &mut Chance) {
        if is_bytes(value) {
            // With a second field they would be a map.
        } else if let Value::Object(fields) = value {
            fields.insert(String::from("testkit_unknown"), random(chance, 3));
        } else if !self.own {
            *value = random(chance, 3);
        }
    }

    /// A field that is there twice, with another value the second time.
    fn twice(&self, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = encoded(self.value);
        if let Value::Object(fields) = self.value
            && (1..15).contains(&fields.len())
            && let Some((key, value)) = fields.iter().nth(chance.below(fields.len()))
        {
            bytes[0] += 1;
            bytes.extend(encoded(&json!(key)));
            bytes.extend(encoded(&self.other(value, false, chance)));
        }
        bytes
    }
}

/// Bytes that cannot be decoded, whatever the operation takes.
pub(super) fn undecodable(round: usize, chance: &mut Chance) -> Vec<u8> {
    let count = chance.below(40);
    let mut bytes = match round % 4 {
        // No message begins like that.
        0 => vec![0xc1],
        // More entries than there are bytes.
        1 => [*chance.pick(&[0xdd, 0xdf, 0xdb, 0xc6]).unwrap_or(&0xdd), 0x7f].to_vec(),
        2 => vec![0x91; if round < 4 { DEEP } else { 1 + chance.below(2000) }],
        _ => {
            let name = json!({ "testkit_unknown": random(chance, 4), "testkit_more": [0] });
            let mut bytes = encoded(&name);
            bytes.truncate(bytes.len() - 1 - chance.below(bytes.len() - 1));
            return bytes;
        }
    };
    if round % 4 != 2 {
        bytes.extend(chance.bytes(count + 3));
    }
    bytes
}

/// Spoils what would decode.
fn spoilt(mut bytes: Vec<u8>, way: Way, chance: &mut Chance) -> Vec<u8> {
    let place = chance.below(bytes.len());
    let count = 1 + chance.below(8);
    match way {
        Way::Cut => bytes.truncate(place),
        Way::Trailing => bytes.extend(chance.bytes(count)),
        Way::Flip => {
            for _ in 0..count.min(4) {
                let place = chance.below(bytes.len());
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << chance.below(8);
                }
            }
        }
        Way::Insert => {
            let more = chance.bytes(count);
            bytes.splice(place..place, more);
        }
        Way::Length => {
            let marker = chance.pick(&[0xdd, 0xdf, 0xdb, 0xc6, 0xdc, 0xde, 0xda, 0xc9]);
            let length = [*marker.unwrap_or(&0xdd), 0xff, 0xff, 0xff, chance.byte()];
            bytes.splice(place..place, length);
        }
        _ => bytes = chance.bytes(count * count),
    }
    bytes
}

/// Any value, at most so deep.
fn random(chance: &mut Chance, depth: usize) -> Value {
    let count = chance.below(4);
    match chance.below(if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => json!(chance.one_in(2)),
        2 => json!(chance.number() >> chance.below(64)),
        3 => json!("testkit"),
        4 => payload::bytes(&chance.bytes(count)),
        5 => (0..count).map(|_| random(chance, depth - 1)).collect(),
        _ => {
            let entries = (0..count).map(|n| (format!("testkit_{n}"), random(chance, depth - 1)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn encoded(value: &Value) -> Vec<u8> {
    // An empty payload is what no value at all stands for.
    if value.is_null() { Vec::new() } else { payload::encode(value).unwrap_or_default() }
}

/// The value with every length and number in its longest form.
fn wide(bytes: &mut Vec<u8>, value: &Value) {
    let mut head = |marker: u8, length: usize| {
        bytes.push(marker);
        bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    };
    match value {
        Value::String(text) => {
            head(0xdb, text.len());
            bytes.extend(text.as_bytes());
        }
        Value::Array(items) => {
            head(0xdd, items.len());
            for item in items {
                wide(bytes, item);
            }
        }
        Value::Object(fields) if !is_bytes(value) => {
            head(0xdf, fields.len());
            for (key, value) in fields {
                wide(bytes, &json!(key));
                wide(bytes, value);
            }
        }
        Value::Number(number) if number.is_u64() => {
            bytes.push(0xcf);
            bytes.extend(number.as_u64().unwrap_or_default().to_be_bytes());
        }
        other => bytes.extend(payload::encode(other).unwrap_or_default()),
    }
}

/// Whether an object stands for something that is no map.
fn is_bytes(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key("$bytes"))
}

/// The numbers of the parts that are wanted; the whole is number 0.
pub(super) fn places(value: &Value, wanted: fn(&Value) -> bool) -> Vec<usize> {
    fn visit(value: &Value, next: &mut usize, wanted: fn(&Value) -> bool, found: &mut Vec<usize>) {
        if wanted(value) && !(is_bytes(value) && wanted(&json!({})) && !wanted(&Value::Null)) {
            found.push(*next);
        }
        *next += 1;
        match value {
            Value::Array(items) => items.iter().for_each(|item| visit(item, next, wanted, found)),
            Value::Object(fields) if !is_bytes(value) => {
                fields.values().for_each(|item| visit(item, next, wanted, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    visit(value, &mut 0, wanted, &mut found);
    found
}

/// The part of that number.
pub(super) fn at<'v>(value: &'v mut Value, number: &mut usize) -> Option<&'v mut Value> {
    if *number == 0 {
        return Some(value);
    }
    *number -= 1;
    if is_bytes(value) {
        return None;
    }
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at(item, number)),
        Value::Object(fields) => fields.values_mut().find_map(|item| at(item, number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_numbers_and_are_found_by_them() {
        let mut value = json!({"a": [1, "x"], "b": {"$bytes": "AA=="}, "c": "y"});
        assert_eq!(places(&value, |_| true), [0, 1, 2, 3, 4, 5]);
        assert_eq!(places(&value, Value::is_string), [3, 5]);
        assert_eq!(places(&value, Value::is_object), [0]);
        *at(&mut value, &mut 5).unwrap() = json!(7);
        *at(&mut value, &mut 3).unwrap() = json!(8);
        assert_eq!(value["a"], json!([1, 8]));
        assert_eq!(value["c"], json!(7));
        assert_eq!(at(&mut value, &mut 6), None);
    }

    #[test]
    fn several_changes_do_not_nest_deeper_than_one() {
        let value = json!({"text": "hello"});
        let request = Request { value: &value, own: false };
        // The most arrays of one element and maps of one entry, `a`, in a row.
        let nested = |bytes: &[u8]| {
            let runs = bytes.split(|byte| !matches!(byte, 0x81 | 0x91 | 0xa1 | b'a'));
            let levels =
                |run: &[u8]| run.iter().filter(|byte| **byte < 0xa0 && **byte != b'a').count();
            runs.map(levels).max().unwrap_or_default()
        };
        let mixed = (0..4000).map(|seed| {
            let mut chance = Chance::new(seed);
            nested(&request.payload(Way::Mixed, false, &mut chance))
        });
        let deepest = mixed.max().unwrap();
        assert!((1000..1100).contains(&deepest), "{deepest}");
    }

    #[test]
    fn what_cannot_be_decoded_cannot() {
        for seed in 0..2000 {
            let mut chance = Chance::new(seed);
            let bytes = undecodable(usize::try_from(seed).unwrap(), &mut chance);
            let decoded = payload::decode(&bytes);
            assert!(decoded.is_err(), "{bytes:02x?}: {decoded:?}");
        }
    }

    #[test]
    fn our_own_requests_keep_their_keys() {
        let value = json!({"key": "testkit-1", "keys": ["testkit-2"], "value": 5});
        let request = Request { value: &value, own: true };
        let mut decoded = 0;
        for seed in 0..3000 {
            let bytes = request.mutated(seed, &mut Chance::new(seed as u64));
            let Ok(value) = payload::decode(&bytes) else {
                continue;
            };
            // A field that is there twice: its names are texts as well.
            if value.get("$map").is_some() {
                continue;
            }
            decoded += 1;
            let mut value = value;
            for place in places(&value, |_| true) {
                if let Some(Value::String(text)) = at(&mut value, &mut { place }) {
                    assert!(text.starts_with("testkit"), "{text}");
                }
            }
        }
        assert!(decoded > 1500, "{decoded}");
    }

    #[test]
    fn the_first_round_has_a_long_text_an_odd_text_an_extreme_and_bytes() {
        let value = json!({"text": "hello", "count": 3});
        for seed in 0..100 {
            let mut chance = Chance::new(seed);
            let request = Request { value: &value, own: false };
            let all: Vec<String> = (0..WAYS)
                .filter_map(|round| payload::decode(&request.mutated(round, &mut chance)).ok())
                .map(|value| value.to_string())
                .collect();
            for wanted in ["\\u0000", "-9223372036854775808", "$bytes", "testkit_unknown"] {
                assert!(all.iter().any(|text| text.contains(wanted)), "{wanted}: {all:?}");
            }
            assert!(all.iter().any(|text| text.len() > 250));
        }
    }
}
