//! Looking at a namespace.

use std::collections::BTreeSet;

use provider_contracts::keyvalue::{self, Holds, Refusal};
use provider_core::Error;
use redb::{AccessGuard, ReadOnlyTable, ReadTransaction, ReadableTable, StorageError};

use crate::{
    failure::failed,
    format::{self, ITEMS, Item, Key, MEMBERS, Member, RECORDS, Record},
};

/// A key's record.
pub(crate) struct Held {
    pub(crate) holds: Holds,
    /// When it is gone, in milliseconds since 1970. Only strings expire.
    pub(crate) deadline: Option<u64>,
    /// How many items or members there are.
    pub(crate) count: u64,
    pub(crate) string: String,
}

impl Held {
    /// The record of a key, also when it has expired.
    pub(crate) fn look_up(
        records: &impl ReadableTable<Key, Record>,
        key: (&str, &str),
    ) -> Result<Option<Self>, Error> {
        let Some(record) = records.get(key).map_err(failed)? else {
            return Ok(None);
        };
        let (code, deadline, count, string) = record.value();
        Ok(Some(Self { holds: format::holds(code)?, deadline, count, string: string.to_owned() }))
    }

    pub(crate) fn is_gone(&self, now: u64) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// The record, if it is of this type.
    pub(crate) fn of_type(self, wanted: Holds, key: &str) -> Result<Self, Error> {
        let held = self.holds;
        if held == wanted { Ok(self) } else { Err(Refusal::OtherType { held, wanted }.of(key)) }
    }
}

/// A namespace as it was when the view was made.
pub(crate) struct View<'a> {
    records: ReadOnlyTable<Key, Record>,
    items: ReadOnlyTable<Item, &'static str>,
    members: ReadOnlyTable<Member, ()>,
    namespace: &'a str,
    now: u64,
}

impl<'a> View<'a> {
    pub(crate) fn new(
        snapshot: &ReadTransaction,
        namespace: &'a str,
        now: u64,
    ) -> Result<Self, Error> {
        Ok(Self {
            records: snapshot.open_table(RECORDS).map_err(failed)?,
            items: snapshot.open_table(ITEMS).map_err(failed)?,
            members: snapshot.open_table(MEMBERS).map_err(failed)?,
            namespace,
            now,
        })
    }

    fn held(&self, key: &str) -> Result<Option<Held>, Error> {
        let held = Held::look_up(&self.records, (self.namespace, key))?;
        Ok(held.filter(|held| !held.is_gone(self.now)))
    }

    fn held_as(&self, wanted: Holds, key: &str) -> Result<Option<Held>, Error> {
        let held = self.held(key)?;
        held.map(|held| held.of_type(wanted, key)).transpose()
    }

    pub(crate) fn exists(&self, key: &str) -> Result<bool, Error> {
        Ok(self.held(key)?.is_some())
    }

    pub(crate) fn string(&self, key: &str) -> Result<Option<String>, Error> {
        let held = self.held_as(Holds::String, key)?;
        Ok(held.map(|held| held.string))
    }

    /// The items from `start` to `stop`, as the contract counts them.
    pub(crate) fn items(&self, key: &str, start: i32, stop: i32) -> Result<Vec<String>, Error> {
        let Some(held) = self.held_as(Holds::List, key)? else {
            return Ok(Vec::new());
        };
        let count = usize::try_from(held.count).unwrap_or(usize::MAX);
        let places = keyvalue::range(count, start, stop);
        let wanted = places.len();
        let all = (self.namespace, key, i64::MIN)..=(self.namespace, key, i64::MAX);
        let rows = self.items.range(all).map_err(failed)?;
        // From the nearer end.
        let (before, behind) = (places.start, count - places.end);
        if before <= behind {
            rows.skip(before).take(wanted).map(item).collect()
        } else {
            let rows = rows.rev().skip(behind).take(wanted);
            let mut values: Vec<_> = rows.map(item).collect::<Result<_, _>>()?;
            values.reverse();
            Ok(values)
        }
    }

    /// The members, sorted by bytes; nothing for a missing key.
    pub(crate) fn members(&self, key: &str) -> Result<Option<BTreeSet<String>>, Error> {
        if self.held_as(Holds::Set, key)?.is_none() {
            return Ok(None);
        }
        let behind = behind(key);
        let first = (self.namespace, key, "");
        let last = (self.namespace, behind.as_str(), "");
        let rows = self.members.range(first..last).map_err(failed)?;
        let members = rows.map(|row| {
            let (row, _) = row.map_err(failed)?;
            Ok(row.value().2.to_owned())
        });
        members.collect::<Result<_, _>>().map(Some)
    }
}

type Row = (AccessGuard<'static, Item>, AccessGuard<'static, &'static str>);

fn item(row: Result<Row, StorageError>) -> Result<String, Error> {
    let (_, item) = row.map_err(failed)?;
    Ok(item.value().to_owned())
}

/// The first key that comes after `key`.
pub(crate) fn behind(key: &str) -> String {
    format!("{key}\0")
}
