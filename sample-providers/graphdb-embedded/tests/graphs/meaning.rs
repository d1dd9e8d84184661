//! The contract's pinned meaning.

use provider_contracts::graphdb::scenario::pinned;

use crate::provider::{link, provider};

#[test]
fn every_pinned_rule_holds_in_memory_and_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graphs");
    let provider = provider();
    let in_memory = link(&provider, "MMEMORY", &[]).unwrap();
    let in_files = link(&provider, "MFILES", &[("PATH", path.to_str().unwrap())]).unwrap();
    for scenario in pinned() {
        for graphs in [&in_memory, &in_files] {
            scenario.run(graphs, "t").unwrap_or_else(|failure| panic!("{failure}"));
        }
    }
}

#[test]
fn what_has_no_name_in_the_query_is_no_column() {
    let graphs = link(&provider(), "MNAMES", &[]).unwrap();
    let columns = |query: &str| {
        let reply = graphs.query_graph("g".into(), query.into()).unwrap();
        reply.result_set.columns.len()
    };
    columns("CREATE (:A)-[:REL]->(:B)");
    assert_eq!(columns("MATCH (a:A) WITH a MATCH (a)-->(b) RETURN *"), 2);
    assert_eq!(columns("MATCH (a:A)-[_anon_rel_0]->(b) RETURN *"), 3);
}
