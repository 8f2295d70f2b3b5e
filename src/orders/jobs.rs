//! What orders do in the background.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::service;
use crate::{
    kernel::id::Id,
    payments::model::PaymentIntent,
    platform::{
        app::App,
        jobs::{Handlers, JobBody},
    },
};

/// Asks the provider what became of a payment, in case nobody heard its answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettlePayment {
    pub payment: Id<PaymentIntent>,
}

impl SettlePayment {
    /// Longer than a provider may take to answer.
    pub const AFTER: TimeDelta = TimeDelta::seconds(30);
}

impl JobBody for SettlePayment {
    const KIND: &'static str = "orders.settle_payment";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.with(|app: App, job: SettlePayment| async move { service::settle_unanswered(&app, job.payment).await })
}
