//! Placing orders.

mod agreeing;

pub(super) use self::agreeing::{agree, merged, out_of_stock};

use uuid::Uuid;

use super::{Happened, emit, guests::Contact, in_person, insert_step, quote};
use crate::{
    carts::{self, model::Cart},
    inventory::{
        self,
        service::{Taken, Turns},
    },
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        rate::Rate,
        text,
    },
    messages::{self, model::OrderStep},
    orders::{
        error::OrderError,
        model::{
            AgreedLine, Charge, Charged, Costs, Delivery, FromCart, FulfillmentState, Order, OrderCosts,
            OrderLifecycle, OrderLineKind, OrderPart, OrderSource, PartCosts, PlaceGuestOrder, PlaceOrder,
            TellOfPayment, Terms, WantedLine, number,
        },
        queries::{self, NewLine, NewOrder, NewPart, guests::NewGuest},
    },
    payments,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{self, model::Variant},
    promotions::{self, error::PromotionError, model::CodeFault, service::Redeemed},
    shops::model::Shop,
    users::{
        self,
        model::{User, signed_in},
    },
};

/// Places an order: stock, lines, conversations and the event, or nothing at all.
pub async fn place_order(app: &App, caller: &Caller, input: PlaceOrder, key: &str) -> Result<Id<Order>, OrderError> {
    let buyer = signed_in(caller)?;
    let key = Key::new(&buyer, "placeOrder", key, &input, Retention::Month)?;
    let checkout = &app.market.checkout;
    // Where nobody can pay here, the shops see to their money.
    let waits_for = payments::service::are_taken(app).then_some(checkout.payment_due);
    let most_waiting = checkout.unpaid_orders.into();
    let terms = Terms { waits_for, most_waiting, commission: checkout.commission };
    app.once(caller, Some(key), move |tx| {
        let order = place(tx, buyer, &input, terms)?;
        tell_at_once(tx, order, &input, terms)?;
        Ok(order)
    })
    .await
}

/// A step: has those told at once of an order that was just placed and waits for no money, who else are told once it is there.
fn tell_at_once(tx: &mut Tx<'_>, order: Id<Order>, input: &PlaceOrder, terms: Terms) -> Result<(), Failure> {
    if terms.waits_for.is_none() || input.expected_total.minor == 0 {
        tx.enqueue(&TellOfPayment { order })
    } else {
        Ok(())
    }
}

/// A step: places an order.
///
/// # Errors
/// Why it cannot be placed: then the caller rolls back.
pub fn place(tx: &mut Tx<'_>, buyer: Id<User>, input: &PlaceOrder, terms: Terms) -> Result<Id<Order>, OrderError> {
    match input.cart {
        None => {
            // As the owner of a cart is, so that what they have not paid is counted by one order at a time.
            users::service::lock_person(tx, buyer)?.ok_or(Failure::Unauthenticated(None))?;
            let wanted = Wanted { lines: &input.lines, currency: None, holder: None, terms };
            place_lines(tx, Orderer::Person(buyer), input, &wanted)
        }
        Some(cart) => place_cart(tx, buyer, input, cart, terms),
    }
}

/// Places an order of what is in the buyer's cart, which is empty then.
fn place_cart(
    tx: &mut Tx<'_>,
    buyer: Id<User>,
    input: &PlaceOrder,
    cart: FromCart,
    terms: Terms,
) -> Result<Id<Order>, OrderError> {
    let taken = carts::service::take(tx, buyer, cart.expected_version)?;
    place_taken(tx, Orderer::Person(buyer), input, taken, terms)
}

/// A step: places an order of what is in a guest's cart, which is empty then.
pub(super) fn place_of_guest(
    tx: &mut Tx<'_>,
    contact: &Contact<'_>,
    input: &PlaceGuestOrder,
    cart: Id<Cart>,
    terms: Terms,
) -> Result<Id<Order>, OrderError> {
    let taken = carts::service::take_of_guest(tx, cart, input.expected_version)?;
    let order = place_taken(tx, Orderer::Guest(contact), &input.order, taken, terms)?;
    tell_at_once(tx, order, &input.order, terms)?;
    Ok(order)
}

/// Who orders.
#[derive(Clone, Copy)]
enum Orderer<'a> {
    Person(Id<User>),
    Guest(&'a Contact<'a>),
}

impl Orderer<'_> {
    const fn buyer(self) -> Option<Id<User>> {
        match self {
            Self::Person(buyer) => Some(buyer),
            Self::Guest(_) => None,
        }
    }

    /// A step: holds what waits for its money by now against what may.
    fn check(self, tx: &mut Tx<'_>, waits: bool, most: i64, costs: &Costs) -> Result<(), OrderError> {
        match self {
            Self::Person(buyer) if waits && queries::waiting::count_by_buyer(tx.conn(), buyer)? >= most => {
                Err(OrderError::TooManyUnpaid)
            }
            Self::Person(_) => Ok(()),
            Self::Guest(contact) => {
                let pieces = costs.goods().filter(|_| waits).map(|line| i64::from(line.quantity)).sum();
                contact.check(tx, most, pieces)
            }
        }
    }
}

