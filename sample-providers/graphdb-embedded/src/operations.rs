//! The contract's operations.

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Instant,
};

use provider_contracts::graphdb::{DeleteResponse, GraphDb, QueryResponse, check};
#[cfg(feature = "export")]
use provider_core::capability_provider;
use provider_core::{Cx, Error, ErrorKind, LogScope, OpResult};

use crate::{
    EmbeddedGraphDb, Link,
    query::{COMMIT, Fate, Query},
};

#[cfg_attr(feature = "export", capability_provider)]
impl GraphDb for EmbeddedGraphDb {
    fn query_graph(
        &self,
        cx: Cx<'_, Self>,
        graph_name: String,
        query: String,
    ) -> OpResult<QueryResponse> {
        check(&graph_name, Some(&query))?;
        Ok(run(cx.link(), graph_name, query)?)
    }

    fn delete_graph(&self, cx: Cx<'_, Self>, graph_name: String) -> OpResult<DeleteResponse> {
        check(&graph_name, None)?;
        let link = cx.link();
        let success = link.root.delete(&graph_name, Instant::now() + link.timeout)?;
        Ok(DeleteResponse { success })
    }
}

/// Runs a query on a thread of its own, since nothing can interrupt one: who waits for it too long goes
/// on, and the query keeps its place until it ends.
fn run(link: &Link, graph: String, text: String) -> Result<QueryResponse, Error> {
    let until = Instant::now() + link.timeout;
    let late = |message: &str| Error::new(ErrorKind::Timeout, message);
    let slot = link.slots.take(until);
    let slot = slot.ok_or_else(|| late("other queries of the link are running"))?;
    let query = Query { graph, text, limits: link.limits, until };
    let (send, answer) = mpsc::sync_channel(1);
    let (root, fate, scope) = (Arc::clone(&link.root), Fate::default(), LogScope::current());
    let its_fate = fate.clone();
    thread::Builder::new()
        .name("graphdb-query".into())
        .spawn(move || {
            let answer = scope.enter(|| query.run(&root, &its_fate));
            // Before the answer is there: what is free then is free for the caller's next query.
            drop((root, slot));
            let _ = send.send(answer);
        })
        .map_err(|error| Error::with_source(ErrorKind::Unavailable, error).context("no thread"))?;
    let waited = answer.recv_timeout(until.saturating_duration_since(Instant::now()));
    let waited = match waited {
        Err(RecvTimeoutError::Timeout) if fate.give_up() => {
            return Err(late("the query takes too long; nothing of it is there"));
        }
        Err(RecvTimeoutError::Timeout) => answer.recv_timeout(COMMIT),
        waited => waited,
    };
    waited.unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => {
            Err(late("the disk takes too long; what the query wrote may be there"))
        }
        RecvTimeoutError::Disconnected => {
            Err(Error::new(ErrorKind::Failed, "the engine gave up on the query"))
        }
    })
}
