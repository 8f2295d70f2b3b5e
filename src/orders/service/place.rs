//! Placing orders.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Happened, emit, in_person, post_step};
use crate::{
    carts::{self, model::MAXIMUM_QUANTITY},
    inventory::{
        self,
        model::Shortage,
        service::{Taken, Turns},
    },
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        rate::Rate,
    },
    messages::{self, model::OrderStep},
    orders::{
        error::{OrderError, ShortLine},
        model::{
            FromCart, FulfillmentState, MAXIMUM_LINES, Order, OrderLifecycle, OrderLineKind, OrderSource, PlaceOrder,
            Terms, WantedLine, number,
        },
        queries::{self, NewLine, NewOrder, NewPart},
    },
    payments,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{
        self,
        model::{ForSale, ProductStatus, Variant},
    },
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
    app.once(caller, Some(key), move |tx| place(tx, buyer, &input, terms)).await
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
            place_lines(tx, buyer, input, &wanted)
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
    // What one cost when they saw it: they never pay what they have not seen.
    let expected = |minor| Money::new(minor, taken.currency);
    let wanted = |line: carts::model::Line| WantedLine {
        variant: line.variant_id,
        quantity: line.quantity,
        expected_unit_price: line.unit_price.map(expected),
    };
    let lines: Vec<_> = taken.lines.into_iter().map(wanted).collect();
    let wanted = Wanted { lines: &lines, currency: Some(taken.currency), holder: Some(taken.holder), terms };
    place_lines(tx, buyer, input, &wanted).map_err(|error| OrderError::OfCart(Box::new(error)))
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
    buyer: Id<User>,
    input: &PlaceOrder,
    wanted: &Wanted<'_>,
) -> Result<Id<Order>, OrderError> {
    let lines = merged(wanted.lines)?;
    let address = input.shipping_address.clone().checked().map_err(OrderError::Address)?;
    let agreed = agree(tx, &lines, wanted)?;
    let currency = input.expected_total.currency;
    if agreed.iter().any(|line| line.total.currency != currency) {
        return Err(OrderError::TotalCurrency);
    }
    let total = Money::sum(agreed.iter().map(|line| line.total), currency)?;
    if total != input.expected_total {
        return Err(OrderError::PriceChanged { line: None, old: input.expected_total, new: total });
    }
    let waits_for = wanted.terms.waits_for.filter(|_| total.minor > 0);
    if waits_for.is_some() && queries::waiting::count_by_buyer(tx.conn(), buyer)? >= wanted.terms.most_waiting {
        return Err(OrderError::TooManyUnpaid);
    }

    let order: Id<Order> = tx.new_id();
    let turns = take_stock(tx, order, &agreed, wanted.holder)?;
    let (now, number) = (tx.now(), number(tx.generator().bytes()));
    let address = serde_json::to_value(address).map_err(Failure::internal)?;
    queries::insert_order(
        tx,
        &NewOrder {
            id: order,
            number: &number,
            buyer_id: Some(buyer),
            status: OrderLifecycle::Open,
            currency,
            total: total.minor,
            shipping_address: Some(address),
            source: OrderSource::Agora,
            placed_at: now,
            payment_due_at: waits_for.map(|lasting| now + lasting),
        },
    )?;
    let shops = insert_parts(tx, order, buyer, &agreed, wanted.terms.commission)?;
    products::service::count_sold(
        tx,
        &agreed.iter().map(|line| (line.item.product, i64::from(line.quantity))).collect::<Vec<_>>(),
    )?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    emit(tx, order, 1, Some(buyer), &shops)?;
    Ok(order)
}

/// A line that both sides agree on.
struct Agreed {
    /// Where it stands in the input.
    place: usize,
    item: ForSale,
    quantity: i32,
    total: Money,
}

/// The wanted lines, one per variant, each with its first place in the input.
fn merged(wanted: &[WantedLine]) -> Result<Vec<(usize, WantedLine)>, OrderError> {
    if wanted.is_empty() || wanted.len() > MAXIMUM_LINES {
        return Err(OrderError::Lines { is_empty: wanted.is_empty() });
    }
    let mut lines: Vec<(usize, WantedLine)> = Vec::with_capacity(wanted.len());
    for (place, line) in wanted.iter().enumerate() {
        let quantity = if let Some((_, known)) = lines.iter_mut().find(|(_, known)| known.variant == line.variant) {
            known.quantity = known.quantity.saturating_add(line.quantity.max(0));
            known.quantity.min(if line.quantity > 0 { i32::MAX } else { 0 })
        } else {
            lines.push((place, line.clone()));
            line.quantity
        };
        if !(1..=MAXIMUM_QUANTITY).contains(&quantity) {
            return Err(OrderError::Quantity { line: place });
        }
    }
    Ok(lines)
}

