//! From bytes to bytes within one program: typed operations beside the codec's way of 2020, and
//! finding an operation among many.

use std::{collections::HashMap, hint::black_box, sync::Arc};

use bench_style_2020::{AddResponse, GetResponse};
use provider_core::{
    Actor, Adapter, Call, Contract, Linked, NullDispatcher, OpEntry, Reply, ReplyBuffer, Service,
    Thunk,
    codec::{self, ArgsWriter},
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, SYSTEM_ACTOR},
    prelude::*,
};
use serde_bytes::ByteBuf;

use crate::measure::{Case, Table};

const ACTOR: &str = "MB4OLDIC3TCZ4Q4TGGOVAZC43VXFE2JQVRAXQMQXFUCREOOFEKOKZTY2";

/// The operations that are compared.
#[contract("bench:typed")]
trait Typed {
    /// Adds.
    fn add(&self, cx: Cx<'_, Self>, key: &str, value: i32) -> OpResult<AddResponse>;
    /// Gets.
    fn get(&self, cx: Cx<'_, Self>, key: &str) -> OpResult<GetResponse>;
    /// Returns what it gets.
    #[op(unary)]
    fn echo(&self, cx: Cx<'_, Self>, body: ByteBuf) -> OpResult<ByteBuf>;
}

struct Provided;

impl Provider for Provided {
    type Link = ();

    fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Typed for Provided {
    fn add(&self, _: Cx<'_, Self>, key: &str, value: i32) -> OpResult<AddResponse> {
        Ok(AddResponse { value: value + i32::from(!key.is_empty()) })
    }

    fn get(&self, _: Cx<'_, Self>, key: &str) -> OpResult<GetResponse> {
        Ok(GetResponse { value: key.to_owned(), exists: true })
    }

    fn echo(&self, _: Cx<'_, Self>, body: ByteBuf) -> OpResult<ByteBuf> {
        Ok(body)
    }
}

fn linked<P: Provider>(provider: P, contract: &'static Contract<P>) -> Adapter<P> {
    let adapter = Adapter::new(provider, contract);
    let link = CapabilityConfiguration { module: ACTOR.into(), values: HashMap::new() };
    let msg = codec::encode(&link).expect("a configuration is MessagePack");
    let call = Call { op_id: None, actor: SYSTEM_ACTOR, op: OP_BIND_ACTOR, msg: &msg };
    adapter.handle_call(&call, &mut Reply::into_buffer(&mut ReplyBuffer::new())).expect("it links");
    adapter
}

/// The operations behind their table, with and without the adapter's way to them.
pub(crate) struct Subjects {
    contract: &'static Contract<Provided>,
    linked: Linked<()>,
    adapter: Adapter<Provided>,
    reply: ReplyBuffer,
}

fn add_request() -> Vec<u8> {
    ArgsWriter::new(2).put("key", "counter").put("value", &5).finish().expect("it is MessagePack")
}

fn get_request() -> Vec<u8> {
    ArgsWriter::new(1).put("key", "a key of some length").finish().expect("it is MessagePack")
}

fn echo_request() -> Vec<u8> {
    codec::encode(&ByteBuf::from(vec![0x5a; 64])).expect("it is MessagePack")
}

impl Subjects {
    pub(crate) fn new() -> Self {
        let contract = provider_core::contract_of!(Provided: Typed);
        let config = LinkConfig::new(Actor::new(ACTOR, Arc::new(NullDispatcher)), HashMap::new());
        Self {
            contract,
            linked: Linked { config, link: () },
            adapter: linked(Provided, contract),
            reply: ReplyBuffer::new(),
        }
    }

    /// The codec and the method.
    #[inline]
    fn op(&mut self, op: usize, msg: &[u8]) {
        self.reply.clear();
        let mut reply = Reply::into_buffer(&mut self.reply);
        let cx = Cx::new(&self.linked);
        self.contract.call(op, &Provided, cx, black_box(msg), &mut reply).expect("it succeeds");
        black_box(self.reply.bytes());
    }

    /// The link's look-up as well.
    fn linked(&mut self, op_id: u32, op: &str, msg: &[u8]) {
        self.reply.clear();
        let call = Call { op_id: Some(op_id), actor: ACTOR, op, msg: black_box(msg) };
        self.adapter
            .handle_call(&call, &mut Reply::into_buffer(&mut self.reply))
            .expect("it succeeds");
        black_box(self.reply.bytes());
    }

    fn unknown(&mut self) {
        self.reply.clear();
        let call =
            Call { op_id: None, actor: ACTOR, op: "NoSuchOperation", msg: black_box(b"\x80") };
        let outcome = self.adapter.handle_call(&call, &mut Reply::into_buffer(&mut self.reply));
        black_box(outcome.expect_err("there is no such operation"));
    }
}

/// Every subject from a request's bytes to a reply's bytes.
pub(crate) fn measure(table: &mut Table<'_>) {
    let (add, get, echo) = (add_request(), get_request(), echo_request());
    table.paired(
        1,
        &[
            Case::new("typed_add", || op(0, &add)),
            Case::new("style_2020", || || style_2020(bench_style_2020::add, &add)),
        ],
    );
    table.paired(
        1,
        &[
            Case::new("typed_get", || op(1, &get)),
            Case::new("style_2020", || || style_2020(bench_style_2020::get, &get)),
        ],
    );
    table.paired(
        1,
        &[
            Case::new("linked_add", || with_link(0, "Add", &add)),
            Case::new("typed_add", || op(0, &add)),
            Case::new("linked_echo_64B", || with_link(2, "Echo", &echo)),
        ],
    );
    among_many(table);
}

fn op(op: usize, msg: &[u8]) -> impl FnMut() + use<'_> {
    let mut subjects = Subjects::new();
    move || subjects.op(op, msg)
}

fn with_link<'a>(op_id: u32, op: &'a str, msg: &'a [u8]) -> impl FnMut() + use<'a> {
    let mut subjects = Subjects::new();
    move || subjects.linked(op_id, op, msg)
}

fn style_2020(serve: impl Fn(&[u8]) -> Result<Vec<u8>, BoxError>, msg: &[u8]) {
    black_box(serve(black_box(msg)).expect("it succeeds"));
}

/// What `--count` runs.
pub(crate) fn counted(subject: &str) -> Option<Box<dyn FnMut()>> {
    let (add, get, echo) = (add_request(), get_request(), echo_request());
    let mut subjects = Subjects::new();
    Some(match subject {
        "typed_add" => Box::new(move || subjects.op(0, &add)),
        "typed_get" => Box::new(move || subjects.op(1, &get)),
        "linked_add" => Box::new(move || subjects.linked(0, "Add", &add)),
        "linked_echo_64B" => Box::new(move || subjects.linked(2, "Echo", &echo)),
        "adapter_unknown" => Box::new(move || subjects.unknown()),
        "style_2020_add" => Box::new(move || style_2020(bench_style_2020::add, &add)),
        "style_2020_get" => Box::new(move || style_2020(bench_style_2020::get, &get)),
        _ => return None,
    })
}

/// Finding one operation among 10, 50 and 250, by its name and by its number.
fn among_many(table: &mut Table<'_>) {
    for count in [10, 50, 250_u32] {
        let names: Vec<&'static str> =
            (0..count).map(|index| &*format!("Operation{index}").leak()).collect();
        let ops: Vec<OpEntry> = names.iter().map(|name| OpEntry::new(name, "", &[])).collect();
        let calls: Vec<Thunk<Provided>> = vec![|_, _, _, _| Ok(()); names.len()];
        let contract = Contract::new("bench:many", "", ops.leak(), calls.leak());
        let contract: &'static _ = Box::leak(Box::new(contract));
        let adapter = linked(Provided, contract);
        let op = names[names.len() / 2];
        let find = |op_id: Option<u32>| {
            let adapter = adapter.clone();
            let mut reply = ReplyBuffer::new();
            move || {
                reply.clear();
                let call = Call { op_id, actor: ACTOR, op: black_box(op), msg: b"" };
                adapter
                    .handle_call(&call, &mut Reply::into_buffer(&mut reply))
                    .expect("it is there");
            }
        };
        table.paired(
            1,
            &[
                Case::new(format!("by_name_among_{count}"), || find(None)),
                Case::new("by_number", || find(Some(count / 2))),
            ],
        );
    }
}
