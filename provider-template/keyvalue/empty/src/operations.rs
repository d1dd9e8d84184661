//! The contract's operations.

use provider_contracts::keyvalue::{
    self, AddResponse, ClearResponse, DelResponse, GetResponse, ListRangeResponse, ListResponse,
    SetOperationResponse, SetQueryResponse, SetResponse,
};
use provider_core::prelude::*;

use crate::{{ provider }};

#[capability_provider]
impl keyvalue::{{ operations }} for {{ provider }} {
    {{ function }} get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<GetResponse> {
        Err("`Get` is not there yet".into())
    }

    {{ function }} add(&self, _cx: Cx<'_, Self>, _key: String, _value: i32) -> OpResult<AddResponse> {
        Err("`Add` is not there yet".into())
    }

    {{ function }} set(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
        _expires: i32,
    ) -> OpResult<SetResponse> {
        Err("`Set` is not there yet".into())
    }

    {{ function }} del(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<DelResponse> {
        Err("`Del` is not there yet".into())
    }

    {{ function }} clear(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<ClearResponse> {
        Err("`Clear` is not there yet".into())
    }

    {{ function }} range(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _start: i32,
        _stop: i32,
    ) -> OpResult<ListRangeResponse> {
        Err("`Range` is not there yet".into())
    }
{%- if form == "async" %}

    {{ function }} push(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<ListResponse> {
{%- else %}

    {{ function }} push(&self, _cx: Cx<'_, Self>, _key: String, _value: String) -> OpResult<ListResponse> {
{%- endif %}
        Err("`Push` is not there yet".into())
    }

    {{ function }} list_item_delete(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<ListResponse> {
        Err("`ListItemDelete` is not there yet".into())
    }

    {{ function }} set_add(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<SetOperationResponse> {
        Err("`SetAdd` is not there yet".into())
    }

    {{ function }} set_remove(
        &self,
        _cx: Cx<'_, Self>,
        _key: String,
        _value: String,
    ) -> OpResult<SetOperationResponse> {
        Err("`SetRemove` is not there yet".into())
    }

    {{ function }} set_union(&self, _cx: Cx<'_, Self>, _keys: Vec<String>) -> OpResult<SetQueryResponse> {
        Err("`SetUnion` is not there yet".into())
    }

    {{ function }} set_intersection(
        &self,
        _cx: Cx<'_, Self>,
        _keys: Vec<String>,
    ) -> OpResult<SetQueryResponse> {
        Err("`SetIntersection` is not there yet".into())
    }

    {{ function }} set_query(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<SetQueryResponse> {
        Err("`SetQuery` is not there yet".into())
    }

    {{ function }} key_exists(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<GetResponse> {
        Err("`KeyExists` is not there yet".into())
    }
}
