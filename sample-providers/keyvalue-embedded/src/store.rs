//! One open database.

use std::{
    fmt,
    time::{Duration, Instant},
};

use parking_lot::RwLock;
use provider_core::{Error, ErrorKind};
use redb::{Database, Durability, ReadableDatabase};

use crate::{failure::failed, reading::View, writing::Change};

/// How often a file is opened again whose disk fails: all of it is read then.
const AGAIN: Duration = Duration::from_secs(1);

/// What opens the file again.
type Opens = Box<dyn Fn() -> Result<Database, Error> + Send + Sync>;

/// An open database: looked at in snapshots, changed in transactions that are on the disk when they
/// return.
///
/// A database whose disk has failed, because it is full for example, answers nothing any more until it
/// is opened again. That happens here, with the next call.
pub(crate) struct Store {
    state: RwLock<State>,
    opens: Opens,
}

struct State {
    /// The database, or why there is none now.
    database: Result<Database, String>,
    /// When it was opened, or when that was tried.
    since: Instant,
}

impl State {
    fn now(database: Result<Database, String>) -> Self {
        Self { database, since: Instant::now() }
    }
}

impl Store {
    /// The store in a database that [`format::prepare`](crate::format::prepare) has seen, and what opens
    /// it again.
    pub(crate) fn new(
        database: Database,
        opens: impl Fn() -> Result<Database, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { state: RwLock::new(State::now(Ok(database))), opens: Box::new(opens) }
    }

    /// Looks at a namespace as it is at `now`.
    pub(crate) fn view<R>(
        &self,
        namespace: &str,
        now: u64,
        look: impl FnOnce(&View<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with(|database| {
            let snapshot = database.begin_read().map_err(failed)?;
            look(&View::new(&snapshot, namespace, now)?)
        })
    }

    /// Changes a namespace at `now`: all that `act` does or, after an error, nothing of it.
    pub(crate) fn change<R>(
        &self,
        namespace: &str,
        now: impl FnOnce() -> u64,
        act: impl FnOnce(&mut Change<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with(|database| {
            let mut transaction = database.begin_write().map_err(failed)?;
            // The default, said aloud: `commit` returns when the disk has it.
            transaction.set_durability(Durability::Immediate).map_err(failed)?;
            let (result, changed) = {
                // Asked for when it is this change's turn: what one change sees as expired, the next one
                // does too.
                let mut change = Change::new(&transaction, namespace, now())?;
                let result = act(&mut change)?;
                (result, change.finish()?)
            };
            if changed {
                transaction.commit().map_err(failed)?;
            } else {
                transaction.abort().map_err(failed)?;
            }
            Ok(result)
        })
    }

    /// Why the file cannot be used now, after another try if it is time for one.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.mend();
        self.state.read().database.as_ref().err().cloned()
    }

    fn with<R>(&self, act: impl FnOnce(&Database) -> Result<R, Error>) -> Result<R, Error> {
        self.mend();
        let outcome = match &self.state.read().database {
            Ok(database) => act(database),
            Err(why) => return Err(Error::new(ErrorKind::Unavailable, why)),
        };
        if let Err(error) = &outcome
            && error.kind() == ErrorKind::Unavailable
        {
            let mut state = self.state.write();
            // It is closed here, so that it can be opened again. When it was opened stays: one whose
            // disk fails at each change is not read as a whole for each of them.
            if state.database.is_ok() {
                state.database = Err(error.message().into());
            }
        }
        outcome
    }

    /// Opens a database again whose disk has failed, if that was not tried just now.
    fn mend(&self) {
        let is_due = |state: &State| state.database.is_err() && state.since.elapsed() >= AGAIN;
        if !is_due(&self.state.read()) {
            return;
        }
        let mut state = self.state.write();
        if is_due(&state) {
            *state = State::now((self.opens)().map_err(|error| error.message().into()));
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
