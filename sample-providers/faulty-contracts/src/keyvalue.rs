//! `wasmcloud:keyvalue` in maps.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use provider_contracts::keyvalue::{
    self, AddResponse, ClearResponse, DelResponse, GetResponse, Holds, KeyValue, ListRangeResponse,
    ListResponse, Refusal, SetOperationResponse, SetQueryResponse, SetResponse,
};
use provider_core::prelude::*;

use crate::has;

/// A key-value store.
#[derive(Debug, Default)]
pub struct Keys {
    shared: Mutex<HashMap<String, Weak<Mutex<Space>>>>,
}

/// What one namespace holds.
#[derive(Debug, Default)]
pub struct Space {
    entries: BTreeMap<String, Entry>,
    /// For the defects: what `Set` overwrote, and how many items were deleted.
    ghosts: BTreeMap<String, Vec<String>>,
    deleted: usize,
}

#[derive(Debug)]
struct Entry {
    value: Value,
    deadline: Option<Instant>,
}

#[derive(Debug)]
enum Value {
    Text(String),
    List(Vec<String>),
    Set(BTreeSet<String>),
}

impl Value {
    fn holds(&self) -> Holds {
        match self {
            Self::Text(_) => Holds::String,
            Self::List(_) => Holds::List,
            Self::Set(_) => Holds::Set,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider for Keys {
    type Link = Arc<Mutex<Space>>;

    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
        let name = match config.get("NAMESPACE") {
            _ if has("keyvalue-one-namespace") => "everybody's",
            Some(name) if !name.is_empty() && !has("keyvalue-namespace-ignored") => name,
            _ => return Ok(Arc::default()),
        };
        let mut shared = lock(&self.shared);
        shared.retain(|_, space| space.strong_count() > 0);
        let known = shared.get(name).and_then(Weak::upgrade);
        let space = known.unwrap_or_default();
        shared.insert(name.to_owned(), Arc::downgrade(&space));
        Ok(space)
    }
}

fn read(key: String) -> String {
    match key.find('\0') {
        Some(end) if has("keyvalue-key-ends-at-nul") => key[..end].to_owned(),
        _ => key,
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Space {
    /// The value of a key that has not expired.
    fn live(&mut self, key: &str) -> Option<&mut Entry> {
        let now = Instant::now();
        if self.entries.get(key)?.deadline.is_some_and(|deadline| deadline <= now) {
            self.entries.remove(key);
        }
        self.entries.get_mut(key)
    }

    fn text(&mut self, key: &str) -> Result<Option<&mut String>, Refusal> {
        match self.live(key).map(|entry| &mut entry.value) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(Refusal::OtherType { held: other.holds(), wanted: Holds::String }),
        }
    }

    fn list(&mut self, key: &str) -> Result<Option<&mut Vec<String>>, Refusal> {
        match self.live(key).map(|entry| &mut entry.value) {
            None => Ok(None),
            Some(Value::List(list)) => Ok(Some(list)),
            Some(other) => Err(Refusal::OtherType { held: other.holds(), wanted: Holds::List }),
        }
    }

    fn set(&mut self, key: &str) -> Result<Option<&mut BTreeSet<String>>, Refusal> {
        match self.live(key).map(|entry| &mut entry.value) {
            None => Ok(None),
            Some(Value::Set(set)) => Ok(Some(set)),
            Some(other) => Err(Refusal::OtherType { held: other.holds(), wanted: Holds::Set }),
        }
    }

    fn put(&mut self, key: String, value: Value, deadline: Option<Instant>) {
        self.entries.insert(key, Entry { value, deadline });
    }

    /// Members of several sets; the reply of the operations on sets.
    fn members(&mut self, keys: Vec<String>, all: bool) -> OpResult<SetQueryResponse> {
        let mut sets = Vec::new();
        for key in keys {
            let key = read(key);
            let members = self.set(&key).map_err(|why| why.boxed(&key))?;
            sets.push(members.map(|set| set.clone()).unwrap_or_default());
        }
        let joined =
            sets.into_iter().reduce(|one, other| if all { &one & &other } else { &one | &other });
        let mut values: Vec<String> = joined.unwrap_or_default().into_iter().collect();
        if has("keyvalue-sets-unsorted") {
            values.reverse();
        }
        Ok(SetQueryResponse { values })
    }
}

impl KeyValue for Keys {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let text = space.text(&key).map_err(|why| why.boxed(&key))?;
        Ok(GetResponse { exists: text.is_some(), value: text.cloned().unwrap_or_default() })
    }

    fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let held = space.text(&key).map_err(|why| why.boxed(&key))?;
        let total = match keyvalue::add(held.as_ref().map(|text| text.as_str()), value) {
            Err(Refusal::Overflow) if has("keyvalue-add-wraps") => {
                let held = held.as_ref().and_then(|text| text.parse::<i32>().ok());
                held.unwrap_or_default().wrapping_add(value)
            }
            Err(Refusal::NotANumber) if has("keyvalue-add-takes-any-text-for-0") => value,
            total => total.map_err(|why| why.boxed(&key))?,
        };
        let signed = held.as_ref().is_some_and(|text| text.starts_with('+'));
        let text = if signed && has("keyvalue-add-keeps-the-sign") {
            format!("+{total}")
        } else {
            total.to_string()
        };
        match held {
            Some(held) => *held = text,
            None => space.put(key.clone(), Value::Text(text), None),
        }
        if has("keyvalue-add-ends-expiry")
            && let Some(entry) = space.live(&key)
        {
            entry.deadline = None;
        }
        Ok(AddResponse { value: total })
    }

    fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let seconds = u64::try_from(expires).unwrap_or(0);
        let lasting = seconds == 0 || has("keyvalue-expires-ignored");
        let deadline = (!lasting).then(|| Instant::now() + Duration::from_secs(seconds));
        if has("keyvalue-set-hides-a-list")
            && let Ok(Some(list)) = space.list(&key)
        {
            let list = list.clone();
            space.ghosts.insert(key.clone(), list);
        }
        space.put(key, Value::Text(value.clone()), deadline);
        Ok(SetResponse { value })
    }

    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse> {
        let name = read(key.clone());
        let mut space = lock(cx.link());
        space.entries.remove(&name);
        if let Some(list) = space.ghosts.remove(&name) {
            space.put(name, Value::List(list), None);
        }
        Ok(DelResponse { key })
    }

    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse> {
        let name = read(key.clone());
        let mut space = lock(cx.link());
        if !has("keyvalue-clear-removes-a-set") {
            space.list(&name).map_err(|why| why.boxed(&name))?;
        } else if space.set(&name).is_err() {
            space.list(&name).map_err(|why| why.boxed(&name))?;
        }
        space.entries.remove(&name);
        Ok(ClearResponse { key })
    }

