//! What is done about documents in the background.

use serde::{Deserialize, Serialize};

use super::service;
use crate::platform::{
    app::App,
    jobs::{Handlers, JobBody},
};

/// Forgets what is not used any more.
#[derive(Serialize, Deserialize)]
pub struct ForgetUnused;

impl JobBody for ForgetUnused {
    const KIND: &'static str = "documents.forget_unused";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    let forget = |app: App, _: ForgetUnused| async move { service::forget_unused(&app).await };
    handlers.every(chrono::TimeDelta::hours(1), &ForgetUnused, forget)
}
