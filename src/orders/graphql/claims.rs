//! Complaints, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::{OrderEvent, OrderPart, returns::about};
use crate::{
    kernel::{id::Id, money, page::PageArgs},
    orders::{
        loaders::{ClaimById, PartById},
        model::{self, ClaimDecision, ClaimKind, ClaimStatus, FullClaim},
        service::{self, AnswerClaim, DecideClaim, OpenClaim},
    },
    platform::{
        caller::StaffPermission,
        clock::Time,
        gql::{
            Ask, COUNT_LIMIT, List, Listing, Money, MoneyInput, SignedInOnly, StaffOnly, Total, WireResult, list_size,
        },
    },
    shops::model::Desk,
    user_errors::{UserError, answer},
};

/// A complaint of a buyer about a part of an order. Whoever sees the part sees it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Claim {
    /// Begins with `claim_`.
    pub id: Id<model::Claim>,
    /// What the buyer complains of.
    kind: ClaimKind,
    /// How far it has come.
    status: ClaimStatus,
    /// To what somebody may move it next: the shop to `ANSWERED`, the buyer to `ESCALATED` and `CLOSED`, the market's staff to
    /// `DECIDED`. Nothing if it stays as it is.
    #[graphql(directive = list_size::apply(3))]
    next_statuses: Vec<ClaimStatus>,
    /// What the buyer wants back.
    amount: Money,
    /// What of the part has gone back while it was open, or goes back; the claim is closed once that is all that is wanted.
    amount_refunded: Money,
    /// What the market's staff have decided; null unless they have.
    decision: Option<ClaimDecision>,
    /// When it goes on by itself: without an answer of the shop to the market's staff, with one to its end. Null if it does not.
    due_at: Option<Time>,
    /// When the buyer opened it.
    created_at: Time,
    #[graphql(skip)]
    order: Id<model::Order>,
    #[graphql(skip)]
    part: Id<model::OrderPart>,
}

impl From<FullClaim> for Claim {
    fn from(found: FullClaim) -> Self {
        let FullClaim { row, order } = found;
        Self {
            id: row.id,
            kind: row.kind,
            amount: money::Money::new(row.amount, row.currency).into(),
            amount_refunded: money::Money::new(row.refunded, row.currency).into(),
            next_statuses: row.status.next().to_vec(),
            status: row.status,
            decision: row.decision,
            due_at: row.due_at,
            created_at: row.created_at,
            order,
            part: row.part_id,
        }
    }
}

#[ComplexObject]
impl Claim {
    /// The part of the order that it is about.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        Ok(ctx.loader().load_one(PartById(self.part)).await?.map(Into::into))
    }

    /// What happened to it, oldest first, and what was said about it.
    #[graphql(directive = list_size::apply(3))]
    async fn timeline(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderEvent>> {
        about(ctx, self.order, self.id.uuid()).await
    }
}

/// What to complain of.
#[derive(InputObject)]
pub struct OpenClaimInput {
    /// A part of one of your orders.
    order_part_id: Id<model::OrderPart>,
    /// What is wrong.
    kind: ClaimKind,
    /// What you want back, up to what is left of the part's total; all of it if absent.
    amount: Option<MoneyInput>,
    /// What the shop is told, and the market's staff, 1 to 1,000 characters. Whoever sees the part reads it.
    message: String,
    /// 1 to 255 characters that name this very intent. A repeat is the same claim. Kept for 30 days.
    idempotency_key: String,
}

