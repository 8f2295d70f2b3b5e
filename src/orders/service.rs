//! Placing, cancelling and paying orders.

pub mod import;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    error::{OrderError, ShortLine},
    jobs::SettlePayment,
    model::{
        FulfillmentState, FullPart, MAXIMUM_LINES, MAXIMUM_QUANTITY, Order, OrderChanged, OrderLifecycle,
        OrderLineKind, OrderPart, OrderSource, PaidOrder, PlaceOrder, WantedLine, number,
    },
    policy,
    queries::{self, NewLine, NewOrder, NewPart, Position},
};
use crate::{
    inventory::{self, model::Shortage},
    kernel::{
        error::Failure,
        id::Id,
        money::Money,
        page::{Page, Slice},
    },
    messages::{
        self,
        model::{Conversation, OrderStep},
    },
    payments::{
        self,
        model::{PaymentIntent, PaymentStatus, Progress},
        service::Attempt,
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention, Turn},
    },
    products::{
        self,
        model::{ForSale, ProductStatus, Variant},
    },
    shops::model::{Desk, Permission, Shop},
    users::model::{User, signed_in},
};

/// Places an order: stock, lines, conversations and the event, or nothing at all.
pub async fn place_order(app: &App, caller: &Caller, input: PlaceOrder, key: &str) -> Result<Id<Order>, OrderError> {
    let buyer = signed_in(caller)?;
    let key = Key::new(buyer, "placeOrder", key, &input, Retention::Month)?;
    app.once(caller, Some(key), move |tx| place(tx, buyer, &input)).await
}

fn place(tx: &mut Tx<'_>, buyer: Id<User>, input: &PlaceOrder) -> Result<Id<Order>, OrderError> {
    let lines = merged(&input.lines)?;
    let address = input.shipping_address.clone().checked();
    let address = address.map_err(|(field, error)| OrderError::Address { field: field.into(), error })?;
    let agreed = agree(tx, &lines)?;
    let currency = input.expected_total.currency;
    let total = Money::sum(agreed.iter().map(|line| line.total), currency)
        .map_err(|_| OrderError::CurrencyMismatch { line: 0 })?;
    if total != input.expected_total {
        return Err(OrderError::PriceChanged { line: None, old: input.expected_total, new: total });
    }

    let order: Id<Order> = tx.new_id();
    take_stock(tx, order, &agreed)?;
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
            shipping_address: Some(&address),
            source: OrderSource::Agora,
            placed_at: now,
        },
    )?;
    let shops = insert_parts(tx, order, buyer, &agreed)?;
    products::service::count_sold(
        tx,
        &agreed.iter().map(|line| (line.item.product, i64::from(line.quantity))).collect::<Vec<_>>(),
    )?;
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
        let quantity = match lines.iter_mut().find(|(_, known)| known.variant == line.variant) {
            Some((_, known)) => {
                known.quantity = known.quantity.saturating_add(line.quantity.max(0));
                known.quantity.min(if line.quantity > 0 { i32::MAX } else { 0 })
            }
            None => {
                lines.push((place, line.clone()));
                line.quantity
            }
        };
        if !(1..=MAXIMUM_QUANTITY).contains(&quantity) {
            return Err(OrderError::Quantity { line: place });
        }
    }
    Ok(lines)
}

/// Holds the wanted lines against the catalogue.
fn agree(tx: &mut Tx<'_>, lines: &[(usize, WantedLine)]) -> Result<Vec<Agreed>, OrderError> {
    let ids: Vec<Id<Variant>> = lines.iter().map(|(_, line)| line.variant).collect();
    let mut items: BTreeMap<Id<Variant>, ForSale> =
        products::service::variants_for_sale(tx.conn(), &ids)?.into_iter().map(|item| (item.variant, item)).collect();
    let mut agreed: Vec<Agreed> = Vec::with_capacity(lines.len());
    for &(place, ref line) in lines {
        let item = items.remove(&line.variant).filter(|item| item.status == ProductStatus::Active);
        let item = item.ok_or(OrderError::NotForSale { line: place })?;
        if agreed.first().is_some_and(|first| first.item.price.currency != item.price.currency) {
            return Err(OrderError::CurrencyMismatch { line: place });
        }
        match line.expected_unit_price {
            Some(expected) if expected != item.price => {
                return Err(OrderError::PriceChanged { line: Some(place), old: expected, new: item.price });
            }
            _ => {}
        }
        let total = item.price.checked_mul(line.quantity)?;
        agreed.push(Agreed { place, item, quantity: line.quantity, total });
    }
    Ok(agreed)
}

