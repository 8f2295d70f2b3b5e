//! Editing a part before anything of it is packed, for who placed the order.

use super::{
    Happened, books,
    cancel::{divisible, exchange, note_end, settle_money},
    in_person, note_step,
    place::{agree, merged, new_goods},
    quote::charge_goods,
    refunds::{self, lock_part},
    shipping::{chosen, complete, open, settle_fulfillment},
    tell_shop,
};
use crate::{
    carts::model::MAXIMUM_QUANTITY,
    kernel::{
        address::StoredAddress,
        error::Failure,
        id::Id,
        money::{Money, MoneyError},
        place::CountryCode,
    },
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{
            AgreedLine, Cancellation, Charged, EditPart, MAXIMUM_LINES, Order, OrderLine, OrderPart, Pieces,
            TellOfPayment, WantedLine, Worth, difference, is_editable, is_taxed_alike, price_of_rest,
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
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    products::{self, model::Variant},
    promotions,
    shipping::{
        self,
        model::{Offer, Offers, Parcel},
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
            ([], removed) => {
                check_rest(tx.conn(), (&order, &part), &goods, removed)?;
                (Vec::new(), None)
            }
            (wanted, removed) => added(tx, (&order, &part), (&goods, removed), wanted).map_err(of_added)?,
        };
        let worth = worth_of(tx, (&order, &part), (&goods, &removed), (!added.is_empty(), is_passed_on))?;
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
        // Of what waits for its money nothing goes back: it is owed, or falls away.
        let owed = order.owed() + input.expected_difference.minor;
        let version = if owed == 0 && !is_empty && order.payment_due_at.is_some() {
            // What is left is free, and waits for nothing.
            tx.enqueue(&TellOfPayment { order: order.id })?;
            queries::set_payment_due(tx, order.id, None)?
        } else {
            queries::set_changed(tx, order.id)?
        };
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

/// Holds what is to be added against the catalogue and today's taxes. No promotion takes anything off it. What is sent then has to be sent
/// for what was agreed, and if something else goes for it, to cost what the part's promotion asks for.
fn added(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    (goods, removed): (&[OrderLine], &[Pieces]),
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
    if !removed.is_empty() && !keeps_minimum(tx.conn(), (order, part), goods, (&left, &agreed))? {
        return Err(OrderError::NotReducible);
    }
    let charged = charge_goods(agreed, None, order.currency, taxes.as_ref())?;
    Ok((charged, taxes))
}

/// What pieces are worth that their buyer removes. Of what is paid, no more of it goes back than what stays does not cost.
fn worth_of(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    (goods, removed): (&[OrderLine], &[Pieces]),
    (are_others_added, is_passed_on): (bool, bool),
) -> Result<Worth, OrderError> {
    let worth = Worth::of(order.currency, part, goods, removed, are_others_added);
    if !is_passed_on {
        return Ok(worth);
    }
    divisible(tx, order, worth.beyond(part.kept(), price_of_rest(order.currency, part, goods, removed)))
}

/// Holds what is left of a part once its buyer has removed pieces against what its promotion asks for, and against what it would cost by now to
/// send it. Of nothing, nothing is asked.
fn check_rest(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    goods: &[OrderLine],
    removed: &[Pieces],
) -> Result<(), OrderError> {
    let left = left_of(goods, removed);
    if left.iter().all(|(_, quantity, _)| *quantity == 0) {
        return Ok(());
    }
    let is_fair = keeps_minimum(conn, (order, part), goods, (&left, &[]))?;
    if is_fair && !is_dearer_to_send(conn, (order, part), &left)? { Ok(()) } else { Err(OrderError::NotReducible) }
}

/// Whether what is left of a part, and what is added to it, cost as much as the promotion asks for that takes something off it. What missed
/// that before, as by its shop's word, may miss it still.
fn keeps_minimum(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    goods: &[OrderLine],
    (left, added): (&[Left], &[AgreedLine]),
) -> Result<bool, Failure> {
    if part.promotion.is_none() {
        return Ok(true);
    }
    let Some(minimum) = promotions::service::minimum_of(conn, order.id.uuid(), part.shop_id)? else { return Ok(true) };
    let price = |left: &[Left]| left.iter().map(|(_, quantity, price)| price * i64::from(*quantity)).sum::<i64>();
    let after = price(left) + added.iter().map(|line| line.price.minor).sum::<i64>();
    let was_missed = price(&left_of(goods, &[])) < minimum.minor;
    Ok(minimum.currency != order.currency || after >= minimum.minor || was_missed)
}

/// The pieces of a line that are left, and what one of them costs.
type Left = (Option<Id<Variant>>, i32, i64);

fn left_of(goods: &[OrderLine], removed: &[Pieces]) -> Vec<Left> {
    let gone = |line: &OrderLine| removed.iter().find(|pieces| pieces.line == line.id).map_or(0, |it| it.quantity);
    goods.iter().map(|line| (line.variant_id, line.quantity - line.cancelled - gone(line), line.unit_price)).collect()
}

/// Whether a shop sends what is left and what is added in the way that was agreed, and for no more.
fn is_sent_alike(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    left: &[Left],
    added: &[AgreedLine],
    to: CountryCode,
) -> Result<bool, Failure> {
    let price = edits::delivery_price(conn, part.id)?.unwrap_or(0);
    let is_agreed = |offer: &Offer| Some(&offer.name) == part.shipping_method.as_ref() && offer.price <= price;
    let offers = offers_for(conn, (order, part), left, added, to)?;
    Ok(offers.is_none_or(|offers| offers.iter().any(is_agreed)))
}

/// Whether it would cost more by now to send what is left than was agreed: in the way that was agreed or, where that is not to be had any more,
/// in the cheapest. Where nothing was agreed, and of who has left, nobody knows.
fn is_dearer_to_send(conn: &mut Conn, (order, part): (&Order, &OrderPart), left: &[Left]) -> Result<bool, Failure> {
    let to = order.shipping_address.as_ref().and_then(StoredAddress::country);
    let (Some(to), Some(method)) = (to, &part.shipping_method) else { return Ok(false) };
    let agreed = edits::delivery_price(conn, part.id)?.unwrap_or(0);
    let Some(offers) = offers_for(conn, (order, part), left, &[], to)? else { return Ok(false) };
    let offer = offers.iter().find(|offer| offer.name == *method).or(offers.first());
    Ok(offer.is_some_and(|offer| offer.price > agreed))
}

/// How a shop would send what is left and what is added, the cheapest first; none if it says nothing of that.
fn offers_for(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    left: &[Left],
    added: &[AgreedLine],
    to: CountryCode,
) -> Result<Option<Vec<Offer>>, Failure> {
    let variants: Vec<_> = left.iter().filter_map(|(variant, ..)| *variant).collect();
    let known = products::service::variants_for_sale(conn, &variants)?;
    let weight = |variant| known.iter().find(|item| Some(item.variant) == variant).and_then(|item| item.weight_grams);
    let left = left.iter().map(|&(variant, quantity, price)| (weight(variant), quantity, price));
    let added = added.iter().map(|line| (line.item.weight_grams, line.quantity, line.item.price.minor));
    let mut parcel = Parcel { shop: part.shop_id, weight_grams: 0, subtotal: 0 };
    for (weight, quantity, price) in left.chain(added) {
        parcel.weight_grams += i64::from(weight.unwrap_or(0)) * i64::from(quantity);
        parcel.subtotal += price * i64::from(quantity);
    }
    let mut offers = shipping::service::offers(conn, &[parcel], to, order.currency)?;
    Ok(match offers.remove(&part.shop_id) {
        None | Some(Offers::Unsaid) => None,
        Some(Offers::Of(offers)) => Some(offers),
    })
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
