//! The provider as one type with marked methods, and replies of its own.

use std::sync::Arc;

use keyvalue_forms::{Store, Stores};
use provider_core::prelude::*;
use serde::Serialize;

#[derive(Serialize)]
struct Found {
    value: String,
    exists: bool,
}

#[derive(Serialize)]
struct Total {
    value: i32,
}

#[derive(Serialize)]
struct Text {
    value: String,
}

#[derive(Serialize)]
struct Key {
    key: String,
}

#[derive(Serialize)]
struct Values {
    values: Vec<String>,
}

#[derive(Serialize)]
struct Items {
    #[serde(rename = "newCount")]
    new_count: i32,
}

#[derive(Serialize)]
struct Members {
    new_count: i32,
}

#[derive(Default)]
struct InMemory(Stores);

impl Provider for InMemory {
    type Link = Arc<Store>;

    fn link(&self, config: &LinkConfig) -> Result<Arc<Store>, BoxError> {
        Ok(self.0.open(config.get("NAMESPACE")))
    }
}

#[capability_provider(contract = "wasmcloud:keyvalue")]
impl InMemory {
    #[op]
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<Found> {
        let value = cx.link().get(&key)?;
        Ok(Found { exists: value.is_some(), value: value.unwrap_or_default() })
    }

    #[op]
    fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<Total> {
        Ok(Total { value: cx.link().add(&key, value)? })
    }

    #[op]
    fn set(&self, cx: Cx<'_, Self>, key: String, value: String, expires: i32) -> OpResult<Text> {
        cx.link().set(&key, &value, expires);
        Ok(Text { value })
    }

    #[op]
    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<Key> {
        cx.link().delete(&key);
        Ok(Key { key })
    }

    #[op]
    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<Key> {
        cx.link().clear(&key)?;
        Ok(Key { key })
    }

    #[op]
    fn range(&self, cx: Cx<'_, Self>, key: String, start: i32, stop: i32) -> OpResult<Values> {
        Ok(Values { values: cx.link().range(&key, start, stop)? })
    }

    #[op]
    fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<Items> {
        Ok(Items { new_count: cx.link().push(&key, &value)? })
    }

    #[op]
    fn list_item_delete(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<Items> {
        Ok(Items { new_count: cx.link().delete_items(&key, &value)? })
    }

    #[op]
    fn set_add(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<Members> {
        Ok(Members { new_count: cx.link().add_member(&key, &value)? })
    }

    #[op]
    fn set_remove(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<Members> {
        Ok(Members { new_count: cx.link().remove_member(&key, &value)? })
    }

    #[op]
    fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<Values> {
        Ok(Values { values: cx.link().union(&keys)? })
    }

    #[op]
    fn set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<Values> {
        Ok(Values { values: cx.link().intersection(&keys)? })
    }

    #[op]
    fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<Values> {
        Ok(Values { values: cx.link().members(&key)? })
    }

    #[op]
    fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<Found> {
        Ok(Found { value: String::new(), exists: cx.link().exists(&key) })
    }
}