fn take_stock(tx: &mut Tx<'_>, order: Id<Order>, agreed: &[Agreed]) -> Result<(), OrderError> {
    let wanted: Vec<(Id<Variant>, i32)> = agreed.iter().map(|line| (line.item.variant, line.quantity)).collect();
    let short = inventory::service::take(tx, &wanted, order.uuid())?;
    if short.is_empty() {
        return Ok(());
    }
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
    post_steps(tx, conversations, OrderStep::Placed, Some(buyer))?;
    Ok(shops)
}

/// Tells the buyer and the shops that something about an order has changed. The caller holds the order's lock.
fn emit(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    version: i32,
    buyer: Option<Id<User>>,
    shops: &[Id<Shop>],
) -> Result<(), Failure> {
    let topics: Vec<Uuid> = buyer.map(Id::uuid).into_iter().chain(shops.iter().map(|shop| shop.uuid())).collect();
    tx.emit(&OrderChanged { order: order.uuid(), version }, &topics)
}

/// Writes a step into conversations, in the order of their ids: each is locked until the transaction ends.
fn post_steps(
    tx: &mut Tx<'_>,
    conversations: impl Iterator<Item = Id<Conversation>>,
    step: OrderStep,
    actor: Option<Id<User>>,
) -> Result<(), Failure> {
    let conversations: BTreeSet<_> = conversations.collect();
    for conversation in conversations {
        messages::service::post_step(tx, conversation, step, actor)?;
    }
    Ok(())
}

/// Writes a step into the conversations of all parts and tells everybody concerned.
fn note_step(
    tx: &mut Tx<'_>,
    order: &Order,
    version: i32,
    step: OrderStep,
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    let parts: Vec<OrderPart> = queries::parts_of(tx.conn(), order.id)?;
    post_steps(tx, parts.iter().filter_map(|part| part.conversation_id), step, actor)?;
    let shops: Vec<Id<Shop>> = parts.iter().map(|part| part.shop_id).collect();
    Ok(emit(tx, order.id, version, order.buyer_id, &shops)?)
}

/// Calls an order off that nobody has paid for. Its stock goes back, once.
pub async fn cancel_order(
    app: &App,
    caller: &Caller,
    id: Id<Order>,
    key: Option<&str>,
) -> Result<Id<Order>, OrderError> {
    let person = signed_in(caller)?;
    let key = key.map(|key| Key::new(person, "cancelOrder", key, &id, Retention::Month)).transpose()?;
    let asking = caller.clone();
    app.once(caller, key, move |tx| {
        let order = queries::lock_order(tx, id)?.filter(|order| policy::may_act(&asking, order));
        let order = order.ok_or(OrderError::NotFound)?;
        let paid = payments::service::paid_for(tx.conn(), id.uuid(), order.currency)?;
        if order.status != OrderLifecycle::Open || paid.minor > 0 {
            return Err(OrderError::NotCancellable);
        }
        payments::service::give_up(tx, id.uuid())?;
        let version = queries::set_cancelled(tx, id)?.ok_or(OrderError::NotCancellable)?;
        inventory::service::restock(tx, id.uuid())?;
        let sold = queries::sold_in(tx.conn(), id)?;
        let unsold: Vec<_> =
            sold.into_iter().filter_map(|(product, quantity)| Some((product?, -i64::from(quantity)))).collect();
        products::service::count_sold(tx, &unsold)?;
        note_step(tx, &order, version, OrderStep::Cancelled, Some(person))?;
        Ok(id)
    })
    .await
}

/// How somebody wants to pay.
#[derive(Debug, Clone)]
pub struct PayOrder {
    pub order: Id<Order>,
    pub method: String,
    pub return_url: Option<String>,
}

/// Pays what is owed for an order. The attempt is written down before the provider is asked and settled afterwards, so a
/// crash in between loses nothing: a job asks the provider what became of it.
pub async fn pay_order(
    app: &App,
    caller: &Caller,
    input: PayOrder,
    key: &str,
) -> Result<Id<PaymentIntent>, OrderError> {
    let person = signed_in(caller)?;
    let provider = payments::service::check_method(app, &input.method, input.return_url.as_deref())?;
    let stated = (input.order, &input.method, &input.return_url);
    let key = Key::new(person, "payOrder", key, &stated, Retention::Month)?;
    let asking = caller.clone();
    let (id, turn) = app
        .claim(caller, Some(key), move |tx| {
            let order = queries::lock_order(tx, input.order)?.filter(|order| policy::may_act(&asking, order));
            let order = order.ok_or(OrderError::NotFound)?;
            let paid = payments::service::paid_for(tx.conn(), order.id.uuid(), order.currency)?;
            let owed = order.total.checked_sub(paid.minor).filter(|&owed| owed > 0);
            let owed = owed.filter(|_| order.status == OrderLifecycle::Open).ok_or(OrderError::NotPayable)?;
            let attempt = Attempt {
                order: order.id.uuid(),
                amount: Money::new(owed, order.currency),
                provider,
                method: input.method.clone(),
                return_url: input.return_url.clone(),
            };
            let intent = payments::service::begin(tx, &attempt)?;
            // In case this process does not live to hear the provider's answer.
            tx.enqueue_at(&SettlePayment { payment: intent.id }, tx.now() + SettlePayment::AFTER, None)?;
            Ok::<_, OrderError>(intent.id)
        })
        .await?;
    if turn == Turn::First {
        let intent = app.db.read(move |conn| payments::service::by_id(conn, id)).await?.ok_or(OrderError::NotFound)?;
        if let Ok(progress) = payments::service::charge(app, &intent).await {
            settle(app, caller, id, progress).await?;
        }
    } else {
        await_answer(app, id).await?;
    }
    Ok(id)
}

