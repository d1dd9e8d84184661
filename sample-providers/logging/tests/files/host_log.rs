//! Records in the log of the host, which is this program.

use std::{
    collections::BTreeMap,
    sync::{Mutex, Once},
};

use log::{
    LevelFilter, Log, Metadata, Record,
    kv::{Error, Key, Value, VisitSource},
};
use provider_contracts::logging::Level;

use crate::{link, provider};

#[derive(Debug, Clone, PartialEq)]
struct Logged {
    level: log::Level,
    target: String,
    text: String,
    fields: BTreeMap<String, String>,
}

static LOGGED: Mutex<Vec<Logged>> = Mutex::new(Vec::new());

struct Logger;

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        self.0.insert(key.to_string(), value.to_string());
        Ok(())
    }
}

impl Log for Logger {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut fields = BTreeMap::new();
        record.key_values().visit(&mut Fields(&mut fields)).unwrap();
        let (target, text) = (record.target().to_owned(), record.args().to_string());
        LOGGED.lock().unwrap().push(Logged { level: record.level(), target, text, fields });
    }

    fn flush(&self) {}
}

/// What `actor` wrote.
fn logged(actor: &str) -> Vec<Logged> {
    let logged = LOGGED.lock().unwrap();
    logged
        .iter()
        .filter(|said| said.fields.get("actor").is_some_and(|by| by == actor))
        .cloned()
        .collect()
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Logger).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
}

#[test]
fn a_record_has_its_level_its_target_its_text_and_its_actor() {
    listen();
    let provider = provider();
    let client = link(&provider, "MHOST", &[]).unwrap();
    for level in Level::ALL {
        client.write_log("orders".into(), level, format!("a\n\u{1b}[31m {level}")).unwrap();
    }
    let came = logged("MHOST");
    let fields: BTreeMap<_, _> = [("actor".to_owned(), "MHOST".to_owned())].into();
    let levels = [
        log::Level::Error,
        log::Level::Warn,
        log::Level::Info,
        log::Level::Debug,
        log::Level::Trace,
    ];
    let expected = levels.map(|level| Logged {
        level,
        target: "orders".into(),
        text: format!("a\n\u{1b}[31m {}", level.as_str().to_lowercase()),
        fields: fields.clone(),
    });
    assert_eq!(came, expected);
}

#[test]
fn a_link_holds_back_what_is_less_important_than_its_level() {
    listen();
    let provider = provider();
    for (actor, level, passes) in
        [("MWARN", "Warn", 2), ("MOFF", "OFF", 0), ("MTRACE", "trace", 5), ("MERROR", "error", 1)]
    {
        let client = link(&provider, actor, &[("LEVEL", level)]).unwrap();
        for level in Level::ALL {
            client.write_log("t".into(), level, "x".into()).unwrap();
        }
        assert_eq!(logged(actor).len(), passes, "{level}");
    }
    let error = link(&provider, "MLOUD", &[("LEVEL", "loud")]).unwrap_err();
    assert!(error.message().contains("`LEVEL` is `loud`, expected"), "{error}");
}

#[test]
fn a_text_that_is_longer_than_a_record_may_be_comes_in_parts() {
    listen();
    let provider = provider();
    let client = link(&provider, "MLONG", &[]).unwrap();
    let text = "\u{fc}".repeat(1 << 19);
    client.write_log("t".into(), Level::Info, text.clone()).unwrap();
    let came = logged("MLONG");
    assert_eq!(came.len(), 16);
    for (index, part) in came.iter().enumerate() {
        assert!(part.text.len() <= 64 << 10);
        assert_eq!(part.fields["part"], (index + 1).to_string());
        assert_eq!(part.fields["parts"], "16");
    }
    assert!(came.iter().map(|part| &part.text[..]).collect::<String>() == text);
}
