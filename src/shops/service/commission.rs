//! The market's share of what a shop sells.

use crate::{
    kernel::{error::Failure, id::Id, money::Decimal, rate::Rate, text},
    platform::{app::App, caller::Caller},
    shops::{error::ShopError, model::Shop, queries},
    users::{self, model::oneself},
};

/// Sets the market's share of what a shop sells from now on; the usual one if none is given. Its owner reads why.
pub async fn set_commission(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    percent: Option<Decimal>,
    reason: &str,
) -> Result<Rate, ShopError> {
    oneself(caller)?;
    let rate = percent.map(Rate::try_from).transpose().map_err(|_| ShopError::Commission)?;
    let reason = text::line(reason, 500).map_err(|error| ShopError::Text { field: "reason".into(), error })?;
    let usual = app.market.checkout.commission;
    app.db
        .write(caller, move |tx| {
            if !queries::set_commission(tx, shop, rate)? {
                return Err(ShopError::NotFound { field: "shopId".into() });
            }
            if let Some(owner) = super::first_owner(tx.conn(), shop)? {
                users::service::audit(tx, owner, None, &reason, &["setShopCommission"])?;
            }
            Ok(rate.unwrap_or(usual))
        })
        .await
}

/// The market's share of what a shop sells.
///
/// # Errors
/// If the database fails.
pub async fn commission(app: &App, shop: Id<Shop>) -> Result<Rate, Failure> {
    let own = app.db.read(move |conn| queries::commission(conn, shop)).await?;
    Ok(own.unwrap_or(app.market.checkout.commission))
}
