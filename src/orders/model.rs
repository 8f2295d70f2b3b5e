//! Rows of orders, their parts and lines.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::{
        address::{Address, StoredAddress},
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        place::CountryCode,
        rate::Rate,
    },
    messages::model::Conversation,
    payments::model::{PaymentIntent, PaymentState},
    platform::{clock::Time, events::EventBody, jobs::JobBody},
    products::model::{Product, Variant},
    schema::{order_lines, order_parts, orders},
    shops::model::Shop,
    text_enum,
    users::model::User,
};

/// Lines of an order at the most.
pub const MAXIMUM_LINES: usize = 200;

text_enum! {
    /// How far an order has come as a whole.
    #[derive(async_graphql::Enum)]
    pub enum OrderLifecycle {
        /// Agreed, and not over.
        Open = "OPEN",
        /// Everything that was agreed has been done.
        Completed = "COMPLETED",
        /// Called off; its stock went back.
        Cancelled = "CANCELLED",
    }
}

text_enum! {
    /// How far a shop has come with its part.
    #[derive(async_graphql::Enum)]
    pub enum FulfillmentState {
        /// Nothing has been sent.
        Unfulfilled = "UNFULFILLED",
        /// Ready to be sent.
        Packed = "PACKED",
        /// On its way.
        Shipped = "SHIPPED",
        /// Arrived.
        Delivered = "DELIVERED",
        /// Came back.
        Returned = "RETURNED",
    }
}

text_enum! {
    /// What a line is about.
    #[derive(async_graphql::Enum)]
    pub enum OrderLineKind {
        /// Goods.
        Goods = "GOODS",
        /// Something that is paid for and is no goods, such as postage.
        Charge = "CHARGE",
    }
}

text_enum! {
    /// Where an order came into being.
    pub enum OrderSource { Agora = "AGORA", Import = "IMPORT" }
}

/// What one buyer agreed to at one moment.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Order {
    pub id: Id<Order>,
    pub number: String,
    pub buyer_id: Option<Id<User>>,
    pub status: OrderLifecycle,
    pub currency: CurrencyCode,
    pub total: i64,
    pub shipping_address: Option<StoredAddress>,
    pub version: i32,
    pub placed_at: Time,
    pub cancelled_at: Option<Time>,
    /// Until when it waits for its money; none if it waits for none.
    pub payment_due_at: Option<Time>,
}

impl Entity for Order {
    const PREFIX: &'static str = "order";
}

impl Order {
    /// How long the link in mail shows an order.
    pub const LINK_LIFETIME: TimeDelta = TimeDelta::days(90);
}

/// An order with what has come in for it.
#[derive(Debug, Clone)]
pub struct PaidOrder {
    pub order: Order,
    /// Minor units of the order's currency.
    pub paid: i64,
}

impl PaidOrder {
    pub const fn payment_state(&self) -> PaymentState {
        PaymentState::of(self.paid, self.order.total)
    }
}

/// A payment and the order that it is for.
#[derive(Debug, Clone)]
pub struct PaidFor {
    pub payment: PaymentIntent,
    pub order: Order,
}

/// What one shop has to do with an order.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_parts)]
pub struct OrderPart {
    pub id: Id<OrderPart>,
    pub order_id: Id<Order>,
    pub shop_id: Id<Shop>,
    pub conversation_id: Option<Id<Conversation>>,
    pub ordinal: i32,
    pub fulfillment_state: FulfillmentState,
    pub total: i64,
    pub placed_at: Time,
    /// The market's share of the total, in hundredths of a percent.
    pub commission_rate: i32,
}

impl Entity for OrderPart {
    const PREFIX: &'static str = "part";
}

/// What was agreed about one variant, or one charge.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_lines)]
pub struct OrderLine {
    pub id: Id<OrderLine>,
    pub part_id: Id<OrderPart>,
    pub ordinal: i32,
    pub kind: OrderLineKind,
    pub product_id: Option<Id<Product>>,
    pub variant_id: Option<Id<Variant>>,
    pub title: String,
    pub sku: String,
    pub quantity: i32,
    pub unit_price: i64,
    pub total: i64,
}

impl Entity for OrderLine {
    const PREFIX: &'static str = "line";
}

/// A part with its lines and what it needs to know of its order.
#[derive(Debug, Clone)]
pub struct FullPart {
    pub part: OrderPart,
    pub order: PaidOrder,
    pub lines: Vec<OrderLine>,
}

