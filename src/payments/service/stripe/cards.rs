//! Cards, by what Stripe knows them by.

use super::{
    api::{Api, Reply},
    objects::PaymentMethod,
};
use crate::{payments::service::provider::NoAnswer, platform::app::App};

/// The fingerprint of the card behind a payment method: it is the card's in all of the market's account, whatever number of methods is
/// made of it. What is wrong with a method that Stripe does not know, the charge says.
pub async fn card(app: &App, method: &str) -> Result<Option<String>, NoAnswer> {
    match Api::of(app)?.get::<PaymentMethod>(&format!("payment_methods/{method}")).await? {
        Reply::Done(found) => Ok(found.fingerprint()),
        Reply::Refused(_) => Ok(None),
    }
}
