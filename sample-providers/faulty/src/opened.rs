//! What a link opens and `stop` should close: only the providers that forget it open anything.

use std::{
    env, fs,
    net::TcpListener,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use provider_core::{Error, ErrorKind};

use faulty_defects::Kind;

/// How long, in seconds, a process would wait that nobody ends.
const A_WHILE: &str = "60";

/// Something that stays until the provider is freed.
#[derive(Debug)]
pub(crate) enum Opened {
    Thread(Arc<AtomicBool>, Option<JoinHandle<()>>),
    Socket { _listener: TcpListener },
    File(PathBuf),
    Process(Child),
}

impl Opened {
    /// What a provider with this defect opens for its links.
    pub(crate) fn by(defect: Option<Kind>) -> Result<Option<Self>, Error> {
        let failed = |error: std::io::Error| Error::new(ErrorKind::Failed, error.to_string());
        Ok(Some(match defect {
            Some(Kind::ThreadOutlivesStop) => Self::thread(),
            Some(Kind::SocketOutlivesStop) => {
                let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
                Self::Socket { _listener: listener }
            }
            Some(Kind::FileOutlivesStop) => {
                let path = env::temp_dir().join(format!("faulty-{}.tmp", process::id()));
                fs::write(&path, "what was not finished").map_err(failed)?;
                Self::File(path)
            }
            Some(Kind::ProcessOutlivesStop) => {
                let mut command = Command::new("sleep");
                command.arg(A_WHILE).stdin(Stdio::null());
                command.stdout(Stdio::null()).stderr(Stdio::null());
                Self::Process(command.spawn().map_err(failed)?)
            }
            _ => return Ok(None),
        }))
    }

    fn thread() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = thread::Builder::new().name("faulty-worker".into()).spawn(move || {
            while !seen.load(Ordering::Acquire) {
                thread::park();
            }
        });
        Self::Thread(over, thread.ok())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        match self {
            Self::Thread(over, thread) => {
                over.store(true, Ordering::Release);
                if let Some(thread) = thread.take() {
                    thread.thread().unpark();
                    let _ = thread.join();
                }
            }
            Self::Socket { .. } => {}
            Self::File(path) => {
                let _ = fs::remove_file(path);
            }
            Self::Process(child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}
