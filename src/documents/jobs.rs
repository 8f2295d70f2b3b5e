//! What is done about documents in the background.

use chrono::TimeDelta;

use super::service;
use crate::platform::{app::App, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(TimeDelta::hours(1), "documents.forget_unused", |app: App| async move {
        service::forget_unused(&app).await
    })
}
