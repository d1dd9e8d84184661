//! The contract's operations.

use std::time::{Duration, Instant};

use falkordb::{FalkorDBError, FalkorValue, QueryResult, RowStream};
use provider_contracts::graphdb::{
    DeleteResponse, GraphDbAsync, Limits, QueryResponse, Refusal, Table, check,
};
#[cfg(feature = "export")]
use provider_core::capability_provider;
use provider_core::{AsyncContext, Cx, Error, ErrorKind, OpResult};
use tokio::time::timeout;

use crate::{FalkorGraphDb, Link, values};

/// How much longer than the server's own limit its answer may take.
const GRACE: Duration = Duration::from_millis(250);
/// How the server says that there is no such graph.
const NO_GRAPH: &str = "Invalid graph operation on empty key";
/// What the server says of itself and not of the query.
const OF_ITSELF: [&str; 2] = ["Cached execution", "Query internal execution time"];

#[cfg_attr(feature = "export", capability_provider)]
impl GraphDbAsync for FalkorGraphDb {
    async fn query_graph(
        &self,
        cx: Cx<'_, Self>,
        graph_name: String,
        query: String,
    ) -> OpResult<QueryResponse> {
        check(&graph_name, Some(&query))?;
        let link = cx.link();
        let began = Instant::now();
        let result = link
            .within(async |client, left| {
                let milliseconds = i64::try_from(left.as_millis()).unwrap_or(i64::MAX).max(1);
                let mut graph = client.select_graph(&graph_name);
                graph.query(&query).with_timeout(milliseconds).execute().await
            })
            .await?;
        Ok(reply(result, link.limits, began.elapsed())?)
    }

    async fn delete_graph(&self, cx: Cx<'_, Self>, graph_name: String) -> OpResult<DeleteResponse> {
        check(&graph_name, None)?;
        let success = cx
            .link()
            .within(async |client, _| match client.select_graph(&graph_name).delete().await {
                Ok(()) => Ok(true),
                Err(FalkorDBError::RedisError(said)) if said.contains(NO_GRAPH) => Ok(false),
                Err(error) => Err(error),
            })
            .await?;
        Ok(DeleteResponse { success })
    }
}

impl Link {
    /// Acts with a connection, within the link's time.
    async fn within<T>(
        &self,
        act: impl AsyncFnOnce(&falkordb::FalkorAsyncClient, Duration) -> Result<T, FalkorDBError>,
    ) -> Result<T, Error> {
        let until = Instant::now() + self.timeout;
        let left = || until.saturating_duration_since(Instant::now());
        let _turn = self.server.turn(left()).await?;
        let late = |message: &str| Error::new(ErrorKind::Timeout, message);
        let client = match timeout(left(), self.server.client()).await {
            Ok(client) => client?,
            Err(_) => return Err(late("the server does not answer")),
        };
        match timeout(left() + GRACE, act(&client, left())).await {
            Ok(answer) => self.server.answered(client, answer),
            // The connection goes: its answer would come to the next one.
            Err(_) => Err(late("the server does not answer; the query may still happen")),
        }
    }
}

/// The reply that a result becomes.
fn reply(
    result: QueryResult<RowStream>,
    limits: Limits,
    took: Duration,
) -> Result<QueryResponse, Refusal> {
    let mut table = Table::new(limits);
    let names = result.header;
    for row in result.data.into_values_lossy() {
        if let [FalkorValue::Unparseable(_)] = &row[..] {
            // The client library reads no path, and takes the row's other values along with it.
            let column = names.join("` or `");
            let what = "a path, or another value that the client cannot read,".to_owned();
            return Err(Refusal::NoPlace { column, what });
        }
        let cells = row.into_iter().map(values::value);
        table.row(names.iter().map(String::as_str).zip(cells))?;
    }
    let statistics = result
        .stats
        .into_iter()
        .filter(|line| !OF_ITSELF.iter().any(|begin| line.starts_with(begin)))
        .collect();
    Ok(table.reply(statistics, took))
}