/// Holds the wanted lines against the catalogue.
fn agree(
    tx: &mut Tx<'_>,
    lines: &[(usize, WantedLine)],
    &Wanted { lines: wanted, currency, .. }: &Wanted<'_>,
) -> Result<Vec<Agreed>, OrderError> {
    let ids: Vec<Id<Variant>> = lines.iter().map(|(_, line)| line.variant).collect();
    let now = tx.now();
    let items = match currency {
        None => products::service::variants_for_sale(tx.conn(), &ids)?,
        Some(currency) => products::service::variants_for_sale_in(tx.conn(), &ids, currency)?,
    };
    let mut items: BTreeMap<Id<Variant>, ForSale> = items.into_iter().map(|item| (item.variant, item)).collect();
    let mut agreed: Vec<Agreed> = Vec::with_capacity(lines.len());
    for &(place, ref line) in lines {
        let item = items.remove(&line.variant).filter(|item| item.status == ProductStatus::Active);
        let item = item.ok_or(OrderError::NotForSale { line: place })?;
        if item.holiday.and_then(|columns| columns.holiday(now)).is_some_and(|holiday| holiday.is_on(now)) {
            return Err(OrderError::OnHoliday { line: place });
        }
        let expected = currency.or(agreed.first().map(|first| first.item.price.currency));
        if expected.is_some_and(|expected| expected != item.price.currency) {
            return Err(OrderError::CurrencyMismatch { line: place });
        }
        // Several lines of one variant became one, but each may have named its price.
        for (place, wanted) in wanted.iter().enumerate().filter(|(_, wanted)| wanted.variant == line.variant) {
            match wanted.expected_unit_price {
                Some(expected) if expected != item.price => {
                    return Err(OrderError::PriceChanged { line: Some(place), old: expected, new: item.price });
                }
                _ => {}
            }
        }
        let total = item.price.checked_mul(line.quantity)?;
        agreed.push(Agreed { place, item, quantity: line.quantity, total });
    }
    Ok(agreed)
}

fn take_stock(tx: &mut Tx<'_>, order: Id<Order>, agreed: &[Agreed], holder: Option<Uuid>) -> Result<Turns, OrderError> {
    let wanted: Vec<(Id<Variant>, i32)> = agreed.iter().map(|line| (line.item.variant, line.quantity)).collect();
    let short = match inventory::service::take(tx, &wanted, order.uuid(), holder)? {
        Taken::All(turns) => return Ok(turns),
        Taken::Short(short) => short,
    };
    let line = |short: &Shortage| {
        let line = agreed.iter().find(|line| line.item.variant == short.variant)?;
        Some(ShortLine { line: line.place, available: short.available })
    };
    let mut lines: Vec<ShortLine> = short.iter().filter_map(line).collect();
    lines.sort_unstable_by_key(|line| line.line);
    Err(OrderError::OutOfStock(lines))
}

/// One part per shop, in the order in which the shops first appear, each with its lines and its conversation.
fn insert_parts(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    buyer: Id<User>,
    agreed: &[Agreed],
    usual: Rate,
) -> Result<Vec<Id<Shop>>, OrderError> {
    let mut shops: Vec<Id<Shop>> = Vec::new();
    for line in agreed {
        if !shops.contains(&line.item.shop) {
            shops.push(line.item.shop);
        }
    }
    let now = tx.now();
    let mut parts = Vec::with_capacity(shops.len());
    for (ordinal, &shop) in (1..).zip(&shops) {
        let of_shop = agreed.iter().filter(|line| line.item.shop == shop);
        let total = of_shop.map(|line| line.total.minor).sum();
        let own = agreed.iter().find(|line| line.item.shop == shop).and_then(|line| line.item.commission);
        let conversation_id = Some(messages::service::open_order_conversation(tx, Some(buyer), shop)?);
        let (id, order_id) = (tx.new_id(), order);
        let fulfillment_state = FulfillmentState::Unfulfilled;
        parts.push(NewPart {
            id,
            order_id,
            shop_id: shop,
            conversation_id,
            ordinal,
            fulfillment_state,
            total,
            placed_at: now,
            commission_rate: own.unwrap_or(usual).basis_points(),
        });
    }
    queries::insert_parts(tx, &parts)?;
    let mut lines = Vec::with_capacity(agreed.len());
    for part in &parts {
        for (ordinal, line) in (1..).zip(agreed.iter().filter(|line| line.item.shop == part.shop_id)) {
            lines.push(NewLine {
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
                total: line.total.minor,
            });
        }
    }
    queries::insert_lines(tx, &lines)?;
    let conversations = parts.iter().filter_map(|part| part.conversation_id);
    let actor = in_person(tx, buyer);
    post_step(tx, order, &Happened { actor, ..Happened::all(OrderStep::Placed) }, conversations)?;
    Ok(shops)
}
