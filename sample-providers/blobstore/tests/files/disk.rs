//! A disk that is full, or cannot be written to.
//!
//! Each test runs once more in a user's namespace of its own, where it may mount a small disk.

use std::{env, path::Path, process::Command};

use provider_core::ErrorKind;

use crate::linked::{Provider, chunk, put};

/// The disk, for the test that runs in the namespace.
const DISK: &str = "BLOBSTORE_TEST_DISK";

/// Runs the test `name` where a disk of 4 MiB is mounted. Returns the disk's folder there.
fn with_disk(name: &str) -> Option<std::path::PathBuf> {
    if let Some(disk) = env::var_os(DISK) {
        return Some(disk.into());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut test = Command::new("unshare");
    test.args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(r#"mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@""#)
        .arg(folder.path())
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(DISK, folder.path())
        .env("TMPDIR", folder.path());
    let output = test.output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let no_leave = said.contains("unshare:") || said.contains("mount:");
    // Where nobody may mount anything there is nothing to see, and in continuous integration one may.
    let excused = no_leave && env::var("CI").as_deref() != Ok("true");
    assert!(output.status.success() || excused, "{said}");
    None
}

fn linked(disk: &Path) -> Provider {
    let provider = Provider::linked([("URL", &*format!("file://{}/root", disk.display()))]);
    provider.client("MALICE").create_container("c".into()).unwrap();
    provider
}

pub(crate) fn a_full_disk_refuses_chunks_with_its_reason_and_loses_nothing() {
    const CHUNK: u64 = 1 << 20;
    let Some(disk) =
        with_disk("disk::a_full_disk_refuses_chunks_with_its_reason_and_loses_nothing")
    else {
        return;
    };
    let provider = linked(&disk);
    let client = provider.client("MALICE");
    put(&provider, "before", b"kept").unwrap();
    let part = |number: u64| chunk("large", number, 6 * CHUNK, CHUNK, vec![1; 1 << 20]);
    assert!(client.start_upload(part(0).into()).unwrap().success);
    let refused = (1..6).find_map(|number| client.upload_chunk(part(number).into()).err());
    let error = refused.unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("o space left"), "{error}");
    let health = provider.running().health().unwrap();
    assert!(!health.healthy && health.message.contains("root"), "{health:?}");
    assert_eq!(client.get_object_info("large".into(), "c".into()).unwrap().id, "none");
    assert_eq!(client.get_object_info("before".into(), "c".into()).unwrap().byte_size, 4);
    // The upload goes, and there is room again.
    provider.running().remove("MALICE").unwrap();
    let url = format!("file://{}/root", disk.display());
    provider.bind("MALICE", [("URL", &*url)]).unwrap();
    assert!(put(&provider, "after", b"fits").unwrap().success);
    provider.stop();
}

pub(crate) fn a_disk_that_becomes_read_only_is_told_and_can_be_read() {
    let Some(disk) = with_disk("disk::a_disk_that_becomes_read_only_is_told_and_can_be_read")
    else {
        return;
    };
    let provider = linked(&disk);
    put(&provider, "before", b"kept").unwrap();
    let remount = |option: &str| {
        let mount = Command::new("mount").args(["-o", option]).arg(&disk).status();
        assert!(mount.unwrap().success());
    };
    remount("remount,ro");
    let error = put(&provider, "after", b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(!provider.running().health().unwrap().healthy);
    let info = provider.client("MALICE").get_object_info("before".into(), "c".into());
    assert_eq!(info.unwrap().byte_size, 4);
    // It cannot be linked either.
    let url = format!("file://{}/other", disk.display());
    let error = provider.bind("MBOB", [("URL", &*url)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    remount("remount,rw");
    assert!(put(&provider, "after", b"x").unwrap().success);
    provider.stop();
}
