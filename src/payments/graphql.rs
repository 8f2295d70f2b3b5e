//! Payments on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject, Union};
use uuid::Uuid;

use super::{
    loaders::{DisputesByPayment, FeeOfPayment, UnderWayOf},
    model::{
        Dispute, DisputeMoney, DisputeStatus, NextStep, PaymentFailureReason, PaymentIntent, PaymentStatus,
        StoredMethod, UnderWay,
    },
    service::{self, Means},
};
use crate::{
    kernel::{id::Id, money, page::PageArgs},
    orders::{
        self,
        graphql::Order,
        loaders::{OrderById, PaymentById},
    },
    platform::{
        caller::{Caller, StaffPermission},
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, SignedInOnly, StaffOnly, Total, WireResult, list_size},
    },
    user_errors::{UserError, answer},
};

/// Send the buyer to a page of the provider, which leads back to `returnUrl`.
#[derive(SimpleObject)]
pub struct RedirectAction {
    /// Where to send the buyer.
    url: String,
}

/// Go on in the provider's own library, with what it needs for that: it asks the buyer for what is missing. Then ask for the payment
/// again.
#[derive(SimpleObject)]
pub struct ProviderAction {
    /// Whose library, such as `stripe`.
    provider: String,
    /// By what the library speaks to the provider. It is no secret.
    publishable_key: String,
    /// By what the library knows the payment. Whoever has it goes on with it: keep it out of logs and URLs.
    client_secret: String,
}

/// What the buyer has to do before money can move. New types may appear at any time: keep a default branch.
#[derive(Union)]
pub enum PaymentAction {
    Redirect(RedirectAction),
    Provider(ProviderAction),
}

impl From<NextStep> for PaymentAction {
    fn from(step: NextStep) -> Self {
        match step {
            NextStep::Page { url } => Self::Redirect(RedirectAction { url }),
            NextStep::Library { provider, publishable_key, client_secret } => {
                Self::Provider(ProviderAction { provider: provider.to_owned(), publishable_key, client_secret })
            }
        }
    }
}

/// One attempt to pay one order. The order's buyer sees it, of a guest's order whoever has the owner's token, and the market's staff.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Payment {
    /// Begins with `payment_`.
    pub id: Id<PaymentIntent>,
    /// How far it has come.
    status: PaymentStatus,
    /// What it is about.
    amount: Money,
    /// What the buyer's bank has promised, and is not taken yet: 0 unless the status is `REQUIRES_CAPTURE`.
    amount_authorized: Money,
    /// What was taken: 0 until it is `SUCCEEDED`. It is less than the amount if something was called off before it was taken.
    amount_captured: Money,
    /// Until when the bank's promise is good, or was; null if there was none.
    authorized_until: Option<Time>,
    /// What of it goes back, or has gone back: see `amountRefundPending`.
    amount_refunded: Money,
    /// Who carries it out, such as `stripe`.
    provider: String,
    /// Why it failed; null unless it did.
    failure_reason: Option<PaymentFailureReason>,
    /// When it began.
    created_at: Time,
    #[graphql(skip)]
    row: Box<PaymentIntent>,
}

#[ComplexObject]
impl Payment {
    /// What the buyer has to do; null unless the status is `REQUIRES_ACTION`. It is for the buyer in person alone: others see null.
    async fn next_action(&self, ctx: &Context<'_>) -> WireResult<Option<PaymentAction>> {
        Ok(service::next_step(ctx.app(), &self.row)?.map(Into::into))
    }

    /// What is being taken of what the buyer's bank has promised: the provider is asked for it, and has not answered yet.
    async fn amount_capture_pending(&self, ctx: &Context<'_>) -> WireResult<Money> {
        Ok(self.money(self.under_way(ctx).await?.captured))
    }

    /// What of `amountRefunded` has not gone yet: it is on its way, or was tried in vain.
    async fn amount_refund_pending(&self, ctx: &Context<'_>) -> WireResult<Money> {
        Ok(self.money(self.under_way(ctx).await?.refunded))
    }

    /// By what name the provider knows it; null until it has told one, and unless you are of the market's staff.
    async fn provider_reference(&self, ctx: &Context<'_>) -> Option<String> {
        let reference = service::stripe::name_of(&self.row).map(str::to_owned);
        reference.filter(|_| ctx.caller().may(StaffPermission::ViewOrders))
    }

