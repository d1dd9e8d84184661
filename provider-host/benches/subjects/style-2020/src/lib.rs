//! A provider in the style of 2020, for comparison.
//!
//! The interface is a Rust trait object across the library's boundary, which only works because the
//! benchmark builds both sides with one compiler and one allocator. Payloads are read through a
//! `Cursor` and written to a fresh vector, as the crates of that time did.
#![expect(unsafe_code, improper_ctypes_definitions, reason = "this is what the style was")]

use std::{error::Error, io::Cursor};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The interface of 2020.
pub trait CapabilityProvider: Send + Sync {
    /// An actor's call.
    ///
    /// # Errors
    ///
    /// Whatever the provider says.
    fn handle_call(
        &self,
        actor: &str,
        op: &str,
        msg: &[u8],
    ) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>;
}

/// The request of `Add`.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddArgs {
    /// The counter.
    pub key: String,
    /// What to add.
    pub value: i32,
}

/// The reply of `Add`.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddResponse {
    /// The sum.
    pub value: i32,
}

/// The request of `Get`.
#[derive(Debug, Serialize, Deserialize)]
pub struct GetArgs {
    /// The key.
    pub key: String,
}

/// The reply of `Get`.
#[derive(Debug, Serialize, Deserialize)]
pub struct GetResponse {
    /// The value.
    pub value: String,
    /// Whether there is one.
    pub exists: bool,
}

/// Writes a payload as it was written in 2020.
///
/// # Errors
///
/// When the value cannot be represented.
pub fn serialize<T: Serialize>(item: T) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let mut payload = Vec::new();
    item.serialize(&mut rmp_serde::Serializer::new(&mut payload).with_struct_map())?;
    Ok(payload)
}

/// Reads a payload as it was read in 2020.
///
/// # Errors
///
/// When the payload is no `T`.
pub fn deserialize<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Box<dyn Error + Send + Sync>> {
    let mut reader = rmp_serde::Deserializer::new(Cursor::new(payload));
    Ok(T::deserialize(&mut reader)?)
}

struct Provider;

impl CapabilityProvider for Provider {
    fn handle_call(
        &self,
        _actor: &str,
        op: &str,
        msg: &[u8],
    ) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        match op {
            "Echo" => Ok(msg.to_vec()),
            "Add" => add(msg),
            "Get" => get(msg),
            _ => Err(format!("unknown operation: {op}").into()),
        }
    }
}

/// `Add` from bytes to bytes.
///
/// # Errors
///
/// When the payload is no request.
pub fn add(msg: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let args: AddArgs = deserialize(msg)?;
    serialize(AddResponse { value: args.value + i32::from(!args.key.is_empty()) })
}

/// `Get` from bytes to bytes.
///
/// # Errors
///
/// When the payload is no request.
pub fn get(msg: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let args: GetArgs = deserialize(msg)?;
    serialize(GetResponse { value: args.key, exists: true })
}

#[unsafe(no_mangle)]
extern "C" fn __capability_provider_create() -> *mut dyn CapabilityProvider {
    Box::into_raw(Box::new(Provider))
}
