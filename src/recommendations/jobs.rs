//! What recommendations do in the background.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::service;
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobBody},
};

/// Learns from the orders that were placed, paid, changed or called off lately.
#[derive(Serialize, Deserialize)]
pub struct Learn;

impl JobBody for Learn {
    const KIND: &'static str = "recommendations.learn";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.every(TimeDelta::seconds(20), &Learn, |app: App, _| async move {
        service::learn(&app, &Caller::system()).await
    })
}
