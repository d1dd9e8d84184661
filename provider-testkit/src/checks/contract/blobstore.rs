//! `wasmcloud:blobstore`: transfers in chunks, roots, and what is missing.

use std::{collections::BTreeMap, fs, path::Path};

use base64::Engine;
use provider_core::{ErrorKind, ops::OP_BIND_ACTOR};
use serde_json::{Value, json};

use super::{SOON, call, differs, fresh_name, must_be, reply};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, actor, each},
    payload,
    protocol::Failure,
    session::Dispatched,
    subject::Provider,
    wasmcloud::{BLOBSTORE, chunk},
};

mod pinned;

/// The link value that says where a link's objects are.
const ROOT: &str = "ROOT";

fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: "the contract `wasmcloud:blobstore`",
        needs: &["links::bind"],
        scope: Scope::Contract(BLOBSTORE),
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
    let mut all = rows();
    all.extend(pinned::checks());
    all
}

fn rows() -> Vec<Check> {
    vec![
        Check {
            why: "An object that lost its end looks like a whole one to everybody who reads it \
                  later, and the one who could send it again was told that all is well.",
            what: "uploads an object whose last chunk is a partial one, its chunks out of order \
                   and one of them twice, and downloads it",
            causes: &[
                "chunks are counted and bytes are not",
                "the last chunk is taken for as long as the others",
                "chunks are appended as they come",
            ],
            fix: "write each chunk at `sequenceNo * chunkSize`, and finish the object when all of \
                  its `totalBytes` are there",
            example: include_str!("../examples/blobstore-transfer.md"),
            run: transfer,
            ..row(
                "blobstore::transfer",
                "what was uploaded in chunks comes back whole",
                "Chunks may come in any order and more than once; the object appears only when all \
                 `totalBytes` are there, whole and in order, the partial last chunk included.",
            )
        },
        Check {
            why: "Providers and actors of 2021 disagreed on the wrapping, so no transfer ever \
                  worked; a provider that reads both works with either.",
            what: "uploads an object of one chunk that is sent without the map around it",
            causes: &["only `{chunk: ..}` is decoded"],
            fix: "try the wrapped form first, then the bare one",
            example: include_str!("../examples/blobstore-bare-chunk.md"),
            needs: &["blobstore::transfer"],
            run: bare_chunk,
            ..row(
                "blobstore::bare-chunk",
                "a chunk without its wrapping is read too",
                "Chunks are wrapped as `{chunk: ..}` and a bare `FileChunk` is read as well.",
            )
        },
        Check {
            why: "Where one link's root is everybody's, an actor reads and overwrites another \
                  one's objects, and whatever it stored before is out of its reach.",
            what: "links two actors with a root each; the first one's objects must be there for \
                   it, before and after the second link, and not for the second one",
            causes: &["the root is a field of the provider and not of the link"],
            fix: "keep the root in the link",
            example: include_str!("../examples/blobstore-own-root.md"),
            needs: &["blobstore::transfer"],
            run: own_root,
            ..row(
                "blobstore::own-root",
                "each link has its own root",
                "Each link has its own root.",
            )
        },
        Check {
            why: "Ids come from actors, and often from their users. One that leaves the root reads \
                  and writes the host's files.",
            what: "uploads an object whose id leads out of the root and back into its folder, and \
                   looks for the file",
            causes: &["the id is joined to the root as a path"],
            fix: "escape ids, or refuse those with `..`",
            example: include_str!("../examples/blobstore-inside-root.md"),
            needs: &["blobstore::transfer"],
            run: inside_root,
            ..row(
                "blobstore::inside-root",
                "an id does not lead out of the root",
                "An id may contain `/` but never leaves its root, whatever it contains.",
            )
        },
    ]
}

/// A linked actor with a root of its own, in a folder of the check's.
fn linked(lab: &mut Lab, provider: &Provider, number: u8) -> Outcome<String> {
    let actor = actor(number.into());
    let mut values = lab.values(&actor);
    let folder = lab.job.folder.clone().unwrap_or_default();
    let base = values.get(ROOT).map_or(folder, Into::into);
    let root = base.join(format!("root-{number}"));
    // A store that is not in files has no use for it.
    let _ = fs::create_dir_all(&root);
    values.insert(ROOT.into(), root.to_string_lossy().into_owned());
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    Ok(actor)
}

