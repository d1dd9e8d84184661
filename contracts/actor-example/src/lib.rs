//! An actor that counts its visits in a key-value store, with the contract's typed client.
//!
//! How an actor's bytes get out of WebAssembly is its runtime's affair, so it is a plain function here: the
//! runtime's own crate has one that calls an imported function of the host.

use provider_contracts::keyvalue::KeyValueClient;
use provider_core::{BoxError, Dispatcher, Error};

/// Calls the host: contract, operation and request; the reply, or the reason why there is none.
pub type HostCall = fn(&str, &str, &[u8]) -> Result<Vec<u8>, String>;

/// The way from an actor to the provider that is linked to it.
#[derive(Debug, Clone, Copy)]
pub struct Linked {
    /// The contract's id.
    pub contract: &'static str,
    /// The function of the actor's runtime.
    pub call: HostCall,
}

impl Dispatcher for Linked {
    /// The host knows which actor calls, so its name is not sent.
    fn dispatch(&self, _actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        (self.call)(self.contract, op, msg).map_err(BoxError::from)
    }
}

/// Counts a visit and returns how many there were.
///
/// # Errors
///
/// The provider's, or the host's.
pub fn visit(call: HostCall) -> Result<i32, Error> {
    let store = KeyValueClient::new(Linked { contract: "wasmcloud:keyvalue", call }, "");
    Ok(store.add("visits".to_owned(), 1)?.value)
}

#[cfg(test)]
mod tests {
    use super::visit;

    #[test]
    fn a_visit_is_one_typed_call_of_the_linked_provider() {
        let visits = visit(|contract, op, request| {
            assert_eq!((contract, op), ("wasmcloud:keyvalue", "Add"));
            assert_eq!(request, b"\x82\xa3key\xa6visits\xa5value\x01");
            Ok(b"\x81\xa5value\x07".to_vec())
        });
        assert_eq!(visits.map_err(|error| error.to_string()), Ok(7));
    }

    #[test]
    fn what_the_host_refuses_is_the_calls_error() {
        let error = visit(|_, _, _| Err("no provider is linked".to_owned())).expect_err("refused");
        assert_eq!(error.message(), "no provider is linked");
    }
}
