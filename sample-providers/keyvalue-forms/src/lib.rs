//! What stands behind the three forms of one provider, as a database's client library would: strings,
//! lists and sets under keys, in memory. The forms are in `examples`, each a library of its own.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use provider_contracts::keyvalue::{self, Holds, Refusal};
use provider_core::Error;

/// The stores that links name.
#[derive(Debug, Default)]
pub struct Stores(Mutex<HashMap<String, Weak<Store>>>);

impl Stores {
    /// The store of that name, which ends with the last who has it; without a name, a store of one's
    /// own.
    #[must_use]
    pub fn open(&self, name: Option<&str>) -> Arc<Store> {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return Arc::default() };
        let mut named = whole(&self.0);
        if let Some(store) = named.get(name).and_then(Weak::upgrade) {
            return store;
        }
        named.retain(|_, store| store.strong_count() > 0);
        let store = Arc::default();
        named.insert(name.to_owned(), Arc::downgrade(&store));
        store
    }
}

/// Keys and what they hold.
#[derive(Debug, Default)]
pub struct Store(Mutex<HashMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    value: Value,
    deadline: Option<Instant>,
}

#[derive(Debug)]
enum Value {
    String(String),
    List(VecDeque<String>),
    Set(BTreeSet<String>),
}

impl Value {
    /// Why it is not what an operation wants.
    fn not(&self, wanted: Holds, key: &str) -> Error {
        let held = match self {
            Self::String(_) => Holds::String,
            Self::List(_) => Holds::List,
            Self::Set(_) => Holds::Set,
        };
        Refusal::OtherType { held, wanted }.of(key)
    }
}

/// Nothing here panics while it is locked.
fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A length as the replies have it.
fn count(length: usize, key: &str) -> Result<i32, Error> {
    i32::try_from(length).map_err(|_| Refusal::Full.of(key))
}

