//! What Postgres says, as a failure.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::kernel::error::Failure;

impl From<DieselError> for Failure {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::Contention(info.message().to_owned())
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            )
            | DieselError::BrokenTransactionManager => Self::Unavailable,
            DieselError::DatabaseError(kind, info) => {
                let message = info.message();
                if let Some(name) = info.constraint_name() {
                    return Self::Constraint { name: name.to_owned() };
                }
                match message {
                    _ if message.starts_with("deadlock detected") => Self::Contention(message.to_owned()),
                    // Statement and lock time-outs; a lane that gives up is overloaded or meets a writer that hangs.
                    _ if message.starts_with("canceling statement due to") => Self::Timeout,
                    _ if message.contains("terminating connection")
                        || message.contains("server closed the connection")
                        || message.contains("connection to server was lost")
                        || message.contains("the database system is") =>
                    {
                        Self::Unavailable
                    }
                    _ => Self::internal(DieselError::DatabaseError(kind, info)),
                }
            }
            other => Self::internal(other),
        }
    }
}
