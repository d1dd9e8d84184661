//! A file that is long enough makes room.

use std::{fs, path::Path};

use provider_contracts::logging::Level;

use crate::{link_to, provider, texts};

fn write(folder: &Path, values: &[(&str, &str)], records: usize) {
    let provider = provider();
    let client = link_to(&provider, "MACTOR", folder, values);
    for number in 0..records {
        client.write_log("t".into(), Level::Info, number.to_string()).unwrap();
    }
    provider.remove("MACTOR").unwrap();
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn files_are_as_long_as_they_may_be_and_no_record_is_lost_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("MAX_FILE_BYTES", "1000"), ("MAX_FILES", "1000")], 200);
    let count = files(folder.path());
    assert!(count > 15, "{count}");
    let mut all = Vec::new();
    for number in (1..count).rev() {
        let path = folder.path().join(format!("log.jsonl.{number}"));
        let length = fs::metadata(&path).unwrap().len();
        assert!((800..=1000).contains(&length), "{number}: {length}");
        all.extend(texts(&path));
    }
    all.extend(texts(&folder.path().join("log.jsonl")));
    let expected: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    assert_eq!(all, expected);
}

#[test]
fn only_the_latest_files_are_kept() {
    for (most, kept) in [("3", 4), ("1", 2), ("0", 1)] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("MAX_FILE_BYTES", "1000"), ("MAX_FILES", most)], 200);
        assert_eq!(files(folder.path()), kept, "{most}");
        let path = folder.path().join("log.jsonl");
        assert!(fs::metadata(&path).unwrap().len() <= 1000);
        assert_eq!(texts(&path).last().unwrap(), "199");
    }
}

#[test]
fn a_record_that_is_longer_than_a_file_has_one_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("MAX_FILE_BYTES", "1"), ("MAX_FILES", "10")], 5);
    assert_eq!(files(folder.path()), 5);
    assert_eq!(texts(&folder.path().join("log.jsonl.4")), ["0"]);
}

/// As `logrotate` does it, in both of its ways.
#[test]
fn a_file_that_others_move_or_empty_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("log.jsonl"), folder.path().join("moved"));
    let provider = provider();
    let client = link_to(&provider, "MACTOR", folder.path(), &[]);
    let write = |text: &str| client.write_log("t".into(), Level::Info, text.into()).unwrap();
    write("1");
    fs::rename(&path, &moved).unwrap();
    write("2");
    assert_eq!((texts(&moved), texts(&path)), (vec!["1".to_owned()], vec!["2".to_owned()]));
    fs::write(&path, "").unwrap();
    write("3");
    assert_eq!(texts(&path), ["3"]);
    fs::remove_file(&path).unwrap();
    write("4");
    assert_eq!(texts(&path), ["4"]);
}