    /// What the provider keeps of it, whatever goes back of it later: the market's cost, in the currency in which the provider settles. Null
    /// until that is known, and unless you are of the market's staff.
    async fn provider_fee(&self, ctx: &Context<'_>) -> WireResult<Option<Money>> {
        Ok(ctx.loader().load_one(FeeOfPayment(self.id)).await?.map(|fee| fee.money().into()))
    }

    /// What the buyer's bank takes back of it, or wants to, newest first; at most 100. Null unless you are of the market's staff.
    #[graphql(directive = list_size::apply(1))]
    async fn disputes(&self, ctx: &Context<'_>) -> WireResult<Option<Vec<PaymentDispute>>> {
        let found = ctx.loader().load_one(DisputesByPayment(self.id)).await?;
        Ok(found.map(|disputes| disputes.into_iter().map(Into::into).collect()))
    }
}

impl Payment {
    async fn under_way(&self, ctx: &Context<'_>) -> WireResult<UnderWay> {
        Ok(ctx.loader().load_one(UnderWayOf(self.id)).await?.unwrap_or_default())
    }

    fn money(&self, minor: i64) -> Money {
        money::Money::new(minor, self.row.currency).into()
    }
}

/// A payment that the buyer's bank takes back, or wants to. Only the market's staff see it. What the market has to say to it is said to the
/// provider, on its own pages.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PaymentDispute {
    /// Begins with `dispute_`.
    pub id: Id<Dispute>,
    /// How far it has come.
    status: DisputeStatus,
    /// How much of the payment it is about.
    amount: Money,
    /// Whether the provider has taken the money, and not given it again.
    is_money_taken: bool,
    /// A word of the provider's for what the buyer complains of, such as `fraudulent`; null if it says none.
    reason: Option<String>,
    /// Until when the market has to say something to it; null if it has nothing to say.
    due_at: Option<Time>,
    /// When it became known.
    created_at: Time,
    #[graphql(skip)]
    payment: Id<PaymentIntent>,
    #[graphql(skip)]
    order: Id<orders::model::Order>,
}

#[ComplexObject]
impl PaymentDispute {
    /// The payment that it is about.
    async fn payment(&self, ctx: &Context<'_>) -> WireResult<Option<Payment>> {
        Ok(ctx.loader().load_one(PaymentById(self.payment)).await?.map(Into::into))
    }

    /// The order that was paid by it.
    async fn order(&self, ctx: &Context<'_>) -> WireResult<Option<Order>> {
        Ok(ctx.loader().load_one(OrderById(self.order)).await?.map(Into::into))
    }
}

impl From<Dispute> for PaymentDispute {
    fn from(row: Dispute) -> Self {
        Self {
            id: row.id,
            payment: row.intent_id,
            order: Id::from_uuid(row.order_id),
            status: row.status,
            amount: row.amount().into(),
            is_money_taken: row.money == DisputeMoney::Taken,
            due_at: row.due_by.filter(|_| row.status == DisputeStatus::NeedsResponse),
            created_at: row.created_at,
            reason: row.reason,
        }
    }
}

impl From<PaymentIntent> for Payment {
    fn from(row: PaymentIntent) -> Self {
        let money = |minor| money::Money::new(minor, row.currency).into();
        let captured = if row.status == PaymentStatus::Succeeded { row.brought() } else { 0 };
        Self {
            id: row.id,
            status: row.status,
            amount: money(row.amount),
            amount_authorized: money(row.authorized()),
            amount_captured: money(captured),
            authorized_until: row.authorized_until,
            amount_refunded: money(row.refunded),
            provider: row.provider.clone(),
            failure_reason: row.failure.filter(|_| row.status == PaymentStatus::Failed),
            created_at: row.created_at,
            row: Box::new(row),
        }
    }
}

/// How to pay: exactly one of the fields. More ways may be added.
#[derive(OneofObject)]
pub enum PaymentMethodInput {
    /// What the provider's own form gave the client for the card or account: never a card number. Stripe takes the name of a
    /// payment method, `pm_…`; the test provider takes
    /// `test_succeeds`, `test_declines` (or `test_declines_1`, another card), `test_requires_action`, `test_is_unheard`, `test_times_out`, `test_is_lost`, `test_keeps`,
    /// `test_keeps_silent`, `test_is_disputed`, `test_is_told_late`, `test_is_told_twice`, `test_is_told_in_reverse`, `test_capture_fails` and
    /// `test_capture_silent`.
    Token(String),
    /// One of `viewer.paymentMethods`, for whoever is signed in.
    StoredId(Id<StoredMethod>),
}

