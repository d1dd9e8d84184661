//! The last that a worker says: where it crashed, or that its exit handlers ran.
//!
//! What is installed here runs in a process that may be broken: it takes no lock that somebody may
//! hold, allocates nothing, and reads memory that may not be there through a file.

#![expect(
    unsafe_code,
    reason = "handlers of signals and of the exit, and an end without handlers, have no safe form"
)]

use std::{
    os::{
        fd::{AsRawFd, BorrowedFd, RawFd},
        unix::net::UnixStream,
    },
    process,
    sync::OnceLock,
};

use crate::worker::LOST;

/// Where the report goes, as long as its descriptor is the worker's.
#[derive(Debug)]
pub(crate) struct Channel {
    number: RawFd,
    /// Device and number of what it was at first.
    file: (u64, u64),
    process: u32,
    secret: Vec<u8>,
}

/// Whose a report's descriptor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Ours,
    /// Somebody closed it, and may have opened something else in its place.
    Lost,
    /// This is a process that the worker's was copied to.
    Forks,
}

static CHANNEL: OnceLock<Channel> = OnceLock::new();

impl Channel {
    /// From now on a crash and the end of the process are reported to `stream`.
    pub(crate) fn open(stream: &UnixStream, secret: &str) -> &'static Self {
        let mut opened = false;
        let channel = CHANNEL.get_or_init(|| {
            opened = true;
            Self {
                number: stream.as_raw_fd(),
                file: file(stream).unwrap_or_default(),
                process: process::id(),
                secret: format!("{secret} ").into_bytes(),
            }
        });
        if opened {
            // SAFETY: `bye` is a function for the whole life of the process, and may be called once the
            // process ends, which is what it is for. Without room for it nothing is said at the end.
            unsafe { libc::atexit(bye) };
            #[cfg(target_os = "linux")]
            signals::install();
        }
        channel
    }

    pub(crate) fn whose(&self) -> Whose {
        if process::id() != self.process {
            return Whose::Forks;
        }
        if self.fd().is_some_and(|fd| file(fd) == Some(self.file)) {
            Whose::Ours
        } else {
            Whose::Lost
        }
    }

    /// What each line begins with.
    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        // SAFETY: the number was an open descriptor's, so it is not -1. It may have been closed since:
        // it is then no descriptor, or another file's, and `whose` asks which before anything is
        // written. Nothing that is borrowed here is kept.
        (self.number >= 0).then(|| unsafe { BorrowedFd::borrow_raw(self.number) })
    }

    fn write(&self, mut bytes: &[u8]) {
        let Some(fd) = self.fd() else {
            return;
        };
        while !bytes.is_empty() {
            match rustix::io::write(fd, bytes) {
                Ok(written) if written > 0 => bytes = &bytes[written..],
                Err(rustix::io::Errno::INTR) => {}
                _ => return,
            }
        }
    }
}

fn file(fd: impl std::os::fd::AsFd) -> Option<(u64, u64)> {
    rustix::fs::fstat(fd).ok().map(|stat| (stat.st_dev, stat.st_ino))
}

/// Ends the process without its exit handlers.
pub(crate) fn end_now(code: i32) -> ! {
    // SAFETY: it ends the process, and takes nothing but a number.
    unsafe { libc::_exit(code) }
}

/// Makes thread `thread` of process `process`, a worker, say where it is and end.
pub(crate) fn interrupt(process: u32, thread: u32) {
    #[cfg(target_os = "linux")]
    // SAFETY: it sends a signal and takes nothing but numbers. The process is a worker that nobody has
    // waited for yet, so its number belongs to nobody else.
    let _ = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGSEGV) };
    #[cfg(not(target_os = "linux"))]
    let _ = (process, thread);
}

/// The first exit handler that was installed, and so the last that runs.
extern "C" fn bye() {
    let Some(channel) = CHANNEL.get() else {
        return;
    };
    match channel.whose() {
        Whose::Ours => {
            channel.write(&channel.secret);
            channel.write(b"{\"t\":\"bye\"}\n");
        }
        Whose::Lost => end_now(LOST),
        Whose::Forks => {}
    }
}

/// Signals of the processor.
#[cfg(target_os = "linux")]
mod signals {
    use std::{
        ffi::{c_int, c_void},
        mem, ptr,
        sync::{
            Mutex, OnceLock,
            atomic::{AtomicBool, Ordering},
        },
    };

    use rustix::fs::{Mode, OFlags};

    use super::{CHANNEL, Channel, Whose};

