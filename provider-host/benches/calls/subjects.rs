//! What is called across a library's boundary: ours, a plain C function, the style of 2020.
#![expect(unsafe_code, reason = "the subjects beside ours are reached without any safety")]

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
};

use bench_style_2020::CapabilityProvider;
use provider_core::{NullDispatcher, ReplyBuffer};
use provider_host::{Library, Running};

use crate::support;

/// An actor's key has 56 characters.
const ACTOR: &str = "MB4OLDIC3TCZ4Q4TGGOVAZC43VXFE2JQVRAXQMQXFUCREOOFEKOKZTY2";

type PlainEcho = unsafe extern "C" fn(*const u8, usize, *mut u8, usize, *mut usize) -> i32;

pub(crate) struct Subjects {
    plain_echo: PlainEcho,
    style_2020: Box<dyn CapabilityProvider>,
    ours: Running,
    // The functions above are theirs; they are never closed.
    _libraries: [libloading::Library; 2],
}

impl Subjects {
    /// Builds and opens them.
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        // SAFETY: our own library, built just now.
        let plain = unsafe { libloading::Library::new(plain_c(folder.path())) }.expect("it loads");
        // SAFETY: the function has this type: see plain_c.c.
        let plain_echo = *unsafe { plain.get::<PlainEcho>("plain_echo") }.expect("it is exported");
        let built = support::build(&["bench-echo", "bench-style-2020"], &["--release"]);
        // SAFETY: our own library, built by this compiler.
        let old = unsafe { libloading::Library::new(&built[1]) }.expect("it loads");
        // SAFETY: the function has this type: see style-2020/src/lib.rs.
        let create = unsafe {
            old.get::<extern "C" fn() -> *mut dyn CapabilityProvider>(
                "__capability_provider_create",
            )
        };
        let create = create.expect("it is exported");
        // SAFETY: the library made it with `Box::into_raw`, with the allocator of this program.
        let style_2020 = unsafe { Box::from_raw(create()) };
        let library = Library::open(&built[0]).expect("it is a provider");
        let ours =
            library.create().expect("it makes one").configure(NullDispatcher).expect("it runs");
        Self { plain_echo, style_2020, ours, _libraries: [plain, old] }
    }

    pub(crate) fn echo<'a>(&'a self, msg: &'a [u8]) -> impl FnMut() + use<'a> {
        self.call("Echo", msg)
    }

    pub(crate) fn give<'a>(&'a self, msg: &'a [u8]) -> impl FnMut() + use<'a> {
        self.call("Give", msg)
    }

    fn call<'a>(&'a self, op: &str, msg: &'a [u8]) -> impl FnMut() + use<'a> {
        let op = self.ours.library().description().op(op).expect("the provider has it");
        let mut reply = ReplyBuffer::new();
        move || {
            self.ours.call_into(ACTOR, op, black_box(msg), &mut reply).expect("an echo succeeds");
            black_box(reply.bytes());
        }
    }

    pub(crate) fn plain_c<'a>(&'a self, msg: &'a [u8]) -> impl FnMut() + use<'a> {
        // Room that lies 64 bytes past the message modulo a page: see docs on memcpy's bad offsets.
        let mut reply = vec![0_u8; msg.len() + 64];
        move || {
            let msg = black_box(msg);
            let mut written = 0;
            // SAFETY: live memory of the lengths given.
            let status = unsafe {
                (self.plain_echo)(
                    msg.as_ptr(),
                    msg.len(),
                    reply.as_mut_ptr(),
                    reply.len(),
                    &raw mut written,
                )
            };
            assert_eq!((status, written), (0, msg.len()));
            black_box(&reply[..written]);
        }
    }

    pub(crate) fn style_2020<'a>(&'a self, msg: &'a [u8]) -> impl FnMut() + use<'a> {
        move || {
            let reply = self.style_2020.handle_call(ACTOR, "Echo", black_box(msg));
            black_box(&reply.expect("an echo succeeds")[..]);
        }
    }

    pub(crate) fn unknown(&self) -> impl FnMut() + use<'_> {
        let mut reply = ReplyBuffer::new();
        move || {
            let outcome =
                self.ours.call_into(ACTOR, "NoSuchOperation", black_box(b"\x80"), &mut reply);
            black_box(outcome.expect_err("there is no such operation"));
        }
    }

    pub(crate) fn style_2020_unknown(&self) -> impl FnMut() + use<'_> {
        move || {
            let outcome = self.style_2020.handle_call(ACTOR, "NoSuchOperation", black_box(b"\x80"));
            black_box(outcome.expect_err("there is no such operation"));
        }
    }
}

/// Builds the C function with the system's compiler.
fn plain_c(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/subjects/plain_c.c");
    let library = folder.join("libplain_c.so");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let status = Command::new(compiler)
        .args(["-std=c99", "-O2", "-fPIC", "-shared", "-o"])
        .args([&library, &source])
        .status()
        .expect("a C compiler is there");
    assert!(status.success(), "the C compiler failed");
    library
}
