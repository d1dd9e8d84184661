//! The entries of one namespace. Whoever calls holds its lock and says what time it is.
//!
//! A list and a set are never empty here: an entry goes with its last item.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use provider_contracts::keyvalue::{self, Holds, Refusal};

/// How many expired entries a change takes away besides its own, so that keys which nobody asks for
/// again go as well: more than a change can add.
const SWEPT_AT_ONCE: usize = 4;

/// The entries of one namespace.
#[derive(Default)]
pub(crate) struct Entries {
    // The standard hash: keys come from actors, who may try to make them collide.
    held: HashMap<Arc<str>, Entry>,
    /// The entries that expire, the first one first.
    deadlines: BTreeSet<(Duration, Arc<str>)>,
}

struct Entry {
    value: Value,
    /// When it is gone. Only strings expire.
    deadline: Option<Duration>,
}

enum Value {
    String(String),
    List(VecDeque<String>),
    Set(BTreeSet<String>),
}

impl Value {
    fn holds(&self) -> Holds {
        match self {
            Self::String(_) => Holds::String,
            Self::List(_) => Holds::List,
            Self::Set(_) => Holds::Set,
        }
    }

    fn not(&self, wanted: Holds) -> Refusal {
        Refusal::OtherType { held: self.holds(), wanted }
    }
}

impl Entries {
    /// Takes some of what has expired away.
    pub(crate) fn sweep(&mut self, now: Duration) {
        for _ in 0..SWEPT_AT_ONCE {
            match self.deadlines.first() {
                Some((deadline, _)) if *deadline <= now => {
                    if let Some((_, key)) = self.deadlines.pop_first() {
                        self.held.remove(&key);
                    }
                }
                _ => return,
            }
        }
    }

    fn value(&self, key: &str, now: Duration) -> Option<&Value> {
        let entry = self.held.get(key)?;
        let gone = entry.deadline.is_some_and(|deadline| deadline <= now);
        (!gone).then_some(&entry.value)
    }

    /// The value to change. One that has expired is taken away first.
    fn value_mut(&mut self, key: &str, now: Duration) -> Option<&mut Value> {
        if self.value(key, now).is_none() {
            self.remove(key);
        }
        self.held.get_mut(key).map(|entry| &mut entry.value)
    }

    fn insert(&mut self, key: &str, value: Value, deadline: Option<Duration>) {
        let key: Arc<str> = key.into();
        if let Some(deadline) = deadline {
            self.deadlines.insert((deadline, Arc::clone(&key)));
        }
        let before = self.held.insert(Arc::clone(&key), Entry { value, deadline });
        if let Some(before) = before.and_then(|entry| entry.deadline)
            && Some(before) != deadline
        {
            self.deadlines.remove(&(before, key));
        }
    }

    /// Takes a key away, whatever it holds.
    pub(crate) fn remove(&mut self, key: &str) {
        if let Some((key, entry)) = self.held.remove_entry(key)
            && let Some(deadline) = entry.deadline
        {
            self.deadlines.remove(&(deadline, key));
        }
    }

    pub(crate) fn exists(&self, key: &str, now: Duration) -> bool {
        self.value(key, now).is_some()
    }

    pub(crate) fn string(&self, key: &str, now: Duration) -> Result<Option<&str>, Refusal> {
        match self.value(key, now) {
            None => Ok(None),
            Some(Value::String(string)) => Ok(Some(string)),
            Some(other) => Err(other.not(Holds::String)),
        }
    }

    pub(crate) fn set_string(&mut self, key: &str, string: String, deadline: Option<Duration>) {
        self.insert(key, Value::String(string), deadline);
    }

    pub(crate) fn add(&mut self, key: &str, more: i32, now: Duration) -> Result<i32, Refusal> {
        match self.value_mut(key, now) {
            None => {
                let total = keyvalue::add(None, more)?;
                self.set_string(key, total.to_string(), None);
                Ok(total)
            }
            Some(Value::String(string)) => {
                let total = keyvalue::add(Some(string), more)?;
                *string = total.to_string();
                Ok(total)
            }
            Some(other) => Err(other.not(Holds::String)),
        }
    }

    pub(crate) fn list(
        &self,
        key: &str,
        now: Duration,
    ) -> Result<Option<&VecDeque<String>>, Refusal> {
        match self.value(key, now) {
            None => Ok(None),
            Some(Value::List(list)) => Ok(Some(list)),
            Some(other) => Err(other.not(Holds::List)),
        }
    }

    pub(crate) fn clear(&mut self, key: &str, now: Duration) -> Result<(), Refusal> {
        if self.list(key, now)?.is_some() {
            self.remove(key);
        }
        Ok(())
    }

