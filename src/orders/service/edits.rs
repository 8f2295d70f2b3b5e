//! Editing a part before anything of it is packed, for who placed the order.

use super::{
    Happened, books,
    cancel::{exchange, note_end, settle_money},
    in_person, note_step,
    place::{agree, merged},
    quote::charge_goods,
    refunds::{self, lock_part},
    shipping::{chosen, complete, open, settle_fulfillment},
    tell_shop,
};
use crate::{
    kernel::{
        address::StoredAddress,
        id::Id,
        money::{Money, MoneyError},
    },
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{
            AgreedLine, Cancellation, Charged, EditPart, MAXIMUM_LINES, Order, OrderLine, OrderLineKind, OrderPart,
            Pieces, WantedLine, Worth, difference, is_editable, is_taxed_alike,
        },
        policy,
        queries::{
            self, NewLine,
            edits::{self, Added},
            shipments,
        },
    },
    payments,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    taxes::{
        self,
        model::{CountryTaxes, Remitter},
    },
    users::model::{oneself, signed_in},
};

/// Adds goods to a part and calls pieces of it off, for the order's buyer. What is added is agreed today, and taken from stock at once;
/// what is called off goes back into stock. The difference is owed, or goes back, or falls away. To what is paid, or free, nothing is added.
pub async fn edit_part(app: &App, caller: &Caller, input: EditPart, key: &str) -> Result<Id<OrderPart>, OrderError> {
    let person = signed_in(caller)?;
    let key = Key::new(&person, "editOrderPart", key, &input, Retention::Month)?;
    let (asking, are_taken) = (caller.clone(), payments::service::are_taken(app));
    app.once(caller, Some(key), move |tx| {
        let found = lock_part(tx, input.part)?.filter(|(order, _)| policy::may_act(&asking, order));
        let (order, part) = found.ok_or(OrderError::PartNotFound)?;
        let goods = shipments::goods_of(tx.conn(), part.id)?;
        if !order.is_open() || !is_editable(goods.iter()) {
            return Err(OrderError::NotEditable);
        }
        if order.version != input.expected_version {
            return Err(OrderError::StaleVersion { current: order.version });
        }
        let is_passed_on = books::is_passed_on(tx, &order)?;
        if is_passed_on {
            // Money goes back by nobody's word but their own.
            oneself(&asking)?;
        }
        // What waits for no money would wait without end for what is added.
        if !input.add.is_empty() && (is_passed_on || are_taken && order.payment_due_at.is_none()) {
            return Err(OrderError::NotExtendable);
        }
        let removed = removed(&goods, &input.remove).map_err(|error| OrderError::OfRemoved(Box::new(error)))?;
        let of_added = |error| OrderError::OfAdded(Box::new(error));
        let (added, taxes) = match (input.add.as_slice(), removed.as_slice()) {
            ([], []) => return Err(of_added(OrderError::Lines { is_empty: true })),
            ([], _) => (Vec::new(), None),
            (wanted, _) => added(tx, (&order, &part), &goods, wanted).map_err(of_added)?,
        };
        let worth = Worth::of(order.currency, &part, &goods, &removed, !added.is_empty());
        check(&order, &added, worth, input.expected_difference).map_err(of_added)?;
        if queries::steps::count_of_part(tx.conn(), part.id, OrderStep::Edited)? >= EditPart::MAXIMUM {
            return Err(OrderError::TooManyEdits);
        }
        if !is_passed_on && payments::service::kept_for(tx.conn(), order.id.uuid(), order.currency)?.minor > 0 {
            return Err(OrderError::NotEditable);
        }
        let actor = in_person(tx, person);
        extend(tx, (&order, &part), &added, taxes.as_ref())?;
        let is_empty = exchange(tx, &order, &goods, &removed, &added).map_err(of_added)?;
        let granted = settle_money(tx, &order, &part, (&removed, worth), None)?;
        let version = queries::set_changed(tx, order.id)?;
        let edited = Happened { part: Some(&part), actor, ..Happened::all(OrderStep::Edited) };
        let step = note_step(tx, &order, version, &edited)?;
        if is_empty {
            let version = queries::set_cancelled(tx, order.id, Cancellation::Buyer)?.ok_or(OrderError::NotEditable)?;
            // By whom, the other shops do not learn.
            note_end(tx, &order, version, None)?;
        } else {
            settle_fulfillment(tx, &part)?;
        }
        if let Some(granted) = granted {
            refunds::tell(tx, &order, &granted, actor)?;
        }
        // Of what waits for its money the shop has had no mail yet.
        if order.payment_due_at.is_none() {
            tell_shop(tx, &part, step)?;
        }
        complete(tx, &order)?;
        Ok(part.id)
    })
    .await
}

