//! What notifications do in the background.

use super::{
    model::{Notification, PushNotification},
    service,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Afterwards, Handlers},
    },
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(|app: App, job: PushNotification| async move {
            service::push_notification(&app, &Caller::system(), job).await
        })
        // Nobody has to look into it: it ends by itself once it is too old.
        .at_death(|_, _: PushNotification| Ok(Afterwards::Again(Notification::PUSHED_AGAIN)))
        .every(chrono::TimeDelta::hours(1), "notifications.forget", forget)
}

/// Forgets old notifications, and devices whose sessions are over.
async fn forget(app: App) -> Result<(), Failure> {
    service::forget_notifications(&app, &Caller::system()).await?;
    service::forget_devices(&app, &Caller::system()).await
}