    /// Returns the new length.
    pub(crate) fn push(&mut self, key: &str, item: String, now: Duration) -> Result<i32, Refusal> {
        match self.value_mut(key, now) {
            None => {
                self.insert(key, Value::List(VecDeque::from([item])), None);
                Ok(1)
            }
            Some(Value::List(list)) => {
                let length = i32::try_from(list.len() + 1).map_err(|_| Refusal::Full)?;
                list.push_front(item);
                Ok(length)
            }
            Some(other) => Err(other.not(Holds::List)),
        }
    }

    /// Returns how many items went.
    pub(crate) fn delete_items(
        &mut self,
        key: &str,
        item: &str,
        now: Duration,
    ) -> Result<i32, Refusal> {
        match self.value_mut(key, now) {
            None => Ok(0),
            Some(Value::List(list)) => {
                let before = list.len();
                list.retain(|other| other != item);
                let after = list.len();
                if after == 0 {
                    self.remove(key);
                }
                // `push` lets no list grow longer than this.
                Ok(i32::try_from(before - after).unwrap_or(i32::MAX))
            }
            Some(other) => Err(other.not(Holds::List)),
        }
    }

    pub(crate) fn members(
        &self,
        key: &str,
        now: Duration,
    ) -> Result<Option<&BTreeSet<String>>, Refusal> {
        match self.value(key, now) {
            None => Ok(None),
            Some(Value::Set(set)) => Ok(Some(set)),
            Some(other) => Err(other.not(Holds::Set)),
        }
    }

    /// Returns whether the member came.
    pub(crate) fn add_member(
        &mut self,
        key: &str,
        member: String,
        now: Duration,
    ) -> Result<bool, Refusal> {
        match self.value_mut(key, now) {
            None => {
                self.insert(key, Value::Set(BTreeSet::from([member])), None);
                Ok(true)
            }
            Some(Value::Set(set)) => Ok(set.insert(member)),
            Some(other) => Err(other.not(Holds::Set)),
        }
    }

    /// Returns whether the member went.
    pub(crate) fn remove_member(
        &mut self,
        key: &str,
        member: &str,
        now: Duration,
    ) -> Result<bool, Refusal> {
        match self.value_mut(key, now) {
            None => Ok(false),
            Some(Value::Set(set)) => {
                let went = set.remove(member);
                if set.is_empty() {
                    self.remove(key);
                }
                Ok(went)
            }
            Some(other) => Err(other.not(Holds::Set)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn second(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    fn consistent(entries: &Entries, expiring: usize) {
        assert_eq!(entries.deadlines.len(), expiring);
        for (deadline, key) in &entries.deadlines {
            assert_eq!(entries.held[key].deadline, Some(*deadline));
        }
    }

    #[test]
    fn keys_that_nobody_asks_for_again_go_with_later_changes_a_few_at_a_time() {
        let mut entries = Entries::default();
        for number in 0..10 {
            entries.set_string(&number.to_string(), String::new(), Some(second(1)));
        }
        entries.set_string("later", String::new(), Some(second(9)));
        entries.sweep(second(0));
        assert_eq!(entries.held.len(), 11);
        entries.sweep(second(1));
        assert_eq!(entries.held.len(), 11 - SWEPT_AT_ONCE);
        entries.sweep(second(2));
        entries.sweep(second(2));
        assert_eq!(entries.held.len(), 1);
        consistent(&entries, 1);
    }

    #[test]
    fn a_deadline_is_listed_once_and_only_while_it_holds() {
        let mut entries = Entries::default();
        let set = |entries: &mut Entries, deadline| {
            entries.set_string("k", "1".into(), deadline);
        };
        set(&mut entries, Some(second(5)));
        set(&mut entries, Some(second(5)));
        consistent(&entries, 1);
        set(&mut entries, Some(second(6)));
        consistent(&entries, 1);
        assert_eq!(entries.add("k", 1, second(0)), Ok(2));
        consistent(&entries, 1);
        set(&mut entries, None);
        consistent(&entries, 0);
        set(&mut entries, Some(second(6)));
        // Expired: what comes now is a new key.
        assert_eq!(entries.push("k", "a".into(), second(6)), Ok(1));
        consistent(&entries, 0);
        set(&mut entries, Some(second(9)));
        entries.remove("k");
        consistent(&entries, 0);
    }

    #[test]
    fn a_key_is_gone_at_its_deadline_and_not_before() {
        let mut entries = Entries::default();
        entries.set_string("k", "v".into(), Some(second(5)));
        let before = second(5).checked_sub(Duration::from_nanos(1)).unwrap();
        assert_eq!(entries.string("k", before), Ok(Some("v")));
        assert_eq!(entries.string("k", second(5)), Ok(None));
        assert!(!entries.exists("k", second(5)));
    }
}
