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

/// Counts how many products have each word.
#[derive(Serialize, Deserialize)]
pub struct CountWords;

impl JobBody for CountWords {
    const KIND: &'static str = "products.count_words";
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
        .every(TimeDelta::minutes(1), &CountWords, |app: App, _| async move {
            service::count_words(&app, &Caller::system()).await
        })
}
