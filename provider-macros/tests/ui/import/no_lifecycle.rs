use provider_core::{BoxError, LinkConfig};

pub struct Kv;

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

fn main() {}
