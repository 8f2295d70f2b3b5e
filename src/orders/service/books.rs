//! What an order brings those who sold it.

use uuid::Uuid;

use super::{documents, refunds, standing::money_of};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        page::{Page, Slice},
        rate::Rate,
    },
    orders::{
        error::OrderError,
        model::{Order, OrderLifecycle, OrderMoney, OrderPart, PassOnPaid},
        queries,
    },
    payments::{
        self,
        model::{AccountKind, Dispute, Entry, Refund, TransferCause, TransferKey},
        service::Movement,
    },
    platform::{app::App, caller::Caller, db::Tx},
    shops::{
        self,
        model::{Desk, Permission},
    },
};

/// A step: passes on what a locked order has brought, once so much of its money is kept that it is paid: to each shop what its part costs, and from
/// it to the market the tax that it pays, and its share of the rest, as it was when the order was placed. What was passed on is not passed
/// on again. Each shop's invoice is issued with it.
pub(super) fn pass_on(tx: &mut Tx<'_>, order: &Order, money: &OrderMoney) -> Result<(), Failure> {
    if money.kept < order.owed() || money.is_passed_on {
        return Ok(());
    }
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let movements: Vec<Movement> = parts.iter().flat_map(|part| shares(order, part)).collect();
    payments::service::transfer(tx, &movements)?;
    documents::issue(tx, order)
}

/// Orders that are looked at in one job.
const BATCH: i64 = 500;

/// Passes on what a batch of paid orders has brought. Where that has been done, nothing happens.
pub async fn pass_on_paid(app: &App, caller: &Caller, job: PassOnPaid) -> Result<(), OrderError> {
    let paid = app.db.read_long(move |conn| queries::paid_and_kept(conn, job.after, BATCH)).await?;
    let Some(&last) = paid.last() else { return Ok(()) };
    for order in paid {
        let settle = move |tx: &mut Tx<'_>| -> Result<(), OrderError> {
            let Some(order) = queries::lock_order(tx, order)? else { return Ok(()) };
            let money = money_of(tx, &order)?;
            match order.status {
                // What came for it is nobody's but the buyer's.
                OrderLifecycle::Cancelled => refunds::give_back_excess(tx, &order, (money.kept, 0)),
                OrderLifecycle::Open | OrderLifecycle::Completed => Ok(pass_on(tx, &order, &money)?),
            }
        };
        app.db.write(caller, settle).await?;
    }
    Ok(app.db.write(caller, move |tx| tx.enqueue(&PassOnPaid { after: Some(last) })).await?)
}

/// Whether an order was paid in full, and its shops have got what it brought.
pub(super) fn is_passed_on(tx: &mut Tx<'_>, order: &Order) -> Result<bool, Failure> {
    let passed_on = payments::service::balances(tx.conn(), AccountKind::PassedOn, order.id.uuid())?;
    Ok(passed_on.iter().any(|passed_on| passed_on.minor != 0))
}

/// A step: takes back from the shops of parts, as they were before, what goes back to the buyer, and from the market its share of
/// that. Of all refunds of a part together the market gives back what it would not have had without them, to the penny.
pub(super) fn take_back(tx: &mut Tx<'_>, order: &Order, granted: &[(&OrderPart, Vec<Refund>)]) -> Result<(), Failure> {
    let movements: Vec<Movement> = granted.iter().flat_map(|(part, refunds)| returns(order, part, refunds)).collect();
    payments::service::transfer(tx, &movements)
}

/// Whether the shop of a part owes the market something in the order's currency, once what goes back was taken from it.
pub(super) fn is_in_debt(tx: &mut Tx<'_>, order: &Order, part: &OrderPart) -> Result<bool, Failure> {
    let shop = (AccountKind::Shop, part.shop_id.uuid());
    let balance = payments::service::lock_balance(tx, shop, order.currency)?;
    Ok(balance.is_some_and(|balance| balance.minor < 0))
}

fn returns(order: &Order, part: &OrderPart, refunds: &[Refund]) -> Vec<Movement> {
    let shop = (AccountKind::Shop, Some(part.shop_id.uuid()));
    let mut kept = part.kept();
    let mut movements = Vec::with_capacity(3 * refunds.len());
    for refund in refunds {
        let (before, after) = (Split::of(order, part, kept), Split::of(order, part, kept - refund.amount));
        kept -= refund.amount;
        let cause_id = refund.id.uuid();
        let (credit, cause) = ((AccountKind::Refunds, Some(order.id.uuid())), TransferCause::Refund);
        movements.push(Movement { debit: shop, credit, amount: refund.money(), cause, cause_id });
        for (kind, cause, returned) in [
            (AccountKind::Taxes, TransferCause::TaxReturned, before.tax - after.tax),
            (AccountKind::Fees, TransferCause::CommissionReturned, before.commission - after.commission),
        ] {
            if returned > 0 {
                let amount = Money::new(returned, order.currency);
                movements.push(Movement { debit: (kind, None), credit: shop, amount, cause, cause_id });
            }
        }
    }
    movements
}

