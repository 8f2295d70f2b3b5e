//! What files leave to be done in the background.

use chrono::TimeDelta;

use serde::{Deserialize, Serialize};

use super::{
    model::{FetchImages, GoOnWithImport},
    service,
};
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobBody},
};

/// Forgets old imports, and gives up those that go on no more.
#[derive(Serialize, Deserialize)]
pub struct Sweep;

impl JobBody for Sweep {
    const KIND: &'static str = "porting.sweep";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::seconds(15), &FetchImages, |app: App, _| async move {
            service::fetch_images(&app, &Caller::system()).await
        })
        .every(TimeDelta::hours(1), &Sweep, |app: App, _| async move {
            service::sweep_imports(&app, &Caller::system()).await
        })
        .with(|app: App, job: GoOnWithImport| async move {
            service::go_on_with_import(&app, &Caller::system(), job.import).await
        })
}
