//! What members of a shop see of its payouts, if their role sees money.

use super::account::{is_barred, usable_account};
use crate::{
    kernel::{
        date::Date,
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        page::{Page, Slice},
    },
    payments::service::provider::{self, Provider},
    payouts::{
        model::{Entries, Month, NextPayout, Payout, PayoutKey, Statement},
        queries,
    },
    platform::{app::App, db::Conn},
    shops::model::{Desk, Permission, Shop},
};

/// The shop whose money a member sees.
pub(super) fn seen_by(desk: &Desk) -> Option<Id<Shop>> {
    desk.role.may(Permission::SeeMoney).then_some(desk.shop.id)
}

/// A page of a shop's payouts, newest first; none if the member's role does not see money.
///
/// # Errors
/// If the database fails.
pub async fn payouts(app: &App, desk: &Desk, page: Page<PayoutKey>) -> Result<Option<Slice<Payout>>, Failure> {
    let Some(shop) = seen_by(desk) else { return Ok(None) };
    app.db.read(move |conn| queries::of_shop(conn, shop, &page)).await.map(Some)
}

/// How many there are, counted to `limit`.
///
/// # Errors
/// If the database fails.
pub async fn count_payouts(app: &App, desk: &Desk, limit: i64) -> Result<i64, Failure> {
    let Some(shop) = seen_by(desk) else { return Ok(0) };
    app.db.read(move |conn| queries::count_of_shop(conn, shop, limit)).await
}

/// What would be paid out to a shop next if nothing more moved; none if the member's role does not see money.
///
/// # Errors
/// If the database fails.
pub async fn next_payout(app: &App, desk: &Desk, currency: CurrencyCode) -> Result<Option<NextPayout>, Failure> {
    let Some(shop) = seen_by(desk) else { return Ok(None) };
    let provider = provider::of(app);
    let (now, since) = (app.now(), app.now() - app.market.checkout.payout_delay);
    let read = move |conn: &mut Conn| {
        let standing = queries::standing(conn, shop, currency, since)?.unwrap_or_default();
        let account = usable_account(conn, shop)?;
        let sent = |provider: &dyn Provider| provider.sendable(Money::new(standing.payable(), currency)).minor > 0;
        let ready = account.zip(provider).filter(|(account, provider)| account.is_ready_for(provider.name()));
        let day = match ready.filter(|(_, provider)| sent(*provider)) {
            Some((account, _)) if !is_barred(conn, &account)? => {
                let today = Date::in_utc(now);
                let newest = queries::newest(conn, shop, currency)?;
                let has_had = newest.is_some_and(|newest| Date::in_utc(newest) >= today);
                let day = if has_had { today.next() } else { today };
                Some(account.rests_until().map_or(day, |until| day.max(Date::in_utc(until))))
            }
            _ => None,
        };
        Ok::<_, Failure>(NextPayout { currency, standing, day })
    };
    app.db.read_long(read).await.map(Some)
}

/// What moved on a shop's account in a month; none if the member's role does not see money.
///
/// # Errors
/// If the database fails.
pub async fn statement(
    app: &App,
    desk: &Desk,
    month: Month,
    currency: CurrencyCode,
) -> Result<Option<Statement>, Failure> {
    let Some(shop) = seen_by(desk) else { return Ok(None) };
    // Nothing has moved before.
    if month.end <= desk.shop.created_at {
        return Ok(Some(Statement { month, currency, opening: 0, entries: Vec::new() }));
    }
    let moved = app.db.read_long(move |conn| queries::moved_in(conn, shop, currency, &month)).await?;
    let opening = moved.iter().find(|row| row.cause.is_none()).map(|row| row.amount).unwrap_or_default();
    let entries = moved.into_iter().filter_map(|row| {
        let cause = row.cause?;
        Some(Entries { cause, amount: row.amount, count: row.count })
    });
    Ok(Some(Statement { month, currency, opening, entries: entries.collect() }))
}
