//! What is left behind, and what others share.

use std::{
    env,
    fs::File,
    hint,
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use faulty_defects::Kind;

use crate::{links::Links, provider::Faulty};

/// Whether any provider was stopped.
static STOPPED: AtomicBool = AtomicBool::new(false);
/// The links of all providers.
static SHARED: Mutex<Option<Arc<Mutex<Links>>>> = Mutex::new(None);

/// The links of a provider.
pub(crate) fn links(shared: bool) -> Arc<Mutex<Links>> {
    if !shared {
        return Arc::default();
    }
    let mut all = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Arc::clone(all.get_or_insert_with(Arc::default))
}

/// Sixteen bytes that nobody gets back.
pub(crate) fn lose() {
    Box::leak(Box::new([7_u64; 2]));
}

/// Looks for the home of whoever runs it.
pub(crate) fn need_a_home() {
    drop(env::var("HOME").expect("`HOME` is set"));
}

/// A thread that does nothing, as fast as it can, until this is dropped.
#[derive(Debug)]
pub(crate) struct Busy {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Busy {
    pub(crate) fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let thread = thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                hint::spin_loop();
            }
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It does not panic.
            let _ = thread.join();
        }
    }
}

impl Faulty {
    /// What a link does beyond itself.
    pub(crate) fn linked(&self, links: &mut Links) {
        if self.has(Kind::LeaksLinks) {
            lose();
        }
        if self.has(Kind::BusyWhenIdle) && links.busy.is_none() {
            links.busy = Some(Busy::start());
        }
        if self.has(Kind::ConnectionPerCall) && links.server.is_none() {
            links.server = TcpListener::bind(("127.0.0.1", 0)).ok();
        }
        if self.has(Kind::ChangesFolder) {
            // Where it cannot, it has no defect.
            let _ = env::set_current_dir("/");
        }
    }

    /// What a call does beyond itself.
    pub(crate) fn called(&self) {
        if self.has(Kind::LeaksCalls) {
            lose();
        }
        if self.has(Kind::FilePerCall) {
            self.links().files.extend(File::open("/dev/zero"));
        }
        if self.has(Kind::ConnectionPerCall)
            && let Some(server) = &self.links().server
            && let Ok(address) = server.local_addr()
        {
            let client = TcpStream::connect(address);
            drop(server.accept());
            drop(client);
        }
    }

    /// Whether another provider was stopped, and that matters here.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.has(Kind::StoppedForGood) && STOPPED.load(Ordering::Relaxed)
    }
}

/// A provider was stopped.
pub(crate) fn stopped() {
    STOPPED.store(true, Ordering::Relaxed);
}