/// Which pieces are called off.
fn removed(goods: &[OrderLine], wanted: &[Pieces]) -> Result<Vec<Pieces>, OrderError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    Ok(chosen(&open(goods), Some(wanted))?.unwrap_or_default())
}

/// What is added with what it costs, and how things are taxed where it goes.
type Extension = (Vec<(AgreedLine, Charged)>, Option<CountryTaxes>);

/// Holds what is to be added against the catalogue and today's taxes. No promotion takes anything off it, and whether one that did so
/// before would still do is not asked.
fn added(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    goods: &[OrderLine],
    wanted: &[WantedLine],
) -> Result<Extension, OrderError> {
    let (lines, now) = (merged(wanted)?, tx.now());
    let agreed = agree(tx.conn(), &lines, wanted, Some(order.currency), now)?;
    if let Some(other) = agreed.iter().find(|line| line.item.shop != part.shop_id) {
        return Err(OrderError::NotForSale { line: other.place });
    }
    if queries::sold_in(tx.conn(), order.id)?.len() + agreed.len() > MAXIMUM_LINES {
        return Err(OrderError::Lines { is_empty: false });
    }
    // Of who has left nobody knows where it goes.
    let country = order.shipping_address.as_ref().and_then(StoredAddress::country).ok_or(OrderError::NotExtendable)?;
    let taxes = taxes::service::of_country(tx.conn(), country)?;
    if taxes.as_ref().is_some_and(|taxes| !is_taxed_alike(&order.costs, part, goods, taxes)) {
        return Err(OrderError::NotExtendable);
    }
    let charged = charge_goods(agreed, None, order.currency, taxes.as_ref())?;
    Ok((charged, taxes))
}

/// Whether an edit makes the difference that its buyer expects, and what the order costs then is in range.
fn check(order: &Order, added: &[(AgreedLine, Charged)], worth: Worth, expected: Money) -> Result<(), OrderError> {
    if expected.currency != order.currency {
        return Err(OrderError::DifferenceCurrency);
    }
    let found = difference(added.iter().map(|(_, charged)| *charged), worth, order.currency)?;
    if found != expected {
        return Err(OrderError::DifferenceChanged { old: expected, new: found });
    }
    let added = Money::new(sum_of(added, |charged| charged.total)?, order.currency);
    Money::new(order.total, order.currency).checked_add(added)?;
    Ok(())
}

fn sum_of(added: &[(AgreedLine, Charged)], of: impl Fn(&Charged) -> i64) -> Result<i64, MoneyError> {
    let mut amounts = added.iter().map(|(_, charged)| of(charged));
    amounts.try_fold(0_i64, i64::checked_add).ok_or(MoneyError::OutOfRange)
}

/// Writes down what is added, after the lines that are there.
fn extend(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    added: &[(AgreedLine, Charged)],
    taxes: Option<&CountryTaxes>,
) -> Result<(), OrderError> {
    if added.is_empty() {
        return Ok(());
    }
    let next = edits::last_ordinal(tx.conn(), part.id)? + 1;
    let mut lines = Vec::with_capacity(added.len());
    for (ordinal, (line, charged)) in (next..).zip(added) {
        let row = NewLine {
            id: tx.new_id(),
            part_id: part.id,
            ordinal,
            kind: OrderLineKind::Goods,
            product_id: Some(line.item.product),
            variant_id: Some(line.item.variant),
            title: &line.item.title,
            sku: &line.item.sku,
            quantity: line.quantity,
            unit_price: line.item.price.minor,
            total: charged.total,
        };
        lines.push((row, charged.charge));
    }
    queries::insert_lines(tx, &lines)?;
    let tax = sum_of(added, |charged| charged.charge.tax)?;
    let is_withheld = taxes.is_some_and(|taxes| taxes.remitted_by == Remitter::Market);
    // What was not taxed is from now on, by today's tax.
    let (tax_name, tax_is_added) = match (&order.costs.tax_name, taxes) {
        (None, Some(taxes)) => (Some(taxes.name.as_str()), !taxes.is_included),
        (name, _) => (name.as_deref(), order.costs.tax_is_added),
    };
    let sums = Added {
        total: sum_of(added, |charged| charged.total)?,
        tax,
        tax_withheld: if is_withheld { tax } else { 0 },
        tax_is_added,
        tax_name,
    };
    Ok(edits::add_to_totals(tx, part, &sums)?)
}
