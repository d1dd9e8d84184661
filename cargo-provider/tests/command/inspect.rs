//! `inspect`.

use serde_json::json;

use crate::{
    command::run,
    libraries::{c_keyvalue, moods},
};

#[test]
fn the_document_holds_all_that_the_library_says() {
    let ran = run(["inspect".as_ref(), moods().as_os_str(), "--json".as_ref()]).ended_with(0);
    assert_eq!(ran.err, "");
    let mut document = ran.json();
    let ops = document["ops"].take();
    for (key, value) in [
        ("schema_version", json!(1)),
        ("contract", json!("test:moods")),
        ("vendor", json!("nobody\u{1b}[31m")),
        ("name", json!("moods")),
        ("version", json!("1.2.3")),
        ("revision", json!(3)),
        ("build", json!("cc")),
        ("abi", json!({ "major": 1, "minor": 1 })),
        ("flags", json!(["single instance"])),
    ] {
        assert_eq!(document[key], value, "{key}");
    }
    let described = &document["description"];
    assert_eq!(
        described["operations"][1],
        json!({ "name": "Tell", "aliases": ["Say"], "doc": "",
        "idempotent": false, "deprecated": false, "unary": false, "arguments": null })
    );
    assert_eq!(described["link"][1]["secret"], json!(true));
    assert_eq!(document["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(ops.as_array().unwrap().len(), 9);
    assert_eq!(
        ops[8],
        json!({
            "name": "Heard",
            "direction": "provider-to-actor",
            "flags": ["deprecated"],
            "doc": "What `Tell` sends.",
        })
    );
}

#[test]
fn the_page_is_for_people_and_does_nothing_to_their_terminal() {
    let page = run(["inspect".as_ref(), moods().as_os_str()]).ended_with(0).out;
    assert!(page.contains("vendor    nobody\\u{1b}[31m\n"), "{page}");
    assert!(page.contains("abi       1.1\n"), "{page}");
    assert!(page.contains("  -> Echo(text) -> any\\nthing\n"), "{page}");
    assert!(page.contains("  -> Tell\n       also: Say\n"), "{page}");
    let link = "link values: 2\n  MOOD: a mood (default `fair`)\n       The first one.\n  KEY, a secret (required)\n";
    assert!(page.contains(link), "{page}");
    assert!(page.contains("  <- Heard  [deprecated]\n       What `Tell` sends.\n"), "{page}");
}

#[test]
fn a_provider_in_another_language_is_a_provider() {
    let page = run(["inspect".as_ref(), c_keyvalue().as_os_str()]).ended_with(0).out;
    assert!(page.contains("contract  wasmcloud:keyvalue\n"), "{page}");
    assert!(page.contains("-> Get"), "{page}");
}
