//! Documents about what was paid and what goes back: what is due, said in the transaction in which money moves.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::books;
use crate::{
    invoices::{
        self,
        model::Line,
        service::{About, GivenBack, Sold},
    },
    kernel::{
        address::StoredAddress,
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    orders::{
        model::{IssueDocuments, Order, OrderLine, OrderPart},
        queries,
    },
    payments::model::Refund,
    platform::{app::App, caller::Caller, db::Tx},
};

/// A step: issues what is due of a locked order that was passed on: an invoice for each of its parts, one for each addition to these, a
/// credit note for each refund. What has its document gets no other one.
pub(super) fn issue(tx: &mut Tx<'_>, order: &Order) -> Result<(), Failure> {
    let parts = queries::documents::parts_of(tx.conn(), order.id)?;
    if parts.is_empty() {
        return Ok(());
    }
    let is_anything_back = parts.iter().any(|(part, _)| part.refunded > 0);
    let refunds = if is_anything_back { queries::documents::refunds_of(tx.conn(), order.id)? } else { Vec::new() };
    let about = About {
        order_number: &order.number,
        placed_at: order.placed_at,
        currency: order.currency,
        tax_name: order.costs.tax_name.as_deref(),
        is_tax_included: !order.costs.tax_is_added,
        recipient: order.shipping_address.as_ref().and_then(StoredAddress::parse),
    };
    let added: Added = queries::additions::lines_of_additions(tx.conn(), order.id)?.into_iter().collect();
    let sold: Vec<Sold> = parts.iter().flat_map(|(part, lines)| sold(part, lines, &added, order.currency)).collect();
    let given_back: Vec<GivenBack> = refunds.into_iter().filter_map(given_back).collect();
    invoices::service::issue(tx, &about, &sold, &given_back)
}

/// Orders that are looked at in one job.
const BATCH: i64 = 500;

/// Issues what a batch of orders lacks that were passed on.
pub async fn issue_documents(app: &App, caller: &Caller, job: IssueDocuments) -> Result<(), Failure> {
    let orders = app.db.read_long(move |conn| queries::documents::invoiced_after(conn, job.after, BATCH)).await?;
    let Some(&last) = orders.last() else { return Ok(()) };
    for order in orders {
        app.db.write(caller, move |tx: &mut Tx<'_>| issue_for(tx, order)).await?;
    }
    app.db.write(caller, move |tx: &mut Tx<'_>| tx.enqueue(&IssueDocuments { after: Some(last) })).await
}

fn issue_for(tx: &mut Tx<'_>, id: Id<Order>) -> Result<(), Failure> {
    let Some(order) = queries::lock_order(tx, id)? else { return Ok(()) };
    if books::is_passed_on(tx, &order)? { issue(tx, &order) } else { Ok(()) }
}

/// Of which additions lines came that were added to what was paid.
type Added = HashMap<Id<OrderLine>, Option<Uuid>>;

/// What was paid for a part, and for each addition to it: without what fell away before.
fn sold(part: &OrderPart, lines: &[OrderLine], added: &Added, currency: CurrencyCode) -> Vec<Sold> {
    let by = |line: &OrderLine| added.get(&line.id).copied().flatten();
    let of = |addition: Option<Uuid>| -> Vec<Line> {
        let own = lines.iter().filter(|line| by(line) == addition);
        own.filter_map(|line| paid(line, line.dropped, currency)).collect()
    };
    let sold = |addition, total, lines| Sold { part: part.id.uuid(), addition, shop: part.shop_id, total, lines };
    let additions: BTreeSet<Uuid> = lines.iter().filter_map(by).collect();
    let additions = additions.into_iter().map(|addition| {
        let lines = of(Some(addition));
        sold(Some(addition), lines.iter().map(|line| line.total).sum(), lines)
    });
    let additions: Vec<Sold> = additions.collect();
    let total = part.total - part.dropped - additions.iter().map(|sold| sold.total).sum::<i64>();
    let first = (total > 0).then(|| sold(None, total, of(None)));
    first.into_iter().chain(additions).collect()
}

/// What was paid for a line of which so many pieces fell away before; none if all of them did. What was taken off is such that
/// the line adds up.
fn paid(line: &OrderLine, fallen: i32, currency: CurrencyCode) -> Option<Line> {
    let quantity = line.quantity - fallen;
    if quantity <= 0 {
        return None;
    }
    let left = |minor: i64| minor - Money::new(minor, currency).upto(fallen.into(), line.quantity.into()).minor;
    let (total, tax) = (left(line.total), left(line.charge.tax));
    let added = if line.charge.tax_is_added { tax } else { 0 };
    Some(Line {
        title: line.title.clone(),
        sku: line.sku.clone(),
        quantity,
        unit_price: line.unit_price,
        discount: line.unit_price.saturating_mul(quantity.into()) + added - total,
        tax_rate: line.charge.tax_rate,
        tax,
        total,
    })
}

fn given_back(refund: Refund) -> Option<GivenBack> {
    Some(GivenBack { part: refund.part_id?, refund: refund.id, amount: refund.amount, reason: refund.reason })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        kernel::money::tests::any_currency,
        orders::model::{Charge, OrderLineKind},
    };

    fn line(quantity: i32, unit_price: i64, charge: Charge) -> OrderLine {
        let added = if charge.tax_is_added { charge.tax } else { 0 };
        OrderLine {
            id: Id::from_uuid(Uuid::nil()),
            part_id: Id::from_uuid(Uuid::nil()),
            ordinal: 1,
            kind: OrderLineKind::Goods,
            product_id: None,
            variant_id: None,
            title: "Lamp".into(),
            sku: String::new(),
            quantity,
            unit_price,
            total: unit_price * i64::from(quantity) - charge.discount + added,
            packed: 0,
            cancelled: 0,
            returned: 0,
            dropped: 0,
            charge,
        }
    }

    proptest! {
        #[test]
        fn what_is_left_of_a_line_adds_up(
            quantity in 1_i32..1_000, unit_price in 0_i64..1_000_000, off in 0_i64..=100, percent in 0_i64..=100,
            tax_is_added: bool, fallen in 0_i32..1_000, currency in any_currency(),
        ) {
            let price = unit_price * i64::from(quantity);
            let discount = price * off / 100;
            let tax = (price - discount) * percent / if tax_is_added { 100 } else { 100 + percent };
            let line = line(quantity, unit_price, Charge { discount, tax, tax_rate: 0, tax_is_added });
            let Some(left) = paid(&line, fallen.min(quantity), currency) else {
                prop_assert!(fallen >= quantity);
                return Ok(());
            };
            let added = if tax_is_added { left.tax } else { 0 };
            prop_assert_eq!(left.total, left.unit_price * i64::from(left.quantity) - left.discount + added);
            prop_assert!(0 <= left.discount && left.discount <= discount, "{left:?}");
            prop_assert!(0 <= left.tax && left.tax <= left.total, "{left:?}");
            let fell = Money::new(line.total, currency).upto(fallen.into(), quantity.into()).minor;
            prop_assert_eq!(left.total, line.total - fell);
            if fallen == 0 {
                prop_assert_eq!((left.discount, left.tax), (discount, tax));
            }
        }
    }
}
