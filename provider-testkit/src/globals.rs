//! What belongs to the whole process: signals, environment, directory, locale, floating-point mode.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    hint::black_box,
};

use crate::native;

/// The highest number of a signal.
const SIGNALS: i32 = 64;
/// How the name of a variable of the environment begins.
const VARIABLE: &str = "the variable ";

/// What belongs to the whole process, at one moment: its names, and for people what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Globals(BTreeMap<String, String>);

impl Globals {
    pub(crate) fn now() -> Self {
        let mut all = BTreeMap::new();
        for number in 1..=SIGNALS {
            if let Some(handler) = native::handler(number) {
                all.insert(signal(number), disposition(handler));
            }
        }
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        for (field, name) in [("SigBlk:", "the mask of signals"), ("Umask:", "the umask")] {
            if let Some(value) = status.lines().find_map(|line| line.strip_prefix(field)) {
                all.insert(name.to_owned(), value.trim().to_owned());
            }
        }
        if let Ok(folder) = env::current_dir() {
            all.insert("the directory".into(), folder.display().to_string());
        }
        if let Some(locale) = native::locale() {
            all.insert("the locale".into(), locale);
        }
        for (name, value) in env::vars_os() {
            let name = format!("{VARIABLE}`{}`", name.to_string_lossy());
            all.insert(name, value.to_string_lossy().into_owned());
        }
        all.insert("rounding".into(), rounding().to_owned());
        all.insert("small numbers".into(), denormals().to_owned());
        Self(all)
    }

    /// What is different now, one sentence each.
    pub(crate) fn changed(&self) -> Vec<String> {
        let now = Self::now();
        let names: BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        names
            .into_iter()
            .filter_map(|name| {
                let (before, after) = (self.0.get(name), now.0.get(name));
                if before == after {
                    return None;
                }
                let said = |value: Option<&String>| match value {
                    // It may be a secret.
                    Some(_) if name.starts_with(VARIABLE) => String::from("something"),
                    Some(value) => format!("`{value}`"),
                    None => String::from("nothing"),
                };
                Some(format!("{name} changed from {} to {}", said(before), said(after)))
            })
            .collect()
    }
}

fn signal(number: i32) -> String {
    crate::classify::signal_name(number)
}

fn disposition(handler: usize) -> String {
    match handler {
        libc::SIG_DFL => String::from("the default"),
        libc::SIG_IGN => String::from("being ignored"),
        handler => format!("a handler at {handler:#x}"),
    }
}

/// Found out by calculating: it is asked of the processor, on every one in the same way.
fn rounding() -> &'static str {
    let small = f64::EPSILON / 4.0;
    let up = black_box(1.0) + black_box(small) > 1.0;
    let down = black_box(-1.0) - black_box(small) < -1.0;
    // Three quarters of the way to the next number.
    let most = black_box(1.0) + black_box(small * 3.0) > 1.0;
    match (up, down, most) {
        (false, false, true) => "to the nearest",
        (true, false, _) => "upwards",
        (false, true, _) => "downwards",
        _ => "towards zero",
    }
}

/// Whether numbers below the smallest normal one are kept.
fn denormals() -> &'static str {
    let half = black_box(f64::MIN_POSITIVE) / black_box(2.0);
    if half.to_bits() == 0 { "are zero" } else { "are kept" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_nearest_and_kept_when_they_are_small() {
        assert_eq!((rounding(), denormals()), ("to the nearest", "are kept"));
    }

    #[test]
    fn what_changed_is_named_with_what_it_was() {
        let mut before = Globals::now();
        assert!(before.0.contains_key("SIGPIPE"));
        before.0.insert("the umask".into(), "0777".into());
        before.0.remove("rounding");
        let changed = before.changed().join("; ");
        assert!(changed.contains("the umask changed from `0777` to "), "{changed}");
        assert!(changed.contains("rounding changed from nothing to `to the nearest`"), "{changed}");
    }
}
