//! What is swept: uploads that are over, and files to which nobody refers.

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

/// Deletes what nobody refers to.
#[derive(Serialize, Deserialize)]
pub struct Sweep;

impl JobBody for Sweep {
    const KIND: &'static str = "media.sweep";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(chrono::TimeDelta::minutes(10), &Sweep, sweep)
}

async fn sweep(app: App, _: Sweep) -> Result<(), Failure> {
    service::sweep(&app, &Caller::system()).await
}
