//! `BindActor` and `RemoveActor`.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    net::TcpListener,
    sync::{PoisonError, TryLockError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use provider_core::{
    Error, ErrorKind,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR},
};

use faulty_defects::Kind;

use crate::{
    ending,
    opened::Opened,
    outside::Busy,
    provider::{Faulty, decode, shown},
};

/// How many links one that never gives a slot back can make.
const SLOTS: usize = 40;
/// How many links one with a table of a fixed size has at a time.
const PLACES: usize = 45;
/// How long it takes to make a link, for those who look the actor up before and add it afterwards.
const CONNECTING: Duration = Duration::from_millis(3);
/// How long it takes, for those who keep a lock meanwhile.
const CONNECTING_SLOWLY: Duration = Duration::from_millis(1100);
/// How long whoever makes a link looks for somebody to wait for that.
const GLANCE: Duration = Duration::from_millis(20);
/// How long those who are to wait look for somebody who makes a link.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often they look.
const A_LITTLE: Duration = Duration::from_millis(1);

/// The linked actors, and of the past what some defect needs.
#[derive(Debug, Default)]
pub(crate) struct Links {
    linked: HashMap<String, CapabilityConfiguration>,
    /// Actors that were ever linked.
    known: HashSet<String>,
    /// Links that were removed.
    removed: Vec<CapabilityConfiguration>,
    last_bind: Option<CapabilityConfiguration>,
    /// Actors whose links were made again with other values.
    changed: HashSet<String>,
    made: usize,
    /// What is open until the links are gone.
    pub(crate) files: Vec<File>,
    /// What calls connect to.
    pub(crate) server: Option<TcpListener>,
    /// Runs while there is a link.
    pub(crate) busy: Option<Busy>,
    /// How many links there are, for one that counts wrongly.
    counted: usize,
}

impl Links {
    pub(crate) fn is_empty(&self) -> bool {
        self.linked.is_empty()
    }

    /// Whether there was ever a link.
    pub(crate) fn were_used(&self) -> bool {
        self.made > 0
    }

    /// Whether more links are counted than there are, and there are none.
    pub(crate) fn are_miscounted(&self) -> bool {
        self.linked.is_empty() && self.counted > 0
    }

    pub(crate) fn clear(&mut self) {
        self.linked.clear();
        self.files.clear();
        self.server = None;
        self.busy = None;
    }

    /// The actor must be linked, as those see it who never met one that is not.
    pub(crate) fn rely_on(&self, actor: &str) {
        let _ = &self.linked[actor];
    }

    pub(crate) fn require(&self, actor: &str) -> Result<(), Error> {
        if self.linked.contains_key(actor) {
            return Ok(());
        }
        let message = format!("actor `{}` is not linked to this provider", shown(actor));
        Err(Error::new(ErrorKind::NotLinked, message))
    }
}

fn refuse(message: &str) -> Result<Vec<u8>, Error> {
    Err(Error::new(ErrorKind::Failed, message))
}

