//! A provider's library: opened, described, and the source of providers.
//!
//! # Invariants
//!
//! 1. `create` and the descriptor's memory stay valid as long as the process, because the library
//!    is never closed: the operating system's handle is given up on purpose. The one exception,
//!    [`Library::unload`], takes the last [`Library`] with no instance left.
//! 2. Addresses in a descriptor are the provider's word. They are checked for null, alignment and
//!    plausible length; that they point to what they should is what running in another process is
//!    for.
#![expect(unsafe_code, reason = "a library is reached through addresses; see the invariants")]

use std::{
    collections::BTreeMap,
    fmt,
    mem::{ManuallyDrop, MaybeUninit, offset_of},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use provider_core::{
    ErrorKind, ProviderEntry, ReplyBuffer,
    abi::{self, descriptor_flags},
    description,
};

use crate::{Created, Description, Instance, OpenError, Operation, foreign};

/// How long a string of a descriptor may be, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// How large a library's JSON document may be, in bytes.
const MAX_JSON: usize = 4 << 20;
/// How many operations a descriptor may list.
const MAX_OPS: usize = 1 << 16;
/// How far apart two operations may be, in bytes.
const MAX_STRIDE: usize = 1 << 16;

/// A provider's library. A clone is another handle to the same one.
#[derive(Clone)]
pub struct Library(Arc<Opened>);

pub(crate) struct Opened {
    path: PathBuf,
    create: abi::CreateFn,
    describe_json: Option<abi::DescribeJsonFn>,
    description: Description,
    /// Nothing for a provider that is linked in.
    handle: Option<ManuallyDrop<libloading::Library>>,
}

/// How many instances live, by the address of the function that made them.
static INSTANCES: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());

