//! Files: shared by whoever names them, refused when they are not ours, left as they were.

use std::{fs, path::Path};

use crate::provider::{Hand, Running};
use provider_core::{Error, ErrorKind};
use redb::{Database, TableDefinition};

fn refused(running: &Running, path: &Path) -> Error {
    let error = running.link("MACTOR", path).unwrap_err();
    let text = error.message();
    assert!(text.contains(path.to_str().unwrap()), "no path in: {text}");
    error
}

/// The bind failed and left nothing behind: the same actor can be linked to a good file, and the
/// place can be used for one.
fn leaves_nothing(running: &Running, path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    running.link("MACTOR", &folder.path().join("k")).unwrap();
    running.unlink("MACTOR");
    if path.is_file() {
        fs::remove_file(path).unwrap();
    }
    running.link("MACTOR", path).unwrap();
}

#[cfg(unix)]
#[test]
fn every_way_to_name_a_file_leads_to_one_open_database() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    let file = real.join("keys.redb");
    let to_folder = folder.path().join("to-folder");
    std::os::unix::fs::symlink(&real, &to_folder).unwrap();
    let to_file = folder.path().join("to-file");
    // Before the file is there: the link dangles.
    std::os::unix::fs::symlink("real/keys.redb", &to_file).unwrap();
    let ways =
        [to_file, file.clone(), to_folder.join("keys.redb"), real.join("../real/./keys.redb")];
    let running = Running::new(&Hand::new());
    let opened: Vec<_> = ways
        .iter()
        .enumerate()
        .map(|(number, way)| {
            let values = [("PATH", way.to_str().unwrap()), ("NAMESPACE", "n")];
            running.link_with(&format!("M{number}"), &values).unwrap()
        })
        .collect();
    for (number, keys) in (1..).zip(&opened) {
        assert_eq!(keys.add("n".into(), 1).unwrap().value, number);
    }
    // Closed with the last link, and not before.
    for number in 0..ways.len() {
        Database::open(&file).unwrap_err();
        running.unlink(&format!("M{number}"));
    }
    Database::open(&file).unwrap();
}

#[test]
fn links_that_come_and_go_on_many_threads_never_find_the_file_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (running, path) = (&running, &path);
            scope.spawn(move || {
                let actor = format!("M{number}");
                for _ in 0..15 {
                    running.link(&actor, path).unwrap();
                    running.unlink(&actor);
                }
            });
        }
    });
    Database::open(&path).unwrap();
}

#[test]
fn a_file_that_somebody_else_has_open_is_refused_and_works_once_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    running.link("MACTOR", &path).unwrap();
    running.unlink("MACTOR");
    let other = Database::open(&path).unwrap();
    let error = refused(&running, &path);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("another process"), "{error}");
    drop(other);
    running.link("MACTOR", &path).unwrap();
}

#[test]
fn a_file_of_something_else_is_refused_and_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let text = "Dear all,\n".repeat(1000);
    fs::write(&path, &text).unwrap();
    let running = Running::new(&Hand::new());
    refused(&running, &path);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    leaves_nothing(&running, &path);
}

#[test]
fn a_database_of_another_program_is_refused_and_stays_as_it_was() {
    const TABLE: TableDefinition<'_, u64, u64> = TableDefinition::new("orders");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.redb");
    let other = Database::create(&path).unwrap();
    let transaction = other.begin_write().unwrap();
    transaction.open_table(TABLE).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(other);
    let running = Running::new(&Hand::new());
    let error = refused(&running, &path);
    assert!(error.message().contains("another program"), "{error}");
    // Nobody holds it, and it has no tables of ours.
    let other = Database::open(&path).unwrap();
    let transaction = other.begin_write().unwrap();
    assert_eq!(transaction.list_tables().unwrap().count(), 1);
    transaction.abort().unwrap();
    drop(other);
    leaves_nothing(&running, &path);
}

#[test]
fn a_file_of_a_format_to_come_is_refused() {
    const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("keyvalue-embedded");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    running.link("MACTOR", &path).unwrap();
    running.unlink("MACTOR");
    let database = Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let mut about = transaction.open_table(ABOUT).unwrap();
    about.insert("format", 2).unwrap();
    drop(about);
    transaction.commit().unwrap();
    drop(database);
    let error = refused(&running, &path);
    assert!(error.message().contains("format is Some(2)"), "{error}");
}

/// A file with ten strings in it, each of them a change of its own.
fn file_with_ten_strings(running: &Running, path: &Path) -> Vec<u8> {
    let keys = running.link("MACTOR", path).unwrap();
    for number in 0..10 {
        keys.set(format!("k{number}"), "v".repeat(500), 0).unwrap();
    }
    running.unlink("MACTOR");
    fs::read(path).unwrap()
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    let whole = file_with_ten_strings(&running, &path);
    let mut begin = whole.clone();
    begin[0] ^= 0x5a;
    let changed = |byte: &u8| if *byte == b'v' { b'w' } else { *byte };
    let values = whole.iter().map(changed).collect();
    let half = whole[..whole.len() / 2].to_vec();
    for damaged in [begin, values, half] {
        fs::write(&path, &damaged).unwrap();
        refused(&running, &path);
        assert!(fs::read(&path).unwrap() == damaged, "the evidence was changed");
    }
    fs::write(&path, &whole).unwrap();
    running.link("MACTOR", &path).unwrap();
}

#[test]
fn a_byte_that_is_damaged_anywhere_loses_no_change_unnoticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    let whole = file_with_ten_strings(&running, &path);
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut refusals = 0;
    for place in (0..400).step_by(9).chain((400..=used).step_by(1499)) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0xff;
        fs::write(&path, &damaged).unwrap();
        let Ok(keys) = running.link("MACTOR", &path) else {
            refusals += 1;
            continue;
        };
        for number in 0..10 {
            let found = keys.get(format!("k{number}")).unwrap();
            assert_eq!(found.value, "v".repeat(500), "byte {place} lost {number}");
        }
        running.unlink("MACTOR");
    }
    assert!(refusals > 0);
}

#[test]
fn a_place_where_no_file_can_be_is_refused_and_nothing_is_made_there() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::new(&Hand::new());
    let missing = folder.path().join("missing");
    let error = refused(&running, &missing.join("keys.redb"));
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!missing.exists());
    refused(&running, folder.path());
    refused(&running, Path::new("/"));
    leaves_nothing(&running, &folder.path().join("keys.redb"));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    running.link("MACTOR", &path).unwrap();
    running.unlink("MACTOR");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    // Permissions bind everybody but root.
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        return;
    }
    let error = refused(&running, &path);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    running.link("MACTOR", &path).unwrap();
}
