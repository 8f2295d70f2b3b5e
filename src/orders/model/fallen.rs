//! What of orders fell away before it was paid. What is called off piece by piece is written down (`dropped`); that all of an order is follows
//! from its status, and its sums stay as they were.

use super::{FullPart, OrderLifecycle, PaidOrder};

impl PaidOrder {
    /// Whether it was called off as a whole before it was paid: nothing of it is here, and nothing went back at the cost of its shops. As long as
    /// some of what came too late is here, nobody can tell.
    fn is_fallen_away(&self) -> bool {
        self.order.status == OrderLifecycle::Cancelled && self.order.refunded == 0 && self.paid <= 0
    }

    /// What of the total fell away, in minor units.
    pub fn fallen_away(&self) -> i64 {
        if self.is_fallen_away() { self.order.total } else { self.order.dropped }
    }
}

impl FullPart {
    /// What of its total fell away, in minor units.
    pub fn fallen_away(&self) -> i64 {
        if self.order.is_fallen_away() { self.part.total } else { self.part.dropped }
    }
}