fn create(provider: &Provider, actor: &str, container: &str) -> Outcome {
    let answer = call(provider, actor, "CreateContainer", &json!({"id": container}));
    must_be(&answer, "CreateContainer", &json!({"id": container}), "the container is another one")
}

/// Sends a chunk, which must be taken.
fn send(provider: &Provider, actor: &str, op: &str, request: &Value) -> Outcome {
    let answer = call(provider, actor, op, request);
    must_be(&answer, op, &json!({"success": true}), "the chunk was not taken")
}

/// Uploads an object of one chunk.
fn put(provider: &Provider, actor: &str, container: &str, id: &str, bytes: &[u8]) -> Outcome {
    let chunk = chunk(container, id, 0, bytes.len(), bytes.len(), bytes);
    send(provider, actor, "StartUpload", &json!({"chunk": chunk}))
}

/// Its info must be this.
fn info(provider: &Provider, actor: &str, (container, id): (&str, &str), size: usize) -> Outcome {
    let request = json!({"blob_id": id, "container_id": container});
    let answer = call(provider, actor, "GetObjectInfo", &request);
    let expected = json!({"id": id, "container": {"id": container}, "byteSize": size});
    must_be(&answer, "GetObjectInfo", &expected, "the object is not there as it was uploaded")
}

/// There must be no such object.
fn none(provider: &Provider, actor: &str, (container, id): (&str, &str), why: &str) -> Outcome {
    let request = json!({"blob_id": id, "container_id": container});
    let answer = call(provider, actor, "GetObjectInfo", &request);
    let expected = json!({"id": "none", "container": {"id": "none"}, "byteSize": 0});
    must_be(&answer, "GetObjectInfo", &expected, why)
}

fn transfer(lab: &mut Lab) -> Outcome {
    const SIZE: usize = 4;
    const BYTES: &[u8] = b"0123456789abcdef!!";
    let provider = lab.configured()?;
    let actor = linked(lab, &provider, 0)?;
    let (name, id) = (fresh_name(lab), "folder/object");
    lab.recorder.answer(|_| Ok(vec![0xc0]));
    create(&provider, &actor, &name)?;
    let chunks: Vec<&[u8]> = BYTES.chunks(SIZE).collect();
    let whole = chunks.len() - 1;
    // The first begins it; the partial last one comes in between, and one comes again.
    each(&lab.reporter, [0, 3, whole, 1, 3, 2], |_, number| {
        let op = if number == 0 { "StartUpload" } else { "UploadChunk" };
        if number == 2 {
            let early = "the object is there before all of it came";
            none(&provider, &actor, (&name, id), early)?;
        }
        let chunk = chunk(&name, id, number, BYTES.len(), SIZE, chunks[number]);
        send(&provider, &actor, op, &json!({"chunk": chunk}))
    })?;
    info(&provider, &actor, (&name, id), BYTES.len())?;
    let listed = call(&provider, &actor, "ListObjects", &json!({"container_id": name}));
    let expected = json!([{"id": id, "container": {"id": name}, "byteSize": BYTES.len()}]);
    let listed = reply(&listed, "ListObjects")?;
    if listed["blobs"].as_array().map(Vec::len) != Some(1)
        || !super::holds(&listed["blobs"][0], &expected[0])
    {
        return Err(differs("the list is not the one object", &expected, &listed["blobs"]));
    }
    let came = download(lab, &provider, &actor, (&name, id), BYTES.len())?;
    if came == BYTES {
        return Ok(());
    }
    Err(Failure::new("what was downloaded is not what was uploaded")
        .expected(format!("{:?}", String::from_utf8_lossy(BYTES)))
        .got(format!("{:?}", String::from_utf8_lossy(&came)))
        .into())
}

