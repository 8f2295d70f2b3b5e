//! Editing a part before anything of it is packed, for who placed the order.

mod rest;
mod wanted;

use self::{
    rest::{check_rest, is_sent_alike, left_of},
    wanted::{Wanted, check_extension},
};
use super::{
    Happened, additions,
    cancel::{divisible, exchange, note_end, settle_money},
    in_person, note_step,
    place::{agree, merged, new_goods},
    quote::charge_goods,
    refunds::{self, lock_part},
    shipping::{complete, settle_fulfillment},
    standing::money_of,
    tell_shop,
};
use crate::{
    carts::model::MAXIMUM_QUANTITY,
    kernel::{
        address::StoredAddress,
        error::Failure,
        id::Id,
        money::{Money, MoneyError},
    },
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{
            AddedLine, AgreedLine, Cancellation, Charged, EditPart, MAXIMUM_LINES, Order, OrderPart, TellOfPayment,
            WantedLine, Worth, difference, is_editable, is_taxed_alike, price_of_rest, taxed_with, worth_of_added,
        },
        policy,
        queries::{
            self,
            edits::{self, Addition},
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
    products::model::Variant,
    taxes::{
        self,
        model::{CountryTaxes, Remitter},
    },
    users::model::{oneself, signed_in},
};

/// Adds goods to a part and calls pieces of it off, for the order's buyer. What is added is agreed today, and taken from stock at once;
/// what is called off goes back into stock. Before the order is paid the difference is owed, or falls away. Of what is paid, what is called
/// off goes back, and what is added waits for its own money. To what is only promised, or free, nothing is added.
pub async fn edit_part(app: &App, caller: &Caller, input: EditPart, key: &str) -> Result<Id<OrderPart>, OrderError> {
    let person = signed_in(caller)?;
    let key = Key::new(&person, "editOrderPart", key, &input, Retention::Month)?;
    let (asking, lasting) = (caller.clone(), app.market.checkout.payment_due);
    let are_taken = payments::service::are_taken(app);
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
        let money = money_of(tx, &order)?;
        let is_paid = money.is_passed_on;
        if is_paid {
            // Money goes back by nobody's word but their own.
            oneself(&asking)?;
        }
        let waiting = waiting_of(tx, &order)?;
        let wanted = Wanted::of(goods, &waiting, &part, &input.remove)?;
        check_extension((&order, &part), &wanted, &input, (&money, are_taken))?;
        let of_added = |error| OrderError::OfAdded(Box::new(error));
        let (added, taxes) = match (input.add.as_slice(), wanted.removed.as_slice()) {
            ([], []) => return Err(of_added(OrderError::Lines { is_empty: true })),
            ([], _) => (Vec::new(), None),
            (more, _) => added(tx, (&order, &part), &wanted, &waiting, more).map_err(of_added)?,
        };
        check_rest(tx.conn(), (&order, &part), &wanted, (&added, is_paid))?;
        let worth = worth_of(tx, (&order, &part), &wanted, (!added.is_empty(), is_paid))?;
        let taken_out = worth_of_added(&waiting, &wanted.taken_out, order.currency);
        let difference = Worth { total: worth.total + taken_out, ..worth };
        check(&order, &added, difference, input.expected_difference).map_err(of_added)?;
        if queries::steps::count_of_part(tx.conn(), part.id, OrderStep::Edited)? >= EditPart::MAXIMUM {
            return Err(OrderError::TooManyEdits);
        }
        if !is_paid && money.kept > 0 {
            return Err(OrderError::NotEditable);
        }
        if is_paid && !(added.is_empty() && wanted.taken_out.is_empty()) {
            // An attempt to pay is about what was added before.
            payments::service::give_up(tx, order.id.uuid())?;
        }
        let actor = in_person(tx, person);
        let waits = is_paid && sum_of(&added, |charged| charged.total)? > 0;
        if waits {
            let due_at = tx.now() + lasting;
            additions::hold(tx, &part, &added, taxes.as_ref(), due_at)?;
        } else {
            extend(tx, (&order, &part), &added, taxes.as_ref())?;
        }
        let is_empty = exchange(tx, &order, &wanted.all, &wanted.removed, &added).map_err(of_added)?;
        if !wanted.taken_out.is_empty() {
            additions::take_out(tx, &order, &part, &wanted.taken_out)?;
        }
        let is_settled = is_paid && wanted.called_off.is_empty();
        let granted = if is_settled {
            None
        } else {
            settle_money(tx, (&order, &money), &part, (&wanted.called_off, worth), None)?
        };
        let version = set_changed(tx, &order, input.expected_difference, is_empty)?;
        let edited = Happened { part: Some(&part), actor, ..Happened::all(OrderStep::Edited) };
        let step = note_step(tx, &order, version, &edited)?;
        if is_empty {
            let version = queries::set_cancelled(tx, order.id, Cancellation::Buyer)?.ok_or(OrderError::NotEditable)?;
            // By whom, the other shops do not learn.
            note_end(tx, (&order, &money), version, None)?;
        } else {
            settle_fulfillment(tx, &part)?;
        }
        if let Some(granted) = granted {
            refunds::tell(tx, &order, &granted, actor)?;
        }
        // Of what waits for its money the shop has had no mail yet, and has none before it is paid.
        let is_told = !wanted.called_off.is_empty() || !added.is_empty() && !waits;
        if order.payment_due_at.is_none() && is_told {
            tell_shop(tx, &part, step)?;
        }
        complete(tx, &order)?;
        Ok(part.id)
    })
    .await
}

