use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    #[op(example(request = r#"{"key": "a"#, reply = "null"))]
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
    #[op(example(request = r#"["a"]"#, reply = "nothing"))]
    fn delete(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
    #[op(example(request = r#"{"kye": "a"}"#))]
    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
    #[op(example(reply = "null"))]
    fn count(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

fn main() {}
