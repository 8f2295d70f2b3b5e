//! What a shop has earned, on the wire.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use uuid::Uuid;

use super::{
    OrderPart, Refund,
    sales::{SalesReport, SalesReportGrouping, of_desk},
};
use crate::{
    kernel::{
        date::Date,
        id::Id,
        money::{CurrencyCode, Decimal},
        page::PageArgs,
        place::TimeZone,
        rate::Rate,
    },
    orders::{
        loaders::{AddedToPart, DisputedPart, PartById, RefundById},
        service,
    },
    payments::model::{Entry, TransferCause},
    payouts::{graphql::Payout, loaders::PayoutById},
    platform::{
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, Total, WireResult, cost, list_size},
    },
    shops::model::{Desk, Shop},
};

/// Money that came to a shop's account or left it. The account's balance is the sum of its entries. Only members of the shop
/// see it who see its money.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct LedgerEntry {
    /// How much came, or left if it is negative; never 0.
    amount: Money,
    /// Why.
    reason: TransferCause,
    /// When.
    created_at: Time,
    #[graphql(skip)]
    cause: Uuid,
    #[graphql(skip)]
    shop: Id<Shop>,
}

impl LedgerEntry {
    fn new(row: &Entry, shop: Id<Shop>) -> Self {
        Self { amount: row.amount.into(), reason: row.cause, created_at: row.created_at, cause: row.cause_id, shop }
    }

    fn refund_key(&self) -> RefundById {
        RefundById(Id::from_uuid(self.cause))
    }
}

#[ComplexObject]
impl LedgerEntry {
    /// The shop's part of the order that it is about; null for other reasons.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        let part = match self.reason {
            TransferCause::Sale | TransferCause::Tax | TransferCause::Commission => {
                let key = PartById(Id::from_uuid(self.cause));
                if let Some(part) = ctx.loader().load_one(key).await? {
                    return Ok(Some(part.into()));
                }
                ctx.loader().load_one(AddedToPart(self.cause)).await?.map(Id::uuid)
            }
            TransferCause::Refund | TransferCause::TaxReturned | TransferCause::CommissionReturned => {
                ctx.loader().load_one(self.refund_key()).await?.and_then(|refund| refund.part_id)
            }
            TransferCause::Dispute | TransferCause::DisputeReturned => {
                let key = DisputedPart(Id::from_uuid(self.cause), self.shop);
                ctx.loader().load_one(key).await?.map(Id::uuid)
            }
            TransferCause::Payment
            | TransferCause::Payout
            | TransferCause::PayoutReturned
            | TransferCause::ProviderFee => None,
        };
        let Some(part) = part else { return Ok(None) };
        Ok(ctx.loader().load_one(PartById(Id::from_uuid(part))).await?.map(Into::into))
    }

    /// The refund that it is about; null for other reasons.
    async fn refund(&self, ctx: &Context<'_>) -> WireResult<Option<Refund>> {
        match self.reason {
            TransferCause::Refund | TransferCause::TaxReturned | TransferCause::CommissionReturned => {
                Ok(ctx.loader().load_one(self.refund_key()).await?.map(Into::into))
            }
            TransferCause::Sale
            | TransferCause::Tax
            | TransferCause::Commission
            | TransferCause::Payment
            | TransferCause::Payout
            | TransferCause::PayoutReturned
            | TransferCause::Dispute
            | TransferCause::DisputeReturned
            | TransferCause::ProviderFee => Ok(None),
        }
    }

    /// The payout that it is about; null for other reasons.
    async fn payout(&self, ctx: &Context<'_>) -> WireResult<Option<Payout>> {
        if !matches!(self.reason, TransferCause::Payout | TransferCause::PayoutReturned) {
            return Ok(None);
        }
        Ok(ctx.loader().load_one(PayoutById(Id::from_uuid(self.cause))).await?.map(Into::into))
    }
}

/// The ledger's part of a shop's desk.
pub struct BooksDesk(Desk);

impl From<&Desk> for BooksDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl BooksDesk {
    /// What the market owes the shop, one amount per currency in which it has sold anything; negative if the shop owes it.
    /// Null if your role does not see money.
    #[graphql(directive = list_size::apply(2))]
    async fn balances(&self, ctx: &Context<'_>) -> WireResult<Option<Vec<Money>>> {
        let balances = service::shop_balances(ctx.app(), &self.0).await?;
        Ok(balances.map(|balances| balances.into_iter().map(Into::into).collect()))
    }

    /// The market's share of what the shop sells from now on, in percent. Null if your role does not see money.
    async fn commission_percent(&self, ctx: &Context<'_>) -> WireResult<Option<Decimal>> {
        Ok(service::shop_commission(ctx.app(), &self.0).await?.map(Rate::percent))
    }

    /// What the shop has sold, by the ledger. Null if your role does not see money.
    #[allow(clippy::too_many_arguments, reason = "a report has so many")]
    #[graphql(directive = cost::apply(50))]
    async fn sales_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day; at most 366 of them.")] until: Date,
        #[graphql(desc = "What each row is about.")] by: SalesReportGrouping,
        #[graphql(desc = "In which currency; the shop's own if absent.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "Where days begin and end; UTC if absent.")] time_zone: Option<TimeZone>,
    ) -> WireResult<Option<SalesReport>> {
        of_desk(ctx, &self.0, (from, until, time_zone), by, currency).await
    }

    /// What came to the shop's account and left it, newest first. Null if your role does not see money.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn ledger_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "In which currency; the shop's own if absent.")] currency: Option<CurrencyCode>,
    ) -> WireResult<Option<List<LedgerEntry>>> {
        let currency = currency.unwrap_or(self.0.shop.currency);
        let key = ("ledger", self.0.shop.id, currency.to_string());
        let listing = Listing::<(Time, Uuid)>::new(key, &PageArgs { first, after, last, before })?;
        let rows = service::shop_entries(ctx.app(), &self.0, currency, listing.page.clone()).await?;
        let Some(rows) = rows else { return Ok(None) };
        let (app, desk, shop) = (ctx.app().clone(), self.0.clone(), self.0.shop.id);
        let total = Total::new(move || {
            let (app, desk) = (app.clone(), desk.clone());
            async move { service::count_shop_entries(&app, &desk, currency, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.connection(rows, |row| (row.created_at, row.id), |row| LedgerEntry::new(&row, shop), total)))
    }
}
