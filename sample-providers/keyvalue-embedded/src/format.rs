//! What is in a file.
//!
//! A key's record says what it holds. The items of a list and the members of a set are rows of their
//! own, so that a push or a new member writes one row and not all of them.

use provider_contracts::keyvalue::Holds;
use provider_core::{Error, ErrorKind};
use redb::{Database, ReadableDatabase, TableDefinition, TableHandle};

use crate::failure::failed;

/// Namespace and key.
pub(crate) type Key = (&'static str, &'static str);
/// What the key holds ([`code`]), when it is gone, how many items or members it has, its string.
pub(crate) type Record = (u8, Option<u64>, u64, &'static str);
/// Namespace, key and position. Positions grow from head to tail; they may begin below 0, and have
/// gaps where items were deleted.
pub(crate) type Item = (&'static str, &'static str, i64);
/// Namespace, key and member.
pub(crate) type Member = (&'static str, &'static str, &'static str);
/// When a key is gone, its namespace, the key.
pub(crate) type Deadline = (u64, &'static str, &'static str);

pub(crate) const RECORDS: TableDefinition<'_, Key, Record> = TableDefinition::new("records");
pub(crate) const ITEMS: TableDefinition<'_, Item, &str> = TableDefinition::new("items");
pub(crate) const MEMBERS: TableDefinition<'_, Member, ()> = TableDefinition::new("members");
pub(crate) const DEADLINES: TableDefinition<'_, Deadline, ()> = TableDefinition::new("deadlines");
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("keyvalue-embedded");

const VERSION_KEY: &str = "format";
/// The version of all this. A file of another one is refused.
const VERSION: u64 = 1;

/// The number that stands for what a key holds.
pub(crate) fn code(holds: Holds) -> u8 {
    match holds {
        Holds::String => 1,
        Holds::List => 2,
        Holds::Set => 3,
    }
}

/// What the number stands for.
pub(crate) fn holds(code: u8) -> Result<Holds, Error> {
    match code {
        1 => Ok(Holds::String),
        2 => Ok(Holds::List),
        3 => Ok(Holds::Set),
        other => Err(Error::new(
            ErrorKind::Failed,
            format!("the file is damaged: there is no type {other}"),
        )),
    }
}

/// Makes the tables of a database that has none, and refuses one that is not ours.
pub(crate) fn prepare(database: &Database) -> Result<(), Error> {
    let snapshot = database.begin_read().map_err(failed)?;
    let tables: Vec<_> = snapshot.list_tables().map_err(failed)?.collect();
    let multimaps = snapshot.list_multimap_tables().map_err(failed)?.count();
    if tables.is_empty() && multimaps == 0 {
        return make(database);
    }
    if !tables.iter().any(|table| table.name() == ABOUT.name()) {
        return Err(Error::new(ErrorKind::Failed, "it is the database of another program"));
    }
    let about = snapshot.open_table(ABOUT).map_err(failed)?;
    let version = about.get(VERSION_KEY).map_err(failed)?;
    match version.map(|version| version.value()) {
        Some(VERSION) => {}
        other => {
            let message = format!("its format is {other:?}, this provider reads {VERSION}");
            return Err(Error::new(ErrorKind::Failed, message));
        }
    }
    // Here and now, not at the first call that needs them.
    snapshot.open_table(RECORDS).map_err(failed)?;
    snapshot.open_table(ITEMS).map_err(failed)?;
    snapshot.open_table(MEMBERS).map_err(failed)?;
    snapshot.open_table(DEADLINES).map_err(failed)?;
    Ok(())
}

fn make(database: &Database) -> Result<(), Error> {
    let transaction = database.begin_write().map_err(failed)?;
    {
        let mut about = transaction.open_table(ABOUT).map_err(failed)?;
        about.insert(VERSION_KEY, VERSION).map_err(failed)?;
        transaction.open_table(RECORDS).map_err(failed)?;
        transaction.open_table(ITEMS).map_err(failed)?;
        transaction.open_table(MEMBERS).map_err(failed)?;
        transaction.open_table(DEADLINES).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}
