//! Payouts on the wire: at the desk of the shop that gets them, and nowhere else.

mod mutations;
mod statement;

pub use self::{mutations::*, statement::*};

use async_graphql::{Context, Object, SimpleObject};

use super::{
    model::{self, Month, PayoutAccountStatus, PayoutKey, PayoutRequirement, PayoutStatus},
    service,
};
use crate::{
    kernel::{
        date::Date,
        id::Id,
        money::{self, CurrencyCode},
        page::PageArgs,
        place::TimeZone,
    },
    payments::model::PayoutFailureReason,
    platform::{
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, Total, WireResult, cost, list_size},
    },
    shops::model::Desk,
};

/// Money that leaves the market for a shop. Only members of the shop see it who see its money.
#[derive(Debug, Clone, SimpleObject)]
pub struct Payout {
    /// Begins with `payout_`.
    pub id: Id<model::Payout>,
    /// How much.
    amount: Money,
    /// How far it has come.
    status: PayoutStatus,
    /// Why it failed; null unless it did.
    failure_reason: Option<PayoutFailureReason>,
    /// When it was made.
    created_at: Time,
}

impl From<model::Payout> for Payout {
    fn from(row: model::Payout) -> Self {
        Self {
            id: row.id,
            amount: row.money().into(),
            status: row.status,
            failure_reason: row.failure,
            created_at: row.created_at,
        }
    }
}

/// Where a shop's money goes.
#[derive(SimpleObject)]
pub struct PayoutAccount {
    /// Whether anything is paid out.
    status: PayoutAccountStatus,
    /// What is missing; at most 10. Empty if the status is `ENABLED`.
    #[graphql(directive = list_size::apply(1))]
    requirements: Vec<PayoutRequirement>,
}

impl From<Option<model::PayoutAccount>> for PayoutAccount {
    fn from(row: Option<model::PayoutAccount>) -> Self {
        let (status, requirement) = match row.map(|row| (row.status, row.requirement)) {
            Some((PayoutAccountStatus::Enabled, _)) => (PayoutAccountStatus::Enabled, None),
            Some((status, requirement)) => (status, Some(requirement.unwrap_or(PayoutRequirement::AnotherAccount))),
            None => (PayoutAccountStatus::Requirements, Some(PayoutRequirement::Onboarding)),
        };
        Self { status, requirements: requirement.into_iter().collect() }
    }
}

/// What would be paid out next if nothing more moved.
#[derive(SimpleObject)]
pub struct NextPayout {
    /// How much; zero if nothing is payable.
    amount: Money,
    /// What must not leave yet: what orders have brought that were paid or sent lately, of which not all is sent yet, or about which a claim,
    /// a return or a dispute is open.
    held: Money,
    /// Zero or less: what the shop owes the market. What it earns makes up for it before anything is paid out.
    carried_over: Money,
    /// The earliest day on which it is made, in UTC: not before the payout account was named 3 days ago. Null if nothing is payable, the account is
    /// not ready, or a shop of whoever named it owes the market something, in whatever currency.
    date: Option<Date>,
}

impl From<model::NextPayout> for NextPayout {
    fn from(next: model::NextPayout) -> Self {
        let money = |minor| money::Money::new(minor, next.currency).into();
        Self {
            amount: money(next.standing.payable()),
            held: money(next.standing.held),
            carried_over: money(next.standing.carried_over()),
            date: next.day,
        }
    }
}

/// The payouts' part of a shop's desk.
pub struct PayoutsDesk(Desk);

impl From<&Desk> for PayoutsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl PayoutsDesk {
    /// Where the shop's money goes, and what is missing for that. Null if your role does not see money.
    async fn payout_account(&self, ctx: &Context<'_>) -> WireResult<Option<PayoutAccount>> {
        Ok(service::account(ctx.app(), &self.0).await?.map(Into::into))
    }

    /// What was paid out to the shop, or is on its way, newest first. Null if your role does not see money.
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<Option<List<Payout>>> {
        let list = ("payouts", self.0.shop.id);
        let listing = Listing::<PayoutKey>::new(list, &PageArgs { first, after, last, before })?;
        let rows = service::payouts(ctx.app(), &self.0, listing.page.clone()).await?;
        let Some(rows) = rows else { return Ok(None) };
        let (app, desk) = (ctx.app().clone(), self.0.clone());
        let total = Total::new(move || {
            let (app, desk) = (app.clone(), desk.clone());
            async move { service::count_payouts(&app, &desk, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.connection(rows, |row| (row.created_at, row.id), Payout::from, total)))
    }

    /// What would be paid out next. Null if your role does not see money.
    #[graphql(directive = cost::apply(10))]
    async fn next_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which currency; the shop's own if absent.")] currency: Option<CurrencyCode>,
    ) -> WireResult<Option<NextPayout>> {
        let currency = currency.unwrap_or(self.0.shop.currency);
        Ok(service::next_payout(ctx.app(), &self.0, currency).await?.map(Into::into))
    }

    /// What moved on the shop's account in a month, by the ledger; nothing before the shop was opened. Null if your role does not see money.
    #[graphql(directive = cost::apply(50))]
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any day of the month.")] month: Date,
        #[graphql(desc = "In which currency; the shop's own if absent.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "Where the month begins and ends; UTC if absent.")] time_zone: Option<TimeZone>,
    ) -> WireResult<Option<ShopStatement>> {
        let month = Month::of(month, time_zone.unwrap_or(TimeZone::UTC));
        let currency = currency.unwrap_or(self.0.shop.currency);
        Ok(service::statement(ctx.app(), &self.0, month, currency).await?.map(Into::into))
    }
}