#[expect(clippy::missing_errors_doc, reason = "the contract says what each operation refuses")]
impl Store {
    /// The entries, without that of `keys` which have expired.
    fn entries<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a str>,
    ) -> MutexGuard<'_, HashMap<String, Entry>> {
        let mut entries = whole(&self.0);
        for key in keys {
            let deadline = entries.get(key).and_then(|entry| entry.deadline);
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                entries.remove(key);
            }
        }
        entries
    }

    /// Whether there is a key.
    #[must_use]
    pub fn exists(&self, key: &str) -> bool {
        self.entries([key]).contains_key(key)
    }

    /// The string that a key holds.
    pub fn get(&self, key: &str) -> Result<Option<String>, Error> {
        match self.entries([key]).get(key).map(|entry| &entry.value) {
            None => Ok(None),
            Some(Value::String(string)) => Ok(Some(string.clone())),
            Some(other) => Err(other.not(Holds::String, key)),
        }
    }

    /// Sets a key to a string for so many seconds, or for ever.
    pub fn set(&self, key: &str, value: &str, seconds: i32) {
        let lifetime = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        let deadline = lifetime.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let entry = Entry { value: Value::String(value.to_owned()), deadline };
        self.entries([]).insert(key.to_owned(), entry);
    }

    /// Adds to the number that a key holds.
    pub fn add(&self, key: &str, more: i32) -> Result<i32, Error> {
        let mut entries = self.entries([key]);
        let (held, deadline) = match entries.get(key) {
            None => (None, None),
            Some(Entry { value: Value::String(text), deadline }) => {
                (Some(text.as_str()), *deadline)
            }
            Some(other) => return Err(other.value.not(Holds::String, key)),
        };
        let total = keyvalue::add(held, more).map_err(|why| why.of(key))?;
        let value = Value::String(total.to_string());
        entries.insert(key.to_owned(), Entry { value, deadline });
        Ok(total)
    }

    /// Deletes a key.
    pub fn delete(&self, key: &str) {
        self.entries([]).remove(key);
    }

    /// Empties a list.
    pub fn clear(&self, key: &str) -> Result<(), Error> {
        self.change_list(key, |list| {
            list.clear();
            Ok(())
        })
    }

    /// The items of a list between two positions.
    pub fn range(&self, key: &str, start: i32, stop: i32) -> Result<Vec<String>, Error> {
        match self.entries([key]).get(key).map(|entry| &entry.value) {
            None => Ok(Vec::new()),
            Some(Value::List(list)) => {
                Ok(list.range(keyvalue::range(list.len(), start, stop)).cloned().collect())
            }
            Some(other) => Err(other.not(Holds::List, key)),
        }
    }

    /// Adds an item at the head of a list: its new length.
    pub fn push(&self, key: &str, item: &str) -> Result<i32, Error> {
        self.change_list(key, |list| {
            let length = count(list.len() + 1, key)?;
            list.push_front(item.to_owned());
            Ok(length)
        })
    }

    /// Removes every such item from a list: how many those were.
    pub fn delete_items(&self, key: &str, item: &str) -> Result<i32, Error> {
        self.change_list(key, |list| {
            let before = list.len();
            list.retain(|held| held != item);
            count(before - list.len(), key)
        })
    }

    /// Adds a member to a set: how many came.
    pub fn add_member(&self, key: &str, member: &str) -> Result<i32, Error> {
        self.change_set(key, |set| set.insert(member.to_owned()).into())
    }

    /// Removes a member from a set: how many went.
    pub fn remove_member(&self, key: &str, member: &str) -> Result<i32, Error> {
        self.change_set(key, |set| set.remove(member).into())
    }

    /// The members of a set.
    pub fn members(&self, key: &str) -> Result<Vec<String>, Error> {
        self.union(&[key.to_owned()])
    }

    /// What is in any of the sets.
    pub fn union(&self, keys: &[String]) -> Result<Vec<String>, Error> {
        Ok(self.sets(keys)?.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// What is in all of the sets.
    pub fn intersection(&self, keys: &[String]) -> Result<Vec<String>, Error> {
        let mut sets = self.sets(keys)?.into_iter();
        let first = sets.next().unwrap_or_default();
        let rest: Vec<_> = sets.collect();
        Ok(first.into_iter().filter(|member| rest.iter().all(|set| set.contains(member))).collect())
    }

    fn sets(&self, keys: &[String]) -> Result<Vec<BTreeSet<String>>, Error> {
        let distinct: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
        let entries = self.entries(distinct.iter().copied());
        let set = |key| match entries.get(key).map(|entry| &entry.value) {
            None => Ok(BTreeSet::new()),
            Some(Value::Set(set)) => Ok(set.clone()),
            Some(other) => Err(other.not(Holds::Set, key)),
        };
        distinct.into_iter().map(set).collect()
    }

    /// Changes a list, which goes with its last item.
    fn change_list<T>(
        &self,
        key: &str,
        change: impl FnOnce(&mut VecDeque<String>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut entries = self.entries([key]);
        let mut list = match entries.remove(key) {
            None => VecDeque::new(),
            Some(Entry { value: Value::List(list), .. }) => list,
            Some(other) => {
                let refusal = other.value.not(Holds::List, key);
                entries.insert(key.to_owned(), other);
                return Err(refusal);
            }
        };
        let outcome = change(&mut list);
        if !list.is_empty() {
            entries.insert(key.to_owned(), Entry { value: Value::List(list), deadline: None });
        }
        outcome
    }

    /// Changes a set, which goes with its last member.
    fn change_set(
        &self,
        key: &str,
        change: impl FnOnce(&mut BTreeSet<String>) -> i32,
    ) -> Result<i32, Error> {
        let mut entries = self.entries([key]);
        let mut set = match entries.remove(key) {
            None => BTreeSet::new(),
            Some(Entry { value: Value::Set(set), .. }) => set,
            Some(other) => {
                let refusal = other.value.not(Holds::Set, key);
                entries.insert(key.to_owned(), other);
                return Err(refusal);
            }
        };
        let changed = change(&mut set);
        if !set.is_empty() {
            entries.insert(key.to_owned(), Entry { value: Value::Set(set), deadline: None });
        }
        Ok(changed)
    }
}
