//! The contract's operations.

use std::collections::BTreeSet;

use provider_contracts::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, KeyValue, ListRangeResponse,
    ListResponse, SetOperationResponse, SetQueryResponse, SetResponse,
};
#[cfg(feature = "export")]
use provider_core::capability_provider;
use provider_core::{Cx, Error, ErrorKind, OpResult};

use crate::{EmbeddedKv, Namespace, reading::View, writing::Change};

impl Namespace {
    /// Refuses what is longer than the link allows. `texts` are what a change would store.
    fn check(&self, texts: [&str; 2]) -> Result<(), Error> {
        for (text, what) in texts.into_iter().zip(["key", "value"]) {
            let (length, most) = (text.len() as u64, self.max_value_bytes);
            if length > most {
                let message = format!(
                    "the {what} has {length} bytes, {most} are the most (`MAX_VALUE_BYTES`)"
                );
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
        }
        Ok(())
    }
}

impl EmbeddedKv {
    fn view<R>(
        &self,
        cx: Cx<'_, Self>,
        look: impl FnOnce(&View<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let namespace = cx.link();
        namespace.file.store().view(&namespace.name, self.clock.now(), look)
    }

    fn change<R>(
        &self,
        cx: Cx<'_, Self>,
        act: impl FnOnce(&mut Change<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let namespace = cx.link();
        let store = namespace.file.store();
        store.change(&namespace.name, || self.clock.now(), act)
    }
}

#[cfg_attr(feature = "export", capability_provider)]
impl KeyValue for EmbeddedKv {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let string = self.view(cx, |view| view.string(&key))?;
        Ok(GetResponse { exists: string.is_some(), value: string.unwrap_or_default() })
    }

    fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse> {
        cx.link().check([&key, ""])?;
        let value = self.change(cx, |change| change.add(&key, value))?;
        Ok(AddResponse { value })
    }

    fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        cx.link().check([&key, &value])?;
        let lifetime = u64::try_from(expires).ok().filter(|seconds| *seconds > 0);
        self.change(cx, |change| {
            let now = change.now();
            let deadline = lifetime.map(|seconds| now.saturating_add(seconds * 1000));
            change.set_string(&key, value.clone(), deadline)
        })?;
        Ok(SetResponse { value })
    }

    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse> {
        self.change(cx, |change| change.remove(&key))?;
        Ok(DelResponse { key })
    }

    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse> {
        self.change(cx, |change| change.clear(&key))?;
        Ok(ClearResponse { key })
    }

    fn range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        let values = self.view(cx, |view| view.items(&key, start, stop))?;
        Ok(ListRangeResponse { values })
    }

    fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse> {
        cx.link().check([&key, &value])?;
        let new_count = self.change(cx, |change| change.push(&key, &value))?;
        Ok(ListResponse { new_count })
    }

    fn list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        let new_count = self.change(cx, |change| change.delete_items(&key, &value))?;
        Ok(ListResponse { new_count })
    }

    fn set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        cx.link().check([&key, &value])?;
        let came = self.change(cx, |change| change.add_member(&key, &value))?;
        let new_count = came.into();
        Ok(SetOperationResponse { new_count })
    }

    fn set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        let went = self.change(cx, |change| change.remove_member(&key, &value))?;
        let new_count = went.into();
        Ok(SetOperationResponse { new_count })
    }

    fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        let union = self.view(cx, |view| {
            let mut union = BTreeSet::new();
            for key in distinct(&keys) {
                union.extend(view.members(key)?.into_iter().flatten());
            }
            Ok(union)
        })?;
        Ok(reply(union))
    }

    fn set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        let common = self.view(cx, |view| {
            let mut common: Option<BTreeSet<String>> = None;
            // All of them are looked at, so that one of another type is refused wherever it stands.
            for key in distinct(&keys) {
                let members = view.members(key)?.unwrap_or_default();
                common = Some(match common {
                    None => members,
                    Some(mut common) => {
                        common.retain(|member| members.contains(member));
                        common
                    }
                });
            }
            Ok(common)
        })?;
        Ok(reply(common.unwrap_or_default()))
    }

    fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse> {
        let members = self.view(cx, |view| view.members(&key))?;
        Ok(reply(members.unwrap_or_default()))
    }

    fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let exists = self.view(cx, |view| view.exists(&key))?;
        Ok(GetResponse { value: String::new(), exists })
    }
}

/// Each key once: a request may name one many times.
fn distinct(keys: &[String]) -> BTreeSet<&String> {
    keys.iter().collect()
}

fn reply(members: BTreeSet<String>) -> SetQueryResponse {
    SetQueryResponse { values: members.into_iter().collect() }
}