impl Library {
    /// Opens the library at `path` and reads what it says of itself.
    ///
    /// The loader binds every symbol now and keeps the library's own to itself. Opening runs the
    /// library's initialisers: code that can do anything. It is no `unsafe` function all the same: a
    /// provider has all rights of the process, and whoever opens a library by its path trusts it.
    ///
    /// # Errors
    ///
    /// An [`OpenError`] that says what is wrong with the library.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        // An absolute path: the loader would search its own directories for a bare name.
        let path = path
            .canonicalize()
            .map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let handle = load(&path)?;
        // SAFETY: the symbol, if it is there, has the type that the ABI gives it: the provider's
        // word, which nobody can check.
        let create =
            unsafe { handle.get::<abi::CreateFn>(abi::CREATE_SYMBOL) }.map(|symbol| *symbol);
        // SAFETY: as above.
        let describe =
            unsafe { handle.get::<abi::DescribeFn>(abi::DESCRIBE_SYMBOL) }.map(|symbol| *symbol);
        let (create, describe) = match (create, describe) {
            (Ok(create), Ok(describe)) => (create, describe),
            (Ok(_), Err(_)) => return Err(OpenError::OldInterface { path }),
            (Err(_), Ok(_)) => {
                let problem = format!("it exports no `{}`", abi::CREATE_SYMBOL);
                return Err(OpenError::Descriptor { path, problem });
            }
            (Err(_), Err(_)) => return Err(OpenError::NotAProvider { path }),
        };
        Self::new(path, describe, create, Some(handle))
    }

    /// A provider that is linked into this program: called through the same table as one from a
    /// library, without opening one.
    ///
    /// # Errors
    ///
    /// An [`OpenError`] that says what is wrong with what it says of itself.
    pub fn linked(entry: &ProviderEntry) -> Result<Self, OpenError> {
        Self::new(PathBuf::from("(linked in)"), entry.describe(), entry.create(), None)
    }

    fn new(
        path: PathBuf,
        describe: abi::DescribeFn,
        create: abi::CreateFn,
        handle: Option<ManuallyDrop<libloading::Library>>,
    ) -> Result<Self, OpenError> {
        // SAFETY: the ABI's function of that name, which takes nothing.
        let descriptor = unsafe { describe() };
        let (description, describe_json) = match read(descriptor) {
            Ok(read) => read,
            Err(Unreadable::Version(theirs)) => return Err(OpenError::AbiVersion { path, theirs }),
            Err(Unreadable::Problem(problem)) => {
                return Err(OpenError::Descriptor { path, problem });
            }
        };
        Ok(Self(Arc::new(Opened { path, create, describe_json, description, handle })))
    }

    /// Where it was opened from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether it is a part of this program.
    pub(crate) fn is_linked(&self) -> bool {
        self.0.handle.is_none()
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.0.description
    }

    /// What it says of itself beyond [`description`](Self::description): types of arguments, examples,
    /// link values. Nothing if it has no more to say, for example because it was built for ABI 1.0.
    ///
    /// It runs code of the library, each time.
    ///
    /// # Errors
    ///
    /// [`OpenError::Descriptor`] when the function fails, or what it wrote is too large, no document as
    /// the schema has it, or about another contract or other operations than the description.
    pub fn describe(&self) -> Result<Option<description::Description>, OpenError> {
        let Some(describe_json) = self.0.describe_json else { return Ok(None) };
        let mut document = ReplyBuffer::with_limit(MAX_JSON);
        // SAFETY: the descriptor's function, with a live sink that is used within the call.
        let ended = unsafe { describe_json(document.as_sink()) };
        document
            .outcome(ended)
            .map_err(|error| match error.kind() {
                ErrorKind::TooLarge => format!("it is longer than {MAX_JSON} bytes"),
                _ => error.to_string(),
            })
            .and_then(|()| description::Description::from_json(document.bytes()))
            .and_then(|document| match self.0.description.disagrees(&document) {
                Some(problem) => Err(problem),
                None => Ok(Some(document)),
            })
            .map_err(|problem| OpenError::Descriptor {
                path: self.0.path.clone(),
                problem: format!("`describe_json`: {problem}"),
            })
    }

    /// Makes a provider.
    ///
    /// # Errors
    ///
    /// [`OpenError::Create`] when the library makes none, or one that breaks the ABI's rules.
    pub fn create(&self) -> Result<Created, OpenError> {
        Ok(Created::new(self.create_instance()?))
    }

    /// Makes a provider whose life may be led in any order.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_instance(&self) -> Result<Instance, OpenError> {
        let single = self.0.description.flags & descriptor_flags::SINGLE_INSTANCE != 0;
        let problem = if self.count(1) > 0 && single {
            String::from("it allows one provider at a time, and there is one")
        } else {
            // SAFETY: the ABI's function of that name, which takes nothing.
            let object = unsafe { (self.0.create)() };
            match Instance::new(object, self.clone()) {
                Ok(instance) => return Ok(instance),
                Err(problem) => problem,
            }
        };
        self.instance_ended();
        Err(OpenError::Create { path: self.0.path.clone(), problem })
    }

    /// An instance was destroyed, or could not be made.
    pub(crate) fn instance_ended(&self) {
        self.count(-1);
    }

    /// Changes how many instances of the loaded library live, and returns how many there were. However
    /// often a file is opened, the loader loads it once.
    fn count(&self, change: isize) -> usize {
        let mut instances = INSTANCES.lock();
        let count = instances.entry(self.0.create as usize).or_default();
        let before = *count;
        *count = before.saturating_add_signed(change);
        before
    }

    /// Unloads the library, if it says that it can be and no handle or provider of it is left.
    ///
    /// # Safety
    ///
    /// No reply of its providers is alive any more: neither a [`ReplyBytes`](provider_core::ReplyBytes)
    /// nor a [`ReplyBuffer`](provider_core::ReplyBuffer) that holds one. What they gave is freed by a
    /// function of the library.
    ///
    /// # Errors
    ///
    /// The library again, with the reason why it stays.
    pub unsafe fn unload(self) -> Result<(), (Self, &'static str)> {
        if self.0.description.flags & descriptor_flags::UNLOADABLE == 0 {
            return Err((self, "it does not say that it can be unloaded"));
        }
        match Arc::try_unwrap(self.0) {
            Ok(opened) => {
                // An instance holds a handle to its library, so there is none.
                drop(opened.handle.map(ManuallyDrop::into_inner));
                Ok(())
            }
            Err(opened) => Err((Self(opened), "it is in use")),
        }
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library")
            .field("path", &self.0.path)
            .field("name", &self.0.description.name)
            .field("contract", &self.0.description.contract)
            .finish_non_exhaustive()
    }
}

