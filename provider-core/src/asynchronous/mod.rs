//! Providers whose operations are `async fn`: the lifecycle, the adapter, and what runs them.
//!
//! A provider has a runtime of its own, made when it gets its dispatcher and gone when it was stopped:
//! libraries share no copy of `tokio` with their host or with each other, so there is none to borrow.

mod adapter;
mod chain;
mod context;
mod dispatch;
mod engine;
mod flight;
mod flights;
mod form;
mod lifecycle;
mod turns;

pub(crate) use self::{adapter::AsyncService, form::collected};
pub use self::{
    adapter::{Answer, AsyncAdapter},
    context::AsyncContext,
    dispatch::AsyncActor,
    form::{AsyncThunk, Bytes, Later},
    lifecycle::AsyncProvider,
};
