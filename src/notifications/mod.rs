//! What people are told of: in a list inside the application, and by waking their devices.
//!
//! - A **notification** is a row for one person about one thing that happened, if they want to be told in the application or by push. Of
//!   messages there are none: what is unread in which conversation says it, so a message costs nothing for each who may read it.
//! - A **push device** is one that a push service knows by a token, and that belongs to the session in which it was registered.
//! - A **push** carries what the icon shows, a name under which it takes the place of the one before it, and where the log stood. It says
//!   that there is something; what people wrote it says only to who wants that.
//!
//! **Invariants:** a device hears nothing once its session is over, nor of anybody but the person whose session it is; a service is asked
//! outside of transactions, and one that does not know a device any more has it deleted; what happened once is told once, however often
//! its job runs; nothing is pushed in somebody's quiet hours, and nothing that is too old to matter.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
