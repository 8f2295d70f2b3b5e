//! Orders as they are asked for.

use chrono::TimeDelta;
use serde::Serialize;

use crate::{
    kernel::{address::Address, id::Id, money::Money, rate::Rate},
    products::model::Variant,
    shipping::model::Method,
    shops::model::Shop,
};

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
    /// How shops are to send it: the cheapest way if nothing is said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<ChosenMethod>,
    /// What takes something off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the shops are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How one shop is to send what is ordered of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ChosenMethod {
    pub shop: Id<Shop>,
    pub method: Id<Method>,
}

/// What the market lays down for an order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// How long it waits for its money; without end if nothing is said.
    pub waits_for: Option<TimeDelta>,
    /// How many of its buyer's wait for their money at once at the most, if it waits for its own.
    pub most_waiting: i64,
    /// The market's share of what it brings its shops, but for those that have one of their own.
    pub commission: Rate,
}

/// The buyer's own cart, as it was when they saw it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FromCart {
    pub expected_version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::CurrencyCode;

    #[test]
    fn orders_without_a_cart_and_a_note_have_the_idempotency_keys_that_they_had() {
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
        let order = PlaceOrder {
            lines: Vec::new(),
            shipping_address: address,
            expected_total,
            cart: None,
            shipping: Vec::new(),
            code: None,
            note: None,
        };
        let fields = serde_json::to_value(&order).unwrap();
        let names: Vec<_> = fields.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["expected_total", "lines", "shipping_address"]);
    }
}
