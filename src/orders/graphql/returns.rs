//! Sending back what has arrived, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::{OrderEvent, OrderLine, OrderPart};
use crate::{
    kernel::{id::Id, money, page::PageArgs},
    orders::{
        loaders::{PartById, ReturnById, StepsByOrder},
        model::{self, FullReturn, Pieces, ReturnReason, ReturnStatus},
        service::{self, ReceiveReturn, Received, RequestReturn},
    },
    platform::{
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, MoneyInput, SignedInOnly, Total, WireResult, list_size},
    },
    shops::model::Desk,
    user_errors::{UserError, answer},
};

/// Pieces of a part of an order that come back together. Whoever sees the part sees it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderReturn {
    /// Begins with `return_`.
    pub id: Id<model::Return>,
    /// How far it has come.
    status: ReturnStatus,
    /// To what somebody may move it next: the shop to `APPROVED`, `DECLINED` and `RECEIVED`, the buyer to `WITHDRAWN`. Nothing if it
    /// stays as it is.
    #[graphql(directive = list_size::apply(3))]
    next_statuses: Vec<ReturnStatus>,
    /// Why they come back.
    reason: ReturnReason,
    /// When the buyer asked for it.
    created_at: Time,
    #[graphql(skip)]
    order: Id<model::Order>,
    #[graphql(skip)]
    part: Id<model::OrderPart>,
    #[graphql(skip)]
    refunded: i64,
    #[graphql(skip)]
    contents: Vec<model::ReturnLine>,
}

impl From<FullReturn> for OrderReturn {
    fn from(found: FullReturn) -> Self {
        let FullReturn { row, order, lines } = found;
        Self {
            id: row.id,
            next_statuses: row.status.next().to_vec(),
            status: row.status,
            reason: row.reason,
            created_at: row.created_at,
            order,
            part: row.part_id,
            refunded: row.refunded,
            contents: lines,
        }
    }
}

/// Pieces of a line that come back.
#[derive(SimpleObject)]
pub struct OrderReturnLine {
    /// The line of the order.
    order_line: OrderLine,
    /// How many of it are to come back.
    quantity: i32,
    /// How many of these have come.
    quantity_received: i32,
    /// How many of these went back into stock.
    quantity_restocked: i32,
}

