//! What one namespace holds.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::{Duration, Instant},
};

use provider_contracts::keyvalue::{Holds, Refusal};

/// The entries of a namespace. A list and a set are never empty: an entry goes with its last item.
#[derive(Debug, Default)]
pub(crate) struct Store(HashMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    value: Value,
    /// When it is gone.
    deadline: Option<Instant>,
}

/// What a key can hold.
#[derive(Debug)]
pub(crate) enum Value {
    String(String),
    List(VecDeque<String>),
    Set(BTreeSet<String>),
}

impl Value {
    fn is_no(&self, wanted: Holds) -> Refusal {
        let held = match self {
            Self::String(_) => Holds::String,
            Self::List(_) => Holds::List,
            Self::Set(_) => Holds::Set,
        };
        Refusal::OtherType { held, wanted }
    }
}

impl Store {
    /// What the key holds. One that has expired is taken away.
    pub(crate) fn value(&mut self, key: &str) -> Option<&mut Value> {
        let deadline = self.0.get(key)?.deadline;
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            self.0.remove(key);
        }
        self.0.get_mut(key).map(|entry| &mut entry.value)
    }

    pub(crate) fn insert(&mut self, key: String, value: Value, lifetime: Option<Duration>) {
        let deadline = lifetime.map(|lifetime| Instant::now() + lifetime);
        self.0.insert(key, Entry { value, deadline });
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    pub(crate) fn string(&mut self, key: &str) -> Result<Option<&mut String>, Refusal> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(string)) => Ok(Some(string)),
            Some(other) => Err(other.is_no(Holds::String)),
        }
    }

    pub(crate) fn list(&mut self, key: &str) -> Result<Option<&mut VecDeque<String>>, Refusal> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::List(list)) => Ok(Some(list)),
            Some(other) => Err(other.is_no(Holds::List)),
        }
    }

    pub(crate) fn set(&mut self, key: &str) -> Result<Option<&mut BTreeSet<String>>, Refusal> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Set(set)) => Ok(Some(set)),
            Some(other) => Err(other.is_no(Holds::Set)),
        }
    }
}
