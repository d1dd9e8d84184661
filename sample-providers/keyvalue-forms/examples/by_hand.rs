//! A key-value provider as they were written in 2021: the specification's trait, by hand.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, PoisonError, RwLock},
};

use keyvalue_forms::{Store, Stores};
use provider_core::{
    CapabilityProvider, Dispatcher, HealthResponse as HealthCheckResponse, NullDispatcher,
    codec::{decode as deserialize, encode as serialize},
    export_provider,
    ops::{
        CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR,
    },
};
use serde::{Deserialize, Serialize};

export_provider!(
    KeyValueProvider,
    KeyValueProvider::new,
    contract = "wasmcloud:keyvalue",
    ops = [
        OP_GET,
        OP_ADD,
        OP_SET,
        OP_DEL,
        OP_CLEAR,
        OP_RANGE,
        OP_PUSH,
        OP_LIST_ITEM_DELETE,
        OP_SET_ADD,
        OP_SET_REMOVE,
        OP_SET_UNION,
        OP_SET_INTERSECTION,
        OP_SET_QUERY,
        OP_KEY_EXISTS
    ]
);

const OP_GET: &str = "Get";
const OP_ADD: &str = "Add";
const OP_SET: &str = "Set";
const OP_DEL: &str = "Del";
const OP_CLEAR: &str = "Clear";
const OP_RANGE: &str = "Range";
const OP_PUSH: &str = "Push";
const OP_LIST_ITEM_DELETE: &str = "ListItemDelete";
const OP_SET_ADD: &str = "SetAdd";
const OP_SET_REMOVE: &str = "SetRemove";
const OP_SET_UNION: &str = "SetUnion";
const OP_SET_INTERSECTION: &str = "SetIntersection";
const OP_SET_QUERY: &str = "SetQuery";
const OP_KEY_EXISTS: &str = "KeyExists";

/// The link value that names a store which several actors share.
const NAMESPACE: &str = "NAMESPACE";

#[derive(Deserialize)]
struct GetArgs {
    key: String,
}

#[derive(Deserialize)]
struct AddArgs {
    key: String,
    value: i32,
}

#[derive(Deserialize)]
struct SetArgs {
    key: String,
    value: String,
    expires: i32,
}

#[derive(Deserialize)]
struct DelArgs {
    key: String,
}

#[derive(Deserialize)]
struct ClearArgs {
    key: String,
}

#[derive(Deserialize)]
struct RangeArgs {
    key: String,
    start: i32,
    stop: i32,
}

#[derive(Deserialize)]
struct PushArgs {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct ListItemDeleteArgs {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct SetAddArgs {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct SetRemoveArgs {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct SetUnionArgs {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct SetIntersectionArgs {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct SetQueryArgs {
    key: String,
}

#[derive(Deserialize)]
struct KeyExistsArgs {
    key: String,
}

#[derive(Serialize)]
struct GetResponse {
    value: String,
    exists: bool,
}

#[derive(Serialize)]
struct AddResponse {
    value: i32,
}

#[derive(Serialize)]
struct SetResponse {
    value: String,
}

#[derive(Serialize)]
struct DelResponse {
    key: String,
}

#[derive(Serialize)]
struct ClearResponse {
    key: String,
}

#[derive(Serialize)]
struct ListRangeResponse {
    values: Vec<String>,
}

#[derive(Serialize)]
struct ListResponse {
    #[serde(rename = "newCount")]
    new_count: i32,
}

#[derive(Serialize)]
struct SetOperationResponse {
    new_count: i32,
}

#[derive(Serialize)]
struct SetQueryResponse {
    values: Vec<String>,
}

type Failure = Box<dyn Error + Send + Sync>;

/// Keeps keys in memory. A clone is another handle to the same provider.
#[derive(Clone)]
struct KeyValueProvider {
    dispatcher: Arc<RwLock<Box<dyn Dispatcher>>>,
    stores: Arc<Stores>,
    links: Arc<RwLock<HashMap<String, Arc<Store>>>>,
}

impl KeyValueProvider {
    fn new() -> Self {
        KeyValueProvider {
            dispatcher: Arc::new(RwLock::new(Box::new(NullDispatcher::new()))),
            stores: Arc::default(),
            links: Arc::default(),
        }
    }

    fn bind(&self, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let config: CapabilityConfiguration = deserialize(msg)?;
        if config.module.is_empty() {
            return Err("the configuration names no actor".into());
        }
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        links
            .entry(config.module)
            .or_insert_with(|| self.stores.open(config.values.get(NAMESPACE).map(String::as_str)));
        Ok(Vec::new())
    }

    fn remove(&self, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let config: CapabilityConfiguration = deserialize(msg)?;
        if config.module.is_empty() {
            return Err("the configuration names no actor".into());
        }
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        links.remove(&config.module);
        Ok(Vec::new())
    }

