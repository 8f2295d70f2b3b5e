//! What messages do in the background.

use serde::{Deserialize, Serialize};

use super::service;
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobBody},
    },
};

/// Forgets what deleted messages said, once it need not be kept any longer.
#[derive(Serialize, Deserialize)]
pub struct ForgetDeleted;

impl JobBody for ForgetDeleted {
    const KIND: &'static str = "messages.forget_deleted";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(chrono::TimeDelta::hours(1), &ForgetDeleted, forget_deleted)
}

async fn forget_deleted(app: App, _: ForgetDeleted) -> Result<(), Failure> {
    service::forget_deleted(&app, &Caller::system()).await
}