/// Places an order of what was taken out of a cart.
fn place_taken(
    tx: &mut Tx<'_>,
    orderer: Orderer<'_>,
    input: &PlaceOrder,
    taken: carts::service::Taken,
    terms: Terms,
) -> Result<Id<Order>, OrderError> {
    // What one cost when they saw it: they never pay what they have not seen.
    let expected = |minor| Money::new(minor, taken.currency);
    let wanted = |line: carts::model::Line| WantedLine {
        variant: line.variant_id,
        quantity: line.quantity,
        expected_unit_price: line.unit_price.map(expected),
    };
    let lines: Vec<_> = taken.lines.into_iter().map(wanted).collect();
    let wanted = Wanted { lines: &lines, currency: Some(taken.currency), holder: Some(taken.holder), terms };
    place_lines(tx, orderer, input, &wanted).map_err(|error| OrderError::OfCart(Box::new(error)))
}

/// What is to be ordered.
struct Wanted<'a> {
    lines: &'a [WantedLine],
    /// At the prices in this currency; each at its shop's own if there is none.
    currency: Option<CurrencyCode>,
    /// For whom pieces may be held.
    holder: Option<Uuid>,
    terms: Terms,
}

fn place_lines(
    tx: &mut Tx<'_>,
    orderer: Orderer<'_>,
    input: &PlaceOrder,
    wanted: &Wanted<'_>,
) -> Result<Id<Order>, OrderError> {
    let lines = merged(wanted.lines)?;
    let address = input.shipping_address.clone().checked().map_err(OrderError::Address)?;
    let note = input.note.as_deref().map(|note| text::paragraph(note, 500)).transpose();
    let note = note.map_err(|error| OrderError::Text { field: "note".into(), error })?;
    let (buyer, now) = (orderer.buyer(), tx.now());
    let agreed = agree(tx.conn(), &lines, wanted.lines, wanted.currency, now)?;
    let (to, shipping, code) = (address.country, &input.shipping, input.code.as_deref());
    let costs = quote::reckon(tx.conn(), agreed, &quote::Terms { to, shipping, code, buyer, now })?;
    let total = check(&costs, input.expected_total)?;
    let waits_for = wanted.terms.waits_for.filter(|_| total.minor > 0);
    orderer.check(tx, waits_for.is_some(), wanted.terms.most_waiting, &costs)?;

    let order: Id<Order> = tx.new_id();
    let turns = take_stock(tx, order, &costs, wanted.holder)?;
    let number = number(tx.generator().bytes());
    let address = serde_json::to_value(address).map_err(Failure::internal)?;
    insert_order(
        tx,
        &NewOrder {
            id: order,
            number: &number,
            buyer_id: buyer,
            status: OrderLifecycle::Open,
            currency: total.currency,
            total: total.minor,
            shipping_address: Some(address),
            source: OrderSource::Agora,
            placed_at: now,
            payment_due_at: waits_for.map(|lasting| now + lasting),
            note,
        },
        &costs.of_order(),
    )?;
    if let Orderer::Guest(&Contact { email, email_key, locale, line_key }) = orderer {
        let guest = NewGuest { order_id: order, email, email_key, locale, line_key, placed_at: now };
        queries::guests::insert(tx, &guest)?;
    }
    let shops = insert_parts(tx, order, buyer, &costs, wanted.terms.commission)?;
    // Between the shelves and the products, as everywhere.
    redeem(tx, order, buyer, &costs)?;
    let sold: Vec<_> = costs.goods().map(|line| (line.item.product, i64::from(line.quantity))).collect();
    products::service::count_sold(tx, &sold)?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    emit(tx, order, 1, buyer, &shops)?;
    Ok(order)
}

/// How often a number is drawn for an order at the most. There are a million millions of them: of a market with a hundred million orders one
/// draw in ten thousand is in vain, and of eight in a row, none that anybody lives to see.
const DRAWS: usize = 8;

/// Writes an order down, under another number if one has the one that was drawn.
fn insert_order(tx: &mut Tx<'_>, order: &NewOrder<'_>, costs: &OrderCosts) -> Result<(), Failure> {
    if queries::insert_order(tx, order, costs)? {
        return Ok(());
    }
    for _ in 1..DRAWS {
        let number = number(tx.generator().bytes());
        if queries::insert_order(tx, &NewOrder { number: &number, ..order.clone() }, costs)? {
            return Ok(());
        }
    }
    Err(Failure::internal("every number that was drawn for an order is another one's"))
}

/// What an order costs, if it can be sent and that is what its buyer expects.
fn check(costs: &Costs, expected: Money) -> Result<Money, OrderError> {
    if costs.currency != expected.currency {
        return Err(OrderError::TotalCurrency);
    }
    // A code that does nothing is refused, but for one that something better stands in for.
    let stands = |problem: &OrderError| !matches!(problem, OrderError::Code(CodeFault::Outdone));
    if let Some(problem) = quote::problems(costs).find(stands) {
        return Err(problem);
    }
    let total = costs.total()?;
    if total != expected {
        return Err(OrderError::PriceChanged { line: None, old: expected, new: total });
    }
    Ok(total)
}

