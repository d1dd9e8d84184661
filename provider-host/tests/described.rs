//! A library says of itself whether its provider is asynchronous.

mod support;

use provider_host::Library;

#[test]
fn a_library_says_whether_its_provider_is_asynchronous() {
    let said: Vec<bool> = support::build(&["echo-async", "talks"], &[])
        .iter()
        .map(|path| Library::open(path).unwrap().describe().unwrap().unwrap().asynchronous)
        .collect();
    assert_eq!(said, [true, false]);
}