/// What `openClaim` answers.
#[derive(SimpleObject)]
pub struct OpenClaimPayload {
    /// The claim.
    claim: Option<Claim>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to say about a claim.
#[derive(InputObject)]
pub struct AnswerClaimInput {
    /// One about a shop that you work for.
    claim_id: Id<model::Claim>,
    /// What the buyer is told, 1 to 1,000 characters.
    message: String,
    /// What goes back to the buyer at once, up to what is left of the part's total; nothing if absent.
    amount: Option<MoneyInput>,
    /// 1 to 255 characters that name this very intent. Kept for 30 days.
    idempotency_key: String,
}

/// What `answerClaim` answers.
#[derive(SimpleObject)]
pub struct AnswerClaimPayload {
    /// The claim.
    claim: Option<Claim>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// On which claim the market's staff are to decide.
#[derive(InputObject)]
pub struct EscalateClaimInput {
    /// One of yours.
    claim_id: Id<model::Claim>,
    /// What you think of the shop's answer, 1 to 1,000 characters.
    message: Option<String>,
}

/// What `escalateClaim` answers.
#[derive(SimpleObject)]
pub struct EscalateClaimPayload {
    /// The claim.
    claim: Option<Claim>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which claim to withdraw.
#[derive(InputObject)]
pub struct WithdrawClaimInput {
    /// One of yours.
    claim_id: Id<model::Claim>,
}

/// What `withdrawClaim` answers.
#[derive(SimpleObject)]
pub struct WithdrawClaimPayload {
    /// The claim.
    claim: Option<Claim>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to decide on a claim.
#[derive(InputObject)]
pub struct DecideClaimInput {
    /// Which one.
    claim_id: Id<model::Claim>,
    /// Who is right.
    decision: ClaimDecision,
    /// If the buyer is: what goes back, up to what is left of the part's total; what they want and have not got yet if absent.
    amount: Option<MoneyInput>,
    /// What both are told, 1 to 1,000 characters.
    reason: String,
    /// 1 to 255 characters that name this very intent. Kept for 30 days.
    idempotency_key: String,
}

/// What `decideClaim` answers.
#[derive(SimpleObject)]
pub struct DecideClaimPayload {
    /// The claim.
    claim: Option<Claim>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::Claim>>) -> WireResult<Option<Claim>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(ClaimById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct ClaimsMutation;

#[Object]
impl ClaimsMutation {
    /// Complains about a part of one of your orders that is paid: to its shop, and if that is not enough, to the market's staff.
    /// Something that was not sent can be missed after 7 days, and nothing can be claimed after 180. One claim about a part is
    /// open at a time.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_CLAIMABLE`, `CLAIM_OPEN`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `BLANK`, `TOO_LONG`,
    /// `TOO_MANY`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn open_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wrong.")] input: OpenClaimInput,
    ) -> WireResult<OpenClaimPayload> {
        let amount = input.amount.map(money::Money::try_from).transpose()?;
        let wanted = OpenClaim { part: input.order_part_id, kind: input.kind, amount, message: input.message };
        let result = service::open_claim(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(OpenClaimPayload { claim: load(ctx, id).await?, user_errors })
    }

    /// Answers a claim about your shop, once, and gives money back with it if you want to. If all that is wanted has gone
    /// back, the claim is closed. What your balance does not cover, you cannot give back: answer without money, and the staff may decide. For
    /// owners and managers of the shop.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TRANSITION_NOT_ALLOWED`, `ORDER_NOT_REFUNDABLE`, `BALANCE_TOO_LOW`, `REFUND_STEP`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `BLANK`,
    /// `TOO_LONG`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn answer_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to say.")] input: AnswerClaimInput,
    ) -> WireResult<AnswerClaimPayload> {
        let amount = input.amount.map(money::Money::try_from).transpose()?;
        let wanted = AnswerClaim { id: input.claim_id, message: input.message, amount };
        let result = service::answer_claim(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(AnswerClaimPayload { claim: load(ctx, id).await?, user_errors })
    }

    /// Has the market's staff decide on one of your claims, once its shop has answered. Without an answer they do so by
    /// themselves, after 3 days.
    ///
    /// Codes: `NOT_FOUND`, `TRANSITION_NOT_ALLOWED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly")]
    async fn escalate_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: EscalateClaimInput,
    ) -> WireResult<EscalateClaimPayload> {
        let message = input.message.as_deref();
        let result = service::escalate_claim(ctx.app(), ctx.caller(), input.claim_id, message).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(EscalateClaimPayload { claim: load(ctx, id).await?, user_errors })
    }

    /// Ends one of your claims: you ask for nothing more. 7 days after the shop's answer it ends by itself.
    ///
    /// Codes: `NOT_FOUND`, `TRANSITION_NOT_ALLOWED`.
    #[graphql(guard = "SignedInOnly")]
    async fn withdraw_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawClaimInput,
    ) -> WireResult<WithdrawClaimPayload> {
        let result = service::withdraw_claim(ctx.app(), ctx.caller(), input.claim_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(WithdrawClaimPayload { claim: load(ctx, id).await?, user_errors })
    }

    /// Decides on a claim that has come to the market. If the buyer is right, money goes back at the shop's cost. For the staff.
    ///
    /// Nobody decides who is the buyer, or works for the shop.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TRANSITION_NOT_ALLOWED`, `ORDER_NOT_REFUNDABLE`, `REFUND_STEP`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `BLANK`,
    /// `TOO_LONG`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::RefundOrders)")]
    async fn decide_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to decide.")] input: DecideClaimInput,
    ) -> WireResult<DecideClaimPayload> {
        let amount = input.amount.map(money::Money::try_from).transpose()?;
        let wanted = DecideClaim { id: input.claim_id, decision: input.decision, amount, reason: input.reason };
        let result = service::decide_claim(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(DecideClaimPayload { claim: load(ctx, id).await?, user_errors })
    }
}

fn time_key(found: &FullClaim) -> (Time, Uuid) {
    (found.row.created_at, found.row.id.uuid())
}

/// The claims' part of a shop's desk.
pub struct ClaimsDesk(Desk);

impl From<&Desk> for ClaimsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl ClaimsDesk {
    /// What buyers complain of about the shop, newest first; null if your role does not see orders.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn claims(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Only those that have come so far.")] status: Option<ClaimStatus>,
    ) -> WireResult<Option<List<Claim>>> {
        let (app, desk) = (ctx.app().clone(), self.0.clone());
        let list = ("desk claims", desk.shop.id, status);
        let listing = Listing::<(Time, Uuid)>::new(list, &PageArgs { first, after, last, before })?;
        let Some(rows) = service::claims_about(&app, &desk, status, listing.page.clone()).await? else {
            return Ok(None);
        };
        let total = Total::new(move || {
            let (app, desk) = (app.clone(), desk.clone());
            async move { service::count_claims_about(&app, &desk, status, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.connection(rows, time_key, Into::into, total)))
    }
}

/// The claims' part of the staff's side.
#[derive(Default)]
pub struct StaffClaims;

#[Object]
impl StaffClaims {
    /// What buyers complain of, newest first: what the staff are to decide on, if nothing else is said. `last` has those that were opened
    /// first.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOrders)")]
    async fn claims(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "How far they have come.", default_with = "ClaimStatus::Escalated")] status: ClaimStatus,
    ) -> WireResult<List<Claim>> {
        let app = ctx.app().clone();
        let listing = Listing::<(Time, Uuid)>::new(("claims", status), &PageArgs { first, after, last, before })?;
        let rows = service::claims_in(&app, status, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_claims_in(&app, status, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, time_key, Into::into, total))
    }
}
