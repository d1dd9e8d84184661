//! One open database.

use std::fmt;

use provider_core::Error;
use redb::{Database, Durability, ReadableDatabase};

use crate::{failure::failed, reading::View, writing::Change};

/// An open database: looked at in snapshots, changed in transactions that are on the disk when they
/// return.
pub(crate) struct Store(Database);

impl Store {
    /// The store in a database that [`format::prepare`](crate::format::prepare) has seen.
    pub(crate) fn new(database: Database) -> Self {
        Self(database)
    }

    /// A namespace as it is at `now`.
    pub(crate) fn view<'a>(&self, namespace: &'a str, now: u64) -> Result<View<'a>, Error> {
        View::new(&self.0.begin_read().map_err(failed)?, namespace, now)
    }

    /// Changes a namespace at `now`: all that `act` does or, after an error, nothing of it.
    pub(crate) fn change<R>(
        &self,
        namespace: &str,
        now: impl FnOnce() -> u64,
        act: impl FnOnce(&mut Change<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut transaction = self.0.begin_write().map_err(failed)?;
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
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
