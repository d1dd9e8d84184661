//! The operation table of an asynchronous contract.

use std::pin::Pin;

use crate::{
    codec::Args, context::Cx, contract::Op, error::Error, reply::Reply, reply_buffer::ReplyBuffer,
};

/// What is left of a call: it ends with the reply's bytes.
pub(crate) type Later<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + Send + 'a>>;

/// What the table of an asynchronous contract calls: takes the arguments, runs the method, encodes its
/// reply.
pub type AsyncThunk<P> = for<'a> fn(&'a P, Cx<'a, P>, Args<'a>) -> Later<'a>;

impl<P> Op<AsyncThunk<P>> {
    /// Begins it.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) for a payload that is not its request; what the
    /// future ends with is the method's.
    pub(super) fn begin<'a>(
        &self,
        provider: &'a P,
        cx: Cx<'a, P>,
        msg: &'a [u8],
    ) -> Result<Later<'a>, Error> {
        Ok((self.call)(provider, cx, self.entry.split(msg)?))
    }
}

/// A future of generated code.
pub(crate) fn later<'a>(
    future: impl Future<Output = Result<Vec<u8>, Error>> + Send + 'a,
) -> Later<'a> {
    Box::pin(future)
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
