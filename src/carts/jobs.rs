//! What carts do in the background.

use chrono::TimeDelta;

use super::service;
use crate::platform::{app::App, caller::Caller, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(TimeDelta::hours(1), "carts.sweep", |app: App| async move {
        service::sweep(&app, &Caller::system()).await
    })
}
