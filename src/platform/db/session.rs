//! A connection, and what its lane knows of it.

use std::{sync::Arc, thread, time::Duration};

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    connection::Connection,
    r2d2::{ConnectionManager, Error, ManageConnection, R2D2Connection},
    sql_query,
    sql_types::Integer,
};

use super::{ledger::Notes, turn::Backend};

/// A connection with what its lane knows of it.
pub(super) struct Session {
    pub conn: PgConnection,
    pub backend: Arc<Backend>,
    settings: Arc<SessionSettings>,
}

/// How sessions of one lane are made.
pub(super) struct SessionSettings {
    pub manager: ConnectionManager<PgConnection>,
    /// What is said first on each connection.
    pub statements: Vec<String>,
    /// Statements that take so long are logged.
    pub slow: Duration,
}

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

impl SessionSettings {
    fn connect(self: &Arc<Self>) -> Result<Session, Error> {
        let mut conn = self.manager.connect()?;
        for statement in &self.statements {
            sql_query(statement).execute(&mut conn).map_err(Error::QueryError)?;
        }
        let process = sql_query("SELECT pg_backend_pid() AS pid").get_result::<Process>(&mut conn);
        let backend = Backend::new(process.map_err(Error::QueryError)?.pid);
        conn.set_instrumentation(Notes::new(self.slow));
        Ok(Session { conn, backend, settings: Arc::clone(self) })
    }
}

impl Session {
    /// Whether the connection is gone, as opposed to a statement having failed.
    pub fn is_closed(&mut self) -> bool {
        self.conn.is_broken() || self.conn.ping().is_err()
    }

    pub fn reconnect(&mut self) -> bool {
        match self.settings.connect() {
            Ok(fresh) => {
                *self = fresh;
                true
            }
            Err(_) => false,
        }
    }
}

pub(super) struct SessionManager(pub Arc<SessionSettings>);

impl ManageConnection for SessionManager {
    type Connection = Session;
    type Error = Error;

    fn connect(&self) -> Result<Session, Self::Error> {
        self.0.connect()
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), Self::Error> {
        session.conn.ping().map_err(Error::QueryError)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        thread::panicking() || session.backend.is_doubtful() || session.conn.is_broken()
    }
}
