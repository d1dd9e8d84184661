//! Changing a namespace.

use provider_contracts::keyvalue::{self, Holds, Refusal};
use provider_core::Error;
use redb::{ReadableTable, Table, WriteTransaction};

use crate::{
    failure::failed,
    format::{self, DEADLINES, Deadline, ITEMS, Item, Key, MEMBERS, Member, RECORDS, Record},
    reading::{Held, behind},
};

/// How many expired keys a change takes away besides its own, so that keys which nobody asks for
/// again go as well: more than a change can add, and few enough to be no burden.
const SWEPT_AT_ONCE: usize = 16;

/// A namespace while it is changed. Nothing is seen by others, or is there after an error, until the
/// transaction is committed.
pub(crate) struct Change<'t, 'a> {
    records: Table<'t, Key, Record>,
    items: Table<'t, Item, &'static str>,
    members: Table<'t, Member, ()>,
    deadlines: Table<'t, Deadline, ()>,
    namespace: &'a str,
    now: u64,
    changed: bool,
}

impl<'t, 'a> Change<'t, 'a> {
    pub(crate) fn new(
        transaction: &'t WriteTransaction,
        namespace: &'a str,
        now: u64,
    ) -> Result<Self, Error> {
        Ok(Self {
            records: transaction.open_table(RECORDS).map_err(failed)?,
            items: transaction.open_table(ITEMS).map_err(failed)?,
            members: transaction.open_table(MEMBERS).map_err(failed)?,
            deadlines: transaction.open_table(DEADLINES).map_err(failed)?,
            namespace,
            now,
            changed: false,
        })
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Takes some of what has expired away, if the transaction is committed anyway. Returns whether
    /// it is to be.
    pub(crate) fn finish(mut self) -> Result<bool, Error> {
        if self.changed {
            for _ in 0..SWEPT_AT_ONCE {
                if !self.sweep()? {
                    break;
                }
            }
        }
        Ok(self.changed)
    }

    /// Takes the key away that expired first, of whichever namespace. Returns whether there was one.
    fn sweep(&mut self) -> Result<bool, Error> {
        let Some((first, _)) = self.deadlines.first().map_err(failed)? else {
            return Ok(false);
        };
        let (deadline, namespace, key) = first.value();
        if deadline > self.now {
            return Ok(false);
        }
        let (namespace, key) = (namespace.to_owned(), key.to_owned());
        drop(first);
        self.records.remove((namespace.as_str(), key.as_str())).map_err(failed)?;
        self.deadlines.remove((deadline, namespace.as_str(), key.as_str())).map_err(failed)?;
        Ok(true)
    }

    /// The key's record. One that has expired is taken away first.
    fn held(&mut self, key: &str) -> Result<Option<Held>, Error> {
        match Held::look_up(&self.records, (self.namespace, key))? {
            Some(held) if held.is_gone(self.now) => {
                self.take_away(key, &held)?;
                Ok(None)
            }
            held => Ok(held),
        }
    }

    fn held_as(&mut self, wanted: Holds, key: &str) -> Result<Option<Held>, Error> {
        let held = self.held(key)?;
        held.map(|held| held.of_type(wanted, key)).transpose()
    }

    fn write(&mut self, key: &str, held: &Held) -> Result<(), Error> {
        let code = format::code(held.holds);
        let record = (code, held.deadline, held.count, held.string.as_str());
        self.changed = true;
        self.records.insert((self.namespace, key), record).map_err(failed)?;
        Ok(())
    }

    /// Takes a key away with all that belongs to it.
    fn take_away(&mut self, key: &str, held: &Held) -> Result<(), Error> {
        let namespace = self.namespace;
        self.changed = true;
        match held.holds {
            Holds::String => {}
            Holds::List => {
                let all = (namespace, key, i64::MIN)..=(namespace, key, i64::MAX);
                self.items.retain_in(all, |_, _| false).map_err(failed)?;
            }
            Holds::Set => {
                let behind = behind(key);
                let all = (namespace, key, "")..(namespace, behind.as_str(), "");
                self.members.retain_in(all, |_, ()| false).map_err(failed)?;
            }
        }
        if let Some(deadline) = held.deadline {
            self.deadlines.remove((deadline, namespace, key)).map_err(failed)?;
        }
        self.records.remove((namespace, key)).map_err(failed)?;
        Ok(())
    }

    /// Takes a key away, whatever it holds.
    pub(crate) fn remove(&mut self, key: &str) -> Result<(), Error> {
        match self.held(key)? {
            Some(held) => self.take_away(key, &held),
            None => Ok(()),
        }
    }

    pub(crate) fn set_string(
        &mut self,
        key: &str,
        string: String,
        deadline: Option<u64>,
    ) -> Result<(), Error> {
        self.remove(key)?;
        if let Some(deadline) = deadline {
            self.deadlines.insert((deadline, self.namespace, key), ()).map_err(failed)?;
        }
        self.write(key, &Held { holds: Holds::String, deadline, count: 0, string })
    }

    pub(crate) fn add(&mut self, key: &str, more: i32) -> Result<i32, Error> {
        let held = self.held_as(Holds::String, key)?;
        let number = held.as_ref().map(|held| held.string.as_str());
        let total = keyvalue::add(number, more).map_err(|why| why.of(key))?;
        self.write(
            key,
            &Held {
                holds: Holds::String,
                // It stays as it was, in the record and in the list of deadlines.
                deadline: held.and_then(|held| held.deadline),
                count: 0,
                string: total.to_string(),
            },
        )?;
        Ok(total)
    }

    pub(crate) fn clear(&mut self, key: &str) -> Result<(), Error> {
        match self.held_as(Holds::List, key)? {
            Some(held) => self.take_away(key, &held),
            None => Ok(()),
        }
    }

    /// Returns the new length.
    pub(crate) fn push(&mut self, key: &str, item: &str) -> Result<i32, Error> {
        let count = self.held_as(Holds::List, key)?.map_or(0, |held| held.count);
        let full = || Refusal::Full.of(key);
        let length = i32::try_from(count + 1).map_err(|_| full())?;
        let head = self.head(key)?;
        let position = head.map_or(Some(0), |head| head.checked_sub(1));
        self.items
            .insert((self.namespace, key, position.ok_or_else(full)?), item)
            .map_err(failed)?;
        self.write_count(Holds::List, key, count + 1)?;
        Ok(length)
    }

    /// The position of a list's first item.
    fn head(&self, key: &str) -> Result<Option<i64>, Error> {
        let all = (self.namespace, key, i64::MIN)..=(self.namespace, key, i64::MAX);
        let first = self.items.range(all).map_err(failed)?.next().transpose();
        let first = first.map_err(failed)?;
        Ok(first.map(|(row, _)| row.value().2))
    }

    /// Returns how many items went.
    pub(crate) fn delete_items(&mut self, key: &str, item: &str) -> Result<i32, Error> {
        let Some(held) = self.held_as(Holds::List, key)? else {
            return Ok(0);
        };
        let all = (self.namespace, key, i64::MIN)..=(self.namespace, key, i64::MAX);
        let mut gone = 0;
        for row in self.items.extract_from_if(all, |_, other| other == item).map_err(failed)? {
            row.map_err(failed)?;
            gone += 1;
        }
        if gone > 0 {
            self.write_count(Holds::List, key, held.count.saturating_sub(gone))?;
        }
        // `push` lets no list grow longer than this.
        Ok(i32::try_from(gone).unwrap_or(i32::MAX))
    }

    /// Returns whether the member came.
    pub(crate) fn add_member(&mut self, key: &str, member: &str) -> Result<bool, Error> {
        let count = self.held_as(Holds::Set, key)?.map_or(0, |held| held.count);
        let before = self.members.insert((self.namespace, key, member), ()).map_err(failed)?;
        let came = before.is_none();
        drop(before);
        if came {
            self.write_count(Holds::Set, key, count + 1)?;
        }
        Ok(came)
    }

    /// Returns whether the member went.
    pub(crate) fn remove_member(&mut self, key: &str, member: &str) -> Result<bool, Error> {
        let Some(held) = self.held_as(Holds::Set, key)? else {
            return Ok(false);
        };
        let before = self.members.remove((self.namespace, key, member)).map_err(failed)?;
        let went = before.is_some();
        drop(before);
        if went {
            self.write_count(Holds::Set, key, held.count.saturating_sub(1))?;
        }
        Ok(went)
    }

    /// Writes how many items or members there are. Without any the key is gone.
    fn write_count(&mut self, holds: Holds, key: &str, count: u64) -> Result<(), Error> {
        let held = Held { holds, deadline: None, count, string: String::new() };
        if count == 0 { self.take_away(key, &held) } else { self.write(key, &held) }
    }
}

#[cfg(test)]
mod tests {
    use redb::{Builder, Database, ReadableTableMetadata, backends::InMemoryBackend};

