//! Reporting, on the wire.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};

use crate::{
    kernel::id::Id,
    messages,
    moderation::{
        model::{ReportReason, Target},
        service,
    },
    platform::gql::{Ask, SignedInOnly, WireResult, cost},
    products, reviews, shops,
    user_errors::{UserError, answer},
    users,
};

/// At what the staff should look: exactly one of the fields. None of yours, and something that you see.
#[derive(OneofObject)]
#[allow(clippy::enum_variant_names, reason = "they are the fields of an input")]
pub enum ReportTargetInput {
    /// A message in a conversation in which you take part, also one that was taken back.
    MessageId(Id<messages::model::Message>),
    /// A person.
    UserId(Id<users::model::User>),
    /// A product.
    ProductId(Id<products::model::Product>),
    /// A review.
    ReviewId(Id<reviews::model::Review>),
    /// A shop.
    ShopId(Id<shops::model::Shop>),
}

impl From<ReportTargetInput> for Target {
    fn from(input: ReportTargetInput) -> Self {
        match input {
            ReportTargetInput::MessageId(id) => Self::Message(id),
            ReportTargetInput::UserId(id) => Self::User(id),
            ReportTargetInput::ProductId(id) => Self::Product(id),
            ReportTargetInput::ReviewId(id) => Self::Review(id),
            ReportTargetInput::ShopId(id) => Self::Shop(id),
        }
    }
}

/// At what the staff should look, and why.
#[derive(InputObject)]
pub struct ReportInput {
    /// At what.
    target: ReportTargetInput,
    /// Why.
    reason: ReportReason,
    /// What else they should know, up to 1,000 characters.
    #[graphql(default)]
    note: String,
    /// 1 to 255 characters that name this very intent. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `report` answers.
#[derive(SimpleObject)]
pub struct ReportPayload {
    /// True if it is reported.
    is_reported: Option<bool>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ReportsMutation;

#[Object]
impl ReportsMutation {
    /// Asks the market's staff to look at something that you see. What it says just now, and what a message said before it was edited or taken
    /// back, is copied for them, and kept until 180 days after they have decided. Nobody else learns that it was reported, and by whom. Once
    /// more changes nothing until 30 days after they have decided. 50 things a day at the most.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TOO_LONG`, `INVALID`, `TOO_MANY_ATTEMPTS`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At what, and why.")] input: ReportInput,
    ) -> WireResult<ReportPayload> {
        let ReportInput { target, reason, note, idempotency_key } = input;
        let key = idempotency_key.as_deref();
        let result = service::report(ctx.app(), ctx.caller(), key, target.into(), reason, &note).await;
        let (done, user_errors) = answer(ctx, result).await?;
        Ok(ReportPayload { is_reported: done.map(|()| true), user_errors })
    }
}