#[ComplexObject]
impl OrderReturn {
    /// The part of the order that it is of.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        Ok(ctx.loader().load_one(PartById(self.part)).await?.map(Into::into))
    }

    /// What went back for it, or goes back.
    async fn amount_refunded(&self, ctx: &Context<'_>) -> WireResult<Option<Money>> {
        let part = ctx.loader().load_one(PartById(self.part)).await?;
        Ok(part.map(|part| money::Money::new(self.refunded, part.order.order.currency).into()))
    }

    /// What it consists of, at most 200 lines.
    #[graphql(directive = list_size::apply(5))]
    async fn lines(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderReturnLine>> {
        let Some(part) = ctx.loader().load_one(PartById(self.part)).await? else { return Ok(Vec::new()) };
        let currency = part.order.order.currency;
        let line = |content: &model::ReturnLine| {
            let line = part.lines.iter().find(|line| line.id == content.line_id)?.clone();
            Some(OrderReturnLine {
                order_line: OrderLine::new(line, currency),
                quantity: content.quantity,
                quantity_received: content.received,
                quantity_restocked: content.restocked,
            })
        };
        Ok(self.contents.iter().filter_map(line).collect())
    }

    /// What happened to it, oldest first, and what was said about it.
    #[graphql(directive = list_size::apply(3))]
    async fn timeline(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderEvent>> {
        about(ctx, self.order, self.id.uuid()).await
    }
}

/// What happened to something of an order.
pub(super) async fn about(ctx: &Context<'_>, order: Id<model::Order>, id: Uuid) -> WireResult<Vec<OrderEvent>> {
    let steps = ctx.loader().load_one(StepsByOrder(order)).await?.unwrap_or_default();
    Ok(steps.into_iter().filter(|step| step.about_id == Some(id)).map(Into::into).collect())
}

/// Some pieces of a line that has arrived.
#[derive(InputObject)]
pub struct ReturnPiecesInput {
    /// One of the part's lines.
    order_line_id: Id<model::OrderLine>,
    /// How many: 1 up to as many as have arrived and are not coming back already.
    quantity: i32,
}

/// What to send back, and why.
#[derive(InputObject)]
pub struct RequestReturnInput {
    /// A part of one of your orders.
    order_part_id: Id<model::OrderPart>,
    /// Which pieces, each line once; everything that can come back if absent.
    lines: Option<Vec<ReturnPiecesInput>>,
    /// Why.
    reason: ReturnReason,
    /// What the shop is told, 1 to 1,000 characters. Whoever sees the part reads it.
    note: Option<String>,
    /// 1 to 255 characters that name this very intent. A repeat is the same return. Kept for 30 days.
    idempotency_key: String,
}

/// What `requestReturn` answers.
#[derive(SimpleObject)]
pub struct RequestReturnPayload {
    /// The return.
    order_return: Option<OrderReturn>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which return to approve.
#[derive(InputObject)]
pub struct ApproveReturnInput {
    /// One of a shop that you work for.
    return_id: Id<model::Return>,
    /// What the buyer is told, such as where to send it, 1 to 1,000 characters.
    message: String,
}

/// What `approveReturn` answers.
#[derive(SimpleObject)]
pub struct ApproveReturnPayload {
    /// The return.
    order_return: Option<OrderReturn>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which return to decline.
#[derive(InputObject)]
pub struct DeclineReturnInput {
    /// One of a shop that you work for.
    return_id: Id<model::Return>,
    /// What the buyer is told, 1 to 1,000 characters.
    message: String,
}

/// What `declineReturn` answers.
#[derive(SimpleObject)]
pub struct DeclineReturnPayload {
    /// The return.
    order_return: Option<OrderReturn>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which return to withdraw.
#[derive(InputObject)]
pub struct WithdrawReturnInput {
    /// One of yours.
    return_id: Id<model::Return>,
}

/// What `withdrawReturn` answers.
#[derive(SimpleObject)]
pub struct WithdrawReturnPayload {
    /// The return.
    order_return: Option<OrderReturn>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Pieces of a line that came back.
#[derive(InputObject)]
pub struct ReceivedPiecesInput {
    /// One of the return's lines.
    order_line_id: Id<model::OrderLine>,
    /// How many came: 1 up to as many as were to come.
    quantity: i32,
    /// How many of them go back into stock: 0 up to as many as came.
    #[graphql(default)]
    quantity_restocked: i32,
}

/// What came back, and what becomes of it.
#[derive(InputObject)]
pub struct ReceiveReturnInput {
    /// One of a shop that you work for.
    return_id: Id<model::Return>,
    /// What came, each line once; everything that was to come if absent, none of it into stock.
    lines: Option<Vec<ReceivedPiecesInput>>,
    /// What goes back to the buyer, 0 up to what is left of the part's total. What the pieces cost if absent, or what is left of the part's
    /// total if that is less: say how much if something went back for these pieces before, or while the bank of whoever paid has the money.
    amount: Option<MoneyInput>,
    /// What the buyer is told, 1 to 1,000 characters.
    message: String,
    /// 1 to 255 characters that name this very intent. Kept for 30 days.
    idempotency_key: String,
}

/// What `receiveReturn` answers.
#[derive(SimpleObject)]
pub struct ReceiveReturnPayload {
    /// The return.
    order_return: Option<OrderReturn>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::Return>>) -> WireResult<Option<OrderReturn>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(ReturnById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct ReturnsMutation;

#[Object]
impl ReturnsMutation {
    /// Asks a shop to take back what has arrived of one of your orders, as long after that as the market allows.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_RETURNABLE`, `OUT_OF_RANGE`, `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`,
    /// `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn request_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send back, and why.")] input: RequestReturnInput,
    ) -> WireResult<RequestReturnPayload> {
        let pieces = input.lines.map(|lines| {
            lines.into_iter().map(|line| Pieces { line: line.order_line_id, quantity: line.quantity }).collect()
        });
        let wanted = RequestReturn { part: input.order_part_id, pieces, reason: input.reason, note: input.note };
        let result = service::request_return(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(RequestReturnPayload { order_return: load(ctx, id).await?, user_errors })
    }

    /// Lets a buyer send something back. For owners and managers of the shop, and the market's staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TRANSITION_NOT_ALLOWED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly")]
    async fn approve_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ApproveReturnInput,
    ) -> WireResult<ApproveReturnPayload> {
        let wanted = (input.return_id, ReturnStatus::Approved);
        let result = service::answer_return(ctx.app(), ctx.caller(), wanted, &input.message).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ApproveReturnPayload { order_return: load(ctx, id).await?, user_errors })
    }

    /// Does not take something back, or not any more if it never came. For owners and managers of the shop, and the market's
    /// staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TRANSITION_NOT_ALLOWED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly")]
    async fn decline_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeclineReturnInput,
    ) -> WireResult<DeclineReturnPayload> {
        let wanted = (input.return_id, ReturnStatus::Declined);
        let result = service::answer_return(ctx.app(), ctx.caller(), wanted, &input.message).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(DeclineReturnPayload { order_return: load(ctx, id).await?, user_errors })
    }

    /// Withdraws one of your returns: you keep what you have.
    ///
    /// Codes: `NOT_FOUND`, `TRANSITION_NOT_ALLOWED`.
    #[graphql(guard = "SignedInOnly")]
    async fn withdraw_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawReturnInput,
    ) -> WireResult<WithdrawReturnPayload> {
        let result = service::withdraw_return(ctx.app(), ctx.caller(), input.return_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(WithdrawReturnPayload { order_return: load(ctx, id).await?, user_errors })
    }

    /// Notes what of an approved return has come back. It goes into stock or not, as you say, and what it cost goes back to the
    /// buyer, as far as the shop's balance covers it: else the staff receive it. For owners and managers of the shop, and the market's staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TRANSITION_NOT_ALLOWED`, `ORDER_NOT_REFUNDABLE`, `BALANCE_TOO_LOW`, `REFUND_STEP`, `OUT_OF_RANGE`,
    /// `CURRENCY_MISMATCH`, `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn receive_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came back.")] input: ReceiveReturnInput,
    ) -> WireResult<ReceiveReturnPayload> {
        let amount = input.amount.map(money::Money::try_from).transpose()?;
        let received = |line: ReceivedPiecesInput| Received {
            pieces: Pieces { line: line.order_line_id, quantity: line.quantity },
            restocked: line.quantity_restocked,
        };
        let lines = input.lines.map(|lines| lines.into_iter().map(received).collect());
        let wanted = ReceiveReturn { id: input.return_id, lines, amount, message: input.message };
        let result = service::receive_return(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ReceiveReturnPayload { order_return: load(ctx, id).await?, user_errors })
    }
}

/// The returns' part of a shop's desk.
pub struct ReturnsDesk(Desk);

impl From<&Desk> for ReturnsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl ReturnsDesk {
    /// What comes back to the shop, newest first; null if your role does not see orders.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn returns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Only those that have come so far.")] status: Option<ReturnStatus>,
    ) -> WireResult<Option<List<OrderReturn>>> {
        let (app, shop) = (ctx.app().clone(), self.0.shop.id);
        let list = ("desk returns", shop, status);
        let listing = Listing::<(Time, Uuid)>::new(list, &PageArgs { first, after, last, before })?;
        let Some(rows) = service::returns_of_shop(&app, &self.0, status, listing.page.clone()).await? else {
            return Ok(None);
        };
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_returns_of_shop(&app, shop, status, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.connection(rows, |found| (found.row.created_at, found.row.id.uuid()), Into::into, total)))
    }
}
