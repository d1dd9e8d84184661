//! `contract`.

use std::fs;

use crate::{
    command::run,
    libraries::{c_keyvalue, moods},
};

#[test]
fn a_contract_is_written_for_people_programs_and_books() {
    let library = moods();
    let library = library.to_str().unwrap();
    let listing = run(["contract", library]).ended_with(0).out;
    assert!(listing.starts_with("test:moods\n\nEcho(text) -> any\\nthing\n"), "{listing}");
    let document = run(["contract", library, "--json"]).ended_with(0).json();
    assert_eq!(document["operations"][1]["aliases"][0], "Say");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.md");
    let quiet =
        run(["contract", library, "--markdown", "-o", file.to_str().unwrap()]).ended_with(0);
    assert_eq!((&*quiet.out, &*quiet.err), ("", ""));
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.starts_with("# The contract `test:moods`\n\n## Operations\n"), "{page}");
    assert!(page.contains("*Also answers to Say.*"), "{page}");
    let lost = folder.path().join("none/page.md");
    let refused = run(["contract", library, "-o", lost.to_str().unwrap()]).ended_with(2);
    assert!(refused.err.contains("none/page.md"), "{}", refused.err);
}

#[test]
fn a_library_that_says_no_more_has_what_its_descriptor_says() {
    let library = c_keyvalue();
    let document = run(["contract", library.to_str().unwrap(), "--json"]).ended_with(0).json();
    assert_eq!(document["contract"], "wasmcloud:keyvalue");
    assert_eq!(document["operations"][0]["arguments"], serde_json::Value::Null);
}
