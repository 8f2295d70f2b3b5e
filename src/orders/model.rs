//! Rows of orders, their parts and lines.

mod actions;
mod additions;
mod again;
mod claims;
mod costs;
mod edits;
mod explanation;
mod fallen;
mod guests;
mod jobs;
mod learning;
mod left;
mod lists;
mod notes;
mod placing;
mod returns;
mod sales;
mod shipments;
mod standing;

pub use self::{
    actions::*, additions::*, again::*, claims::*, costs::*, edits::*, explanation::*, guests::*, jobs::*, learning::*,
    left::*, lists::*, notes::*, placing::*, returns::*, sales::*, shipments::*, standing::*,
};

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::{
        address::StoredAddress,
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        place::CountryCode,
    },
    messages::model::{Conversation, OrderStep},
    payments::model::{PaymentIntent, PaymentState},
    platform::{clock::Time, events::EventBody},
    products::model::{Product, Variant},
    schema::{order_lines, order_parts, order_steps, orders},
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
    /// Why an order was called off. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "OrderCancellationReason")]
    pub enum Cancellation {
        /// Whoever placed it did not want it any more.
        Buyer = "BUYER",
        /// It was not paid in time.
        Unpaid = "UNPAID",
        /// Whoever placed it has left the market.
        BuyerLeft = "BUYER_LEFT",
        /// Its shops cannot send any of it.
        Shop = "SHOP",
        /// The market's staff called it off.
        Market = "MARKET",
    }
}