    use super::*;

    fn database() -> Database {
        let database = Builder::new().create_with_backend(InMemoryBackend::new()).unwrap();
        format::prepare(&database).unwrap();
        database
    }

    fn change(database: &Database, now: u64, act: impl FnOnce(&mut Change<'_, '_>)) -> bool {
        let transaction = database.begin_write().unwrap();
        let mut change = Change::new(&transaction, "=n", now).unwrap();
        act(&mut change);
        let changed = change.finish().unwrap();
        transaction.commit().unwrap();
        changed
    }

    /// How many records, items, members and deadlines there are.
    fn rows(database: &Database) -> [u64; 4] {
        let transaction = database.begin_write().unwrap();
        let change = Change::new(&transaction, "=n", 0).unwrap();
        [
            change.records.len().unwrap(),
            change.items.len().unwrap(),
            change.members.len().unwrap(),
            change.deadlines.len().unwrap(),
        ]
    }

    #[test]
    fn keys_that_nobody_asks_for_again_go_with_later_changes_a_few_at_a_time() {
        let database = database();
        change(&database, 0, |change| {
            for number in 0..20 {
                let key = number.to_string();
                change.set_string(&key, "v".into(), Some(100)).unwrap();
            }
            change.set_string("late", "v".into(), Some(101)).unwrap();
        });
        assert_eq!(rows(&database), [21, 0, 0, 21]);
        let touch = |now| {
            change(&database, now, |change| {
                change.set_string("other", "v".into(), None).unwrap();
            })
        };
        touch(99);
        assert_eq!(rows(&database), [22, 0, 0, 21]);
        touch(100);
        let left = 21 - SWEPT_AT_ONCE as u64;
        assert_eq!(rows(&database), [left + 1, 0, 0, left]);
        touch(100);
        assert_eq!(rows(&database), [2, 0, 0, 1]);
    }

