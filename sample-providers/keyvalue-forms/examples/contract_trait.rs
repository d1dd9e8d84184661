//! The provider as an implementation of the contract's trait.

use std::sync::Arc;

use keyvalue_forms::{Store, Stores};
use provider_contracts::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, KeyValue, ListRangeResponse,
    ListResponse, SetOperationResponse, SetQueryResponse, SetResponse,
};
use provider_core::prelude::*;

#[derive(Default)]
struct InMemory(Stores);

impl Provider for InMemory {
    type Link = Arc<Store>;

    fn link(&self, config: &LinkConfig) -> Result<Arc<Store>, BoxError> {
        Ok(self.0.open(config.get("NAMESPACE")))
    }
}

#[capability_provider]
impl KeyValue for InMemory {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let value = cx.link().get(&key)?;
        Ok(GetResponse { exists: value.is_some(), value: value.unwrap_or_default() })
    }

    fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse> {
        Ok(AddResponse { value: cx.link().add(&key, value)? })
    }

    fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        cx.link().set(&key, &value, expires);
        Ok(SetResponse { value })
    }

    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse> {
        cx.link().delete(&key);
        Ok(DelResponse { key })
    }

    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse> {
        cx.link().clear(&key)?;
        Ok(ClearResponse { key })
    }

    fn range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        Ok(ListRangeResponse { values: cx.link().range(&key, start, stop)? })
    }

    fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse> {
        Ok(ListResponse { new_count: cx.link().push(&key, &value)? })
    }

    fn list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        Ok(ListResponse { new_count: cx.link().delete_items(&key, &value)? })
    }

    fn set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        Ok(SetOperationResponse { new_count: cx.link().add_member(&key, &value)? })
    }

    fn set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        Ok(SetOperationResponse { new_count: cx.link().remove_member(&key, &value)? })
    }

    fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        Ok(SetQueryResponse { values: cx.link().union(&keys)? })
    }

    fn set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        Ok(SetQueryResponse { values: cx.link().intersection(&keys)? })
    }

    fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse> {
        Ok(SetQueryResponse { values: cx.link().members(&key)? })
    }

    fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        Ok(GetResponse { value: String::new(), exists: cx.link().exists(&key) })
    }
}
