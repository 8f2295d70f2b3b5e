//! What products do in the background.

use super::{
    model::{PublishProduct, attributes::SettleProducts},
    service,
};
use crate::platform::{app::App, caller::Caller, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(
            |app: App, job: SettleProducts| async move { service::settle_products(&app, &Caller::system(), job).await },
        )
        .with(|app: App, job: PublishProduct| async move { service::publish_due(&app, &Caller::system(), job).await })
}
