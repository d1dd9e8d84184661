//! Time, size, and what becomes of a query that nobody waits for.

use std::time::{Duration, Instant};

use provider_contracts::graphdb::{MAX_QUERY_BYTES, Scalar};
use provider_core::{Error, ErrorKind};

use crate::provider::{Graphs, link, one, provider, run};

/// Takes much longer than the time that it is given, and answers one number.
const LONG: &str = "UNWIND range(1, 1000) AS a UNWIND range(1, 400) AS b RETURN count(*) AS n";
/// How long a query that was given up is waited for.
const SOON: Duration = Duration::from_mins(1);

/// Asks until the graph is free again.
fn when_free<T>(ask: impl Fn() -> Result<T, Error>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        match ask() {
            Ok(value) => return value,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
                assert!(Instant::now() < deadline, "{error}");
            }
        }
    }
}

#[test]
fn a_query_that_takes_too_long_holds_up_nobody_else() {
    let provider = provider();
    let values = [("TIMEOUT", "100ms"), ("CONCURRENCY", "2")];
    let slow = link(&provider, "MSLOW", &values).unwrap();
    let other = link(&provider, "MOTHER", &[]).unwrap();
    let error = run(&slow, LONG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), "the query takes too long; nothing of it is there");
    // It is still running. Another actor, and another graph of the same one, do not wait.
    assert_eq!(one(&other, "RETURN 1 AS x").unwrap(), 1.into());
    when_free(|| slow.query_graph("h".into(), "RETURN 1 AS x".into()));
    // Its own graph does, since a graph in memory works on one query at a time.
    let busy = run(&slow, "RETURN 1 AS x").unwrap_err();
    assert_eq!(busy.kind(), ErrorKind::Timeout);
    // And when it ends, its place is free.
    assert_eq!(when_free(|| one(&slow, "RETURN 1 AS x")), 1.into());
}

#[test]
fn a_query_that_was_given_up_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let path = folder.path().join("graphs");
    let path = path.to_str().unwrap();
    let quick = link(&provider, "MQUICK", &[("PATH", path), ("TIMEOUT", "100ms")]).unwrap();
    let patient = link(&provider, "MPATIENT", &[("PATH", path), ("TIMEOUT", "60s")]).unwrap();
    run(&patient, "CREATE (:Before)").unwrap();
    let long = LONG.replace("RETURN count(*) AS n", "WITH count(*) AS n CREATE (:Late {n: n})");
    assert_eq!(run(&quick, &long).unwrap_err().kind(), ErrorKind::Timeout);
    // Who reads a file does not wait for it; who writes comes after it.
    assert_eq!(one(&patient, "MATCH (b:Before) RETURN count(b) AS n").unwrap(), 1.into());
    run(&patient, "CREATE (:After)").unwrap();
    assert_eq!(one(&patient, "MATCH (l:Late) RETURN count(l) AS n").unwrap(), 0.into());
    assert_eq!(one(&patient, "MATCH (a:After) RETURN count(a) AS n").unwrap(), 1.into());
}

fn limited() -> Graphs {
    let values = [("MAX_ROWS", "10"), ("MAX_REPLY_BYTES", "4096")];
    link(&provider(), "MACTOR", &values).unwrap()
}

#[test]
fn a_reply_has_the_links_limits() {
    let graphs = limited();
    let rows = |rows: u32| run(&graphs, &format!("UNWIND range(1, {rows}) AS x RETURN x"));
    rows(10).unwrap();
    let error = rows(11).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("10 of `MAX_ROWS`"), "{error}");
    // What is only worked on does not count.
    assert_eq!(
        one(&graphs, "UNWIND range(1, 1000) AS x WITH x ORDER BY x DESC RETURN count(x) AS n")
            .unwrap(),
        1000.into()
    );
    let text = |length: usize| one(&graphs, &format!("RETURN '{}' AS x", "x".repeat(length)));
    text(4000).unwrap();
    let error = text(4090).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("`MAX_REPLY_BYTES`"), "{error}");
    // More rows than the engine works on for anybody.
    let error = run(&graphs, "UNWIND range(1, 250000) AS x RETURN x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

#[test]
fn a_query_of_one_mebibyte_is_taken_and_a_longer_one_refused() {
    let graphs = link(&provider(), "MACTOR", &[]).unwrap();
    let query = |length: usize| {
        let (begin, end) = ("CREATE (:Large {text: '", "'})");
        format!("{begin}{}{end}", "x".repeat(length - begin.len() - end.len()))
    };
    run(&graphs, &query(MAX_QUERY_BYTES)).unwrap();
    let Scalar { string_value: Some(text), .. } =
        one(&graphs, "MATCH (l:Large) RETURN l.text AS text").unwrap()
    else {
        panic!("the property is a string");
    };
    assert_eq!(text.len(), MAX_QUERY_BYTES - "CREATE (:Large {text: ''})".len());
    let error = run(&graphs, &query(MAX_QUERY_BYTES + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(one(&graphs, "MATCH (l:Large) RETURN count(l) AS n").unwrap(), 1.into());
}
