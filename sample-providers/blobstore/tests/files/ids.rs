//! No id leads out of the root.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use provider_core::ErrorKind;

use crate::linked::{Provider, put};

/// Every file below a folder with its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    all
}

fn ids() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("..".to_owned()),
        Just("/".to_owned()),
        Just("./".to_owned()),
        Just("../".to_owned()),
        Just("\0".to_owned()),
        Just(".uploads".to_owned()),
        Just("%2e%2e%2f".to_owned()),
        Just("x".repeat(200)),
        any::<String>(),
    ];
    prop::collection::vec(part, 1..8).prop_map(|parts| parts.concat())
}

pub(crate) fn whatever_an_id_holds_its_object_stays_below_the_root_and_comes_back() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("a/b/root");
    fs::create_dir_all(&root).unwrap();
    fs::write(outer.path().join("secret"), "secret").unwrap();
    let provider = Provider::linked([("URL", &*format!("file://{}", root.display()))]);
    let client = provider.client("MALICE");
    client.create_container("c".into()).unwrap();
    let put_and_look = |id: &str| {
        let outside = || {
            let mut all = files(outer.path());
            all.retain(|path, _| !Path::new(path).starts_with(root.join("c")));
            all
        };
        let before = outside();
        match put(&provider, id, id.as_bytes()) {
            Ok(result) => {
                assert!(result.success, "{id:?}: {result:?}");
                let info = client.get_object_info(id.into(), "c".into()).unwrap();
                assert_eq!((&*info.id, info.byte_size), (id, id.len() as u64));
                let listed = client.list_objects("c".into()).unwrap().blobs;
                assert_eq!(listed, [info]);
                assert!(client.remove_object(id.into(), "c".into()).unwrap().success);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::BadRequest, "{id:?}: {error}"),
        }
        // A container's id is an id too.
        if client.create_container(id.into()).is_ok() && id != "c" {
            assert!(client.remove_container(id.into()).unwrap().success);
        }
        assert_eq!(outside(), before, "{id:?}");
        assert!(files(&root.join("c")).is_empty(), "{id:?}");
        assert_eq!(fs::read_dir(root.join("c")).unwrap().count(), 0, "{id:?}");
    };
    let long = "../".repeat(1365);
    let pieces = format!("{}..", "x".repeat(200));
    for id in ["../../etc/passwd", "/abs", "a//b", "\0", "..", ".", &long, &pieces, "../secret"] {
        put_and_look(id);
    }
    proptest!(ProptestConfig::with_cases(64), |(id in ids())| put_and_look(&id));
    provider.stop();
}
