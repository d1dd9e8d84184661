use provider_core::prelude::*;

pub struct G<T>(T);

#[capability_provider(contract = "example:kv")]
impl<T: Send> G<T> {
    #[op]
    fn get(&self, _cx: Cx<'_, Self>, key: String) -> OpResult<()> {
        drop(key);
        Ok(())
    }
}

pub struct Borrowed<'a>(&'a str);

#[capability_provider(contract = "example:kv")]
impl Borrowed<'_> {
    #[op]
    fn put(&self, _cx: Cx<'_, Self>, key: String) -> OpResult<()> {
        drop(key);
        Ok(())
    }
}

fn main() {}