    fn health() -> Result<Vec<u8>, Failure> {
        let reply = HealthCheckResponse { healthy: true, message: String::new() };
        Ok(serialize(&reply)?)
    }

    fn store(&self, actor: &str) -> Result<Arc<Store>, Failure> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        match links.get(actor) {
            Some(store) => Ok(Arc::clone(store)),
            None => Err(format!("actor {actor} is not linked").into()),
        }
    }

    fn get(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: GetArgs = deserialize(msg)?;
        let value = store.get(&args.key)?;
        let exists = value.is_some();
        let reply = GetResponse { value: value.unwrap_or_default(), exists };
        Ok(serialize(&reply)?)
    }

    fn add(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: AddArgs = deserialize(msg)?;
        let reply = AddResponse { value: store.add(&args.key, args.value)? };
        Ok(serialize(&reply)?)
    }

    fn set(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: SetArgs = deserialize(msg)?;
        store.set(&args.key, &args.value, args.expires);
        let reply = SetResponse { value: args.value };
        Ok(serialize(&reply)?)
    }

    fn del(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: DelArgs = deserialize(msg)?;
        store.delete(&args.key);
        let reply = DelResponse { key: args.key };
        Ok(serialize(&reply)?)
    }

    fn clear(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: ClearArgs = deserialize(msg)?;
        store.clear(&args.key)?;
        let reply = ClearResponse { key: args.key };
        Ok(serialize(&reply)?)
    }

    fn range(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: RangeArgs = deserialize(msg)?;
        let values = store.range(&args.key, args.start, args.stop)?;
        let reply = ListRangeResponse { values };
        Ok(serialize(&reply)?)
    }

    fn push(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: PushArgs = deserialize(msg)?;
        let reply = ListResponse { new_count: store.push(&args.key, &args.value)? };
        Ok(serialize(&reply)?)
    }

    fn list_item_delete(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: ListItemDeleteArgs = deserialize(msg)?;
        let reply = ListResponse { new_count: store.delete_items(&args.key, &args.value)? };
        Ok(serialize(&reply)?)
    }

    fn set_add(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: SetAddArgs = deserialize(msg)?;
        let reply = SetOperationResponse { new_count: store.add_member(&args.key, &args.value)? };
        Ok(serialize(&reply)?)
    }

    fn set_remove(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: SetRemoveArgs = deserialize(msg)?;
        let new_count = store.remove_member(&args.key, &args.value)?;
        let reply = SetOperationResponse { new_count };
        Ok(serialize(&reply)?)
    }

    fn set_union(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: SetUnionArgs = deserialize(msg)?;
        let reply = SetQueryResponse { values: store.union(&args.keys)? };
        Ok(serialize(&reply)?)
    }

    fn set_intersection(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: SetIntersectionArgs = deserialize(msg)?;
        let reply = SetQueryResponse { values: store.intersection(&args.keys)? };
        Ok(serialize(&reply)?)
    }

    fn set_query(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: SetQueryArgs = deserialize(msg)?;
        let reply = SetQueryResponse { values: store.members(&args.key)? };
        Ok(serialize(&reply)?)
    }

    fn key_exists(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        let store = self.store(actor)?;
        let args: KeyExistsArgs = deserialize(msg)?;
        let reply = GetResponse { value: String::new(), exists: store.exists(&args.key) };
        Ok(serialize(&reply)?)
    }
}

impl CapabilityProvider for KeyValueProvider {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), Failure> {
        *self.dispatcher.write().unwrap_or_else(PoisonError::into_inner) = dispatcher;
        Ok(())
    }

    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, Failure> {
        match op {
            OP_BIND_ACTOR if actor == SYSTEM_ACTOR => self.bind(msg),
            OP_REMOVE_ACTOR if actor == SYSTEM_ACTOR => self.remove(msg),
            OP_HEALTH_REQUEST if actor == SYSTEM_ACTOR => Self::health(),
            OP_GET => self.get(actor, msg),
            OP_ADD => self.add(actor, msg),
            OP_SET => self.set(actor, msg),
            OP_DEL => self.del(actor, msg),
            OP_CLEAR => self.clear(actor, msg),
            OP_RANGE => self.range(actor, msg),
            OP_PUSH => self.push(actor, msg),
            OP_LIST_ITEM_DELETE => self.list_item_delete(actor, msg),
            OP_SET_ADD => self.set_add(actor, msg),
            OP_SET_REMOVE => self.set_remove(actor, msg),
            OP_SET_UNION => self.set_union(actor, msg),
            OP_SET_INTERSECTION => self.set_intersection(actor, msg),
            OP_SET_QUERY => self.set_query(actor, msg),
            OP_KEY_EXISTS => self.key_exists(actor, msg),
            _ => Err("bad dispatch".into()),
        }
    }

    fn stop(&self) {}
}
