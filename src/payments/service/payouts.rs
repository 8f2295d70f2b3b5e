//! Sending money to shops. Between transactions, never inside one.

use super::provider::{self, NoAnswer, TIMEOUT, named, within};
use crate::{
    kernel::id::Id,
    payments::model::{AccountStanding, Disbursement, DisbursementProgress, Onboarding, Sending},
    platform::app::App,
    shops::model::Shop,
    users::model::User,
};

/// Has the provider make an account for a shop, whose owner somebody is, in the place of those that were lost. Its name is to be written
/// down before anything goes there.
///
/// # Errors
/// [`NoAnswer`]: ask again. It may have been made all the same.
pub async fn open_account(app: &App, whose: (Id<Shop>, Id<User>), lost: i32) -> Result<String, NoAnswer> {
    let provider = provider::of(app).ok_or(NoAnswer)?;
    within(TIMEOUT, provider.open_account(app, whose, lost)).await
}

/// Asks the provider for a page on which the owner of a shop says where its money goes; none if it does not know the account that it
/// made.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn onboard(app: &App, wanted: &Onboarding) -> Result<Option<String>, NoAnswer> {
    let provider = provider::of(app).ok_or(NoAnswer)?;
    within(TIMEOUT, provider.onboard(app, wanted)).await
}

/// Asks the provider of this name how the account of a shop stands that it made; none if it makes none.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn account_standing(app: &App, name: &str, account: &str) -> Result<Option<AccountStanding>, NoAnswer> {
    let provider = named(app, name)?;
    within(TIMEOUT, provider.account_standing(app, account)).await
}

/// Asks the provider of this name to send money to the account of a shop, or what became of it.
///
/// # Errors
/// [`NoAnswer`]: what became of it is not known yet. Ask again.
pub async fn pay_out(app: &App, name: &str, wanted: &Disbursement) -> Result<DisbursementProgress, NoAnswer> {
    let provider = named(app, name)?;
    within(TIMEOUT, provider.pay_out(app, wanted)).await
}

/// Asks the provider of this name what has become of money that was sent before; none if none was. Nothing is sent by this.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn sent(app: &App, name: &str, wanted: &Disbursement) -> Result<Option<DisbursementProgress>, NoAnswer> {
    let provider = named(app, name)?;
    within(TIMEOUT, provider.sent(app, wanted)).await
}

/// Asks the provider of this name what it has sent for a disbursement, by whatever attempt; none if it does not tell. Nothing is sent by this.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn sendings(app: &App, name: &str, wanted: &Disbursement) -> Result<Option<Vec<Sending>>, NoAnswer> {
    let provider = named(app, name)?;
    within(TIMEOUT, provider.sendings(app, wanted)).await
}
