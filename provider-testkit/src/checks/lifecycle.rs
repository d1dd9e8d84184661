//! Creating, configuring and destroying providers, and who owns what they answer.

use std::{collections::BTreeMap, fs, thread, time::Duration};

use provider_core::{
    Error, ReplyBytes,
    ops::{OP_HEALTH_REQUEST, SYSTEM_ACTOR},
};

use super::{HEADER, SPECIFICATION, SPECIFICATION_FFI};
use crate::{
    Check, Level,
    lab::{Lab, Outcome},
    payload,
    protocol::Failure,
    subject::{Provider, failed},
};

/// How long threads of a provider that is gone may take to end.
const SETTLE: Duration = Duration::from_millis(500);

pub(super) fn checks() -> [Check; 5] {
    [
        Check {
            id: "create::ok",
            level: Level::Must,
            title: "it makes a provider",
            rule: "pub extern \"C\" fn __capability_provider_create() -> *mut CapabilityProvider",
            source: SPECIFICATION_FFI,
            what: "makes a provider with standard input closed, looks where its table and its \
                   functions lie, and frees it",
            causes: &[
                "the constructor failed, for want of something that is known only at bind",
                "the object does not begin with the address of its table",
            ],
            fix: "make the constructor do nothing that can fail: connect at bind",
            needs: &["load::describe"],
            family: false,
            run: create,
        },
        Check {
            id: "create::cross-thread",
            level: Level::Must,
            title: "made, called and freed on different threads",
            rule: "pub trait CapabilityProvider: CloneProvider + Send + Sync",
            source: SPECIFICATION,
            what: "creates on one thread, configures and calls on two others, frees on a fourth",
            causes: &["state that belongs to one thread: `Rc`, thread-local values"],
            fix: "keep state in `Arc`, `Mutex` or atomics",
            needs: &["health::response", "health::initially-true"],
            family: false,
            run: cross_thread,
        },
        Check {
            id: "create::drop-unused",
            level: Level::Must,
            title: "freed without having been used",
            rule: "Frees the provider, with or without stop before it.",
            source: HEADER,
            what: "creates and destroys; counts threads and open files before and after",
            causes: &["the destructor assumes that `configure_dispatch` was called"],
            fix: "start threads and open files at bind, and end them in the destructor as well",
            needs: &["create::ok"],
            family: false,
            run: drop_unused,
        },
        Check {
            id: "alloc::owned",
            level: Level::Must,
            title: "replies stay what they are",
            rule: "Nobody frees what the other side allocated; an owned buffer carries its own \
                   free function. [..] perhaps after the provider was destroyed.",
            source: HEADER,
            what: "keeps replies and an error past later calls and past the provider's end, then \
                   frees them",
            causes: &[
                "a buffer that was given is used again for the next reply, or belongs to the \
                 provider",
            ],
            fix: "give away only memory that nobody else uses, with a function that frees it alone",
            needs: &["health::response", "links::bind"],
            family: false,
            run: owned,
        },
        Check {
            id: "dispatch::configure",
            level: Level::Must,
            title: "takes the way to its actors",
            rule: "This function will be called on the provider when the host runtime is ready and \
                   has configured a dispatcher.",
            source: SPECIFICATION,
            what: "hands a dispatcher over once; it must not be used before the call returned",
            causes: &["it connects to something here that only a link can name"],
            fix: "only keep the dispatcher; connect at bind",
            needs: &["create::ok"],
            family: false,
            run: configure,
        },
    ]
}

fn create(lab: &mut Lab) -> Outcome {
    let provider = lab.created()?;
    let Some(map) = Map::read() else {
        lab.reporter.note("where its functions lie cannot be found out on this system");
        return Ok(());
    };
    let addresses = provider.addresses();
    if map.at(addresses.table).is_none() {
        return Err(Failure::new("its table lies where no memory is").into());
    }
    let library = lab.job.path.to_string_lossy().into_owned();
    let host = fs::read_link("/proc/self/exe").unwrap_or_default();
    for (name, address) in addresses.functions {
        let failure = match map.at(address) {
            Some(place) if place.path == library && place.executable => continue,
            Some(place) if place.executable && place.path != host.to_string_lossy() => {
                lab.reporter
                    .note(format!("`{name}` lies in `{}` and not in the library", place.path));
                continue;
            }
            Some(place) if place.executable => format!("`{name}` lies in the host's program"),
            _ => format!("`{name}` lies where no code is, at {address:#x}"),
        };
        return Err(Failure::new(failure).expected("a function of the library").into());
    }
    Ok(())
}

/// The memory of this process.
struct Map(Vec<Place>);

struct Place {
    start: usize,
    end: usize,
    executable: bool,
    path: String,
}

impl Map {
    fn read() -> Option<Self> {
        let text = fs::read_to_string("/proc/self/maps").ok()?;
        Some(Self(text.lines().filter_map(Place::read).collect()))
    }

    fn at(&self, address: usize) -> Option<&Place> {
        self.0.iter().find(|place| (place.start..place.end).contains(&address))
    }
}

impl Place {
    /// Reads a line like `7f01-7f02 r-xp 00001000 08:01 42   /lib/x.so`.
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let rights = fields.next()?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        Some(Self {
            start: number(start)?,
            end: number(end)?,
            executable: rights.contains('x'),
            path: line.find('/').map(|at| line[at..].to_owned()).unwrap_or_default(),
        })
    }
}

