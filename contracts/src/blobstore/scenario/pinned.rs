//! The list.

use super::{Failure, Scenario, Subject};
use crate::blobstore::{BlobstoreResult, DEFAULT_CHUNK_BYTES};

type Played = Result<(), Failure>;

/// Every pinned rule of the contract that one link can show, one scenario each.
#[must_use]
pub fn pinned() -> Vec<Scenario> {
    vec![
        ANY_ORDER,
        FIRST_CHUNK,
        REPLACED,
        BAD_CHUNK,
        EMPTY_OBJECT,
        IN_ORDER,
        DEFAULT_CHUNK,
        ANY_ID,
        MISSING,
    ]
}

const BYTES: &[u8] = b"0123456789abcdef!!";

const ANY_ORDER: Scenario = Scenario {
    slug: "any-order",
    name: "chunks come in any order and more than once",
    rule: "Chunks may come in any order and more than once; the object appears only when all \
           `totalBytes` are there, whole and in order, the partial last chunk included.",
    why: "Calls overtake each other and are made again when nobody knows whether they were heard. \
          An object that is there too early, or in the wrong order, is read as if it were whole.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "UploadChunk",
        "GetObjectInfo",
        "ListObjects",
        "StartDownload",
    ],
    play: any_order,
};

fn any_order(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    // The first is not the first to come; the partial last one comes in between.
    for number in [3, 4, 0, 3, 1, 4, 0, 2] {
        let early = "the object is there before all of it came";
        subject.is_missing("c", "folder/object", early)?;
        let op = if number == 0 { "StartUpload" } else { "UploadChunk" };
        let chunk = subject.chunk("c", "folder/object", number, BYTES, 4);
        subject.send(op, &chunk)?;
    }
    subject.is_there("c", "folder/object", BYTES.len())?;
    // What comes once more changes nothing.
    let again = subject.chunk("c", "folder/object", 4, BYTES, 4);
    subject.send("UploadChunk", &again)?;
    subject.has("c", &[("folder/object", BYTES.len())])?;
    subject.get("c", "folder/object", BYTES, 5)
}

const FIRST_CHUNK: Scenario = Scenario {
    slug: "first-chunk",
    name: "`StartUpload` carries chunk 0, or none",
    rule: "Sequence numbers start at 0, `StartUpload` carries number 0 and its bytes count. It may \
           come without bytes, and chunk 0 then comes like the others.",
    why: "Where the first chunk's bytes are thrown away, or the first number is 1, no object is ever \
          complete, or each lacks its beginning.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "UploadChunk",
        "GetObjectInfo",
        "StartDownload",
    ],
    play: first_chunk,
};

fn first_chunk(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    subject.put("c", "one", b"one chunk", 9)?;
    subject.get("c", "one", b"one chunk", 9)?;
    // A chunk may be longer than the object.
    subject.put("c", "short", b"short", 512)?;
    subject.get("c", "short", b"short", 512)?;
    let mut begins = subject.chunk("c", "later", 0, BYTES, 9);
    begins.chunk_bytes.clear();
    subject.send("StartUpload", &begins)?;
    for number in [1, 0] {
        subject.is_missing("c", "later", "the object is there before all of it came")?;
        let chunk = subject.chunk("c", "later", number, BYTES, 9);
        subject.send("UploadChunk", &chunk)?;
    }
    subject.get("c", "later", BYTES, 64)
}

const REPLACED: Scenario = Scenario {
    slug: "replaced",
    name: "an object is replaced as a whole",
    rule: "The object appears when its last missing byte has come: whole, in the place of the one \
           that had its name. Until then that one is what is read.",
    why: "An actor that reads while another version is on its way gets half of each, and nobody can \
          tell.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "UploadChunk",
        "GetObjectInfo",
        "StartDownload",
    ],
    play: replaced,
};