/// What is known of where an imported order went. It is less than an [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ImportedAddress {
    pub country: CountryCode,
}

/// What somebody wants of one variant.
#[derive(Debug, Clone, Serialize)]
pub struct WantedLine {
    pub variant: Id<Variant>,
    pub quantity: i32,
    /// The price that the buyer saw, if they insist on it.
    pub expected_unit_price: Option<Money>,
}

/// An order as it is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceOrder {
    pub lines: Vec<WantedLine>,
    pub shipping_address: Address,
    pub expected_total: Money,
    /// Where the lines come from, if they are not in `lines`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cart: Option<FromCart>,
}

/// What the market lays down for an order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// How long it waits for its money; without end if nothing is said.
    pub waits_for: Option<TimeDelta>,
    /// The market's share of what it brings its shops, but for those that have one of their own.
    pub commission: Rate,
}

/// The buyer's own cart, as it was when they saw it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FromCart {
    pub expected_version: i32,
}

/// Something about an order has changed; it says what by its version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderChanged {
    pub order: Uuid,
    pub version: i32,
}

impl EventBody for OrderChanged {
    const KIND: &'static str = "orders.changed";
}

/// Asks the provider what became of a payment, in case nobody heard its answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettlePayment {
    pub payment: Id<PaymentIntent>,
}

impl SettlePayment {
    /// Longer than a provider may take to answer.
    pub const AFTER: TimeDelta = TimeDelta::seconds(30);
}

impl JobBody for SettlePayment {
    const KIND: &'static str = "orders.settle_payment";
}

/// Has those told of an order that was paid who want to be: its buyer, and the members of its shops.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfPayment {
    pub order: Id<Order>,
}

impl JobBody for TellOfPayment {
    const KIND: &'static str = "orders.tell_of_payment";
}

/// Tells a buyer that an order is paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderPaidMail {
    pub order: Id<Order>,
    pub buyer: Id<User>,
}

impl JobBody for OrderPaidMail {
    const KIND: &'static str = "orders.order_paid_mail";
}

/// Tells a buyer that an order was called off which nobody paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderUnpaidMail {
    pub order: Id<Order>,
    pub buyer: Id<User>,
}

impl JobBody for OrderUnpaidMail {
    const KIND: &'static str = "orders.order_unpaid_mail";
}

/// Calls off orders that have waited for their money for too long.
#[derive(Debug, Serialize, Deserialize)]
pub struct CallOffOverdue;

impl JobBody for CallOffOverdue {
    const KIND: &'static str = "orders.call_off_overdue";
}

/// Passes on what orders have brought that were paid before there were accounts of shops, from the one after `after` on.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassOnPaid {
    pub after: Option<Id<Order>>,
}

impl JobBody for PassOnPaid {
    const KIND: &'static str = "orders.pass_on_paid";
}

/// Tells somebody who works for a shop that it has sold something.
#[derive(Debug, Serialize, Deserialize)]
pub struct SaleMail {
    pub part: Id<OrderPart>,
    pub member: Id<User>,
}

impl JobBody for SaleMail {
    const KIND: &'static str = "orders.sale_mail";
}

/// A number to speak over the telephone: two groups of four, without letters that are mistaken for others.
pub fn number(random: [u8; 8]) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut number = String::with_capacity(9);
    for (place, byte) in random.iter().enumerate() {
        if place == 4 {
            number.push('-');
        }
        number.push(LETTERS.get(usize::from(byte % 32)).copied().map_or('2', char::from));
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_without_a_cart_have_the_idempotency_keys_that_they_had() {
        let address = Address {
            name: "Ada".into(),
            lines: Vec::new(),
            postal_code: None,
            city: String::new(),
            region: None,
            country: "GB".parse().unwrap(),
            phone: None,
        };
        let expected_total = Money::new(100, CurrencyCode::GBP);
        let order = PlaceOrder { lines: Vec::new(), shipping_address: address, expected_total, cart: None };
        let fields = serde_json::to_value(&order).unwrap();
        let names: Vec<_> = fields.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["expected_total", "lines", "shipping_address"]);
    }

    #[test]
    fn numbers_can_be_spoken() {
        assert_eq!(number([0, 1, 2, 3, 255, 31, 32, 33]), "2345-ZZ23");
    }
}
