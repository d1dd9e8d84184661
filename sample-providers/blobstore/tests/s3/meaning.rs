//! The contract's pinned meaning.

use provider_contracts::blobstore::{
    BlobstoreResult,
    scenario::{Subject, pinned},
};

use crate::{
    linked::{Provider, chunk},
    server,
};

fn transcript(provider: &Provider, tag: &str) -> Vec<Vec<String>> {
    let received = provider.received("MALICE");
    let play = |scenario: provider_contracts::blobstore::scenario::Scenario| {
        let mut subject = Subject::new(provider.running(), "MALICE", &received)
            .tag(format!("{tag}{}-", scenario.slug()));
        let played = scenario.run(&mut subject);
        played.unwrap_or_else(|failure| panic!("{}: {failure}", scenario.slug()))
    };
    pinned().into_iter().map(play).collect()
}

pub(crate) fn s3_gives_the_transcript_of_files() {
    let server = server();
    let s3 = crate::linked(&server);
    let of_s3 = transcript(&s3, "t");
    s3.stop();
    let folder = tempfile::tempdir().unwrap();
    let files = Provider::linked([("URL", &format!("file://{}", folder.path().display()))]);
    assert_eq!(of_s3, transcript(&files, "t"));
    files.stop();
}

/// More than a part of 8 MiB, so that it is sent in several.
pub(crate) fn objects_of_many_parts_come_back() {
    const SIZE: u64 = 1 << 20;
    let server = server();
    let provider = crate::linked(&server);
    let client = provider.client("MALICE");
    client.create_container("c".into()).unwrap();
    let total = 18 * SIZE + 5;
    let bytes = |at: u64| {
        let end = (at + SIZE).min(total);
        (at..end).flat_map(|at| u8::try_from(at % 253)).collect::<Vec<_>>()
    };
    for number in (0..=18).rev() {
        let chunk = chunk("large", number, total, SIZE, bytes(number * SIZE));
        let sent = if number == 0 {
            client.start_upload(chunk.into())
        } else {
            client.upload_chunk(chunk.into())
        };
        assert_eq!(sent.unwrap(), BlobstoreResult::done());
    }
    client.start_download("large".into(), "c".into(), SIZE, None).unwrap();
    let received = provider.received("MALICE").wait(std::time::Duration::from_secs(30), 19);
    assert_eq!(received.len(), 19);
    for (number, chunk) in (0..).zip(received) {
        assert_eq!(chunk.sequence_no, number);
        assert!(chunk.chunk_bytes == bytes(number * SIZE), "chunk {number}");
    }
    provider.stop();
}