    fn range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let Some(list) = space.list(&key).map_err(|why| why.boxed(&key))? else {
            return Ok(ListRangeResponse::default());
        };
        let mut places = keyvalue::range(list.len(), start, stop);
        if has("keyvalue-range-without-stop") && stop >= 0 {
            places.end = places.end.saturating_sub(1).max(places.start);
        }
        if has("keyvalue-range-only-forward") && (start < 0 || stop < 0) {
            places = 0..0;
        }
        Ok(ListRangeResponse { values: list[places].to_vec() })
    }

    fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let list = space.list(&key).map_err(|why| why.boxed(&key))?;
        let mut length = if let Some(list) = list {
            let end = if has("keyvalue-push-at-tail") { list.len() } else { 0 };
            list.insert(end, value);
            list.len()
        } else {
            space.put(key, Value::List(vec![value]), None);
            1
        };
        if has("keyvalue-push-counts-deleted") && length > 1 {
            length += space.deleted;
        }
        if has("keyvalue-push-returns-what-came") {
            length = 1;
        }
        Ok(ListResponse { new_count: count(length) })
    }

    fn list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let Some(list) = space.list(&key).map_err(|why| why.boxed(&key))? else {
            return Ok(ListResponse { new_count: 0 });
        };
        let before = list.len();
        if has("keyvalue-item-delete-first-only") {
            if let Some(place) = list.iter().position(|item| *item == value) {
                list.remove(place);
            }
        } else {
            list.retain(|item| *item != value);
        }
        let (left, gone) = (list.len(), before - list.len());
        space.deleted += gone;
        if left == 0 && !has("keyvalue-empty-list-stays") {
            space.entries.remove(&key);
        }
        let counted = if has("keyvalue-item-delete-returns-rest") { left } else { gone };
        Ok(ListResponse { new_count: count(counted) })
    }

    fn set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let set = space.set(&key).map_err(|why| why.boxed(&key))?;
        let (came, size) = if let Some(set) = set {
            (set.insert(value), set.len())
        } else {
            space.put(key, Value::Set([value].into()), None);
            (true, 1)
        };
        let size = if has("keyvalue-set-add-returns-size") { count(size) } else { came.into() };
        Ok(SetOperationResponse { new_count: size })
    }

    fn set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let Some(set) = space.set(&key).map_err(|why| why.boxed(&key))? else {
            return Ok(SetOperationResponse { new_count: 0 });
        };
        let (went, size) = (set.remove(&value), set.len());
        if size == 0 {
            space.entries.remove(&key);
        }
        let size = if has("keyvalue-set-remove-returns-size") { count(size) } else { went.into() };
        Ok(SetOperationResponse { new_count: size })
    }

    fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        lock(cx.link()).members(keys, false)
    }

    fn set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        if keys.is_empty() && has("keyvalue-no-sets-is-an-error") {
            return Err("an intersection of nothing".into());
        }
        lock(cx.link()).members(keys, true)
    }

    fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse> {
        lock(cx.link()).members(vec![key], false)
    }

    fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let key = read(key);
        let mut space = lock(cx.link());
        let exists = if has("keyvalue-exists-ignores-expiry") {
            space.entries.contains_key(&key)
        } else {
            space.live(&key).is_some()
        };
        Ok(GetResponse { value: String::new(), exists })
    }
}
