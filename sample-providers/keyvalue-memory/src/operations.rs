//! The contract's operations.

use std::{collections::BTreeSet, time::Duration};

use provider_contracts::keyvalue::{
    self, AddResponse, ClearResponse, DelResponse, GetResponse, KeyValue, ListRangeResponse,
    ListResponse, Refusal, SetOperationResponse, SetQueryResponse, SetResponse,
};
#[cfg(feature = "export")]
use provider_core::capability_provider;
use provider_core::{Cx, OpResult};

use crate::{MemoryKv, entries::Entries};

#[cfg_attr(feature = "export", capability_provider)]
impl KeyValue for MemoryKv {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        self.read(cx, |entries, now| {
            let string = entries.string(&key, now).map_err(|why| why.of(&key))?;
            Ok(GetResponse {
                value: string.unwrap_or_default().to_owned(),
                exists: string.is_some(),
            })
        })
    }

    fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse> {
        let total = self.write(cx, |entries, now| entries.add(&key, value, now));
        let value = total.map_err(|why| why.of(&key))?;
        Ok(AddResponse { value })
    }

    fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        let lifetime = u64::try_from(expires).ok().filter(|seconds| *seconds > 0);
        self.write(cx, |entries, now| {
            let deadline = lifetime.map(|seconds| now + Duration::from_secs(seconds));
            entries.set_string(&key, value.clone(), deadline);
        });
        Ok(SetResponse { value })
    }

    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse> {
        self.write(cx, |entries, _| entries.remove(&key));
        Ok(DelResponse { key })
    }

    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse> {
        let cleared = self.write(cx, |entries, now| entries.clear(&key, now));
        cleared.map_err(|why| why.of(&key))?;
        Ok(ClearResponse { key })
    }

    fn range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        self.read(cx, |entries, now| {
            let list = entries.list(&key, now).map_err(|why| why.of(&key))?;
            let values = match list {
                None => Vec::new(),
                Some(list) => {
                    let places = keyvalue::range(list.len(), start, stop);
                    list.range(places).cloned().collect()
                }
            };
            Ok(ListRangeResponse { values })
        })
    }

    fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse> {
        let length = self.write(cx, |entries, now| entries.push(&key, value, now));
        let new_count = length.map_err(|why| why.of(&key))?;
        Ok(ListResponse { new_count })
    }

    fn list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        let gone = self.write(cx, |entries, now| entries.delete_items(&key, &value, now));
        let new_count = gone.map_err(|why| why.of(&key))?;
        Ok(ListResponse { new_count })
    }

    fn set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let came = self.write(cx, |entries, now| entries.add_member(&key, value, now));
        let new_count = came.map_err(|why| why.of(&key))?.into();
        Ok(SetOperationResponse { new_count })
    }

    fn set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let went = self.write(cx, |entries, now| entries.remove_member(&key, &value, now));
        let new_count = went.map_err(|why| why.of(&key))?.into();
        Ok(SetOperationResponse { new_count })
    }

    fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        self.read(cx, |entries, now| {
            let sets = sets(entries, &keys, now)?;
            // Collected before they are copied: a member of several sets is copied once.
            let union: BTreeSet<&String> = sets.into_iter().flatten().flatten().collect();
            Ok(reply(union))
        })
    }

    fn set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        self.read(cx, |entries, now| {
            let sets = sets(entries, &keys, now)?;
            let Some(all) = sets.into_iter().collect::<Option<Vec<_>>>() else {
                // One of them is missing.
                return Ok(SetQueryResponse::default());
            };
            let Some(smallest) = all.iter().min_by_key(|set| set.len()) else {
                return Ok(SetQueryResponse::default());
            };
            let common =
                smallest.iter().filter(|member| all.iter().all(|set| set.contains(*member)));
            Ok(reply(common))
        })
    }

    fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse> {
        self.read(cx, |entries, now| {
            let members = entries.members(&key, now).map_err(|why| why.of(&key))?;
            Ok(reply(members.into_iter().flatten()))
        })
    }

    fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let exists = self.read(cx, |entries, now| entries.exists(&key, now));
        Ok(GetResponse { value: String::new(), exists })
    }
}

/// The sets under `keys`, each of them once; nothing for a missing key.
fn sets<'a>(
    entries: &'a Entries,
    keys: &[String],
    now: Duration,
) -> OpResult<Vec<Option<&'a BTreeSet<String>>>> {
    // A request may name one key many times.
    let distinct: BTreeSet<&String> = keys.iter().collect();
    distinct
        .into_iter()
        .map(|key| {
            let refused = |why: Refusal| why.boxed(key);
            entries.members(key, now).map_err(refused)
        })
        .collect()
}

fn reply<'a>(members: impl IntoIterator<Item = &'a String>) -> SetQueryResponse {
    SetQueryResponse { values: members.into_iter().cloned().collect() }
}
