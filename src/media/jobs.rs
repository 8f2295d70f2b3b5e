//! What is swept: uploads that are over, and files to which nobody refers.

use chrono::TimeDelta;

use super::service;
use crate::platform::{app::App, caller::Caller, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(TimeDelta::minutes(10), "media.sweep", |app: App| async move {
        service::sweep(&app, &Caller::system()).await
    })
}