/// The bytes that come when an object is asked for in chunks of 5.
fn download(
    lab: &Lab,
    provider: &Provider,
    actor: &str,
    (container, id): (&str, &str),
    total: usize,
) -> Outcome<Vec<u8>> {
    let request =
        json!({"blob_id": id, "container_id": container, "chunk_size": 5, "context": null});
    send(provider, actor, "StartDownload", &request)?;
    let length =
        |messages: &[Dispatched]| received(messages, actor, id).values().map(Vec::len).sum();
    let messages = lab.recorder.wait(SOON, |messages| {
        let so_far: usize = length(messages);
        so_far >= total
    });
    if let Some(other) = messages.iter().find(|message| message.op != "ReceiveChunk") {
        return Err(Failure::new("the download comes as another operation of the actor")
            .expected("`ReceiveChunk`")
            .got(format!("`{}`", other.op))
            .into());
    }
    Ok(received(&messages, actor, id).into_values().flatten().collect())
}

/// The chunks that the actor received, by their number.
fn received(messages: &[Dispatched], actor: &str, id: &str) -> BTreeMap<u64, Vec<u8>> {
    let mut chunks = BTreeMap::new();
    for message in messages.iter().filter(|message| message.actor == actor) {
        let Ok(value) = payload::decode(&message.msg) else {
            continue;
        };
        let chunk = value.get("chunk").unwrap_or(&value);
        if chunk["id"] == id
            && let Some(number) = chunk["sequenceNo"].as_u64()
            && let Some(text) = chunk["chunkBytes"]["$bytes"].as_str()
            && let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(text)
        {
            chunks.insert(number, bytes);
        }
    }
    chunks
}

fn bare_chunk(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = linked(lab, &provider, 0)?;
    let name = fresh_name(lab);
    create(&provider, &actor, &name)?;
    send(&provider, &actor, "StartUpload", &chunk(&name, "bare", 0, 4, 4, b"bare"))?;
    info(&provider, &actor, (&name, "bare"), 4)
}

fn own_root(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let first = linked(lab, &provider, 0)?;
    let name = fresh_name(lab);
    create(&provider, &first, &name)?;
    put(&provider, &first, &name, "before", b"first")?;
    let second = linked(lab, &provider, 1)?;
    create(&provider, &second, &name)?;
    none(&provider, &second, (&name, "before"), "the second actor sees the first one's object")?;
    info(&provider, &first, (&name, "before"), 5)?;
    put(&provider, &first, &name, "after", b"first again")?;
    none(
        &provider,
        &second,
        (&name, "after"),
        "the first actor writes into the second one's root",
    )?;
    info(&provider, &first, (&name, "after"), 11)
}

fn inside_root(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = linked(lab, &provider, 0)?;
    let name = fresh_name(lab);
    create(&provider, &actor, &name)?;
    let escape = format!("{name}-escaped");
    let folder = lab.job.folder.clone().unwrap_or_default();
    let ids: Vec<String> = ["../", "../../", "../../../"]
        .iter()
        .map(|up| format!("{up}{escape}"))
        .chain([folder.join(&escape).to_string_lossy().into_owned()])
        .collect();
    each(&lab.reporter, ids, |_, id| {
        let chunk = chunk(&name, &id, 0, 1, 1, b"x");
        let answer = call(&provider, &actor, "StartUpload", &json!({"chunk": chunk}));
        if answer.kind() == Some(ErrorKind::Panic) {
            answer.refused("an id that leads out of the root")?;
        }
        match outside(&folder, &escape) {
            None => Ok(()),
            Some(path) => Err(Failure::new("an object was written outside the link's root")
                .expected("no file outside the root")
                .got(format!("`{path}` for the id {id:?}"))
                .into()),
        }
    })
}

/// A file of that name in the check's folder and beside it, but in no root.
fn outside(folder: &Path, name: &str) -> Option<String> {
    [folder, folder.parent()?].into_iter().map(|folder| folder.join(name)).find_map(|path| {
        path.exists().then(|| {
            let shown = path.to_string_lossy().into_owned();
            // It would outlive the check.
            let _ = fs::remove_file(&path);
            shown
        })
    })
}