text_enum! {
    /// How far a shop has come with its part.
    #[derive(async_graphql::Enum)]
    pub enum FulfillmentState {
        /// Nothing has been sent.
        Unfulfilled = "UNFULFILLED",
        /// Everything is ready to be sent.
        Packed = "PACKED",
        /// Some of it is on its way, or has arrived.
        PartiallyShipped = "PARTIALLY_SHIPPED",
        /// All of it is on its way.
        Shipped = "SHIPPED",
        /// All of it has arrived.
        Delivered = "DELIVERED",
        /// All of it has come back.
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
    /// What of the total goes back, or has gone back: the sum of its parts'.
    pub refunded: i64,
    /// Why it was called off, where that is known.
    pub cancellation: Option<Cancellation>,
    /// What of the total fell away before it was paid: the sum of its parts'.
    pub dropped: i64,
    #[diesel(embed)]
    pub costs: OrderCosts,
    /// What its buyer tells the shops.
    pub note: Option<String>,
    /// What was added after it was paid and is to be paid, too. It is no part of the total before that.
    pub added: i64,
    /// Until when that waits for its money; none if nothing does.
    pub added_due_at: Option<Time>,
}

impl Entity for Order {
    const PREFIX: &'static str = "order";
}

impl Order {
    /// How long the link in mail shows an order.
    pub const LINK_LIFETIME: TimeDelta = TimeDelta::days(90);

    /// What its goods cost before anything is taken off, in minor units; of one that another system took, with its charges.
    pub const fn subtotal(&self) -> i64 {
        let OrderCosts { discount, shipping, tax, tax_is_added, .. } = self.costs;
        let tax = if tax_is_added { tax } else { 0 };
        self.total - shipping - tax + discount
    }

    /// What it costs without what fell away before it was paid, in minor units.
    pub const fn price(&self) -> i64 {
        self.total - self.dropped
    }

    /// What is to come in for it as a whole, in minor units; without what was added after that.
    pub const fn owed(&self) -> i64 {
        self.total - self.dropped - self.refunded
    }

    /// Which one it is, if it is nobody's in particular.
    pub fn of_guest(&self) -> Option<Id<Self>> {
        self.buyer_id.is_none().then_some(self.id)
    }
}

/// An order with what has come in for it, less what went back.
#[derive(Debug, Clone)]
pub struct PaidOrder {
    pub order: Order,
    /// Minor units of the order's currency.
    pub paid: i64,
}

impl PaidOrder {
    pub const fn payment_state(&self) -> PaymentState {
        match self.order.status {
            // Whatever is there of it has to go back.
            OrderLifecycle::Cancelled if self.paid > 0 => PaymentState::Overpaid,
            OrderLifecycle::Cancelled if self.order.refunded > 0 => PaymentState::Paid,
            OrderLifecycle::Cancelled => PaymentState::Unpaid,
            // All else is there, be it on its way back.
            _ if self.order.added > 0 && self.paid > 0 => PaymentState::PartiallyPaid,
            _ if self.order.added > 0 => PaymentState::Unpaid,
            OrderLifecycle::Open | OrderLifecycle::Completed => PaymentState::of(self.paid, self.order.owed()),
        }
    }

    /// What is still to be paid, in minor units.
    pub fn still_owed(&self) -> i64 {
        match self.order.status {
            OrderLifecycle::Cancelled => 0,
            _ if self.order.added > 0 => self.order.added,
            OrderLifecycle::Open | OrderLifecycle::Completed => (self.order.owed() - self.paid).max(0),
        }
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
    /// What of the total goes back, or has gone back.
    pub refunded: i64,
    /// What of the total fell away before it was paid.
    pub dropped: i64,
    /// What of the total is tax that the market keeps for the state.
    pub tax_withheld: i64,
    /// What of that fell away with what was called off before it was paid.
    pub tax_dropped: i64,
    /// How it is sent, as its shop calls it.
    pub shipping_method: Option<String>,
    /// What took something off it, as its shop calls it.
    pub promotion: Option<String>,
    /// What of the total the buyer's bank has taken back, and not given again.
    pub disputed: i64,
}

impl OrderPart {
    /// What is to come in for it, or to stay, in minor units.
    pub const fn owed(&self) -> i64 {
        self.total - self.dropped - self.refunded
    }

    /// What of that no bank has taken back.
    pub const fn kept(&self) -> i64 {
        self.owed() - self.disputed
    }
}

impl Entity for OrderPart {
    const PREFIX: &'static str = "part";
}

/// Something that happened to an order, or to one of its parts.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_steps)]
pub struct Step {
    pub id: Id<Step>,
    pub order_id: Id<Order>,
    /// The part that it happened to; none if it happened to all of them.
    pub part_id: Option<Id<OrderPart>>,
    pub step: OrderStep,
    /// Who did it, if somebody did in person.
    pub actor_id: Option<Id<User>>,
    /// Of a refund, a shipment, a return, a claim or a dispute, its id.
    pub about_id: Option<Uuid>,
    /// What is said about it by who did it.
    pub reason: Option<String>,
    pub created_at: Time,
}

impl Entity for Step {
    const PREFIX: &'static str = "step";
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
    /// How many are in shipments.
    pub packed: i32,
    /// How many were called off, by the shop or the buyer.
    pub cancelled: i32,
    /// How many are coming back, or have come.
    pub returned: i32,
    /// How many of those that were called off were so before they were paid.
    pub dropped: i32,
    #[diesel(embed)]
    pub charge: Charge,
}

impl OrderLine {
    /// How many are neither packed nor called off.
    pub const fn open(&self) -> i32 {
        self.quantity - self.packed - self.cancelled
    }

    /// What was agreed to be paid for some more of its pieces, if so many were called off before: for all of them, its total.
    pub fn cost_of_cancelled(&self, pieces: i32, currency: CurrencyCode) -> i64 {
        self.between(self.total, self.cancelled, pieces, currency)
    }

    /// The tax in that.
    pub fn tax_of_cancelled(&self, pieces: i32, currency: CurrencyCode) -> i64 {
        self.between(self.charge.tax, self.cancelled, pieces, currency)
    }

    /// What was agreed to be paid for pieces that come back, of which so many had come before. They are counted from the other end.
    pub fn cost_of_returned(&self, pieces: i32, before: i32, currency: CurrencyCode) -> i64 {
        self.between(self.total, self.quantity - before - pieces, pieces, currency)
    }

    /// What falls on some pieces after the first ones.
    fn between(&self, minor: i64, first: i32, pieces: i32, currency: CurrencyCode) -> i64 {
        let upto = |pieces: i32| Money::new(minor, currency).upto(pieces.into(), self.quantity.into()).minor;
        upto(first + pieces) - upto(first)
    }
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
    /// What was added after it was paid and waits for its money.
    pub added: Vec<AddedLine>,
}

/// What is known of where an imported order went. It is less than an [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ImportedAddress {
    pub country: CountryCode,
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
    fn numbers_can_be_spoken() {
        assert_eq!(number([0, 1, 2, 3, 255, 31, 32, 33]), "2345-ZZ23");
    }
}