fn redeem(tx: &mut Tx<'_>, order: Id<Order>, buyer: Option<Id<User>>, costs: &Costs) -> Result<(), OrderError> {
    let applied = costs.parts.iter().filter_map(|part| part.promotion.as_ref());
    let used = applied.map(|applied| Redeemed {
        promotion: applied.promotion.id,
        saved: applied.saving.total(),
        minimum_subtotal: applied.promotion.minimum_subtotal.unwrap_or(0),
        currency: costs.currency,
    });
    let used: Vec<_> = used.collect();
    match promotions::service::redeem(tx, order.uuid(), buyer, &used) {
        Ok(()) => Ok(()),
        Err(PromotionError::Failed(failure)) => Err(failure.into()),
        // Others were quicker.
        Err(_) => Err(OrderError::Code(CodeFault::UsedUp)),
    }
}

fn take_stock(tx: &mut Tx<'_>, order: Id<Order>, costs: &Costs, holder: Option<Uuid>) -> Result<Turns, OrderError> {
    let wanted: Vec<(Id<Variant>, i32)> = costs.goods().map(|line| (line.item.variant, line.quantity)).collect();
    match inventory::service::take(tx, &wanted, order.uuid(), holder)? {
        Taken::All(turns) => Ok(turns),
        Taken::Short(short) => Err(out_of_stock(&short, costs.goods())),
    }
}

/// One part per shop, each with its lines and its conversation.
fn insert_parts(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    buyer: Option<Id<User>>,
    costs: &Costs,
    usual: Rate,
) -> Result<Vec<Id<Shop>>, OrderError> {
    let now = tx.now();
    let actor = buyer.and_then(|buyer| in_person(tx, buyer));
    let mut conversations = Vec::with_capacity(costs.parts.len());
    let mut parts = Vec::with_capacity(costs.parts.len());
    for (ordinal, part) in (1..).zip(&costs.parts) {
        let own = part.lines.first().and_then(|(line, _)| line.item.commission);
        let conversation = messages::service::open_order_conversation(tx, buyer, part.shop, actor)?;
        parts.push(NewPart {
            id: tx.new_id(),
            order_id: order,
            shop_id: part.shop,
            conversation_id: Some(conversation.id()),
            ordinal,
            fulfillment_state: FulfillmentState::Unfulfilled,
            total: part.sums().total,
            placed_at: now,
            commission_rate: own.unwrap_or(usual).basis_points(),
            tax_withheld: part.tax_withheld(costs.taxes.as_ref()),
            shipping_method: part.delivery.as_ref().map(|delivery| delivery.offer.name.clone()),
            promotion: part.promotion.as_ref().map(|applied| applied.promotion.name.clone()),
            is_invoiced: true,
        });
        conversations.push(conversation);
    }
    queries::insert_parts(tx, &parts)?;
    let mut lines = Vec::new();
    for (NewPart { id, .. }, part) in parts.iter().zip(&costs.parts) {
        lines.extend(new_lines(tx, *id, part));
    }
    queries::insert_lines(tx, &lines)?;
    let placed = Happened { actor, ..Happened::all(OrderStep::Placed) };
    let step = insert_step(tx, order, &placed)?;
    for conversation in &conversations {
        messages::service::post_first_step(tx, conversation, (placed.step, step.uuid()))?;
    }
    Ok(parts.iter().map(|part| part.shop_id).collect())
}

/// A line of goods of a part, at its place there.
pub(super) fn new_goods<'a>(
    tx: &mut Tx<'_>,
    part_id: Id<OrderPart>,
    ordinal: i32,
    (line, charged): &'a (AgreedLine, Charged),
) -> (NewLine<'a>, Charge) {
    let row = NewLine {
        id: tx.new_id(),
        part_id,
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
    (row, charged.charge)
}

/// The goods of a part, and after them what it costs to send them.
fn new_lines<'a>(tx: &mut Tx<'_>, part_id: Id<OrderPart>, part: &'a PartCosts) -> Vec<(NewLine<'a>, Charge)> {
    let mut lines = Vec::with_capacity(part.lines.len() + 1);
    lines.extend((1..).zip(&part.lines).map(|(ordinal, goods)| new_goods(tx, part_id, ordinal, goods)));
    if let Some(Delivery { offer, charged }) = &part.delivery {
        let line = NewLine {
            id: tx.new_id(),
            part_id,
            ordinal: lines.last().map_or(1, |(line, _)| line.ordinal + 1),
            kind: OrderLineKind::Charge,
            product_id: None,
            variant_id: None,
            title: &offer.name,
            sku: "",
            quantity: 1,
            unit_price: offer.price,
            total: charged.total,
        };
        lines.push((line, charged.charge));
    }
    lines
}
