//! Where a provider completes a call that it was started with: what stands behind `cp_completion`.
//!
//! # Invariants
//!
//! 1. The memory of a [`Place`] is never freed, and what a provider can see of it never changes: the
//!    addresses of two static tables. So whoever holds a completion may look at it whenever it likes,
//!    also long after its call.
//! 2. An address that comes back is not followed. It is looked up: it belongs to a place or it does
//!    not, by arithmetic, and to the place's call or to one of those before it. Everything else is
//!    behind a lock.
//! 3. A reply's buffer belongs to whoever took it out of its place, and no lock is held while it is
//!    used: a provider's functions run in there.
//!
//! A place serves one call after another. Its calls have [`TURNS`] addresses in turn, and a place rests
//! until [`RESTING`] others were used. So an address comes back after at least `RESTING * TURNS` other
//! calls of the process, and until then whoever uses it too late is seen.
#![expect(
    unsafe_code,
    reason = "a provider reaches its completion through addresses; see the invariants"
)]

use std::{
    collections::VecDeque,
    mem::{self, offset_of},
    ptr,
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};
use provider_core::{
    __private::discard,
    Error, ErrorKind, ReplyBuffer,
    abi::{self, Status, status},
};

use crate::{answer::Outcome, calls::Calls};

/// How many addresses a place has.
const TURNS: usize = 8;
/// How many places are free at any time.
const RESTING: usize = 64;
/// How many places there are at first. Each block of them has twice as many as the one before.
const FIRST_BLOCK: usize = 2 * RESTING;

/// One call's view of a place: all that a provider ever sees.
#[repr(C)]
struct Handle {
    completion: abi::Completion,
    sink: abi::Sink,
}

/// Room for one call at a time.
#[repr(C)]
pub(crate) struct Place {
    handles: [Handle; TURNS],
    state: Mutex<State>,
}

struct State {
    /// Which of the handles is the current call's, or the next one's.
    turn: usize,
    call: Option<InPlace>,
    /// Whose call it is, or was.
    owner: Option<Arc<Calls>>,
}

/// A call that a provider has.
struct InPlace {
    number: u64,
    reply: Reply,
    /// What the provider did wrong with the reply, if anything.
    misuse: Option<&'static str>,
}

/// The buffer of a reply.
enum Reply {
    /// Nothing was written yet.
    Empty,
    Here(Box<ReplyBuffer>),
    /// Somebody is writing.
    Lent,
}

// SAFETY: the handles hold addresses of statics and never change (invariant 1).
unsafe impl Send for Place {}
// SAFETY: as above; the rest is behind a lock.
unsafe impl Sync for Place {}

/// Every place there is.
struct Pool {
    /// A block is never freed and never moves.
    blocks: RwLock<Vec<&'static [Place]>>,
    free: Mutex<VecDeque<&'static Place>>,
}

static POOL: Pool = Pool { blocks: RwLock::new(Vec::new()), free: Mutex::new(VecDeque::new()) };

#[expect(clippy::cast_possible_truncation, reason = "the structures are a few words")]
const fn size<T>() -> u32 {
    size_of::<T>() as u32
}

static COMPLETION: abi::CompletionTable =
    abi::CompletionTable { size: size::<abi::CompletionTable>(), reply, complete };

static SINK: abi::SinkTable =
    abi::SinkTable { size: size::<abi::SinkTable>(), write, reserve, commit, give, fail };

/// What a call without a place gets for its reply.
static NOWHERE: Handle = Handle::NEW;

// SAFETY: it holds addresses of statics and never changes.
unsafe impl Sync for Handle {}

impl Handle {
    const NEW: Self = Self {
        completion: abi::Completion { table: &raw const COMPLETION },
        sink: abi::Sink { table: &raw const SINK },
    };

    fn completion(&'static self) -> *mut abi::Completion {
        (&raw const self.completion).cast_mut()
    }

    fn sink(&'static self) -> *mut abi::Sink {
        (&raw const self.sink).cast_mut()
    }
}

