//! What the members of a shop write down for each other about a part of an order.

use diesel::{Queryable, Selectable};

use super::OrderPart;
use crate::{
    kernel::id::{Entity, Id},
    platform::clock::Time,
    schema::order_part_notes,
    users::model::User,
};

/// Something that a member of a part's shop has written down about it. Its buyer never reads it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_part_notes)]
pub struct PartNote {
    pub id: Id<PartNote>,
    pub part_id: Id<OrderPart>,
    /// None once they are erased: what they wrote is the shop's.
    pub author_id: Option<Id<User>>,
    pub text: String,
    pub created_at: Time,
}

impl Entity for PartNote {
    const PREFIX: &'static str = "note";
}

impl PartNote {
    /// Notes about one part at the most.
    pub const MAXIMUM: i64 = 100;
}
