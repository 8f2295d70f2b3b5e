//! What shops send, and what of it may happen next.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::{FulfillmentState, Order, OrderLine, OrderPart};
use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, jobs::JobBody},
    schema::{shipment_lines, shipments},
    text_enum,
    users::model::User,
};

text_enum! {
    /// How far a shipment has come.
    #[derive(async_graphql::Enum)]
    pub enum ShipmentStatus {
        /// Ready to be sent.
        Packed = "PACKED",
        /// On its way.
        Shipped = "SHIPPED",
        /// Arrived.
        Delivered = "DELIVERED",
        /// Never sent: its pieces were unpacked again.
        Unpacked = "UNPACKED",
    }
}

impl ShipmentStatus {
    /// What may happen to it next.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Packed => &[Self::Shipped, Self::Unpacked],
            Self::Shipped => &[Self::Delivered],
            Self::Delivered | Self::Unpacked => &[],
        }
    }
}

/// Pieces of a part that are sent together.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Shipment {
    pub id: Id<Shipment>,
    pub part_id: Id<OrderPart>,
    pub status: ShipmentStatus,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub tracking_url: Option<String>,
    pub created_at: Time,
    pub shipped_at: Option<Time>,
    pub delivered_at: Option<Time>,
}

impl Entity for Shipment {
    const PREFIX: &'static str = "shipment";
}

impl Shipment {
    /// Shipments of one part at the most, those that were unpacked again among them, but for the one that sends all that is left.
    pub const MAXIMUM: usize = 100;
}

/// Pieces of a line in a shipment.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct ShipmentLine {
    pub shipment_id: Id<Shipment>,
    pub line_id: Id<OrderLine>,
    pub quantity: i32,
}

/// A shipment and what is in it.
#[derive(Debug, Clone)]
pub struct FullShipment {
    pub shipment: Shipment,
    pub order: Id<Order>,
    pub lines: Vec<ShipmentLine>,
}

/// By which a shipment is followed on its way.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tracking {
    pub carrier: Option<String>,
    pub number: Option<String>,
    pub url: Option<String>,
}

/// Some pieces of a line.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Pieces {
    pub line: Id<OrderLine>,
    pub quantity: i32,
}

impl FulfillmentState {
    /// How far a shop has come of which so many pieces are in no shipment yet.
    pub fn of(open: i32, shipments: &[ShipmentStatus]) -> Self {
        let are_all = |wanted: &[ShipmentStatus]| {
            let mut sent = shipments.iter().filter(|status| **status != ShipmentStatus::Unpacked).peekable();
            sent.peek().is_some() && sent.all(|status| wanted.contains(status))
        };
        let is_any_sent =
            [ShipmentStatus::Shipped, ShipmentStatus::Delivered].iter().any(|sent| shipments.contains(sent));
        match open {
            0 if are_all(&[ShipmentStatus::Delivered]) => Self::Delivered,
            0 if are_all(&[ShipmentStatus::Shipped, ShipmentStatus::Delivered]) => Self::Shipped,
            _ if is_any_sent => Self::PartiallyShipped,
            0 if are_all(&[ShipmentStatus::Packed]) => Self::Packed,
            _ => Self::Unfulfilled,
        }
    }
}

/// Tells a buyer that something is on its way.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShippedMail {
    pub shipment: Id<Shipment>,
    /// None of a guest's.
    pub buyer: Option<Id<User>>,
}

impl JobBody for ShippedMail {
    const KIND: &'static str = "orders.shipped_mail";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_shop_has_come_follows_from_its_shipments() {
        use ShipmentStatus::{Delivered, Packed, Shipped, Unpacked};
        for (open, shipments, state) in [
            (2, &[][..], FulfillmentState::Unfulfilled),
            (0, &[], FulfillmentState::Unfulfilled),
            (1, &[Packed], FulfillmentState::Unfulfilled),
            (0, &[Packed], FulfillmentState::Packed),
            (0, &[Packed, Unpacked], FulfillmentState::Packed),
            (2, &[Unpacked], FulfillmentState::Unfulfilled),
            (1, &[Shipped], FulfillmentState::PartiallyShipped),
            (0, &[Packed, Delivered], FulfillmentState::PartiallyShipped),
            (0, &[Shipped, Delivered], FulfillmentState::Shipped),
            (0, &[Delivered, Unpacked, Delivered], FulfillmentState::Delivered),
        ] {
            assert_eq!(FulfillmentState::of(open, shipments), state, "{open} {shipments:?}");
        }
    }

    #[test]
    fn what_has_arrived_or_was_unpacked_goes_nowhere() {
        for status in [ShipmentStatus::Delivered, ShipmentStatus::Unpacked] {
            assert!(status.next().is_empty());
        }
        assert!(!ShipmentStatus::Shipped.next().contains(&ShipmentStatus::Unpacked));
    }
}