fn replaced(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    subject.put("c", "o", b"the first", 4)?;
    let new = subject.chunk("c", "o", 0, BYTES, 9);
    subject.send("StartUpload", &new)?;
    subject.get("c", "o", b"the first", 100)?;
    let new = subject.chunk("c", "o", 1, BYTES, 9);
    subject.send("UploadChunk", &new)?;
    subject.get("c", "o", BYTES, 100)?;
    // With the same lengths, and begun anew.
    let other = BYTES.to_ascii_uppercase();
    subject.put("c", "o", &other, 9)?;
    subject.get("c", "o", &other, 100)
}

const BAD_CHUNK: Scenario = Scenario {
    slug: "bad-chunk",
    name: "a chunk that cannot be is refused",
    rule: "A `chunkSize` of 0 with bytes, a number behind the object's end and bytes that are not \
           exactly the chunk's are errors and change nothing; a container that is not there takes \
           no chunk.",
    why: "A chunk that is accepted and thrown away is an object that never appears, and its sender \
          was told that all is well.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "UploadChunk",
        "GetObjectInfo",
        "StartDownload",
    ],
    play: bad_chunk,
};

fn bad_chunk(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    let mut zero = subject.chunk("c", "o", 0, BYTES, 18);
    zero.chunk_size = 0;
    subject.refused("StartUpload", &zero, "a `chunkSize` of 0")?;
    let nowhere = subject.chunk("nowhere", "o", 0, BYTES, 18);
    subject.refused("StartUpload", &nowhere, "a container that is not there")?;
    let begin = subject.chunk("c", "o", 0, BYTES, 9);
    subject.send("StartUpload", &begin)?;
    let last = subject.chunk("c", "o", 1, BYTES, 9);
    let mut behind = last.clone();
    behind.sequence_no = 2;
    subject.refused("UploadChunk", &behind, "a chunk behind the end")?;
    let mut far = last.clone();
    far.sequence_no = u64::MAX;
    subject.refused("UploadChunk", &far, "a chunk far behind the end")?;
    let mut short = last.clone();
    short.chunk_bytes.pop();
    subject.refused("UploadChunk", &short, "a chunk that is too short")?;
    let mut long = last.clone();
    long.chunk_bytes.push(b'?');
    subject.refused("UploadChunk", &long, "a chunk that is too long")?;
    subject.is_missing("c", "o", "the object is there before all of it came")?;
    subject.send("UploadChunk", &last)?;
    subject.get("c", "o", BYTES, 100)
}

const EMPTY_OBJECT: Scenario = Scenario {
    slug: "empty-object",
    name: "an object may have no bytes",
    rule: "An object of no bytes is complete with `StartUpload`, and comes as one chunk without \
           bytes.",
    why: "Empty files exist. An actor that copies them waits for ever for a chunk that does not \
          come.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "GetObjectInfo",
        "ListObjects",
        "StartDownload",
    ],
    play: empty_object,
};

fn empty_object(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    subject.put("c", "empty", b"", 0)?;
    subject.put("c", "empty too", b"", 512)?;
    subject.is_there("c", "empty", 0)?;
    subject.has("c", &[("empty", 0), ("empty too", 0)])?;
    subject.get("c", "empty", b"", 7)
}

const IN_ORDER: Scenario = Scenario {
    slug: "in-order",
    name: "a download's chunks come in order, one after the other",
    rule: "`StartDownload` answers at once. The chunks then come as `ReceiveChunk`, one after the \
           other from number 0 on, with the `context` that was given.",
    why: "An actor writes down what it receives as it comes. It has no memory to put in order what \
          overtook something else.",
    operations: &["CreateContainer", "StartUpload", "UploadChunk", "StartDownload"],
    play: in_order,
};

fn in_order(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    let bytes: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
    subject.put("c", "o", &bytes, 16 << 10)?;
    // Chunks of a download need not be those of the upload.
    for size in [1000, 40_000, 1 << 20] {
        subject.get("c", "o", &bytes, size)?;
    }
    Ok(())
}

const DEFAULT_CHUNK: Scenario = Scenario {
    slug: "default-chunk",
    name: "a `chunk_size` of 0 means 512 KiB",
    rule: "A download's `chunk_size` 0 means 512 KiB.",
    why: "Where 0 is taken at its word, the download never ends, or ends with a division by 0.",
    operations: &["CreateContainer", "StartUpload", "UploadChunk", "StartDownload"],
    play: default_chunk,
};