fn cross_thread(lab: &mut Lab) -> Outcome {
    let provider = elsewhere(|| lab.created())?;
    elsewhere(|| provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok")))?;
    elsewhere(|| provider.alive("the change to another thread"))?;
    elsewhere(|| provider.alive("the change to a third thread"))?;
    elsewhere(|| provider.destroy())
}

/// Runs `act` on a thread of its own.
fn elsewhere<T: Send>(act: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    thread::scope(|scope| match scope.spawn(act).join() {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn drop_unused(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    let before = Holdings::now();
    lab.create(&library)?.destroy()?;
    if let Some(more) = before.grown() {
        return Err(Failure::new(format!("it is gone and left behind: {more}"))
            .expected("the threads and open files from before it was made")
            .into());
    }
    Ok(())
}

/// What a process holds.
#[derive(Debug)]
pub(super) struct Holdings {
    /// Names by number.
    threads: BTreeMap<String, String>,
    /// Paths by number.
    files: BTreeMap<String, String>,
}

impl Holdings {
    pub(super) fn now() -> Self {
        Self {
            threads: listed("/proc/self/task", |task| {
                let name = fs::read_to_string(task.join("comm")).ok()?;
                Some(name.trim().to_owned())
            }),
            files: listed("/proc/self/fd", |file| {
                let path = fs::read_link(file).ok()?;
                // The listing itself.
                (!path.ends_with("fd")).then(|| path.to_string_lossy().into_owned())
            }),
        }
    }

    /// What is held now and was not then, when it does not go away soon.
    pub(super) fn grown(&self) -> Option<String> {
        const TRIES: u32 = 10;
        let mut more = self.more();
        for _ in 0..TRIES {
            if more.is_empty() {
                return None;
            }
            thread::sleep(SETTLE / TRIES);
            more = self.more();
        }
        Some(more.join(", "))
    }

    fn more(&self) -> Vec<String> {
        let now = Self::now();
        let threads = now
            .threads
            .iter()
            .filter(|(number, _)| !self.threads.contains_key(*number))
            .map(|(_, name)| format!("thread `{name}`"));
        let files = now
            .files
            .iter()
            .filter(|(number, path)| self.files.get(*number) != Some(path))
            .map(|(_, path)| format!("file `{path}`"));
        threads.chain(files).collect()
    }
}

fn listed(
    folder: &str,
    name: impl Fn(&std::path::Path) -> Option<String>,
) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().into_string().ok()?;
            Some((number, name(&entry.path())?))
        })
        .collect()
}

fn owned(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let (replies, error) = kept(lab, &provider, &actor);
    let copies: Vec<Vec<u8>> = replies.iter().map(|reply| reply.to_vec()).collect();
    let told = error.message().to_owned();
    let same = |when: &str| -> Outcome {
        let changed = replies.iter().zip(&copies).find(|(reply, copy)| reply[..] != copy[..]);
        let Some((reply, copy)) = changed else {
            return Ok(());
        };
        Err(Failure::new(format!("a reply changed {when}"))
            .expected(payload::render(copy, 200))
            .got(payload::render(reply, 200))
            .into())
    };
    // Later calls, of which one fails.
    let _ = kept(lab, &provider, &actor);
    same("during later calls")?;
    provider.destroy()?;
    same("when the provider was destroyed")?;
    if error.message() != told {
        return Err(Failure::new("an error's message changed").into());
    }
    // Their own functions free them, now that the provider is gone.
    let given = replies.iter().filter(|reply| matches!(reply, ReplyBytes::Given(_))).count();
    let seq =
        lab.reporter.step("free", format!("{} replies, {given} of them given", replies.len()));
    drop(replies);
    lab.reporter.done(seq, "Ok");
    Ok(())
}

/// Replies of several kinds and an error.
fn kept(lab: &Lab, provider: &Provider, actor: &str) -> (Vec<ReplyBytes>, Error) {
    let mut replies = Vec::new();
    for _ in 0..3 {
        replies.extend(provider.health().reply.ok());
    }
    let library = provider.library();
    let description = library.description();
    for op in &description.ops {
        if let Some(sample) = lab.sample(&description.contract, &op.name)
            && let Ok(request) = sample.payload()
        {
            replies.extend(provider.call(actor, op.name.as_str(), &request).reply.ok());
        }
    }
    if description.contract == "wasmcloud:keyvalue" {
        replies.extend(large_value(lab, provider, actor));
    }
    match provider.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &[0xc1]).reply {
        Err(error) => (replies, error),
        // Whether it refuses that is another check's business.
        Ok(_) => (replies, Error::new(provider_core::ErrorKind::Failed, "none")),
    }
}

/// A reply that is large enough to be given and not copied.
fn large_value(lab: &Lab, provider: &Provider, actor: &str) -> Option<ReplyBytes> {
    let key = format!("testkit-{:016x}-large", lab.job.seed);
    let value = "x".repeat(200 << 10);
    let set = serde_json::json!({"key": key, "value": value, "expires": 60});
    let get = serde_json::json!({"key": key});
    provider.call(actor, "Set", &payload::encode(&set).ok()?).reply.ok()?;
    provider.call(actor, "Get", &payload::encode(&get).ok()?).reply.ok()
}

fn configure(lab: &mut Lab) -> Outcome {
    lab.configured().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn our_own_functions_are_found() {
        let map = Map::read().unwrap();
        let place = map.at(create as *const () as usize).unwrap();
        assert!(place.executable && place.path.starts_with('/'), "{}", place.path);
        assert!(map.at(1).is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_stays_open_is_told() {
        let before = Holdings::now();
        let file = fs::File::open("/proc/self/maps").unwrap();
        let more = before.grown().unwrap();
        assert!(more.contains("maps"), "{more}");
        drop(file);
    }
}