/// An address, looked up.
#[derive(Clone, Copy)]
struct Found {
    place: &'static Place,
    turn: usize,
}

impl Pool {
    /// A place that is free.
    fn take(&self) -> &'static Place {
        if let Some(place) = self.rested() {
            return place;
        }
        let mut blocks = self.blocks.write();
        // Somebody else may have made a block in the meantime.
        if let Some(place) = self.rested() {
            return place;
        }
        let more = FIRST_BLOCK << blocks.len();
        let block: Vec<Place> = std::iter::repeat_with(Place::new).take(more).collect();
        let block: &'static [Place] = Box::leak(block.into_boxed_slice());
        blocks.push(block);
        let mut free = self.free.lock();
        free.extend(&block[1..]);
        &block[0]
    }

    /// A place that has been free for long enough.
    fn rested(&self) -> Option<&'static Place> {
        let mut free = self.free.lock();
        if free.len() > RESTING { free.pop_front() } else { None }
    }

    /// The place that `address` belongs to, `offset` bytes into one of its handles.
    fn find(&self, address: usize, offset: usize) -> Option<Found> {
        let blocks = self.blocks.read();
        // The last blocks are the large ones.
        for block in blocks.iter().rev() {
            let Some(distance) = address.checked_sub(block.as_ptr().addr()) else {
                continue;
            };
            let Some(place) = block.get(distance / size_of::<Place>()) else {
                continue;
            };
            let within =
                (distance % size_of::<Place>()).checked_sub(offset_of!(Place, handles) + offset)?;
            let turn = within / size_of::<Handle>();
            let whole = within % size_of::<Handle>() == 0 && turn < TURNS;
            return whole.then_some(Found { place, turn });
        }
        None
    }
}

impl Place {
    fn new() -> Self {
        Self {
            handles: [const { Handle::NEW }; TURNS],
            state: Mutex::new(State { turn: 0, call: None, owner: None }),
        }
    }

    /// A place for call `number`.
    pub(crate) fn take(owner: &Arc<Calls>, number: u64) -> (&'static Self, *mut abi::Completion) {
        let place = POOL.take();
        let mut state = place.state.lock();
        let before = state.owner.replace(Arc::clone(owner));
        state.call = Some(InPlace { number, reply: Reply::Empty, misuse: None });
        let completion = place.handles[state.turn].completion();
        drop(state);
        drop(before);
        (place, completion)
    }

    /// Ends call `number` of this place, unless it was completed already.
    pub(crate) fn end(&'static self, number: u64, status: Status) -> Option<Outcome> {
        let mut state = self.state.lock();
        let call = state.call.take_if(|call| call.number == number)?;
        state.turn = (state.turn + 1) % TURNS;
        drop(state);
        POOL.free.lock().push_back(self);
        Some(call.outcome(status))
    }
}

impl InPlace {
    fn outcome(self, status: Status) -> Outcome {
        let mismatch = |what| Err(Error::new(ErrorKind::AbiMismatch, what));
        let mut buffer = match self.reply {
            Reply::Empty => Box::default(),
            Reply::Here(buffer) => buffer,
            Reply::Lent => {
                return mismatch("the call was completed while its reply was being written");
            }
        };
        if let Some(misuse) = self.misuse {
            discard(buffer);
            return mismatch(misuse);
        }
        buffer.outcome(status).map(|()| buffer.take())
    }
}

impl Found {
    /// The call that this address was made for is completed.
    fn complete(self, status: Status) {
        let mut state = self.place.state.lock();
        let Some(owner) = state.owner.clone() else {
            return;
        };
        let number = state.current(self.turn).map(|call| call.number);
        drop(state);
        // Somebody else may come first: one of them ends it.
        match number.and_then(|number| Some((number, self.place.end(number, status)?))) {
            Some((number, outcome)) => owner.finish(number, outcome),
            None => owner.completed_again(),
        }
    }

