//! Files that cannot be written: the bind fails and says why.

use std::fs;

use provider_contracts::logging::Level;
use provider_core::ErrorKind;

use crate::{link, provider};

#[test]
fn a_bind_with_an_unusable_file_fails_with_its_path_and_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let cases = [
        (folder.path().join("missing/log.jsonl"), "No such file", ErrorKind::BadRequest),
        (file.join("log.jsonl"), "Not a directory", ErrorKind::BadRequest),
        (folder.path().to_owned(), "it is no file", ErrorKind::BadRequest),
        ("/dev/full".into(), "it is no file", ErrorKind::BadRequest),
        // Nobody makes a file there, not even root.
        ("/sys/log.jsonl".into(), "(os error", ErrorKind::Unavailable),
    ];
    let provider = provider();
    for (path, says, kind) in cases {
        let error = link(&provider, "MACTOR", &[("FILE", path.to_str().unwrap())]).unwrap_err();
        let begins = format!("link value `FILE`: {}: ", path.display());
        assert!(error.message().starts_with(&begins), "{error}");
        assert!(error.message()[begins.len()..].contains(says), "{error} does not say {says:?}");
        assert_eq!(error.kind(), kind, "{error}");
        let error = provider.bind("MOTHER", [("LEVEL", "loud")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
    }
    // Nothing is left behind: the bind can be tried again.
    let client = link(&provider, "MACTOR", &[]).unwrap();
    client.write_log("t".into(), Level::Info, "x".into()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_goes_away_turns_the_provider_unhealthy_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    let provider = provider();
    let client = crate::link_to(&provider, "MACTOR", &inside, &[]);
    let write = |text: &str| client.write_log("t".into(), Level::Info, text.into());
    write("1").unwrap();
    assert!(provider.health().unwrap().healthy);
    fs::remove_dir_all(&inside).unwrap();
    let error = write("2").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let health = provider.health().unwrap();
    assert!(!health.healthy && health.message.contains("No such file"), "{health:?}");
    fs::create_dir(&inside).unwrap();
    assert!(provider.health().unwrap().healthy);
    write("3").unwrap();
    let texts = crate::texts(&inside.join("log.jsonl"));
    assert!(texts[0].starts_with("records that were not written: 1; No such file"), "{texts:?}");
    assert_eq!(texts[1..], ["3"]);
}
