//! The contract's operations.

use provider_contracts::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, KeyValue, ListRangeResponse,
    ListResponse, SetOperationResponse, SetQueryResponse, SetResponse,
};
use provider_core::prelude::*;

use crate::{{ provider }};

#[capability_provider]
impl KeyValue for {{ provider }} {
    fn get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<GetResponse> {
        Err("`Get` is not there yet".into())
    }

    fn add(&self, _cx: Cx<'_, Self>, _key: String, _value: i32) -> OpResult<AddResponse> {
        Err("`Add` is not there yet".into())
    }

    fn set(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
        _expires: i32,
    ) -> OpResult<SetResponse> {
        Err("`Set` is not there yet".into())
    }

    fn del(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<DelResponse> {
        Err("`Del` is not there yet".into())
    }

    fn clear(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<ClearResponse> {
        Err("`Clear` is not there yet".into())
    }

    fn range(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _start: i32,
        _stop: i32,
    ) -> OpResult<ListRangeResponse> {
        Err("`Range` is not there yet".into())
    }

    fn push(&self, _cx: Cx<'_, Self>, _key: String, _value: String) -> OpResult<ListResponse> {
        Err("`Push` is not there yet".into())
    }

    fn list_item_delete(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<ListResponse> {
        Err("`ListItemDelete` is not there yet".into())
    }

    fn set_add(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<SetOperationResponse> {
        Err("`SetAdd` is not there yet".into())
    }

    fn set_remove(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<SetOperationResponse> {
        Err("`SetRemove` is not there yet".into())
    }

    fn set_union(&self, _cx: Cx<'_, Self>, _keys: Vec<String>) -> OpResult<SetQueryResponse> {
        Err("`SetUnion` is not there yet".into())
    }

    fn set_intersection(
        &self,
        _cx: Cx<'_, Self>,
        _keys: Vec<String>,
    ) -> OpResult<SetQueryResponse> {
        Err("`SetIntersection` is not there yet".into())
    }

    fn set_query(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<SetQueryResponse> {
        Err("`SetQuery` is not there yet".into())
    }

    fn key_exists(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<GetResponse> {
        Err("`KeyExists` is not there yet".into())
    }
}
