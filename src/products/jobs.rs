//! What products do in the background.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{model::attributes::SettleProducts, service};
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobBody},
};

/// Publishes products, and takes them from the market, when their shops have said so.
#[derive(Serialize, Deserialize)]
pub struct PublishDue;

impl JobBody for PublishDue {
    const KIND: &'static str = "products.publish_due";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(
            |app: App, job: SettleProducts| async move { service::settle_products(&app, &Caller::system(), job).await },
        )
        .every(TimeDelta::seconds(10), &PublishDue, |app: App, _| async move {
            service::publish_due(&app, &Caller::system()).await
        })
}