impl Faulty {
    fn configuration(
        &self,
        op: &str,
        actor: &str,
        msg: &[u8],
    ) -> Result<CapabilityConfiguration, Error> {
        self.refuse_to_actors(op, actor)?;
        let decoded = decode(op, msg);
        let configuration: CapabilityConfiguration = if self.has(Kind::PanicOnMalformedBind) {
            decoded.expect("the host sends configurations")
        } else {
            decoded?
        };
        if configuration.module.is_empty() {
            let message = format!("`{op}`: `module` is empty, the key of an actor is expected");
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        Ok(configuration)
    }

    pub(crate) fn bind(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        let configuration = self.configuration(OP_BIND_ACTOR, actor, msg)?;
        if let Some(port) = configuration.values.get("PORT")
            && self.has(Kind::PanicOnOddValue)
        {
            let _: u16 = port.parse().expect("`PORT` is a port");
        }
        assert!(
            !(configuration.module.contains('\0') && self.has(Kind::PanicOnNulInKey)),
            "a key is text that C can read, on purpose"
        );
        let mut links = self.links();
        let again = links.last_bind.replace(configuration.clone());
        if again.as_ref() == Some(&configuration) && self.has(Kind::SecondBindFails) {
            return refuse("the actor is linked already");
        }
        if let Some(linked) = links.linked.get(&configuration.module) {
            if *linked != configuration && self.has(Kind::ChangedBindFails) {
                return refuse("the actor is linked with other values");
            }
            if *linked != configuration {
                links.changed.insert(configuration.module);
                links.counted += 1;
            }
            return Ok(Vec::new());
        }
        if links.linked.len() == PLACES && self.has(Kind::BoundedLinks) {
            return refuse("there is no place left");
        }
        if links.made == SLOTS && self.has(Kind::RunsOutOfLinks) {
            return refuse("there is no slot left");
        }
        if links.changed.contains(&configuration.module) && self.has(Kind::ForgetsChangedActor) {
            return refuse("the actor has a link of other values");
        }
        if self.has(Kind::LinkTableRaces) {
            drop(links);
            thread::sleep(CONNECTING);
            links = self.links();
            if links.linked.contains_key(&configuration.module) {
                return refuse("the actor was linked in the meantime");
            }
        }
        links.made += 1;
        links.counted += 1;
        links.known.insert(configuration.module.clone());
        links.linked.insert(configuration.module.clone(), configuration);
        self.linked(&mut links);
        drop(links);
        if self.has(Kind::BindLocksHealth) {
            self.connect_slowly();
        }
        let mut opened = self.inner().opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.is_none() {
            *opened = Opened::by(self.defect())?;
        }
        drop(opened);
        if self.has(Kind::PanicInBackgroundThread) {
            let thread = thread::spawn(|| panic!("nobody looks here, on purpose"));
            // So that it has panicked before anything else can end the process.
            let _ = thread.join();
        }
        if self.has(Kind::ByteOnBind) {
            return Ok(vec![0xc0]);
        }
        Ok(Vec::new())
    }

    pub(crate) fn remove(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        let configuration = self.configuration(OP_REMOVE_ACTOR, actor, msg)?;
        let mut links = self.links();
        links.last_bind = None;
        if self.has(Kind::RemovesNothing) {
            return Ok(Vec::new());
        }
        let Some(removed) = links.linked.remove(&configuration.module) else {
            let known = links.known.contains(&configuration.module);
            if known && self.has(Kind::SecondRemoveFails) {
                return refuse("the actor was removed before");
            }
            if !known && self.has(Kind::RemoveUnknownFails) {
                return refuse("the actor was never linked");
            }
            return Ok(Vec::new());
        };
        if links.removed.contains(&removed) && self.has(Kind::HangInRemove) {
            drop(links);
            ending::wait_for_ever();
        }
        if self.has(Kind::HangInRemove) {
            links.removed.push(removed);
        }
        if links.is_empty() {
            links.server = None;
            links.busy = None;
        }
        links.counted -= 1;
        if self.has(Kind::RemoveEndsAllLinks) {
            links.clear();
        }
        Ok(Vec::new())
    }

    /// Takes its time with everything locked, if somebody is to wait for that.
    fn connect_slowly(&self) {
        if !self.is_elsewhere() {
            return;
        }
        self.inner().busy.store(true, Ordering::SeqCst);
        let _held = self.everything();
        let began = Instant::now();
        while began.elapsed() < GLANCE {
            if self.inner().awaited.swap(false, Ordering::SeqCst) {
                thread::sleep(CONNECTING_SLOWLY);
                return;
            }
            thread::sleep(A_LITTLE);
        }
    }

    /// Waits for whoever makes a link, if somebody does.
    pub(crate) fn wait_for_bind(&self) {
        self.inner().awaited.store(true, Ordering::SeqCst);
        let began = Instant::now();
        while self.inner().busy.load(Ordering::SeqCst) && began.elapsed() < PATIENCE {
            if let Err(TryLockError::WouldBlock) = self.inner().everything.try_lock() {
                break;
            }
            thread::sleep(A_LITTLE);
        }
        drop(self.everything());
        self.inner().awaited.store(false, Ordering::SeqCst);
    }
}
