//! A process that is killed loses no chunk that it has acknowledged.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use provider_contracts::blobstore::{Chunk, FileChunk};
use provider_core::codec;

use crate::linked::{Provider, chunk};

/// The root that a child of this test uploads to. Without it the child's test has nothing to do.
const CHILD: &str = "BLOBSTORE_TEST_ROOT";
/// How long the object is, in MiB: 64 without it.
const SIZE: &str = "BLOBSTORE_TEST_MIB";
/// How long a chunk is.
const CHUNK: u64 = 512 << 10;

/// The object's length. The last chunk is a partial one.
fn total() -> u64 {
    let size = env::var(SIZE).ok().and_then(|size| size.parse().ok()).unwrap_or(64);
    (size << 20) + 12_345
}

/// All chunks in a random order, and all again in another one; the same in each process.
fn order() -> Vec<u64> {
    let mut chance = fastrand::Rng::with_seed(7);
    let mut once = || {
        let mut all: Vec<u64> = (0..total().div_ceil(CHUNK)).collect();
        chance.shuffle(&mut all);
        all
    };
    [once(), once()].concat()
}

/// The bytes of a chunk.
fn bytes(number: u64) -> Vec<u8> {
    let length = CHUNK.min(total() - number * CHUNK);
    let mut bytes = vec![0; usize::try_from(length).unwrap()];
    fastrand::Rng::with_seed(number).fill(&mut bytes);
    bytes
}

fn part(number: u64) -> FileChunk {
    chunk("large", number, total(), CHUNK, bytes(number))
}

fn send(provider: &Provider, number: u64) {
    let client = provider.client("MALICE");
    let chunk = Chunk::from(part(number));
    let sent = if number == 0 { client.start_upload(chunk) } else { client.upload_chunk(chunk) };
    let sent = sent.unwrap();
    assert!(sent.success, "chunk {number}: {sent:?}");
}

fn linked(root: &Path) -> Provider {
    Provider::linked([("URL", &format!("file://{}", root.display()))])
}

pub(crate) fn child_that_uploads_until_it_is_killed() {
    let Some(root) = env::var_os(CHILD) else { return };
    let provider = linked(Path::new(&root));
    provider.client("MALICE").create_container("c".into()).unwrap();
    let mut out = std::io::stdout();
    for number in order() {
        send(&provider, number);
        writeln!(out, "acknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

pub(crate) fn an_object_in_random_chunks_that_come_twice_with_a_crash_in_between_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "killed::child_that_uploads_until_it_is_killed", "--nocapture"])
        .env(CHILD, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let order = order();
    let count = order.len() / 2;
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = lines
        .map(Result::unwrap)
        .filter_map(|line| line.split_once("acknowledged ")?.1.parse::<u64>().ok());
    let mut sent = acknowledged.by_ref().take(count / 2).count();
    // The signal that cannot be handled, in the middle of whatever it does.
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts as well.
    sent += acknowledged.count();
    assert!(sent < count, "{sent} of {count}: it was not killed in between");

    let arrived = Arc::new((Mutex::new((0_u64, Vec::new())), Condvar::new()));
    let provider = Provider::start_with(Some(compared(&arrived)));
    provider.bind("MALICE", [("URL", &*format!("file://{}", folder.path().display()))]).unwrap();
    let info = || {
        let info = provider.client("MALICE").get_object_info("large".into(), "c".into());
        info.unwrap().byte_size
    };
    // Only what was not acknowledged: the object is complete only when nothing of the rest was lost.
    for number in &order[sent..count] {
        assert_eq!(info(), 0, "the object is there before all of it came");
        send(&provider, *number);
    }
    assert_eq!(info(), total());
    for number in &order[count..] {
        send(&provider, *number);
    }
    let answer = provider.client("MALICE").start_download("large".into(), "c".into(), CHUNK, None);
    assert!(answer.unwrap().success);
    let (state, changed) = &*arrived;
    let whole = |state: &mut (u64, Vec<String>)| state.0 < count as u64 && state.1.is_empty();
    let wait = changed.wait_timeout_while(state.lock().unwrap(), Duration::from_mins(5), whole);
    let (state, _) = wait.unwrap();
    assert_eq!(*state, (count as u64, Vec::new()));
    drop(state);
    provider.stop();
    let mut out = std::io::stdout();
    let seconds = began.elapsed().as_secs_f64();
    writeln!(
        out,
        "{} bytes in {count} chunks, each sent twice, killed after {sent}: whole, in {seconds:.1} s",
        total(),
    )
    .unwrap();
}

type Arrived = Arc<(Mutex<(u64, Vec<String>)>, Condvar)>;

/// An actor that compares what it receives, and counts it.
fn compared(arrived: &Arrived) -> crate::linked::Answer {
    let arrived = Arc::clone(arrived);
    Box::new(move |_, _, msg| {
        let Chunk { chunk } = codec::decode(msg)?;
        let mut state = arrived.0.lock().unwrap();
        if chunk == part(state.0) {
            state.0 += 1;
        } else {
            let expected = state.0;
            state.1.push(format!("chunk {} is not chunk {expected}", chunk.sequence_no));
        }
        arrived.1.notify_all();
        Ok(Vec::new())
    })
}
