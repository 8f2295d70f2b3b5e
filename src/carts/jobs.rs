//! What carts do in the background.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::service;
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobBody},
};

/// Forgets carts that nobody has changed for long.
#[derive(Serialize, Deserialize)]
pub struct Sweep;

impl JobBody for Sweep {
    const KIND: &'static str = "carts.sweep";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(
        TimeDelta::hours(1),
        &Sweep,
        |app: App, _| async move { service::sweep(&app, &Caller::system()).await },
    )
}
