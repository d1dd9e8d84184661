//! Folders and files.

use std::{
    fs::{self, File},
    path::Path,
};

use provider_core::{
    Dispatcher, ErrorKind, codec,
    ops::{HealthResponse, OP_HEALTH_REQUEST, SYSTEM_ACTOR},
};

use crate::provider::{Provider, link, one, provider, run, unlink};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn health(provider: &Provider) -> HealthResponse {
    let reply = provider.dispatch(SYSTEM_ACTOR, OP_HEALTH_REQUEST, b"").unwrap();
    codec::decode(&reply).unwrap()
}

#[test]
fn graphs_outlive_links_and_providers_and_are_shared_by_the_links_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graphs");
    let text = path.to_str().unwrap();
    let first = provider();
    let graphs = link(&first, "MACTOR", &[("PATH", text)]).unwrap();
    run(&graphs, "CREATE (:A {n: 1})").unwrap();
    // By another way to the same folder.
    let detour = format!("{text}/../graphs");
    let other = link(&first, "MOTHER", &[("PATH", &detour)]).unwrap();
    assert_eq!(one(&other, "MATCH (a:A) RETURN a.n AS n").unwrap(), 1.into());
    unlink(&first, "MACTOR");
    unlink(&first, "MOTHER");
    let second = provider();
    let graphs = link(&second, "MACTOR", &[("PATH", text)]).unwrap();
    assert_eq!(one(&graphs, "MATCH (a:A) RETURN a.n AS n").unwrap(), 1.into());
    assert!(graphs.delete_graph("g".into()).unwrap().success);
    assert_eq!(names(&path), [".graphdb-embedded.lock"]);
}

#[test]
fn graphs_in_memory_are_a_links_own_and_gone_with_it() {
    let provider = provider();
    let graphs = link(&provider, "MACTOR", &[]).unwrap();
    run(&graphs, "CREATE (:A)").unwrap();
    let other = link(&provider, "MOTHER", &[]).unwrap();
    assert_eq!(one(&other, "MATCH (a:A) RETURN count(a) AS n").unwrap(), 0.into());
    unlink(&provider, "MACTOR");
    let graphs = link(&provider, "MACTOR", &[]).unwrap();
    assert_eq!(one(&graphs, "MATCH (a:A) RETURN count(a) AS n").unwrap(), 0.into());
}

#[test]
fn a_folder_that_cannot_be_used_fails_the_bind_which_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let missing = folder.path().join("missing/graphs");
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    for path in [&missing, &file, Path::new("/proc/graphs")] {
        let path = path.to_str().unwrap();
        let error = link(&provider, "MACTOR", &[("PATH", path)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.message().contains(path), "{error}");
    }
    let error = link(&provider, "MACTOR", &[("PATH", "")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    fs::create_dir(folder.path().join("missing")).unwrap();
    link(&provider, "MACTOR", &[("PATH", missing.to_str().unwrap())]).unwrap();
}

#[test]
fn a_folder_that_another_process_has_fails_the_bind_until_it_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let lock = File::create(folder.path().join(".graphdb-embedded.lock")).unwrap();
    // A lock belongs to an open file, so that this is as good as another process.
    lock.lock().unwrap();
    let provider = provider();
    let error = link(&provider, "MACTOR", &[("PATH", path)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("another process has it open"), "{error}");
    drop(lock);
    link(&provider, "MACTOR", &[("PATH", path)]).unwrap();
}

#[test]
fn a_file_that_is_no_graph_is_an_error_and_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("g-g.graph");
    let text = "this is not a database, whatever its name says".repeat(100);
    fs::write(&foreign, &text).unwrap();
    let graphs = link(&provider(), "MACTOR", &[("PATH", folder.path().to_str().unwrap())]).unwrap();
    let error = run(&graphs, "CREATE (:A)").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), text);
    graphs.query_graph("h".into(), "CREATE (:A)".into()).unwrap();
}

#[test]
fn a_folder_that_is_gone_is_bad_health_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let (path, away) = (folder.path().join("graphs"), folder.path().join("away"));
    let provider = provider();
    let graphs = link(&provider, "MACTOR", &[("PATH", path.to_str().unwrap())]).unwrap();
    run(&graphs, "CREATE (:A)").unwrap();
    assert!(health(&provider).healthy);
    fs::rename(&path, &away).unwrap();
    let sick = health(&provider);
    assert!(!sick.healthy && sick.message.contains(path.to_str().unwrap()), "{sick:?}");
    let error = graphs.query_graph("new".into(), "CREATE (:A)".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    fs::rename(&away, &path).unwrap();
    graphs.query_graph("new".into(), "CREATE (:A)".into()).unwrap();
    assert!(health(&provider).healthy);
    assert_eq!(one(&graphs, "MATCH (a:A) RETURN count(a) AS n").unwrap(), 1.into());
}
