//! The contract's operations.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use provider_contracts::keyvalue::{
    self, AddResponse, ClearResponse, DelResponse, GetResponse, ListRangeResponse, ListResponse,
    Refusal, SetOperationResponse, SetQueryResponse, SetResponse,
};
use provider_core::prelude::*;

use crate::{
    {{ provider }},
    store::{Store, Value},
};

#[capability_provider]
impl keyvalue::{{ operations }} for {{ provider }} {
    {{ function }} get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let mut store = cx.link().store();
        let string = store.string(&key).map_err(|why| why.of(&key))?.cloned();
        Ok(GetResponse {
            exists: string.is_some(),
            value: string.unwrap_or_default(),
        })
    }

    {{ function }} add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse> {
        let mut store = cx.link().store();
        let string = store.string(&key).map_err(|why| why.of(&key))?;
        let value = keyvalue::add(string.as_deref().map(String::as_str), value);
        let value = value.map_err(|why| why.of(&key))?;
        match string {
            Some(string) => *string = value.to_string(),
            None => store.insert(key, Value::String(value.to_string()), None),
        }
        Ok(AddResponse { value })
    }

    {{ function }} set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        let seconds = u64::try_from(expires).unwrap_or(0);
        let lifetime = (seconds > 0).then_some(Duration::from_secs(seconds));
        cx.link()
            .store()
            .insert(key, Value::String(value.clone()), lifetime);
        Ok(SetResponse { value })
    }

    {{ function }} del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse> {
        cx.link().store().remove(&key);
        Ok(DelResponse { key })
    }

    {{ function }} clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse> {
        let mut store = cx.link().store();
        if store.list(&key).map_err(|why| why.of(&key))?.is_some() {
            store.remove(&key);
        }
        Ok(ClearResponse { key })
    }

    {{ function }} range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        let mut store = cx.link().store();
        let list = store.list(&key).map_err(|why| why.of(&key))?;
        let items = |list: &mut VecDeque<String>| {
            let places = keyvalue::range(list.len(), start, stop);
            list.range(places).cloned().collect()
        };
        Ok(ListRangeResponse {
            values: list.map(items).unwrap_or_default(),
        })
    }

    {{ function }} push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse> {
        let mut store = cx.link().store();
        let Some(list) = store.list(&key).map_err(|why| why.of(&key))? else {
            store.insert(key, Value::List(VecDeque::from([value])), None);
            return Ok(ListResponse { new_count: 1 });
        };
        let new_count = i32::try_from(list.len() + 1).map_err(|_| Refusal::Full.of(&key))?;
        list.push_front(value);
        Ok(ListResponse { new_count })
    }

    {{ function }} list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        let mut store = cx.link().store();
        let Some(list) = store.list(&key).map_err(|why| why.of(&key))? else {
            return Ok(ListResponse { new_count: 0 });
        };
        let before = list.len();
        list.retain(|item| *item != value);
        let after = list.len();
        if after == 0 {
            store.remove(&key);
        }
        // `push` lets no list grow longer than this.
        Ok(ListResponse {
            new_count: i32::try_from(before - after).unwrap_or(i32::MAX),
        })
    }

    {{ function }} set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let mut store = cx.link().store();
        let came = match store.set(&key).map_err(|why| why.of(&key))? {
            Some(set) => set.insert(value),
            None => {
                store.insert(key, Value::Set(BTreeSet::from([value])), None);
                true
            }
        };
        Ok(SetOperationResponse {
            new_count: came.into(),
        })
    }

    {{ function }} set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let mut store = cx.link().store();
        let Some(set) = store.set(&key).map_err(|why| why.of(&key))? else {
            return Ok(SetOperationResponse { new_count: 0 });
        };
        let went = set.remove(&value);
        if set.is_empty() {
            store.remove(&key);
        }
        Ok(SetOperationResponse {
            new_count: went.into(),
        })
    }

    {{ function }} set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        let sets = sets(&mut cx.link().store(), &keys)?;
        let union: BTreeSet<String> = sets.into_iter().flatten().collect();
        Ok(SetQueryResponse {
            values: union.into_iter().collect(),
        })
    }
{%- if form == "async" %}

    {{ function }} set_intersection(
        &self,
        cx: Cx<'_, Self>,
        keys: Vec<String>,
    ) -> OpResult<SetQueryResponse> {
{%- else %}

    {{ function }} set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
{%- endif %}
        let sets = sets(&mut cx.link().store(), &keys)?;
        let common = sets
            .into_iter()
            .reduce(|common, set| &common & &set)
            .unwrap_or_default();
        Ok(SetQueryResponse {
            values: common.into_iter().collect(),
        })
    }

    {{ function }} set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse> {
        let mut store = cx.link().store();
        let set = store
            .set(&key)
            .map_err(|why| why.of(&key))?
            .cloned()
            .unwrap_or_default();
        Ok(SetQueryResponse {
            values: set.into_iter().collect(),
        })
    }

    {{ function }} key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let exists = cx.link().store().value(&key).is_some();
        Ok(GetResponse {
            value: String::new(),
            exists,
        })
    }
}

/// The sets under `keys`, each of them once; an empty one for a missing key.
fn sets(store: &mut Store, keys: &[String]) -> OpResult<Vec<BTreeSet<String>>> {
    // A request may name one key many times.
    let distinct: BTreeSet<&String> = keys.iter().collect();
    let set = |key: &String| {
        let set = store.set(key).map_err(|why| why.boxed(key))?;
        Ok(set.cloned().unwrap_or_default())
    };
    distinct.into_iter().map(set).collect()
}