/// What moves if of a part's total there is so much, and then so much, because a bank takes some of it back or gives it again: the shop
/// has what is left as if the rest had never been sold.
pub(super) fn of_dispute(
    order: &Order,
    part: &OrderPart,
    (before, after): (i64, i64),
    dispute: Id<Dispute>,
) -> impl Iterator<Item = Movement> {
    let (was, is) = (Split::of(order, part, before), Split::of(order, part, after));
    let shop = (AccountKind::Shop, Some(part.shop_id.uuid()));
    let legs = [
        (shop, (AccountKind::Provider, None), before - after),
        ((AccountKind::Taxes, None), shop, was.tax - is.tax),
        ((AccountKind::Fees, None), shop, was.commission - is.commission),
    ];
    let cause = if after < before { TransferCause::Dispute } else { TransferCause::DisputeReturned };
    let (cause_id, currency) = (dispute.uuid(), order.currency);
    // The ledger knows no movement of nothing.
    legs.into_iter().filter(|(_, _, minor)| *minor != 0).map(move |(from, to, minor)| {
        let (debit, credit) = if minor > 0 { (from, to) } else { (to, from) };
        Movement { debit, credit, amount: Money::new(minor.abs(), currency), cause, cause_id }
    })
}

/// What does not stay with the shop of what is kept of a part.
struct Split {
    /// What the market keeps for the state.
    tax: i64,
    /// The market's share of the rest.
    commission: i64,
}

impl Split {
    fn of(order: &Order, part: &OrderPart, kept: i64) -> Self {
        let rate = Rate::from_basis_points(part.commission_rate).unwrap_or_default();
        let withheld = Money::new(part.tax_withheld - part.tax_dropped, order.currency);
        let tax = withheld.upto(kept, part.total - part.dropped).minor;
        Self { tax, commission: rate.of(Money::new(kept - tax, order.currency)).minor }
    }
}

/// What a part brings its shop, the state and the market.
fn shares(order: &Order, part: &OrderPart) -> impl Iterator<Item = Movement> {
    brought(order, part, (part.owed(), Split::of(order, part, part.owed())), part.id.uuid())
}

/// What a part brings them more than before, by what was added to it and is paid now, too.
pub(super) fn of_addition(
    order: &Order,
    (before, after): (&OrderPart, &OrderPart),
    addition: Uuid,
) -> impl Iterator<Item = Movement> {
    let (was, is) = (Split::of(order, before, before.kept()), Split::of(order, after, after.kept()));
    let more = Split { tax: is.tax - was.tax, commission: is.commission - was.commission };
    brought(order, after, (after.kept() - before.kept(), more), addition)
}

fn brought(
    order: &Order,
    part: &OrderPart,
    (sale, Split { tax, commission }): (i64, Split),
    cause_id: Uuid,
) -> impl Iterator<Item = Movement> {
    let shop = (AccountKind::Shop, Some(part.shop_id.uuid()));
    let sale = ((AccountKind::PassedOn, Some(order.id.uuid())), shop, sale, TransferCause::Sale);
    let tax = (shop, (AccountKind::Taxes, None), tax, TransferCause::Tax);
    let commission = (shop, (AccountKind::Fees, None), commission, TransferCause::Commission);
    let currency = order.currency;
    // The ledger knows no movement of nothing.
    let moved = [sale, tax, commission].into_iter().filter(|(_, _, minor, _)| *minor > 0);
    moved.map(move |(debit, credit, minor, cause)| Movement {
        debit,
        credit,
        amount: Money::new(minor, currency),
        cause,
        cause_id,
    })
}

/// What the market owes a shop, a sum per currency; none if the member's role does not see money.
pub async fn shop_balances(app: &App, desk: &Desk) -> Result<Option<Vec<Money>>, Failure> {
    let Some(owner) = seen_by(desk) else { return Ok(None) };
    app.db.read(move |conn| payments::service::balances(conn, AccountKind::Shop, owner)).await.map(Some)
}

/// A page of what moved on a shop's account, newest first; none if the member's role does not see money.
pub async fn shop_entries(
    app: &App,
    desk: &Desk,
    currency: CurrencyCode,
    page: Page<TransferKey>,
) -> Result<Option<Slice<Entry>>, Failure> {
    let Some(owner) = seen_by(desk) else { return Ok(None) };
    let account = (AccountKind::Shop, owner);
    app.db.read(move |conn| payments::service::entries(conn, account, currency, &page)).await.map(Some)
}

/// How many entries a shop's account has, counted to `limit`.
pub async fn count_shop_entries(app: &App, desk: &Desk, currency: CurrencyCode, limit: i64) -> Result<i64, Failure> {
    let Some(owner) = seen_by(desk) else { return Ok(0) };
    let account = (AccountKind::Shop, owner);
    app.db.read_long(move |conn| payments::service::count_entries(conn, account, currency, limit)).await
}

/// The market's share of what a shop sells; none if the member's role does not see money.
pub async fn shop_commission(app: &App, desk: &Desk) -> Result<Option<Rate>, Failure> {
    match seen_by(desk) {
        Some(_) => shops::service::commission(app, desk.shop.id).await.map(Some),
        None => Ok(None),
    }
}

/// The shop whose money a member sees.
pub(super) fn seen_by(desk: &Desk) -> Option<Uuid> {
    desk.role.may(Permission::SeeMoney).then(|| desk.shop.id.uuid())
}

#[cfg(test)]
mod tests;