    #[test]
    fn a_key_that_goes_leaves_no_rows() {
        let database = database();
        change(&database, 0, |change| {
            for item in ["a", "b"] {
                change.push("l", item).unwrap();
                change.push("m", item).unwrap();
                change.add_member("s", item).unwrap();
                change.add_member("t", item).unwrap();
            }
            change.set_string("k", "v".into(), Some(100)).unwrap();
        });
        assert_eq!(rows(&database), [5, 4, 4, 1]);
        change(&database, 0, |change| {
            change.remove("l").unwrap();
            change.set_string("s", "v".into(), None).unwrap();
            change.set_string("k", "v".into(), None).unwrap();
        });
        assert_eq!(rows(&database), [4, 2, 2, 0]);
        change(&database, 0, |change| {
            for item in ["a", "b"] {
                change.delete_items("m", item).unwrap();
                change.remove_member("t", item).unwrap();
            }
        });
        assert_eq!(rows(&database), [2, 0, 0, 0]);
    }

    #[test]
    fn what_changes_nothing_need_not_be_written() {
        let database = database();
        change(&database, 0, |change| {
            change.add_member("s", "a").unwrap();
            change.push("l", "a").unwrap();
        });
        let changed = change(&database, 0, |change| {
            change.add_member("s", "a").unwrap();
            change.remove_member("s", "b").unwrap();
            change.delete_items("l", "b").unwrap();
            change.remove("missing").unwrap();
            change.clear("missing").unwrap();
        });
        assert!(!changed);
    }
}