    const SIGNALS: [c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];
    /// What was there before: the standard library's, which tells of stacks that overflow.
    static BEFORE: [OnceLock<libc::sigaction>; 4] = [const { OnceLock::new() }; 4];
    /// Where a handler, which has a small stack, has room. Nobody else takes it.
    static ROOM: Mutex<Room> = Mutex::new(Room { page: [0; 8192], line: [0; 20480], length: 0 });
    /// Only the first crash is told.
    static TOLD: AtomicBool = AtomicBool::new(false);
    /// How much of the stack is told.
    const STACK: usize = 4096;

    struct Room {
        page: [u8; 8192],
        line: [u8; 20480],
        length: usize,
    }

    pub(super) fn install() {
        for (signal, before) in SIGNALS.into_iter().zip(&BEFORE) {
            // SAFETY: all zeros is a `sigaction` without a handler, a mask or flags.
            let mut ours: libc::sigaction = unsafe { mem::zeroed() };
            ours.sa_sigaction = crashed as *const () as usize;
            // The standard library gives every thread that it starts a second stack for handlers.
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            // SAFETY: as above.
            let mut old: libc::sigaction = unsafe { mem::zeroed() };
            // SAFETY: both are places of ours, and `crashed` has the form that `SA_SIGINFO` asks for.
            if unsafe { libc::sigaction(signal, &raw const ours, &raw mut old) } == 0 {
                let _ = before.set(old);
            }
        }
    }

    extern "C" fn crashed(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
        if !TOLD.swap(true, Ordering::Relaxed)
            && let Some(channel) = CHANNEL.get()
            && channel.whose() == Whose::Ours
            && let Ok(mut room) = ROOM.try_lock()
        {
            // SAFETY: with `SA_SIGINFO` the kernel passes a signal's description.
            let info = unsafe { &*info };
            // SAFETY: the signals of the processor have an address; for one that was sent it is a number.
            let address = unsafe { info.si_addr() } as u64;
            let (pc, sp) = registers(context);
            room.tell(channel, signal, address, pc, sp);
        }
        pass_on(signal, info, context);
    }

    /// To who was asked before us, and else to the end.
    fn pass_on(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
        let index = SIGNALS.iter().position(|known| *known == signal);
        let before = index.and_then(|index| BEFORE[index].get());
        let handler = before.map_or(libc::SIG_DFL, |before| before.sa_sigaction);
        let described = before.is_some_and(|before| before.sa_flags & libc::SA_SIGINFO != 0);
        if handler == libc::SIG_DFL || handler == libc::SIG_IGN || !described {
            end(signal);
        } else {
            // SAFETY: a handler that was installed with `SA_SIGINFO` is a function of this form.
            let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
                unsafe { mem::transmute(handler) };
            handler(signal, info, context);
        }
        // SAFETY: as in `crashed`.
        let sent = unsafe { (*info).si_code } <= 0;
        if sent {
            // Nothing is wrong where the thread is: it would go on.
            end(signal);
            // SAFETY: it takes nothing but a number. The signal is blocked until the handler returns.
            unsafe { libc::raise(signal) };
        }
    }

    /// The next one ends the process: what went wrong goes wrong again when the handler returns.
    fn end(signal: c_int) {
        // SAFETY: all zeros is a `sigaction` for what the system does by itself.
        let plain: libc::sigaction = unsafe { mem::zeroed() };
        // SAFETY: it is a place of ours, and nothing is asked for.
        unsafe { libc::sigaction(signal, &raw const plain, ptr::null_mut()) };
    }

