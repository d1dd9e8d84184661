use provider_core::prelude::*;

#[contract("example:kv")]
trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

mod caller {
    use provider_core::NullDispatcher;

    pub fn call() {
        let _ = KeyValueClient::new(NullDispatcher, "MACTOR");
    }
}

fn main() {}
