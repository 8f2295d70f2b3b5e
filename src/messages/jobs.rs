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

/// Has messages be found that were written before they could be searched.
#[derive(Serialize, Deserialize)]
pub struct WriteWords;

impl JobBody for WriteWords {
    const KIND: &'static str = "messages.write_words";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    let hour = chrono::TimeDelta::hours(1);
    handlers.every(hour, &ForgetDeleted, forget_deleted).every(hour, &WriteWords, write_words)
}

async fn write_words(app: App, _: WriteWords) -> Result<(), Failure> {
    service::write_words(&app, &Caller::system()).await
}

async fn forget_deleted(app: App, _: ForgetDeleted) -> Result<(), Failure> {
    service::forget_deleted(&app, &Caller::system()).await
}
