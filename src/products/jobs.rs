//! What products do in the background.

use chrono::TimeDelta;

use super::{model::attributes::SettleProducts, service};
use crate::platform::{app::App, caller::Caller, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(
            |app: App, job: SettleProducts| async move { service::settle_products(&app, &Caller::system(), job).await },
        )
        .every(TimeDelta::seconds(10), "products.publish_due", |app: App| async move {
            service::publish_due(&app, &Caller::system()).await
        })
        .every(TimeDelta::minutes(1), "products.count_words", |app: App| async move {
            service::count_words(&app, &Caller::system()).await
        })
}
