//! Sending money to shops. Between transactions, never inside one.

use super::provider::{self, NoAnswer, TIMEOUT};
use crate::{
    kernel::id::Id,
    payments::model::{Disbursement, DisbursementProgress},
    platform::app::App,
    shops::model::Shop,
};

/// Asks a provider for a page on which the owner of a shop says where its money goes; none if the market takes no payments.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn onboard(app: &App, shop: Id<Shop>, return_url: &str) -> Result<Option<String>, NoAnswer> {
    let Some(provider) = provider::of(app) else { return Ok(None) };
    let page = tokio::time::timeout(TIMEOUT, provider.onboard(app, shop, return_url)).await;
    page.map_err(|_| NoAnswer)?.map(Some)
}

/// Asks the provider of this name to send money to the account of a shop, or what became of it.
///
/// # Errors
/// [`NoAnswer`]: what became of it is not known yet. Ask again.
pub async fn pay_out(app: &App, name: &str, wanted: &Disbursement) -> Result<DisbursementProgress, NoAnswer> {
    let provider = provider::of(app).filter(|provider| provider.name() == name).ok_or(NoAnswer)?;
    tokio::time::timeout(TIMEOUT, provider.pay_out(app, wanted)).await.map_err(|_| NoAnswer)?
}
