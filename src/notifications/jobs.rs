//! What notifications do in the background.

use super::{model::PushNotification, service};
use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller, jobs::Handlers},
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(|app: App, job: PushNotification| async move {
            service::push_notification(&app, &Caller::system(), job).await
        })
        .every(chrono::TimeDelta::hours(1), "notifications.forget", forget)
}

/// Forgets old notifications, and devices whose sessions are over.
async fn forget(app: App) -> Result<(), Failure> {
    service::forget_notifications(&app, &Caller::system()).await?;
    service::forget_devices(&app, &Caller::system()).await
}
