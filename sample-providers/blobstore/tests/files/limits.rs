//! Limits, time-outs, and what is left over.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use provider_contracts::blobstore::BlobstoreResult;
use provider_core::ErrorKind;

use crate::linked::{Provider, chunk, put};

/// How long something that happens later may take.
const SOON: Duration = Duration::from_secs(10);

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

fn until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn a_chunk_of_1_mib_is_taken_and_one_above_the_limit_is_refused() {
    let provider = Provider::linked([("URL", "memory://")]);
    let client = provider.client("MALICE");
    client.create_container("c".into()).unwrap();
    let most = 16 << 20;
    for length in [1 << 20, most] {
        assert_eq!(put(&provider, "o", &vec![7; length]).unwrap(), BlobstoreResult::done());
        let info = client.get_object_info("o".into(), "c".into()).unwrap();
        assert_eq!(info.byte_size, length as u64);
    }
    let error = put(&provider, "larger", &vec![7; most + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert!(
        error.message().contains("a chunk of 16777217 bytes; there may be 16777216"),
        "{error}"
    );
    let error = client.start_download("o".into(), "c".into(), 1 << 25, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let error = client.upload_chunk(chunk("o", 5, 1 << 40, 1, vec![0]).into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
    provider.stop();
}

pub(crate) fn uploads_in_progress_and_objects_are_bounded_and_what_is_too_much_is_told() {
    let provider =
        Provider::linked([("URL", "memory://"), ("MAX_UPLOADS", "2"), ("MAX_OBJECT_BYTES", "10")]);
    let client = provider.client("MALICE");
    client.create_container("c".into()).unwrap();
    let begin = |id: &str, total| {
        let begun = client.start_upload(chunk(id, 0, total, 5, b"12345".to_vec()).into());
        begun.unwrap().error.unwrap_or_default()
    };
    assert_eq!(begin("long", 11), "the object has 11 bytes; the link allows 10");
    assert_eq!(begin("a", 10), "");
    assert_eq!(begin("b", 10), "");
    assert_eq!(begin("third", 10), "too many uploads are in progress");
    // One that is complete makes room.
    assert!(client.upload_chunk(chunk("a", 1, 10, 5, b"67890".to_vec()).into()).unwrap().success);
    assert_eq!(begin("third", 10), "");
    provider.stop();
}

pub(crate) fn an_abandoned_upload_is_forgotten_and_its_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    let uploads = folder.path().join(".uploads");
    // As if of a process that was killed long ago.
    fs::create_dir_all(&uploads).unwrap();
    fs::write(uploads.join("0123.chunks"), "{}").unwrap();
    fs::write(uploads.join("0123.part"), "x").unwrap();
    let provider = Provider::linked([("URL", &*url), ("UPLOAD_TIMEOUT", "400ms")]);
    let client = provider.client("MALICE");
    client.create_container("c".into()).unwrap();
    assert!(client.start_upload(chunk("o", 0, 4, 2, b"ab".to_vec()).into()).unwrap().success);
    assert!(count(&uploads) >= 2);
    until("the files of the upload are there", || count(&uploads) == 0);
    // What came of it is forgotten: this is not its second half.
    assert!(client.upload_chunk(chunk("o", 1, 4, 2, b"cd".to_vec()).into()).unwrap().success);
    assert_eq!(client.get_object_info("o".into(), "c".into()).unwrap().id, "none");
    provider.stop();
}

pub(crate) fn two_links_of_one_root_share_objects_and_receive_an_object_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    let provider = Provider::linked([("URL", &*url)]);
    provider.bind("MBOB", [("URL", &*url)]).unwrap();
    provider.bind("MCAROL", [("URL", &*url), ("ROOT", "hers")]).unwrap();
    let (alice, bob) = (provider.client("MALICE"), provider.client("MBOB"));
    alice.create_container("c".into()).unwrap();
    let begins = || chunk("o", 0, 4, 2, b"ab".to_vec());
    assert!(alice.start_upload(begins().into()).unwrap().success);
    let refused = bob.start_upload(begins().into()).unwrap();
    assert_eq!(refused, BlobstoreResult::refused("another link is receiving this object"));
    assert!(alice.upload_chunk(chunk("o", 1, 4, 2, b"cd".to_vec()).into()).unwrap().success);
    assert_eq!(bob.get_object_info("o".into(), "c".into()).unwrap().byte_size, 4);
    assert_eq!(provider.client("MCAROL").list_objects("c".into()).unwrap().blobs, []);
    provider.stop();
}

pub(crate) fn a_removed_link_leaves_no_uploads_and_its_downloads_end() {
    let folder = tempfile::tempdir().unwrap();
    let spool = tempfile::tempdir().unwrap();
    let before = test_servers::Held::now();
    for url in [format!("file://{}", folder.path().display()), "memory://".into()] {
        let provider = Provider::start_with(Some(Box::new(|_, _, _| Err("no more".into()))));
        let spooled = spool.path().to_str().unwrap();
        provider.bind("MALICE", [("URL", &*url), ("SPOOL", spooled)]).unwrap();
        let client = provider.client("MALICE");
        client.create_container("c".into()).unwrap();
        put(&provider, "o", &[7; 1000]).unwrap();
        assert!(client.start_upload(chunk("p", 0, 4, 2, b"ab".to_vec()).into()).unwrap().success);
        // Its actor refuses the first chunk, and is not called again.
        assert!(client.start_download("o".into(), "c".into(), 1, None).unwrap().success);
        provider.running().remove("MALICE").unwrap();
        assert_eq!(count(spool.path()), 0);
        provider.stop();
    }
    assert_eq!(count(&folder.path().join(".uploads")), 0);
    before.nothing_more();
}