    /// Where the thread was, and its stack.
    fn registers(context: *mut c_void) -> (u64, u64) {
        // SAFETY: with `SA_SIGINFO` the kernel passes the context of the thread, of this type.
        let context = unsafe { &*context.cast::<libc::ucontext_t>() };
        #[cfg(target_arch = "x86_64")]
        {
            let register = |index: c_int| {
                let value = usize::try_from(index).ok();
                let value = value.and_then(|index| context.uc_mcontext.gregs.get(index));
                value.map_or(0, |value| value.cast_unsigned())
            };
            (register(libc::REG_RIP), register(libc::REG_RSP))
        }
        #[cfg(target_arch = "aarch64")]
        {
            (context.uc_mcontext.pc, context.uc_mcontext.sp)
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        {
            let _ = context;
            (0, 0)
        }
    }

    impl Room {
        fn tell(&mut self, channel: &Channel, signal: c_int, address: u64, pc: u64, sp: u64) {
            self.length = 0;
            self.text(channel.secret());
            self.text(b"{\"t\":\"crashed\"");
            self.number(b"signal", u64::from(signal.unsigned_abs()));
            self.number(b"address", address);
            self.number(b"pc", pc);
            let thread = rustix::thread::gettid().as_raw_nonzero().get();
            self.number(b"thread", u64::from(thread.unsigned_abs()));
            self.number(b"sp", sp);
            self.text(b",\"stack\":\"");
            self.stack(sp);
            self.text(b"\",\"module\":\"");
            let offset = self.module(pc);
            self.text(b"\"");
            self.number(b"offset", offset);
            self.text(b"}\n");
            channel.write(&self.line[..self.length]);
        }

        fn text(&mut self, text: &[u8]) {
            for byte in text {
                if let Some(place) = self.line.get_mut(self.length) {
                    *place = *byte;
                    self.length += 1;
                }
            }
        }

        fn number(&mut self, name: &[u8], number: u64) {
            self.text(b",\"");
            self.text(name);
            self.text(b"\":");
            let mut digits = [0; 20];
            let mut at = digits.len();
            let mut rest = number;
            loop {
                at -= 1;
                digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
                if rest == 0 {
                    break;
                }
            }
            self.text(&digits[at..]);
        }

        /// So much of the page, as hexadecimal digits.
        fn hex(&mut self, from: usize, to: usize) {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            for at in from..to {
                let byte = self.page[at];
                self.text(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            }
        }

        /// What lies at the end of the stack: read through a file, which fails where nothing is.
        fn stack(&mut self, sp: u64) {
            let Ok(file) = rustix::fs::open(c"/proc/self/mem", OFlags::RDONLY, Mode::empty())
            else {
                return;
            };
            let page = &mut self.page[..STACK];
            if let Ok(read) = rustix::io::pread(&file, page, sp) {
                self.hex(0, read);
            }
        }

        /// Writes the file that lies at `pc`; returns where in the file that is.
        fn module(&mut self, pc: u64) -> u64 {
            let Ok(file) = rustix::fs::open(c"/proc/self/maps", OFlags::RDONLY, Mode::empty())
            else {
                return 0;
            };
            let mut filled = 0;
            while let Ok(read) = rustix::io::read(&file, &mut self.page[filled..]) {
                filled += read;
                let mut line = 0;
                while let Some(length) = self.page[line..filled].iter().position(|b| *b == b'\n') {
                    if let Some((offset, path)) = found(&self.page[line..line + length], pc) {
                        self.hex(line + path, line + length);
                        return offset;
                    }
                    line += length + 1;
                }
                if read == 0 || (line == 0 && filled == self.page.len()) {
                    break;
                }
                self.page.copy_within(line..filled, 0);
                filled -= line;
            }
            0
        }
    }

    /// Of a line like `7f01-7f02 r-xp 00001000 08:01 42   /lib/x.so`, if `pc` lies there: where in the
    /// file that is, and where in the line its path begins.
    fn found(line: &[u8], pc: u64) -> Option<(u64, usize)> {
        let (start, rest) = number(line)?;
        let (end, rest) = number(rest.strip_prefix(b"-")?)?;
        if !(start..end).contains(&pc) {
            return None;
        }
        // The rights.
        let (offset, _) = number(rest.get(6..)?)?;
        let path = line.iter().position(|byte| *byte == b'/').unwrap_or(line.len());
        Some((offset + (pc - start), path))
    }

    /// A number in hexadecimal digits, and what is behind it.
    fn number(text: &[u8]) -> Option<(u64, &[u8])> {
        let length = text.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(text.len());
        let mut number: u64 = 0;
        for byte in &text[..length] {
            let digit = char::from(*byte).to_digit(16)?;
            number = number.checked_mul(16)? + u64::from(digit);
        }
        (length > 0).then_some((number, &text[length..]))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_place_is_found_in_the_file_that_lies_there() {
            let line = b"7f0100-7f0200 r-xp 00001000 08:01 42   /lib/x y.so";
            let (offset, path) = found(line, 0x7f_0110).unwrap();
            assert_eq!((offset, &line[path..]), (0x1010, &b"/lib/x y.so"[..]));
            assert!(found(line, 0x7f_0200).is_none() && found(b"nonsense", 1).is_none());
            let nameless = b"7f0100-7f0200 rwxp 00000000 00:00 0";
            assert_eq!(found(nameless, 0x7f_0100), Some((0, nameless.len())));
        }

        #[test]
        fn a_line_has_its_numbers_and_the_module_of_this_test() {
            let mut room = ROOM.lock().unwrap();
            room.number(b"n", 0);
            room.number(b"m", u64::MAX);
            assert_eq!(&room.line[..room.length], b",\"n\":0,\"m\":18446744073709551615");
            room.length = 0;
            room.module(a_line_has_its_numbers_and_the_module_of_this_test as *const () as u64);
            let path =
                crate::protocol::hex::decode(str::from_utf8(&room.line[..room.length]).unwrap());
            let own = std::env::current_exe().unwrap();
            assert_eq!(String::from_utf8(path.unwrap()).unwrap(), own.to_str().unwrap());
        }
    }
}
