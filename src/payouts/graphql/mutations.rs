//! What owners of shops do about payouts, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    payouts::service,
    platform::gql::{Ask, SignedInOnly, WireResult},
    shops::model::Shop,
    user_errors::{UserError, answer},
};

/// For which shop somebody is to say where its money goes.
#[derive(InputObject)]
pub struct CreatePayoutOnboardingLinkInput {
    /// Which shop.
    shop_id: Id<Shop>,
    /// Where the page leads when it is done: a URL on the market's list.
    return_url: String,
}

/// What `createPayoutOnboardingLink` answers.
#[derive(SimpleObject)]
pub struct CreatePayoutOnboardingLinkPayload {
    /// The page, for the one who asked: it is good once and for some minutes, with the test provider for an hour. It is not stored, and not
    /// passed on.
    url: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What owners of shops do about payouts.
#[derive(Default)]
pub struct PayoutsMutation;

#[Object]
impl PayoutsMutation {
    /// A page of the payment provider on which you say where your shop's money goes. Nothing changes before you have; asking again gives
    /// another link. All owners get a mail when the money goes to another account, whatever they prefer, and nothing is paid out for 3 days then.
    /// Owners of the shop may. Needs a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `RETURN_URL_NOT_ALLOWED`, `PAYMENTS_UNAVAILABLE`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_payout_onboarding_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which shop.")] input: CreatePayoutOnboardingLinkInput,
    ) -> WireResult<CreatePayoutOnboardingLinkPayload> {
        let CreatePayoutOnboardingLinkInput { shop_id, return_url } = input;
        let result = service::onboarding_link(ctx.app(), ctx.caller(), shop_id, &return_url).await;
        let (url, user_errors) = answer(ctx, result).await?;
        Ok(CreatePayoutOnboardingLinkPayload { url, user_errors })
    }
}