impl PaymentMethodInput {
    /// By what is paid, and whether that is to be kept.
    pub fn means(self, is_to_be_kept: bool) -> Means {
        match self {
            Self::Token(method) if is_to_be_kept => Means::ToKeep(method),
            Self::Token(method) => Means::Token(method),
            Self::StoredId(id) => Means::Kept(id),
        }
    }
}

/// A way to pay that you keep with the market's provider, as that tells of it: no number of it is here. Only you see it.
#[derive(SimpleObject)]
pub struct StoredPaymentMethod {
    /// Begins with `paymethod_`.
    pub id: Id<StoredMethod>,
    /// A word of the provider's, such as `visa` or `sepa_debit`; null if it says none.
    brand: Option<String>,
    /// The last characters of its number, four at the most, to tell it from others; null if the provider says none.
    last4: Option<String>,
    /// The last month in which it is good, 1 to 12; null if it does not expire.
    expiry_month: Option<i32>,
    /// The year of that month, such as 2034; null if it does not expire.
    expiry_year: Option<i32>,
    /// When it was kept.
    created_at: Time,
}

impl From<StoredMethod> for StoredPaymentMethod {
    fn from(row: StoredMethod) -> Self {
        let StoredMethod { id, brand, last4, expiry_month, expiry_year, created_at, .. } = row;
        let (expiry_month, expiry_year) = (expiry_month.map(i32::from), expiry_year.map(i32::from));
        Self { id, brand, last4, expiry_month, expiry_year, created_at }
    }
}

/// The payments' part of the viewer.
pub struct PaymentMethodsViewer(pub Caller);

#[Object]
impl PaymentMethodsViewer {
    /// The ways to pay that you keep, the newest first; at most 20. `payOrder` keeps one with `storeMethod`, and takes one by its id.
    async fn payment_methods(&self, ctx: &Context<'_>) -> WireResult<Vec<StoredPaymentMethod>> {
        let methods = service::stored_methods(ctx.app(), &self.0).await?;
        Ok(methods.into_iter().map(Into::into).collect())
    }
}

/// Which way to pay to keep no longer.
#[derive(InputObject)]
pub struct DeletePaymentMethodInput {
    /// One of yours.
    payment_method_id: Id<StoredMethod>,
}

/// What `deletePaymentMethod` answers.
#[derive(SimpleObject)]
pub struct DeletePaymentMethodPayload {
    /// The id of what is gone, for caches.
    deleted_payment_method_id: Option<Id<StoredMethod>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct PaymentMethodsMutation;

#[Object]
impl PaymentMethodsMutation {
    /// Keeps a way to pay no longer: nothing can be paid by it from now on, and the provider lets it go, too. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeletePaymentMethodInput,
    ) -> WireResult<DeletePaymentMethodPayload> {
        let result = service::remove_method(ctx.app(), ctx.caller(), input.payment_method_id).await;
        let (deleted, user_errors) = answer(ctx, result).await?;
        let deleted_payment_method_id = deleted.map(|()| input.payment_method_id);
        Ok(DeletePaymentMethodPayload { deleted_payment_method_id, user_errors })
    }
}

/// The disputes' part of the staff's side.
#[derive(Default)]
pub struct StaffDisputes;

#[Object]
impl StaffDisputes {
    /// What banks of buyers take back, or want to, by until when the market has to say something to it, the soonest first: what waits for that, if nothing
    /// else is said. What has no such time stands last.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOrders)")]
    async fn disputes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "How far they have come.", default_with = "DisputeStatus::NeedsResponse")]
        status: DisputeStatus,
    ) -> WireResult<List<PaymentDispute>> {
        let app = ctx.app().clone();
        let listing = Listing::<(Time, Uuid)>::new(("disputes", status), &PageArgs { first, after, last, before })?;
        let rows = service::disputes_in(&app, status, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_disputes_in(&app, status, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, Dispute::place, Into::into, total))
    }
}
