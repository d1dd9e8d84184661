//! What goes wrong with servers.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use provider_contracts::blobstore::BlobstoreResult;
use provider_core::ErrorKind;
use test_servers::{Held, Program, Server};

use crate::{
    bind, linked as linked_with,
    linked::{Provider, chunk, put},
    make_bucket, server,
};

/// How long a provider may take to find out.
const SOON: Duration = Duration::from_secs(20);

/// Waits until the provider's health is this, and returns its message.
fn health(provider: &Provider, healthy: bool) -> String {
    let deadline = Instant::now() + SOON;
    loop {
        let health = provider.running().health().unwrap();
        if health.healthy == healthy {
            return health.message;
        }
        assert!(Instant::now() < deadline, "{health:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn refused_at_bind() {
    let mut server = server();
    let provider = Provider::start();
    server.kill();
    let error = bind(&provider, &server, "s3://bucket", "testing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("s3://bucket/"), "{error}");
    // Nothing is left behind: the same link can be made.
    server.restart().unwrap();
    make_bucket(&server);
    bind(&provider, &server, "s3://bucket", "testing").unwrap();
    assert!(provider.running().health().unwrap().healthy);
    provider.stop();
}

pub(crate) fn no_bucket_and_no_leave() {
    let plain = server();
    let provider = Provider::start();
    let error = bind(&provider, &plain, "s3://nobody-made-this", "testing").unwrap_err();
    assert!(error.message().contains("s3://nobody-made-this/"), "{error}");
    assert!(error.message().contains("NoSuchBucket"), "{error}");
    assert!(!error.message().contains("testing"), "{error}");
    provider.stop();
}

pub(crate) fn killed_and_restarted() {
    let mut server = server();
    let provider = linked_with(&server);
    provider.client("MALICE").create_container("c".into()).unwrap();
    assert_eq!(put(&provider, "before", b"x").unwrap(), BlobstoreResult::done());
    let begin = chunk("during", 0, 4, 2, b"ab".to_vec());
    assert!(provider.client("MALICE").start_upload(begin.into()).unwrap().success);
    server.kill();
    let error = provider.client("MALICE").list_objects("c".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    // The chunk was taken, and the object could not be kept.
    let last = || chunk("during", 1, 4, 2, b"cd".to_vec());
    let error = provider.client("MALICE").upload_chunk(last().into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let message = health(&provider, false);
    assert!(message.contains("s3://bucket/prefix"), "{message}");
    // This server keeps nothing when it is killed.
    server.restart().unwrap();
    make_bucket(&server);
    health(&provider, true);
    provider.client("MALICE").create_container("c".into()).unwrap();
    // What was received before is still there: the chunk that is sent again completes the object.
    assert!(provider.client("MALICE").upload_chunk(last().into()).unwrap().success);
    let info = provider.client("MALICE").get_object_info("during".into(), "c".into()).unwrap();
    assert_eq!(info.byte_size, 4);
    provider.stop();
}

pub(crate) fn stopped() {
    let server = server();
    let provider = linked_with(&server);
    // Another actor's store is none of this server's business.
    provider.bind("MBOB", [("URL", "memory://")]).unwrap();
    provider.client("MALICE").create_container("c".into()).unwrap();
    server.pause();
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            let began = Instant::now();
            let error = provider.client("MALICE").list_objects("c".into()).unwrap_err();
            (error, began.elapsed())
        });
        provider.client("MBOB").create_container("c".into()).unwrap();
        let error = provider.client("MALICE").create_container("d".into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        let (error, _) = waits.join().unwrap();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    });
    health(&provider, false);
    server.resume();
    health(&provider, true);
    assert_eq!(put(&provider, "after", b"x").unwrap(), BlobstoreResult::done());
    provider.stop();
}

pub(crate) fn nothing_is_left_over() {
    let server = Server::start(Program::S3).unwrap();
    make_bucket(&server);
    let before = fs::read_dir(server.folder()).unwrap().count();
    let held = Held::now();
    for _ in 0..3 {
        let provider = linked_with(&server);
        provider.client("MALICE").create_container("c".into()).unwrap();
        put(&provider, "o", b"x").unwrap();
        let begins = chunk("never complete", 0, 4, 2, b"ab".to_vec());
        assert!(provider.client("MALICE").start_upload(begins.into()).unwrap().success);
        provider.running().remove("MALICE").unwrap();
        assert_eq!(fs::read_dir(server.folder()).unwrap().count(), before);
        provider.stop();
        held.nothing_more();
    }
}
