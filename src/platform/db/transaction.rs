//! An open transaction, and how one is opened.

use std::{cell::Cell, sync::Arc};

use diesel::{Connection, RunQueryDsl, connection::SimpleConnection, result::Error as DieselError, sql_types::Text};
use uuid::Uuid;

use super::{Conn, Shared, Wakers, turn::Turn};
use crate::kernel::{
    error::Failure,
    id::{Entity, Id},
};
use crate::platform::{
    caller::Caller,
    clock::{Clock, Generator, Time},
};

/// A transaction that is open. The only way to change anything.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    scope: &'a Scope<'a>,
}

pub(super) struct Scope<'a> {
    pub shared: &'a Shared,
    pub caller: &'a Caller,
    pub emitted: Cell<bool>,
    pub enqueued: Cell<bool>,
}

impl Scope<'_> {
    pub fn wake(&self) {
        if self.emitted.get() {
            self.shared.wakers.events.notify_one();
        }
        if self.enqueued.get() {
            self.shared.wakers.jobs.notify_one();
        }
    }
}

impl Tx<'_> {
    /// What queries run on.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// On whose behalf this happens.
    pub fn caller(&self) -> &Caller {
        self.scope.caller
    }

    pub fn now(&self) -> Time {
        self.scope.shared.clock.now()
    }

    /// The time that the clock stands at; none of one that goes. See [`Clock::fixed`].
    pub fn fixed_now(&self) -> Option<Time> {
        self.scope.shared.clock.fixed()
    }

    pub fn new_id<E: Entity>(&self) -> Id<E> {
        self.scope.shared.generator.id(self.now())
    }

    pub fn new_uuid(&self) -> Uuid {
        self.scope.shared.generator.uuid(self.now())
    }

    pub fn generator(&self) -> &Generator {
        &self.scope.shared.generator
    }

    pub(in crate::platform) fn note_event(&self) {
        self.scope.emitted.set(true);
    }

    pub(in crate::platform) fn note_job(&self) {
        self.scope.enqueued.set(true);
    }

    /// Keeps others waiting who lock the same name, until this transaction ends.
    ///
    /// # Errors
    /// If the database fails.
    pub fn lock_name(&mut self, name: &str) -> Result<(), Failure> {
        let lock = diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
        lock.bind::<Text, _>(name).execute(self.conn())?;
        Ok(())
    }

    /// Runs a part under a clock and a generator of its own, so that it writes the same rows wherever and whenever it runs.
    pub fn under<T>(&mut self, clock: &Arc<Clock>, generator: Generator, work: impl FnOnce(&mut Tx<'_>) -> T) -> T {
        let (clock, generator) = (Arc::clone(clock), Arc::new(generator));
        let shared = Shared { clock, generator, wakers: Wakers::default() };
        let (emitted, enqueued) = (Cell::default(), Cell::default());
        let scope = Scope { shared: &shared, caller: self.scope.caller, emitted, enqueued };
        let value = work(&mut Tx { conn: self.conn, scope: &scope });
        if scope.emitted.get() {
            self.note_event();
        }
        if scope.enqueued.get() {
            self.note_job();
        }
        value
    }

    /// Runs a part that can fail without ending the transaction: what it did is undone, what came before stays.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn savepoint<T, E: From<Failure>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let scope = self.scope;
        nested(self.conn, |conn| work(&mut Tx { conn, scope })).map_err(Abort::into_error)
    }
}

pub(super) enum Abort<E> {
    Begin(Failure),
    Domain(E),
    Commit(Failure),
}

impl<E: From<Failure>> Abort<E> {
    fn into_error(self) -> E {
        match self {
            Self::Domain(error) => error,
            Self::Begin(failure) | Self::Commit(failure) => failure.into(),
        }
    }
}

impl<E> From<DieselError> for Abort<E> {
    fn from(error: DieselError) -> Self {
        Self::Commit(error.into())
    }
}

pub(super) fn transact<T, E: From<Failure>>(
    conn: &mut Conn,
    scope: &Scope<'_>,
    turn: &Turn,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, Abort<E>> {
    let begun = Cell::new(false);
    nested(conn, |conn| {
        begun.set(true);
        let outcome = work(&mut Tx { conn, scope });
        // What follows is COMMIT or ROLLBACK, and neither is ever cancelled. What nobody waits for is rolled back.
        let is_wanted = turn.close();
        if is_wanted { outcome } else { outcome.and(Err(Failure::Unavailable.into())) }
    })
    .map_err(|abort| match abort {
        Abort::Commit(failure) if !begun.get() => Abort::Begin(failure),
        other => other,
    })
}

#[allow(clippy::disallowed_methods, reason = "this is the place that the rule points to")]
fn nested<T, E>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, Abort<E>> {
    conn.transaction(|conn| work(conn).map_err(Abort::Domain))
}

/// What a session goes by that reads whole tables: it has time, and room to sort, and no index is better than none.
const WHOLE_TABLES: &str = "SET LOCAL statement_timeout = '10min'; SET LOCAL work_mem = '64MB'; \
    SET LOCAL enable_seqscan = DEFAULT; SET LOCAL max_parallel_workers_per_gather = DEFAULT";

/// Reads whole tables as they were at one moment, and writes nothing.
pub(super) fn snapshot<T, E: From<Failure>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    let read = |conn: &mut Conn| -> Result<T, Abort<E>> {
        conn.batch_execute(WHOLE_TABLES)?;
        work(conn).map_err(Abort::Domain)
    };
    conn.build_transaction().repeatable_read().read_only().run(read).map_err(Abort::into_error)
}