fn default_chunk(subject: &mut Subject<'_>) -> Played {
    let size = usize::try_from(DEFAULT_CHUNK_BYTES).unwrap_or(usize::MAX);
    let bytes: Vec<u8> = (0..=250).cycle().take(size + 1).collect();
    subject.create("c")?;
    subject.put("c", "o", &bytes, size)?;
    subject.get("c", "o", &bytes, 0)
}

const ANY_ID: Scenario = Scenario {
    slug: "any-id",
    name: "an id is a name, whatever it holds",
    rule: "An id may contain `/` but never leaves its root, whatever it contains. Ids that differ are \
           objects that differ.",
    why: "Ids come from the users of actors. Where two of them are one path, one overwrites what the \
          other one sent.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "GetObjectInfo",
        "ListObjects",
        "RemoveObject",
        "StartDownload",
    ],
    play: any_id,
};

/// In the order of their bytes.
const IDS: [&str; 16] = [
    "%2e", "../c/a", "/", "/a", "A", "a", "a b", "a%2Fb", "a.", "a/", "a//b", "a/b", "b\\c", "con",
    "ä", "日本",
];

fn any_id(subject: &mut Subject<'_>) -> Played {
    subject.create("c")?;
    for id in IDS {
        subject.put("c", id, id.as_bytes(), 64)?;
    }
    let listed = IDS.map(|id| (id, id.len()));
    subject.has("c", &listed)?;
    for id in IDS {
        subject.get("c", id, id.as_bytes(), 64)?;
    }
    let got = subject.client().remove_object("a".into(), subject.container_id("c"));
    subject.same("RemoveObject", "what is there is not removed", &BlobstoreResult::done(), got)?;
    let left: Vec<_> = listed.into_iter().filter(|(id, _)| *id != "a").collect();
    subject.has("c", &left)
}

const MISSING: Scenario = Scenario {
    slug: "missing",
    name: "what is missing is said to be missing",
    rule: "A missing object's info is `{id: \"none\", container: {id: \"none\"}, byteSize: 0}`. \
           Removing what is missing is `{false, reason}`; removing a container that is not empty is \
           `{false, reason}`.",
    why: "An actor asks whether an object is there. Where that is an error, or a removal of nothing is \
          a success, it cannot tell what it has.",
    operations: &[
        "CreateContainer",
        "StartUpload",
        "GetObjectInfo",
        "ListObjects",
        "RemoveObject",
        "RemoveContainer",
        "StartDownload",
    ],
    play: missing,
};

fn missing(subject: &mut Subject<'_>) -> Played {
    let problem = "a missing object has an info";
    subject.is_missing("c", "o", problem)?;
    subject.has("c", &[])?;
    let container = subject.container_id("c");
    let got = subject.client().remove_container(container.clone());
    subject.refusal("RemoveContainer", "the removal of a missing container", got)?;
    subject.create("c")?;
    subject.create("c")?;
    subject.is_missing("c", "o", problem)?;
    let got = subject.client().remove_object("o".into(), container.clone());
    subject.refusal("RemoveObject", "the removal of a missing object", got)?;
    let got = subject.client().start_download("o".into(), container.clone(), 0, None);
    subject.refusal("StartDownload", "the download of a missing object", got)?;
    subject.put("c", "o", BYTES, 18)?;
    let got = subject.client().remove_container(container.clone());
    subject.refusal("RemoveContainer", "the removal of a container that is not empty", got)?;
    subject.is_there("c", "o", BYTES.len())?;
    let got = subject.client().remove_object("o".into(), container.clone());
    subject.same("RemoveObject", "what is there is not removed", &BlobstoreResult::done(), got)?;
    subject.is_missing("c", "o", "a removed object has an info")?;
    let got = subject.client().remove_container(container.clone());
    subject.same(
        "RemoveContainer",
        "what is there is not removed",
        &BlobstoreResult::done(),
        got,
    )?;
    let got = subject.client().remove_container(container);
    subject.refusal("RemoveContainer", "the removal of a removed container", got)
}
