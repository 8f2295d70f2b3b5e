//! What files leave to be done in the background.

use chrono::TimeDelta;

use super::{model::GoOnWithImport, service};
use crate::platform::{app::App, caller::Caller, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::seconds(15), "porting.fetch_images", |app: App| async move {
            service::fetch_images(&app, &Caller::system()).await
        })
        .every(TimeDelta::hours(1), "porting.sweep", |app: App| async move {
            service::sweep_imports(&app, &Caller::system()).await
        })
        .with(|app: App, job: GoOnWithImport| async move {
            service::go_on_with_import(&app, &Caller::system(), job.import).await
        })
}
