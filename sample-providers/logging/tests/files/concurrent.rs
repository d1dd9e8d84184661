//! Many actors, one file.

use std::{fs::File, sync::Barrier, thread, time::Duration};

use provider_contracts::logging::Level;
use provider_core::ErrorKind;

use crate::{link, link_to, provider, records};

#[test]
fn actors_share_a_file_and_the_records_of_each_stay_in_their_order() {
    const ACTORS: usize = 16;
    const RECORDS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let (provider, begin) = (provider(), Barrier::new(ACTORS));
    thread::scope(|scope| {
        for actor in 0..ACTORS {
            let (provider, begin, folder) = (&provider, &begin, folder.path());
            scope.spawn(move || {
                let client = link_to(provider, &format!("M{actor}"), folder, &[]);
                begin.wait();
                for number in 0..RECORDS {
                    client.write_log("t".into(), Level::Info, number.to_string()).unwrap();
                }
                provider.remove(&format!("M{actor}")).unwrap();
            });
        }
    });
    let records = records(&folder.path().join("log.jsonl"));
    assert_eq!(records.len(), ACTORS * RECORDS);
    for actor in 0..ACTORS {
        let actor = format!("M{actor}");
        let texts = records.iter().filter(|record| record["actor"] == *actor);
        let texts: Vec<&str> = texts.map(|record| record["text"].as_str().unwrap()).collect();
        assert!(texts.iter().enumerate().all(|(index, text)| *text == index.to_string()));
    }
}

#[test]
fn links_of_one_file_have_one_opinion_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let client = link_to(&provider, "MONE", folder.path(), &[]);
    let path = folder.path().join("log.jsonl");
    let other = [("FILE", path.to_str().unwrap()), ("MAX_FILES", "7")];
    let error = link(&provider, "MTWO", &other).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert!(error.message().contains("is open with other values of"), "{error}");
    client.write_log("t".into(), Level::Info, "x".into()).unwrap();
    provider.remove("MONE").unwrap();
    link(&provider, "MTWO", &other).unwrap();
}

#[test]
fn a_file_that_another_program_writes_is_waited_for_and_then_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let other = File::create(&path).unwrap();
    other.lock().unwrap();
    let provider = provider();
    let values = [("FILE", path.to_str().unwrap())];
    let error = link(&provider, "MACTOR", &values).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().ends_with("another program writes to it"), "{error}");
    thread::scope(|scope| {
        let linked = scope.spawn(|| link(&provider, "MACTOR", &values));
        assert!(!linked.is_finished());
        other.unlock().unwrap();
        linked.join().unwrap().unwrap();
    });
}

#[test]
fn nothing_is_left_of_a_link_that_is_removed_or_of_a_provider_that_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let provider = provider();
    link_to(&provider, "MONE", folder.path(), &[]);
    link_to(&provider, "MTWO", folder.path(), &[]);
    let file = File::open(&path).unwrap();
    provider.remove("MONE").unwrap();
    // Bound again and removed twice: the other link still has it.
    link_to(&provider, "MONE", folder.path(), &[]);
    provider.remove("MONE").unwrap();
    provider.remove("MONE").unwrap();
    assert!(file.try_lock().is_err());
    provider.remove("MTWO").unwrap();
    file.try_lock().unwrap();
    file.unlock().unwrap();
    link_to(&provider, "MONE", folder.path(), &[]);
    assert!(file.try_lock().is_err());
    let provider = std::sync::Arc::into_inner(provider).unwrap();
    provider.stop_within(Duration::from_secs(20)).unwrap();
    file.try_lock().unwrap();
}
