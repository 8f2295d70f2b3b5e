//! The market's share of what a shop sells, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::Shop;
use crate::{
    kernel::{id::Id, money::Decimal, rate::Rate},
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult},
    },
    shops::{loaders::ShopById, model, service},
    user_errors::{UserError, answer},
};

/// Which share the market has of what a shop sells.
#[derive(InputObject)]
pub struct SetShopCommissionInput {
    /// Which shop.
    shop_id: Id<model::Shop>,
    /// In percent, 0 to 100 with at most two decimals; the market's usual share if absent.
    percent: Option<Decimal>,
    /// Why, 1 to 500 characters. The shop's owner reads it.
    reason: String,
}

/// What `setShopCommission` answers.
#[derive(SimpleObject)]
pub struct SetShopCommissionPayload {
    /// The shop.
    shop: Option<Shop>,
    /// The market's share of what it sells from now on, in percent.
    commission_percent: Option<Decimal>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct CommissionMutation;

#[Object]
impl CommissionMutation {
    /// Sets the market's share of what a shop sells. Orders that were placed before keep theirs.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageShops)")]
    async fn set_shop_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which share.")] input: SetShopCommissionInput,
    ) -> WireResult<SetShopCommissionPayload> {
        let SetShopCommissionInput { shop_id, percent, reason } = input;
        let result = service::set_commission(ctx.app(), ctx.caller(), shop_id, percent, &reason).await;
        let (rate, user_errors) = answer(ctx, result).await?;
        let shop = match rate {
            Some(_) => ctx.loader().load_one(ShopById(shop_id)).await?.map(Into::into),
            None => None,
        };
        Ok(SetShopCommissionPayload { shop, commission_percent: rate.map(Rate::percent), user_errors })
    }
}
