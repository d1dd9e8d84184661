//! The operation table of an asynchronous contract.

use std::{marker::PhantomData, pin::Pin};

use crate::{
    codec::Args, context::Cx, contract::Op, error::Error, reply::Reply, reply_buffer::ReplyBuffer,
};

/// What is left of a call: it ends with the reply's bytes.
pub type Later<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + Send + 'a>>;

/// Where the reply of an asynchronous operation goes.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a>(PhantomData<&'a ()>);

/// What the table of an asynchronous contract calls: takes the arguments, runs the method, encodes its
/// reply.
pub type AsyncThunk<P> =
    for<'a> fn(&'a P, Cx<'a, P>, Args<'a>, Bytes<'a>) -> Result<Later<'a>, Error>;

impl<P> Op<AsyncThunk<P>> {
    /// Begins it.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) for a payload or an argument that is not its
    /// request's; what the future ends with is the method's.
    pub(super) fn begin<'a>(
        &self,
        provider: &'a P,
        cx: Cx<'a, P>,
        msg: &'a [u8],
    ) -> Result<Later<'a>, Error> {
        (self.call)(provider, cx, self.entry.split(msg)?, Bytes(PhantomData))
    }
}

/// The bytes of what `respond` sends.
///
/// # Errors
///
/// Those of `respond`.
pub(crate) fn collected(
    respond: impl FnOnce(&mut Reply<'_>) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    // How much the caller takes is the caller's to say.
    let mut buffer = ReplyBuffer::with_limit(usize::MAX);
    respond(&mut Reply::into_buffer(&mut buffer))?;
    Ok(buffer.into_vec())
}