/// Loads a library for good.
fn load(path: &Path) -> Result<ManuallyDrop<libloading::Library>, OpenError> {
    #[cfg(unix)]
    let loaded = {
        use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
        // SAFETY: opening runs the library's initialisers, which the caller asked for.
        unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(libloading::Library::from)
    };
    #[cfg(not(unix))]
    // SAFETY: opening runs the library's initialisers, which the caller asked for.
    let loaded = unsafe { libloading::Library::new(path) };
    loaded.map(ManuallyDrop::new).map_err(|error| {
        // The loader repeats the path before its reason; we name it ourselves.
        let reason = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        let reason = reason.trim_start_matches(&*path.to_string_lossy()).trim_start_matches(": ");
        OpenError::Load { path: path.to_owned(), reason: reason.to_owned() }
    })
}

enum Unreadable {
    Version((u32, u32)),
    Problem(String),
}

impl From<String> for Unreadable {
    fn from(problem: String) -> Self {
        Self::Problem(problem)
    }
}

/// Copies a descriptor, checking each address and length before it is used.
fn read(
    descriptor: *const abi::Descriptor,
) -> Result<(Description, Option<abi::DescribeJsonFn>), Unreadable> {
    if descriptor.is_null() || !descriptor.is_aligned() {
        return Err(format!("the descriptor's address is {descriptor:p}").into());
    }
    // Only the first three members are sure to be there whatever the version is.
    // SAFETY: an aligned address that is not null (invariant 2).
    let size = unsafe { (*descriptor).size };
    // SAFETY: as above.
    let major = unsafe { (*descriptor).abi_major };
    // SAFETY: as above.
    let abi = (major, unsafe { (*descriptor).abi_minor });
    if abi.0 != abi::ABI_MAJOR {
        return Err(Unreadable::Version(abi));
    }
    let needed = offset_of!(abi::Descriptor, describe_json);
    if (size as usize) < needed {
        return Err(format!("the descriptor's size is {size}, at least {needed} is needed").into());
    }
    let mut whole = MaybeUninit::<abi::Descriptor>::zeroed();
    // What came after 1.0 is there only if all of it is.
    let there =
        if size as usize >= size_of::<abi::Descriptor>() { size_of_val(&whole) } else { needed };
    // SAFETY: it says that it is so large (invariant 2), and `whole` is no smaller.
    unsafe { whole.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(descriptor.cast(), there) };
    // SAFETY: it was copied up to 1.0's last member, and a function that is not there is zero.
    let descriptor = unsafe { &*whole.as_ptr() };
    let description = Description {
        abi,
        flags: descriptor.flags,
        revision: descriptor.revision,
        contract: text("contract", descriptor.contract)?,
        vendor: text("vendor", descriptor.vendor)?,
        name: text("name", descriptor.name)?,
        version: text("version", descriptor.version)?,
        build: text("build", descriptor.build)?,
        ops: read_ops(descriptor)?,
    };
    Ok((description, descriptor.describe_json))
}

fn read_ops(descriptor: &abi::Descriptor) -> Result<Vec<Operation>, String> {
    let (count, stride) = (descriptor.op_count as usize, descriptor.op_stride);
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > MAX_OPS {
        return Err(format!("it lists {count} operations, at most {MAX_OPS} are allowed"));
    }
    if stride < size_of::<abi::Op>()
        || stride > MAX_STRIDE
        || !stride.is_multiple_of(align_of::<abi::Op>())
    {
        return Err(format!(
            "op_stride is {stride}: a multiple of {} from {} to {MAX_STRIDE} is needed",
            align_of::<abi::Op>(),
            size_of::<abi::Op>()
        ));
    }
    if descriptor.ops.is_null() || !descriptor.ops.is_aligned() {
        return Err(format!("the address of the operations is {:p}", descriptor.ops));
    }
    (0..count)
        .map(|index| {
            // SAFETY: within the table that the descriptor describes (invariant 2).
            let op = unsafe { descriptor.ops.byte_add(index * stride) };
            // SAFETY: as above; the stride keeps the alignment.
            let op = unsafe { *op };
            Ok(Operation {
                name: text(&format!("ops[{index}].name"), op.name)?,
                doc: text(&format!("ops[{index}].doc"), op.doc)?,
                flags: op.flags,
                direction: op.direction.into(),
            })
        })
        .collect()
}

