use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
};

use super::*;

const LINKS: usize = 4;
const ROUNDS: usize = 300;

/// The end of a link's work, also of one that panics, lest the others go on for ever.
struct Ends<'a>(&'a AtomicUsize);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// What a link does while others of the same store end, and remove the folder if nothing is in it.
fn while_others_end(link: impl Fn(&Path, usize) + Sync) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = &scratch.path().join("store");
    let at_work = &AtomicUsize::new(LINKS);
    thread::scope(|scope| {
        for number in 0..LINKS {
            let link = &link;
            scope.spawn(move || {
                let _ends = Ends(at_work);
                (0..ROUNDS).for_each(|_| link(folder, number));
            });
        }
        scope.spawn(|| {
            while at_work.load(SeqCst) > 0 {
                let _ = fs::remove_dir(folder);
            }
        });
    });
}

#[test]
fn a_folder_is_made_while_others_remove_it() {
    while_others_end(|folder, _| private_folder(folder).unwrap());
}

#[test]
fn an_upload_begins_while_others_remove_its_folder() {
    while_others_end(|folder, number| {
        let shape = Shape { container: "c".into(), id: "o".into(), total_bytes: 3, chunk_size: 3 };
        let mut upload = Spooled::open(folder, &number.to_string(), shape).unwrap();
        upload.put(0, 0, b"abc").unwrap();
        upload.forget().unwrap();
    });
}

#[test]
fn what_is_no_folder_is_refused_with_its_name() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("store");
    fs::write(&file, "").unwrap();
    let error = private_folder(&file).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.to_string().contains(&*file.to_string_lossy()), "{error}");
}
