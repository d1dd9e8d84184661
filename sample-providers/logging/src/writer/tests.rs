use std::{
    path::PathBuf,
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};

use super::*;

/// A disk that writes when it is told to, and tells what it wrote.
struct Slow {
    go: Receiver<io::Result<()>>,
    wrote: Sender<Vec<u8>>,
}

impl Store for Slow {
    fn room(&self) -> u64 {
        u64::MAX
    }

    fn append(&mut self, records: &[u8]) -> io::Result<()> {
        // Whoever tells has gone: everything may go.
        self.go.recv().unwrap_or(Ok(()))?;
        self.wrote.send(records.to_vec()).unwrap();
        Ok(())
    }
}

struct Disk {
    writer: Arc<Writer>,
    go: Sender<io::Result<()>>,
    wrote: Receiver<Vec<u8>>,
    runtime: Runtime,
}

fn disk(timeout: Duration) -> Disk {
    let path = PathBuf::from("slow.jsonl");
    let rotating = Rotating { path, max_bytes: 1, max_files: 0, timeout, sync: false };
    let ((go, may_go), (tell, wrote)) = (mpsc::channel(), mpsc::channel());
    let store = Slow { go: may_go, wrote: tell };
    let writer = Arc::new(Writer::start(rotating, || Some(store)).unwrap());
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    Disk { writer, go, wrote, runtime }
}

const SOON: Duration = Duration::from_millis(50);
const LATE: Duration = Duration::from_mins(1);

#[test]
fn a_disk_that_does_not_write_holds_nobody_up_for_longer_than_the_link_says() {
    let disk = disk(SOON);
    let error = disk.runtime.block_on(disk.writer.write(b"first\n".to_vec())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), "slow.jsonl: not written within 50ms");
    // It waits behind the first one, and is not written when its time is over.
    let error = disk.runtime.block_on(disk.writer.write(b"second\n".to_vec())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let trouble = disk.runtime.block_on(disk.writer.trouble()).unwrap();
    assert_eq!(trouble, "nothing is written for 50ms");
    // And neither has the end of the link to wait for longer.
    disk.runtime.block_on(disk.writer.end());
    drop(disk.go);
    drop(disk.writer);
    assert_eq!(disk.wrote.iter().collect::<Vec<_>>(), [b"first\n"]);
}

#[test]
fn what_waits_is_bounded() {
    let disk = disk(SOON);
    let half = vec![b'x'; QUEUE as usize / 2 + 1];
    let both =
        async { tokio::join!(disk.writer.write(half.clone()), disk.writer.write(half.clone())) };
    let (first, second) = disk.runtime.block_on(both);
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(second.unwrap_err().kind(), ErrorKind::Timeout);
    // The second one never came into the queue: there was no room for it.
    drop(disk.go);
    drop(disk.writer);
    assert_eq!(disk.wrote.iter().count(), 1);
}

#[test]
fn what_waits_is_written_together_and_in_order() {
    let disk = disk(LATE);
    let writer = &disk.writer;
    disk.runtime.block_on(async {
        let all = async {
            tokio::join!(
                writer.write(b"1\n".to_vec()),
                writer.write(b"2\n".to_vec()),
                writer.write(b"3\n".to_vec()),
                async {
                    disk.go.send(Ok(())).unwrap();
                    disk.go.send(Ok(())).unwrap();
                    disk.go.send(Ok(())).unwrap();
                }
            )
        };
        let (first, second, third, ()) = all.await;
        first.and(second).and(third).unwrap();
    });
    drop(disk.writer);
    assert_eq!(disk.wrote.iter().flatten().collect::<Vec<u8>>(), b"1\n2\n3\n");
}

#[test]
fn what_could_not_be_written_is_told_to_who_waits_and_later_in_the_file() {
    let disk = disk(LATE);
    let write = |text: &str| disk.runtime.block_on(disk.writer.write(text.into()));
    disk.go.send(Err(io::Error::from(io::ErrorKind::StorageFull))).unwrap();
    let error = write("1\n").unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Unavailable, "slow.jsonl: no storage space")
    );
    // Whoever asks how it is has it tried again.
    disk.go.send(Err(io::Error::from(io::ErrorKind::StorageFull))).unwrap();
    let trouble = disk.runtime.block_on(disk.writer.trouble()).unwrap();
    assert_eq!(trouble, "no storage space; records that were not written: 1");
    disk.go.send(Ok(())).unwrap();
    assert_eq!(disk.runtime.block_on(disk.writer.trouble()), None);
    let told = String::from_utf8(disk.wrote.recv().unwrap()).unwrap();
    assert!(told.contains("records that were not written: 1; no storage space"), "{told}");
    disk.go.send(Ok(())).unwrap();
    write("2\n").unwrap();
    assert_eq!(disk.wrote.recv().unwrap(), b"2\n");
}

#[test]
fn what_was_taken_is_written_before_the_end() {
    let disk = disk(LATE);
    let writer = &disk.writer;
    disk.runtime.block_on(async {
        let (written, (), ()) = tokio::join!(writer.write(b"1\n".to_vec()), writer.end(), async {
            disk.go.send(Ok(())).unwrap();
        });
        written.unwrap();
        assert_eq!(writer.write(b"2\n".to_vec()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    });
    assert_eq!(disk.wrote.try_iter().collect::<Vec<_>>(), [b"1\n"]);
}
