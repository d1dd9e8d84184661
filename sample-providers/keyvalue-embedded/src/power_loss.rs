//! The power fails at every moment, and nothing that was acknowledged is lost.
//!
//! A disk keeps what was written before its last sync; of what was written after it, any part may
//! have arrived.

use std::{
    io,
    sync::{Arc, Mutex},
};

use redb::{Builder, StorageBackend};

use crate::{format, store::Store};

const NAMESPACE: &str = "=n";
const CHANGES: usize = 12;

/// What happened to the disk, in order.
#[derive(Debug, Clone)]
enum Event {
    Length(usize),
    Write(usize, Vec<u8>),
    Sync,
    /// So many changes were acknowledged.
    Acknowledged(usize),
}

#[derive(Debug, Default)]
struct Disk {
    bytes: Mutex<Vec<u8>>,
    events: Mutex<Vec<Event>>,
}

impl Disk {
    fn happened(&self, event: Event) {
        event.happens_to(&mut self.bytes.lock().unwrap());
        self.events.lock().unwrap().push(event);
    }
}

impl Event {
    fn happens_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(offset, data) => {
                let end = offset + data.len();
                // A write that arrives without the length it relied on makes the file that long.
                bytes.resize(bytes.len().max(end), 0);
                bytes[*offset..end].copy_from_slice(data);
            }
            Self::Sync | Self::Acknowledged(_) => {}
        }
    }
}

#[derive(Debug)]
struct Backend(Arc<Disk>);

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

impl StorageBackend for Backend {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.0.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let bytes = self.0.bytes.lock().unwrap();
        let found = bytes.get(place(offset)..place(offset) + out.len());
        out.copy_from_slice(found.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        self.0.happened(Event::Length(place(length)));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.0.happened(Event::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.0.happened(Event::Write(place(offset), data.to_vec()));
        Ok(())
    }
}

fn open(disk: &Arc<Disk>) -> Store {
    let database = Builder::new().create_with_backend(Backend(Arc::clone(disk))).unwrap();
    format::prepare(&database).unwrap();
    Store::new(database, || unreachable!("this disk does not fail"))
}

/// What happened to a disk while changes were made and acknowledged.
fn history() -> Vec<Event> {
    let disk = Arc::new(Disk::default());
    let store = open(&disk);
    disk.happened(Event::Acknowledged(0));
    for number in 0..CHANGES {
        let change = |change: &mut crate::writing::Change<'_, '_>| {
            change.set_string(&format!("k{number}"), "v".repeat(100), None)?;
            change.push("list", &number.to_string())
        };
        store.change(NAMESPACE, || 0, change).unwrap();
        disk.happened(Event::Acknowledged(number + 1));
    }
    // The power fails: nobody closes anything.
    disk.events.lock().unwrap().clone()
}

/// What is on a disk when the power fails after these events, and how many changes were acknowledged
/// before. `arrives` says which of the writes since the last sync did.
fn after_power_loss(events: &[Event], mut arrives: impl FnMut() -> bool) -> (Arc<Disk>, usize) {
    let synced = events
        .iter()
        .rposition(|event| matches!(event, Event::Sync))
        .map_or(0, |position| position + 1);
    let mut bytes = Vec::new();
    let mut acknowledged = 0;
    for (position, event) in events.iter().enumerate() {
        if let Event::Acknowledged(changes) = event {
            acknowledged = *changes;
        }
        if position < synced || arrives() {
            event.happens_to(&mut bytes);
        }
    }
    let disk = Disk { bytes: bytes.into(), events: Mutex::default() };
    (Arc::new(disk), acknowledged)
}

fn holds(disk: &Arc<Disk>, acknowledged: usize) {
    let store = open(disk);
    let look = |view: &crate::reading::View<'_>| {
        for number in 0..acknowledged {
            let found = view.string(&format!("k{number}"))?;
            assert!(found.is_some(), "change {number} of {acknowledged} is lost");
        }
        // A change is there as a whole or not at all.
        let strings = (0..CHANGES).filter(|number| view.exists(&format!("k{number}")).unwrap());
        assert_eq!(view.items("list", 0, -1)?.len(), strings.count());
        Ok(())
    };
    store.view(NAMESPACE, 0, look).unwrap();
}

#[test]
fn power_that_fails_at_any_moment_loses_no_change_that_was_acknowledged() {
    let events = history();
    let ready = events.iter().position(|event| matches!(event, Event::Acknowledged(0))).unwrap();
    // A generator of its own (xorshift): the same writes arrive in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut coin = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state & 1 == 0
    };
    for moment in ready + 1..=events.len() {
        let before = &events[..moment];
        for (disk, acknowledged) in [
            after_power_loss(before, || false),
            after_power_loss(before, || true),
            after_power_loss(before, &mut coin),
        ] {
            holds(&disk, acknowledged);
        }
    }
}

#[test]
fn the_simulation_notices_changes_that_were_acknowledged_without_a_sync() {
    let mut events = history();
    let last = events.len() - 1;
    assert!(matches!(events[last], Event::Acknowledged(CHANGES)));
    // As if the last change had not waited for the disk.
    while let Some(position) = events.iter().rposition(|event| matches!(event, Event::Sync)) {
        let acknowledged_before = events[..position]
            .iter()
            .any(|event| matches!(event, Event::Acknowledged(changes) if *changes + 1 == CHANGES));
        if !acknowledged_before {
            break;
        }
        events.remove(position);
    }
    let (disk, acknowledged) = after_power_loss(&events, || false);
    let store = open(&disk);
    assert_eq!(acknowledged, CHANGES);
    let last = format!("k{}", CHANGES - 1);
    assert!(!store.view(NAMESPACE, 0, |view| view.exists(&last)).unwrap());
}
