//! A host reads what a library says of itself.
//!
//! # Invariant
//!
//! Whatever a host may look at lies in memory of exactly that size, so that AddressSanitizer sees each
//! look at anything else. An address that points nowhere cannot be survived in one process: there are
//! none but null, and those with a length that is refused.
#![no_main]

use std::{cell::Cell, mem::offset_of, ptr};

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use provider_core::{ProviderEntry, abi};
use provider_host::{Direction, Library};

/// How long a string may be: more is refused before it is read.
const MAX_TEXT: usize = 1 << 20;
/// How many operations there may be, and how far apart.
const MAX_OPS: usize = 1 << 16;
/// How large the table of operations gets here.
const TABLE: usize = 1 << 20;

#[derive(Debug, Arbitrary)]
enum Text<'a> {
    Bytes(&'a [u8]),
    /// Null, of no length.
    Nothing,
    /// Null, with a length.
    Null(u32),
    /// A few bytes that are said to be more than a string may have.
    Huge(usize),
    /// As long as may be, or a few bytes longer.
    Long(u8, i8),
}

#[derive(Debug, Arbitrary)]
struct Op<'a> {
    name: Text<'a>,
    doc: Text<'a>,
    flags: u32,
    direction: u32,
}

#[derive(Debug, Arbitrary)]
enum Size {
    Right,
    Larger(u8),
    Other(u32),
}

#[derive(Debug, Arbitrary)]
enum Ops<'a> {
    /// So many steps of eight bytes lie between two.
    Table { gap: u8, ops: Vec<Op<'a>> },
    /// What must be refused before it is read.
    Wild { count: u32, stride: usize, shift: u8, null: bool },
}

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    size: Size,
    other_major: Option<u32>,
    minor: u32,
    flags: u32,
    revision: u32,
    texts: [Text<'a>; 5],
    ops: Ops<'a>,
    /// How far the descriptor is from an address that is aligned.
    shift: Option<u8>,
}

thread_local! {
    static DESCRIPTOR: Cell<*const abi::Descriptor> = const { Cell::new(ptr::null()) };
}

extern "C" fn describe() -> *const abi::Descriptor {
    DESCRIPTOR.get()
}

extern "C" fn create() -> *mut abi::Provider {
    ptr::null_mut()
}

/// The memory of one descriptor, and what is to be read in it.
#[derive(Default)]
struct Memory {
    texts: Vec<Box<[u8]>>,
    /// Whether something must be refused.
    bad: bool,
}

impl Memory {
    /// A string, and what it reads as.
    fn text(&mut self, text: &Text<'_>) -> (abi::Str, String) {
        let (bytes, len) = match text {
            Text::Bytes(bytes) => (bytes.to_vec(), bytes.len()),
            Text::Nothing => return (abi::Str { ptr: ptr::null(), len: 0 }, String::new()),
            Text::Null(len) => {
                self.bad |= *len > 0;
                return (abi::Str { ptr: ptr::null(), len: *len as usize }, String::new());
            }
            Text::Huge(len) => (vec![b'x'; 3], (*len).max(MAX_TEXT + 1)),
            // Many such would be too much for a fuzzer's memory.
            Text::Long(..) if self.texts.len() > 20 => (Vec::new(), 0),
            Text::Long(byte, more) => {
                let len = MAX_TEXT.saturating_add_signed(isize::from(*more));
                (vec![*byte; len], len)
            }
        };
        let read = String::from_utf8(bytes.clone()).unwrap_or_default();
        self.bad |= len > MAX_TEXT || str::from_utf8(&bytes).is_err();
        let bytes = bytes.into_boxed_slice();
        let ptr = bytes.as_ptr();
        self.texts.push(bytes);
        (abi::Str { ptr, len }, read)
    }
}

/// Copies the first `size` bytes of `value` to memory of that size and alignment.
fn placed<T: Copy>(value: T, size: usize) -> Box<[u64]> {
    let mut memory = vec![0_u64; size.div_ceil(8)].into_boxed_slice();
    let size = size.min(size_of::<T>());
    // SAFETY: both are at least as large, and the memory was made just now.
    unsafe {
        ptr::copy_nonoverlapping((&raw const value).cast::<u8>(), memory.as_mut_ptr().cast(), size)
    };
    memory
}