/// How often, and how far apart, a repeat looks whether the first request has heard from the provider.
const LOOKS: u32 = 50;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(200);

/// Waits, within bounds, until a payment that another request began has an answer.
async fn await_answer(app: &App, id: Id<PaymentIntent>) -> Result<(), OrderError> {
    for _ in 0..LOOKS {
        let intent = app.db.read(move |conn| payments::service::by_id(conn, id)).await?;
        if intent.is_none_or(|intent| intent.status != PaymentStatus::Processing) {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
}

/// Takes note of a provider's word about a payment, whoever brings it and however often.
pub async fn settle(app: &App, caller: &Caller, id: Id<PaymentIntent>, progress: Progress) -> Result<(), OrderError> {
    app.db
        .write(caller, move |tx| {
            let Some(intent) = payments::service::by_id(tx.conn(), id)? else { return Ok(()) };
            let Some(order) = queries::lock_order(tx, Id::from_uuid(intent.order_id))? else { return Ok(()) };
            let Some((settled, has_paid)) = payments::service::settle(tx, id, &progress)? else { return Ok(()) };
            if settled.status == intent.status {
                return Ok(());
            }
            let version = queries::set_changed(tx, order.id)?;
            if has_paid {
                note_step(tx, &order, version, OrderStep::Paid, order.buyer_id)
            } else {
                let shops: Vec<_> = queries::parts_of(tx.conn(), order.id)?.iter().map(|part| part.shop_id).collect();
                Ok(emit(tx, order.id, version, order.buyer_id, &shops)?)
            }
        })
        .await
}

/// Finds out what became of a payment whose answer never came.
pub async fn settle_unanswered(app: &App, id: Id<PaymentIntent>) -> Result<(), SettleError> {
    let intent = app.db.read(move |conn| payments::service::by_id(conn, id)).await.map_err(OrderError::from)?;
    let Some(intent) = intent.filter(|intent| intent.status == PaymentStatus::Processing) else { return Ok(()) };
    let progress = payments::service::look_up(app, &intent).await?;
    Ok(settle(app, &Caller::system(), id, progress).await?)
}

/// Why a payment is still open.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error(transparent)]
    NoAnswer(#[from] payments::provider::NoAnswer),
    #[error(transparent)]
    Order(#[from] OrderError),
}

/// A payment that waits on the test provider's page.
pub async fn waiting_payment(app: &App, id: Id<PaymentIntent>) -> Result<Option<PaymentIntent>, Failure> {
    let found = app.db.read(move |conn| payments::service::by_id(conn, id)).await?;
    Ok(found.filter(|intent| intent.status == PaymentStatus::RequiresAction))
}

/// A page of the caller's orders, newest first.
pub async fn orders(app: &App, caller: &Caller, page: Page<Position>) -> Result<Slice<PaidOrder>, Failure> {
    let buyer = signed_in(caller)?;
    app.db.read(move |conn| queries::by_buyer(conn, buyer, &page)).await
}

/// How many orders the caller has, counted to a little more than is told.
pub async fn count_orders(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let buyer = signed_in(caller)?;
    app.db.read_long(move |conn| queries::count_by_buyer(conn, buyer, limit)).await
}

/// A page of what a shop has to do, newest first. The face has a desk, so the caller is a member; the role decides.
pub async fn parts(app: &App, desk: &Desk, page: Page<Position>) -> Result<Option<Slice<FullPart>>, Failure> {
    if !desk.role.may(Permission::SeeOrders) {
        return Ok(None);
    }
    let shop = desk.shop.id;
    app.db.read(move |conn| queries::parts_by_shop(conn, shop, &page)).await.map(Some)
}

/// How many parts a shop has, counted to a little more than is told.
pub async fn count_parts(app: &App, shop: Id<Shop>, limit: i64) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count_parts_by_shop(conn, shop, limit)).await
}
