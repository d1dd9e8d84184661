//! Records as lines of JSON.

use std::fs;

use provider_contracts::logging::Level;
use provider_core::ErrorKind;

use crate::{link_to, provider, records, texts};

#[test]
fn a_record_is_a_line_of_json_whatever_its_text_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let provider = provider();
    let client = link_to(&provider, "MACTOR", folder.path(), &[]);
    let long = "long \u{1f980}".repeat(1 << 18);
    let all = ["plain", "", "two\nlines\r\n", "\0\u{1b}[31m\u{7f}\u{2028}", "\"}\\", &long];
    for text in all {
        client.write_log("orders\n".into(), Level::Warn, text.into()).unwrap();
    }
    assert!(texts(&path) == all);
    let record = &records(&path)[0];
    let mut keys: Vec<&String> = record.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["actor", "level", "target", "text", "time"]);
    assert_eq!((&record["actor"], &record["level"]), (&"MACTOR".into(), &"warn".into()));
    assert_eq!(record["target"], "orders\n");
    let time = record["time"].as_str().unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok() && time.ends_with('Z'), "{time}");
}

#[test]
fn a_file_is_continued_after_whatever_stands_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    // A machine that lost its power in the middle of a line.
    fs::write(&path, "{\"text\":\"whole\"}\n{\"text\":\"bro").unwrap();
    let provider = provider();
    for text in ["first", "second"] {
        let values = [("SYNC", "true")];
        let client = link_to(&provider, "MACTOR", folder.path(), &values);
        client.write_log("t".into(), Level::Info, text.into()).unwrap();
        provider.remove("MACTOR").unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[1]), (4, "{\"text\":\"bro"));
    assert!(lines[2].contains("first") && lines[3].contains("second"), "{text}");
}

#[test]
fn a_target_that_no_log_takes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let client = link_to(&provider, "MACTOR", folder.path(), &[]);
    let error = client.write_log("t".repeat(4097), Level::Info, "x".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.message(), "`target` has 4097 bytes, at most 4096");
    client.write_log("t".repeat(4096), Level::Info, "x".into()).unwrap();
    assert_eq!(records(&folder.path().join("log.jsonl")).len(), 1);
}