fuzz_target!(|plan: Plan<'_>| {
    let mut memory = Memory::default();
    let [contract, vendor, name, version, build] =
        plan.texts.each_ref().map(|text| memory.text(text));
    let (mut table, mut expected) = (Vec::<u64>::new(), Vec::new());
    let (op_count, ops, op_stride) = match &plan.ops {
        Ops::Table { gap, ops } => {
            let stride = size_of::<abi::Op>() + usize::from(*gap) * 8;
            let ops = &ops[..ops.len().min(TABLE / stride)];
            for op in ops {
                let (name, read_name) = memory.text(&op.name);
                let (doc, read_doc) = memory.text(&op.doc);
                let made = abi::Op { name, doc, flags: op.flags, direction: op.direction };
                // The last one ends where the table ends.
                table.resize(table.len().next_multiple_of(stride / 8), u64::MAX);
                table.extend(placed(made, size_of::<abi::Op>()));
                expected.push((read_name, read_doc, op.flags, Direction::from(op.direction)));
            }
            (u32::try_from(ops.len()).unwrap(), table.as_ptr().cast::<abi::Op>(), stride)
        }
        Ops::Wild { count, stride, shift, null } => {
            table.push(0);
            let right = stride % 8 == 0 && (size_of::<abi::Op>()..=1 << 16).contains(stride);
            let shift = usize::from(*shift % 8);
            let refused = *null || shift != 0 || !right || *count as usize > MAX_OPS;
            let count = if refused { *count } else { 0 };
            memory.bad |= count > 0;
            let ops = if *null { ptr::null() } else { table.as_ptr().wrapping_byte_add(shift) };
            (count, ops.cast(), *stride)
        }
    };
    let whole = size_of::<abi::Descriptor>();
    let size = match plan.size {
        Size::Right => whole,
        Size::Larger(more) => whole + usize::from(more),
        Size::Other(size) => size as usize,
    };
    let abi_major = plan.other_major.unwrap_or(abi::ABI_MAJOR);
    let descriptor = abi::Descriptor {
        size: u32::try_from(size).unwrap(),
        abi_major,
        abi_minor: plan.minor,
        flags: plan.flags,
        revision: plan.revision,
        op_count,
        ops,
        op_stride,
        contract: contract.0,
        vendor: vendor.0,
        name: name.0,
        version: version.0,
        build: build.0,
        describe_json: None,
    };
    // Of another version, or too small, only the first three members are there.
    let first = offset_of!(abi::Descriptor, describe_json);
    let there = match size {
        _ if abi_major != abi::ABI_MAJOR => 12,
        size if size >= whole => whole,
        // What came after 1.0 is not there.
        size if size >= first => first,
        _ => 12,
    };
    let placed = placed(descriptor, there);
    let shift = usize::from(plan.shift.unwrap_or(0) % 8);
    memory.bad |= abi_major != abi::ABI_MAJOR || size < first || shift != 0;
    DESCRIPTOR.set(placed.as_ptr().wrapping_byte_add(shift).cast());
    // SAFETY: a descriptor whose addresses are null or live, and no provider.
    let entry = unsafe { ProviderEntry::__new(describe, create) };
    let library = match Library::linked(&entry) {
        Ok(library) => library,
        Err(error) => {
            assert!(memory.bad, "refused without a reason: {error}");
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(!memory.bad, "taken: {plan:?}");
    let read = library.description();
    assert_eq!((read.flags, read.revision), (plan.flags, plan.revision));
    assert_eq!(read.abi, (abi_major, plan.minor));
    let texts = [&read.contract, &read.vendor, &read.name, &read.version, &read.build];
    assert_eq!(texts, [&contract.1, &vendor.1, &name.1, &version.1, &build.1]);
    assert_eq!(read.ops.len(), expected.len());
    for (op, (name, doc, flags, direction)) in read.ops.iter().zip(&expected) {
        assert_eq!((&op.name, &op.doc, op.flags, op.direction), (name, doc, *flags, *direction));
    }
    for problem in read.problems() {
        assert!(!problem.is_empty());
    }
    // The copy outlives what it was made of.
    drop((placed, table, memory));
    assert!(format!("{:?}", library.description()).len() > 10);
});