fn text(place: &str, text: abi::Str) -> Result<String, String> {
    // SAFETY: the provider's word (invariant 2); the copy is made at once.
    match unsafe { foreign::text(text, MAX_TEXT) } {
        Ok(text) => Ok(text.to_owned()),
        Err(problem) => Err(format!("{place} {problem}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: abi::Str = abi::Str::new("n");

    fn descriptor() -> abi::Descriptor {
        abi::Descriptor {
            size: u32::try_from(size_of::<abi::Descriptor>()).unwrap(),
            abi_major: abi::ABI_MAJOR,
            abi_minor: 7,
            flags: 0,
            revision: 3,
            op_count: 0,
            ops: std::ptr::null(),
            op_stride: 0,
            contract: abi::Str::new("a:b"),
            vendor: abi::Str { ptr: std::ptr::null(), len: 0 },
            name: NAME,
            version: abi::Str::new("1.0.0"),
            build: NAME,
            describe_json: None,
        }
    }

    fn problem(change: impl FnOnce(&mut abi::Descriptor)) -> String {
        let mut descriptor = descriptor();
        change(&mut descriptor);
        match read(&raw const descriptor) {
            Err(Unreadable::Problem(problem)) => problem,
            Err(Unreadable::Version(theirs)) => format!("version {theirs:?}"),
            Ok((description, _)) => panic!("{description:?}"),
        }
    }

    #[test]
    fn a_later_minor_version_and_a_null_string_without_length_are_fine() {
        let descriptor = descriptor();
        let (description, _) = read(&raw const descriptor).unwrap_or_else(|_| panic!("refused"));
        assert_eq!((description.abi, description.vendor.as_str()), ((1, 7), ""));
    }

    #[test]
    fn what_came_after_1_0_is_read_only_from_a_descriptor_that_has_it() {
        extern "C" fn describe_json(_: *mut abi::Sink) -> abi::Status {
            0
        }
        let function: abi::DescribeJsonFn = describe_json;
        let mut descriptor = descriptor();
        descriptor.describe_json = Some(function);
        let size = descriptor.size;
        let old = u32::try_from(offset_of!(abi::Descriptor, describe_json)).unwrap();
        for (size, there) in [(size, true), (size + 1, true), (size - 1, false), (old, false)] {
            descriptor.size = size;
            let (_, read) = read(&raw const descriptor).unwrap_or_else(|_| panic!("refused"));
            assert_eq!(read.is_some(), there, "{size}");
        }
        assert!(problem(|d| d.size = old - 1).contains("at least"));
    }

    #[test]
    fn each_field_is_checked_before_it_is_used() {
        assert_eq!(problem(|d| d.abi_major = 9), "version (9, 7)");
        assert!(problem(|d| d.size = 8).contains("size is 8"));
        assert!(problem(|d| d.name.len = MAX_TEXT + 1).contains("name is 1048577 bytes long"));
        assert!(problem(|d| d.name.ptr = std::ptr::null()).contains("name has 1 bytes at 0x0"));
        assert!(
            problem(|d| d.name = abi::Str { ptr: b"\xff".as_ptr(), len: 1 }).contains("not UTF-8")
        );
        assert!(problem(|d| d.op_count = u32::MAX).contains("4294967295 operations"));
        let op = abi::Op { name: NAME, doc: NAME, flags: 0, direction: 0 };
        let with_ops = |stride: usize| {
            move |d: &mut abi::Descriptor| {
                (d.op_count, d.ops, d.op_stride) = (1, std::ptr::null(), stride);
            }
        };
        assert!(problem(with_ops(size_of_val(&op))).contains("address of the operations"));
        assert!(problem(with_ops(1)).contains("op_stride is 1"));
        assert!(problem(with_ops(size_of_val(&op) + 1)).contains("op_stride"));
        match read(std::ptr::null()) {
            Err(Unreadable::Problem(problem)) => assert!(problem.contains("address")),
            _ => panic!("a null descriptor was read"),
        }
    }
}