/// What was added to a locked order and waits for its money: hardly ever anything.
fn waiting_of(tx: &mut Tx<'_>, order: &Order) -> Result<Vec<AddedLine>, Failure> {
    if order.added == 0 { Ok(Vec::new()) } else { queries::additions::waiting_of(tx.conn(), order.id) }
}

/// Notes that an order is another one by a difference. What is left for nothing of what was not paid waits for nothing. Returns its version.
fn set_changed(tx: &mut Tx<'_>, order: &Order, difference: Money, is_empty: bool) -> Result<i32, Failure> {
    // Of what waits for its money nothing goes back: it is owed, or falls away.
    let owed = order.owed() + difference.minor;
    if owed == 0 && !is_empty && order.payment_due_at.is_some() {
        tx.enqueue(&TellOfPayment { order: order.id })?;
        queries::set_payment_due(tx, order.id, None)
    } else {
        queries::set_changed(tx, order.id)
    }
}

/// What is added with what it costs, and how things are taxed where it goes.
type Extension = (Vec<(AgreedLine, Charged)>, Option<CountryTaxes>);

/// Holds what is to be added against the catalogue and today's taxes. No promotion takes anything off it. What is sent then has to be sent
/// for what was agreed.
fn added(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    Wanted { all: goods, removed, .. }: &Wanted,
    waiting: &[AddedLine],
    wanted: &[WantedLine],
) -> Result<Extension, OrderError> {
    // As they are with what is added already.
    let (order, part) = &taxed_with(order, part, waiting);
    let (lines, now) = (merged(wanted)?, tx.now());
    let agreed = agree(tx.conn(), &lines, wanted, Some(order.currency), now)?;
    if let Some(other) = agreed.iter().find(|line| line.item.shop != part.shop_id) {
        return Err(OrderError::NotForSale { line: other.place });
    }
    if queries::sold_in(tx.conn(), order.id)?.len() + waiting.len() + agreed.len() > MAXIMUM_LINES {
        return Err(OrderError::Lines { is_empty: false });
    }
    let left = left_of(goods, removed);
    let of_variant = |wanted: Id<Variant>| left.iter().filter(move |(variant, ..)| *variant == Some(wanted));
    for line in &agreed {
        let known: i32 = of_variant(line.item.variant).map(|(_, quantity, _)| quantity).sum();
        if known.saturating_add(line.quantity) > MAXIMUM_QUANTITY {
            return Err(OrderError::Quantity { line: line.place });
        }
    }
    // Of who has left nobody knows where it goes.
    let country = order.shipping_address.as_ref().and_then(StoredAddress::country).ok_or(OrderError::NotExtendable)?;
    let taxes = taxes::service::of_country(tx.conn(), country)?;
    if taxes.as_ref().is_some_and(|taxes| !is_taxed_alike(&order.costs, part, goods, taxes)) {
        return Err(OrderError::NotExtendable);
    }
    if !is_sent_alike(tx.conn(), (order, part), &left, &agreed, country)? {
        return Err(OrderError::NotExtendable);
    }
    let charged = charge_goods(agreed, None, order.currency, taxes.as_ref())?;
    Ok((charged, taxes))
}

/// What pieces are worth that their buyer removes of the goods. Of what is paid, no more of it goes back than what stays does not cost.
fn worth_of(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    Wanted { goods, called_off, .. }: &Wanted,
    (are_others_added, is_paid): (bool, bool),
) -> Result<Worth, OrderError> {
    let worth = Worth::of(order.currency, part, goods, called_off, are_others_added);
    if !is_paid || called_off.is_empty() {
        return Ok(worth);
    }
    divisible(tx, order, worth.beyond(part.kept(), price_of_rest(order.currency, part, goods, called_off)))
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
    let waiting = Money::new(order.added, order.currency);
    Money::new(order.total, order.currency).checked_add(waiting)?.checked_add(added)?;
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
    let lines: Vec<_> = (next..).zip(added).map(|(ordinal, goods)| new_goods(tx, part.id, ordinal, goods)).collect();
    queries::insert_lines(tx, &lines)?;
    let tax = sum_of(added, |charged| charged.charge.tax)?;
    let is_withheld = taxes.is_some_and(|taxes| taxes.remitted_by == Remitter::Market);
    // What was not taxed is from now on, by today's tax.
    let (tax_name, tax_is_added) = match (&order.costs.tax_name, taxes) {
        (None, Some(taxes)) => (Some(taxes.name.as_str()), !taxes.is_included),
        (name, _) => (name.as_deref(), order.costs.tax_is_added),
    };
    let sums = Addition {
        total: sum_of(added, |charged| charged.total)?,
        tax,
        tax_withheld: if is_withheld { tax } else { 0 },
        tax_is_added,
        tax_name,
    };
    Ok(edits::add_to_totals(tx, part, &sums)?)
}