    /// Takes the reply's buffer out, with its call's number.
    fn lend(self) -> Option<(u64, Box<ReplyBuffer>)> {
        let mut state = self.place.state.lock();
        let Some(call) = state.current(self.turn) else {
            let owner = state.owner.clone();
            drop(state);
            if let Some(owner) = owner {
                owner.written_late();
            }
            return None;
        };
        match mem::replace(&mut call.reply, Reply::Lent) {
            Reply::Empty => Some((call.number, Box::default())),
            Reply::Here(buffer) => Some((call.number, buffer)),
            Reply::Lent => {
                call.misuse = Some("the reply was written by two threads at once");
                None
            }
        }
    }

    /// Puts the buffer back, unless the call has ended.
    fn put_back(self, number: u64, buffer: Box<ReplyBuffer>) {
        let mut state = self.place.state.lock();
        match &mut state.call {
            Some(call) if call.number == number => call.reply = Reply::Here(buffer),
            _ => {
                drop(state);
                discard(buffer);
            }
        }
    }
}

impl State {
    /// The call whose handle has that turn.
    fn current(&mut self, turn: usize) -> Option<&mut InPlace> {
        self.call.as_mut().filter(|_| self.turn == turn)
    }
}

/// Lets `act` use the sink of the buffer that `sink` stands for, if it stands for one.
fn with_buffer<T>(
    sink: *mut abi::Sink,
    act: impl FnOnce(*mut abi::Sink, &abi::SinkTable) -> T,
) -> Option<T> {
    let found = POOL.find(sink.addr(), offset_of!(Handle, sink))?;
    let (number, mut buffer) = found.lend()?;
    let inner = buffer.as_sink();
    // SAFETY: a buffer's sink is there as long as the buffer is (`ReplyBuffer`).
    let table = unsafe { (*inner).table };
    // SAFETY: a buffer's table is a static (`ReplyBuffer`).
    let done = act(inner, unsafe { &*table });
    found.put_back(number, buffer);
    Some(done)
}

unsafe extern "C" fn reply(this: *mut abi::Completion) -> *mut abi::Sink {
    let found = POOL.find(this.addr(), offset_of!(Handle, completion));
    // Whether the call is still there is found out when something is written.
    found.map_or(&NOWHERE, |found| &found.place.handles[found.turn]).sink()
}

unsafe extern "C" fn complete(this: *mut abi::Completion, status: Status) {
    if let Some(found) = POOL.find(this.addr(), offset_of!(Handle, completion)) {
        found.complete(status);
    }
}

unsafe extern "C" fn write(this: *mut abi::Sink, ptr: *const u8, len: usize) -> Status {
    // SAFETY: the buffer's own function with its own sink; the bytes are the provider's duty.
    with_buffer(this, |sink, table| unsafe { (table.write)(sink, ptr, len) })
        .unwrap_or(status::ABI_MISMATCH)
}

unsafe extern "C" fn reserve(this: *mut abi::Sink, len: usize) -> *mut u8 {
    // SAFETY: the buffer's own function with its own sink.
    with_buffer(this, |sink, table| unsafe { (table.reserve)(sink, len) })
        .unwrap_or(ptr::null_mut())
}

unsafe extern "C" fn commit(this: *mut abi::Sink, len: usize) -> Status {
    // SAFETY: the buffer's own function with its own sink.
    with_buffer(this, |sink, table| unsafe { (table.commit)(sink, len) })
        .unwrap_or(status::ABI_MISMATCH)
}

unsafe extern "C" fn give(this: *mut abi::Sink, buffer: *const abi::Buffer) -> Status {
    // SAFETY: the buffer's own function with its own sink; what is given is the provider's duty.
    with_buffer(this, |sink, table| unsafe { (table.give)(sink, buffer) })
        .unwrap_or(status::ABI_MISMATCH)
}

unsafe extern "C" fn fail(
    this: *mut abi::Sink,
    status: Status,
    ptr: *const u8,
    len: usize,
) -> Status {
    // SAFETY: the buffer's own function with its own sink; the text is the provider's duty.
    with_buffer(this, |sink, table| unsafe { (table.fail)(sink, status, ptr, len) });
    status
}

#[cfg(test)]
mod tests;
