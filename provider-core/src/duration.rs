//! Durations as link values have them: `30s`, `1500ms`.

use std::time::Duration;

/// A whole number and its unit, without anything between them. In constants too, where a wrong default
/// is found by the compiler.
#[must_use]
pub const fn parse(text: &str) -> Option<Duration> {
    let text = text.as_bytes();
    let mut number: u64 = 0;
    let mut digits = 0;
    while digits < text.len() && text[digits].is_ascii_digit() {
        let digit = (text[digits] - b'0') as u64;
        number = match number.checked_mul(10) {
            Some(tens) => match tens.checked_add(digit) {
                Some(number) => number,
                None => return None,
            },
            None => return None,
        };
        digits += 1;
    }
    if digits == 0 {
        return None;
    }
    let seconds = match text.split_at(digits).1 {
        b"ns" => return Some(Duration::from_nanos(number)),
        b"us" => return Some(Duration::from_micros(number)),
        b"ms" => return Some(Duration::from_millis(number)),
        b"s" => 1,
        b"m" => 60,
        b"h" => 3600,
        b"d" => 86_400,
        _ => return None,
    };
    match number.checked_mul(seconds) {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, expected) in [
            ("0s", Duration::ZERO),
            ("250ms", Duration::from_millis(250)),
            ("30s", Duration::from_secs(30)),
            ("5m", Duration::from_mins(5)),
            ("2h", Duration::from_hours(2)),
            ("7d", Duration::from_hours(7 * 24)),
            ("9us", Duration::from_micros(9)),
            ("9ns", Duration::from_nanos(9)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in ["", "s", "30", "-1s", "+1s", "1.5s", "30 s", "30S", "30ss", "1m30s", "ü"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_that_is_too_long_is_none() {
        for text in ["18446744073709551616s", "18446744073709551615d", "99999999999999999999999ns"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse("18446744073709551615s").is_some());
    }
}
