//! What the benchmarks call: an echo straight behind the doorway.
//!
//! `Echo` writes the message into the caller's memory, `Give` hands a copy of it over; anything else
//! is an unknown operation.

use provider_core::{Call, Dispatcher, Error, ErrorKind, Reply, Service, export_provider};

struct Echo;

impl Service for Echo {
    fn configure_dispatch(&self, _: Box<dyn Dispatcher>) -> Result<(), Error> {
        Ok(())
    }

    fn handle_call(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        match call.op_id {
            Some(0) => reply.write(call.msg),
            Some(1) => reply.give(call.msg.to_vec()),
            _ => Err(Error::new(ErrorKind::UnknownOperation, "unknown operation")),
        }
    }

    fn stop(&self) -> Result<(), Error> {
        Ok(())
    }
}

export_provider!(Echo as Service, || Echo, contract = "bench:echo", ops = ["Echo", "Give"]);
