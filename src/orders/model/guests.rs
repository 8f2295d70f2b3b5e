//! What guests order.

use diesel::{Queryable, Selectable};
use serde::Serialize;

use super::{FullPart, FullShipment, Order, OrderLifecycle, OrderStanding, PaidOrder, PlaceOrder, Step};
use crate::{
    invoices::model::Document,
    kernel::{id::Id, money::CurrencyCode, place::Locale},
    payments::model::{PaymentIntent, Refund},
    platform::clock::Time,
    schema::{guest_orders, orders},
};

/// Where mail goes about an order that is nobody's in particular.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = guest_orders)]
pub struct Guest {
    /// None once the account that has the address is erased.
    pub email: Option<String>,
    pub locale: Locale,
}

impl Guest {
    /// Orders with one address, from one line, that may wait for their money at once; the market may lay down fewer for everybody. Of the
    /// address alone they are not counted: whoever knows it could keep its owner from ordering.
    pub const MAXIMUM_WAITING: i64 = 5;
    /// Pieces that may wait for their money at once which guests ordered from one line: they are kept from everybody else meanwhile.
    pub const MAXIMUM_PIECES: i64 = 200;
    /// Mails about one order.
    pub const MAXIMUM_MAILS: i32 = 50;
}

/// An order of a guest's with the address of somebody's account, as they are told of it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = orders)]
pub struct OrderOfAddress {
    pub id: Id<Order>,
    pub number: String,
    pub status: OrderLifecycle,
    pub currency: CurrencyCode,
    pub total: i64,
    pub placed_at: Time,
}

/// An order as a guest asks for it: of what is in their cart.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceGuestOrder {
    /// Where mail about it goes.
    pub email: String,
    /// The version of the cart as they saw it.
    pub expected_version: i32,
    /// Without lines, and without a cart of somebody's.
    pub order: PlaceOrder,
}

/// An order with all that its buyer sees of it, for who has the owner's token.
#[derive(Debug, Clone)]
pub struct Opened {
    pub order: PaidOrder,
    pub parts: Vec<FullPart>,
    /// Oldest first, as all that follow.
    pub payments: Vec<PaymentIntent>,
    pub refunds: Vec<Refund>,
    pub steps: Vec<Step>,
    pub shipments: Vec<FullShipment>,
    /// In the order of their numbers.
    pub documents: Vec<Document>,
    pub standing: OrderStanding,
}
