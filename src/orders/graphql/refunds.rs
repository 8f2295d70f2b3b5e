//! Giving money back, on the wire.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::{OrderPart, guests::part_of};
use crate::{
    kernel::{id::Id, money},
    orders::{
        loaders::{PartById, RefundById},
        model::{self, Opened},
        service::{self, RefundPart},
    },
    payments::model::{Refund as Row, RefundStatus},
    platform::{
        clock::Time,
        gql::{Ask, Money, MoneyInput, SignedInOnly, WireResult},
    },
    user_errors::{UserError, answer},
};

/// Money that goes back to whoever paid. The order's buyer sees it, of a guest's order whoever has the owner's token, the market's staff, and members
/// of the shop at whose cost it is.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Refund {
    /// Begins with `refund_`.
    pub id: Id<Row>,
    /// How far it has come.
    status: RefundStatus,
    /// How much goes back.
    amount: Money,
    /// What the buyer is told; null if they called the order off or something of it, if more came in than was owed, or if it came too late.
    reason: Option<String>,
    /// When it was decided.
    created_at: Time,
    #[graphql(skip)]
    part: Option<Id<model::OrderPart>>,
    /// Of a guest's order that is shown by its owner's token.
    #[graphql(skip)]
    opened: Option<Arc<Opened>>,
}

impl From<Row> for Refund {
    fn from(row: Row) -> Self {
        let amount = row.money().into();
        let part = row.part_id.map(Id::from_uuid);
        let Row { id, status, reason, created_at, .. } = row;
        Self { id, status, amount, reason, created_at, part, opened: None }
    }
}

impl Refund {
    /// One of a guest's order, for who has the owner's token.
    pub(super) fn opened(row: Row, opened: &Arc<Opened>) -> Self {
        Self { opened: Some(Arc::clone(opened)), ..row.into() }
    }
}

#[ComplexObject]
impl Refund {
    /// The part of the order at whose shop's cost it is; null if more came in than was owed, or it came too late.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        let Some(part) = self.part else { return Ok(None) };
        if let Some(opened) = &self.opened {
            return Ok(part_of(opened, part));
        }
        Ok(ctx.loader().load_one(PartById(part)).await?.map(Into::into))
    }
}

/// What to give back.
#[derive(InputObject)]
pub struct RefundOrderPartInput {
    /// Which part of an order.
    order_part_id: Id<model::OrderPart>,
    /// How much; everything that is left of the part's total if absent.
    amount: Option<MoneyInput>,
    /// What the buyer is told, 1 to 500 characters.
    reason: String,
    /// 1 to 255 characters that name this very intent. A repeat is the same refund. Kept for 30 days.
    idempotency_key: String,
}

/// What `refundOrderPart` answers.
#[derive(SimpleObject)]
pub struct RefundOrderPartPayload {
    /// The refunds: one, or one for each of the payments that brought the money.
    refunds: Vec<Refund>,
    /// The part.
    order_part: Option<OrderPart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which refund to try again.
#[derive(InputObject)]
pub struct RetryRefundInput {
    /// One that has failed, or had no answer.
    refund_id: Id<Row>,
}

/// What `retryRefund` answers.
#[derive(SimpleObject)]
pub struct RetryRefundPayload {
    /// The refund.
    refund: Option<Refund>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn load(ctx: &Context<'_>, id: Id<Row>) -> WireResult<Option<Refund>> {
    Ok(ctx.loader().load_one(RefundById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct RefundsMutation;

#[Object]
impl RefundsMutation {
    /// Gives back some of what a part of a paid order cost, at most 50 times, or all that is left. What it brought the shop is taken back from there, and
    /// the market gives back its share: a shop gives back what its balance covers, the staff may give back more. Goods stay where they are.
    /// For owners and managers of the shop, and the market's staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ORDER_NOT_REFUNDABLE`, `BALANCE_TOO_LOW`, `REFUND_STEP`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `TOO_MANY`, `BLANK`,
    /// `TOO_LONG`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn refund_order_part(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to give back.")] input: RefundOrderPartInput,
    ) -> WireResult<RefundOrderPartPayload> {
        let amount = input.amount.map(money::Money::try_from).transpose()?;
        let wanted = RefundPart { part: input.order_part_id, amount, reason: input.reason };
        let result = service::refund_part(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (ids, user_errors) = answer(ctx, result).await?;
        let mut payload = RefundOrderPartPayload { refunds: Vec::new(), order_part: None, user_errors };
        if let Some(ids) = ids {
            for id in ids {
                payload.refunds.extend(load(ctx, id).await?);
            }
            payload.order_part = ctx.loader().load_one(PartById(input.order_part_id)).await?.map(Into::into);
        }
        Ok(payload)
    }

    /// Has a refund tried again that the provider could not carry out, or about which it did not answer. For whoever may give money back.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `REFUND_NOT_FAILED`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn retry_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund.")] input: RetryRefundInput,
    ) -> WireResult<RetryRefundPayload> {
        let result = service::retry_refund(ctx.app(), ctx.caller(), input.refund_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let refund = match id {
            Some(id) => load(ctx, id).await?,
            None => None,
        };
        Ok(RetryRefundPayload { refund, user_errors })
    }
}
