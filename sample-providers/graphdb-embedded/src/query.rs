//! A query, from its text to its reply.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use graphdblite::{Database, GraphError, Record};
use provider_contracts::graphdb::{Limits, QueryResponse, Table};
use provider_core::{Error, ErrorKind};

use crate::{failure::failed, graph::Connection, root::Root, values};

const RUNNING: u8 = 0;
const COMMITS: u8 = 1;
const GIVEN_UP: u8 = 2;

/// Who decides what becomes of a query: the one that runs it, when it commits, or the one that waits
/// for it, when it gives up. The first one does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fate(Arc<AtomicU8>);

impl Fate {
    fn decide(&self, fate: u8) -> bool {
        self.0.compare_exchange(RUNNING, fate, SeqCst, SeqCst).is_ok()
    }

    /// Whether nothing of the query will be there: it does not commit any more.
    pub(crate) fn give_up(&self) -> bool {
        self.decide(GIVEN_UP)
    }

    fn commits(&self) -> bool {
        self.decide(COMMITS)
    }
}

/// What is asked.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) graph: String,
    pub(crate) text: String,
    pub(crate) limits: Limits,
    /// When whoever waits for it gives up.
    pub(crate) until: Instant,
}

impl Query {
    /// Runs it, as a whole or not at all.
    pub(crate) fn run(&self, root: &Root, fate: &Fate) -> Result<QueryResponse, Error> {
        let began = Instant::now();
        let answer = root.within(&self.graph, self.until, |graph| {
            let mut connection = graph.connect(root.kept(), self.until)?;
            // The engine counts rows in between as well: what it sorts, for example.
            connection.database().max_result_rows = self.limits.rows.max(ROWS) + 1;
            if let Some(table) = self.read(&mut connection)? {
                return Ok(table);
            }
            let _writer = graph.write(root.kept(), self.until)?;
            self.write(&mut connection, fate)
        });
        root.notice(answer.as_ref().err());
        Ok(answer?.reply(Vec::new(), began.elapsed()))
    }

    /// What it returns, if it only reads.
    fn read(&self, connection: &mut Connection<'_>) -> Result<Option<Table>, Error> {
        let database = connection.database();
        database.begin_read().map_err(|error| failed(&error))?;
        let table = match database.execute(&self.text) {
            Ok(rows) => self.table(rows).map(Some),
            // It was refused before it began: it writes.
            Err(GraphError::Transaction { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        };
        end(database)?;
        table
    }

    fn write(&self, connection: &mut Connection<'_>, fate: &Fate) -> Result<Table, Error> {
        let database = connection.database();
        database.begin_write().map_err(|error| failed(&error))?;
        let answer = match database.execute(&self.text) {
            Ok(rows) => self.table(rows),
            Err(error) => Err(failed(&error)),
        };
        let answer = answer.and_then(|table| {
            if fate.commits() {
                Ok(table)
            } else {
                Err(Error::new(ErrorKind::Timeout, "nobody waits for the query any more"))
            }
        });
        match answer {
            Ok(table) => {
                database.commit().map_err(|error| failed(&error))?;
                Ok(table)
            }
            Err(error) => {
                end(database)?;
                Err(error)
            }
        }
    }

    /// Whether the engine has named what the query has no name for: with `RETURN *` it returns that too.
    fn is_unnamed(&self, name: &str) -> bool {
        name.starts_with("_anon_") && !self.text.contains(name)
    }

    fn table(&self, rows: Vec<Record>) -> Result<Table, Error> {
        let mut table = Table::new(self.limits);
        for row in rows {
            let cells = row.iter().filter(|(name, _)| !self.is_unnamed(name));
            let cells = cells.map(|(name, found)| (name.as_str(), values::value(found.clone())));
            table.row(cells)?;
        }
        Ok(table)
    }
}

/// Ends a transaction that changes nothing.
fn end(database: &mut Database) -> Result<(), Error> {
    if database.in_transaction() {
        database.rollback().map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// How many rows a query may work on at the same time, if its reply may not have more.
const ROWS: usize = 200_000;

/// How long a commit may take beyond the time of its query: it is a matter of the disk.
pub(crate) const COMMIT: Duration = Duration::from_secs(30);
