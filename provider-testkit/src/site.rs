//! Where a worker was when it crashed, or hung: addresses from the worker, names from the files.

use std::{ffi::OsStr, fs::File, os::unix::ffi::OsStrExt, os::unix::fs::FileExt, path::Path};

use crate::{Crash, Place, classify::signal_name, evidence::Evidence, place, protocol::Crashed};

/// How much of a stack is looked at.
const STACK: usize = 4096;

/// Where the library's code lay: addresses, and where in the file they begin.
type Mapped<'m> = &'m [(std::ops::Range<u64>, u64)];

/// What the worker said when it crashed.
pub(crate) fn crash(evidence: &Evidence, library: &Path) -> Option<Crash> {
    let crashed = evidence.crashed.as_ref()?;
    let place = place_of(crashed);
    let at_library = offset_in(&evidence.mapped, crashed.pc).is_some();
    // A place in the library itself says enough.
    let callers = if at_library && place.is_some() {
        Vec::new()
    } else {
        callers(&evidence.mapped, library, &crashed.stack)
    };
    Some(Crash {
        signal: signal_name(crashed.signal),
        address: crashed.address,
        pc: crashed.pc,
        unloaded: at_library && place.is_none(),
        place,
        callers,
    })
}

/// Where a thread is that was asked.
pub(crate) fn asked(crashed: &Crashed, mapped: Mapped<'_>, library: &Path) -> Option<Place> {
    if offset_in(mapped, crashed.pc).is_some() {
        return place_of(crashed);
    }
    callers(mapped, library, &crashed.stack).into_iter().next().or_else(|| place_of(crashed))
}

/// Where in the library a thread that sleeps waits, by what its `syscall` in `/proc` says.
pub(crate) fn asleep(pid: u32, syscall: &str, mapped: Mapped<'_>, library: &Path) -> Option<Place> {
    // "number arguments.. sp pc"
    let sp = syscall.split_whitespace().rev().nth(1)?.strip_prefix("0x")?;
    let sp = u64::from_str_radix(sp, 16).ok()?;
    let mut stack = vec![0; STACK];
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let read = memory.read_at(&mut stack, sp).ok()?;
    callers(mapped, library, &stack[..read]).into_iter().next()
}

fn place_of(crashed: &Crashed) -> Option<Place> {
    let module = Path::new(OsStr::from_bytes(&crashed.module));
    if module.as_os_str().is_empty() {
        return None;
    }
    let unnamed = || Place {
        module: module.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        offset: crashed.offset,
        function: None,
        location: None,
    };
    Some(place::with(module, |code| code.place(crashed.offset)).unwrap_or_else(unnamed))
}

fn callers(mapped: Mapped<'_>, library: &Path, stack: &[u8]) -> Vec<Place> {
    if mapped.is_empty() || stack.is_empty() {
        return Vec::new();
    }
    let callers =
        |code: &place::Code<'_>| code.callers(stack, |address| offset_in(mapped, address));
    place::with(library, callers).unwrap_or_default()
}

fn offset_in(mapped: Mapped<'_>, address: u64) -> Option<u64> {
    let (range, offset) = mapped.iter().find(|(range, _)| range.contains(&address))?;
    offset.checked_add(address - range.start)
}
