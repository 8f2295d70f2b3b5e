//! The levels of one variant, which stand still together while one of them moves.

use std::collections::BTreeMap;

use super::{Location, MAXIMUM_ON_HAND, MovementReason, StockLevel, Terms};
use crate::kernel::id::Id;

/// Pieces of a variant that are told to everybody at the most.
const MAXIMUM_TOLD: i64 = 100;

/// Whether a variant can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum Availability {
    /// At least one piece is there.
    InStock,
    /// None is there, but more will come: it can be ordered, and is sent then.
    Backorder,
    /// It cannot be ordered.
    OutOfStock,
}

/// What is left of a variant everywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    /// What lies there less what is owed.
    pub pieces: i64,
    /// How many of them are held for people who are about to order.
    pub reserved: i64,
    pub backorder_limit: i32,
}

impl Left {
    pub fn availability(self) -> Availability {
        if self.free() > 0 {
            Availability::InStock
        } else if self.orderable() > 0 {
            Availability::Backorder
        } else {
            Availability::OutOfStock
        }
    }

    /// Pieces that are there and held for nobody.
    const fn free(self) -> i64 {
        self.pieces - self.reserved
    }

    pub fn is_available(self) -> bool {
        self.orderable() > 0
    }

    /// Pieces that can be ordered, those that are not there yet among them.
    pub fn orderable(self) -> i64 {
        self.free() + i64::from(self.backorder_limit)
    }

    /// Pieces that can be ordered, as far as everybody is told.
    pub fn orderable_told(self) -> i32 {
        i32::try_from(self.orderable().clamp(0, MAXIMUM_TOLD)).unwrap_or_default()
    }

    /// Pieces that are there, as far as everybody is told.
    pub fn told(self) -> i32 {
        i32::try_from(self.free().clamp(0, MAXIMUM_TOLD)).unwrap_or_default()
    }
}

/// A level that moves: what lies there less what is owed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub location: Id<Location>,
    pub before: i64,
    pub after: i64,
}

/// All levels of a variant. Whoever moves one of them holds the locks of all, so what is decided here stays true.
///
/// Nobody is owed a piece while one lies somewhere: pieces are taken wherever they are before any is owed, and whatever comes in
/// goes to those who wait.
#[derive(Debug, Clone)]
pub struct Shelf {
    pub terms: Terms,
    places: Vec<Place>,
    moved: BTreeMap<(Id<Location>, MovementReason), i64>,
    reserved: Reserved,
}

/// How many pieces are held in all.
#[derive(Debug, Clone, Copy)]
struct Reserved {
    before: i64,
    after: i64,
}

impl Shelf {
    /// Of levels in the order in which they are locked, so many pieces of which are held.
    pub fn new(terms: Terms, levels: impl IntoIterator<Item = StockLevel>, reserved: i64) -> Self {
        let place = |level: StockLevel| {
            let net = i64::from(level.on_hand) - i64::from(level.backordered);
            Place { location: level.location_id, before: net, after: net }
        };
        let reserved = Reserved { before: reserved, after: reserved };
        Self { terms, places: levels.into_iter().map(place).collect(), moved: BTreeMap::new(), reserved }
    }

    pub fn before(&self) -> Left {
        self.left(self.places.iter().map(|place| place.before).sum(), self.reserved.before)
    }

    pub fn after(&self) -> Left {
        self.left(self.places.iter().map(|place| place.after).sum(), self.reserved.after)
    }

    const fn left(&self, pieces: i64, reserved: i64) -> Left {
        Left { pieces, reserved, backorder_limit: self.terms.rule.backorder_limit }
    }

    /// How many more pieces are held than before.
    pub const fn reserved_more(&self) -> i64 {
        self.reserved.after - self.reserved.before
    }

    /// Holds pieces for somebody. False, and none is held, if fewer can be ordered.
    pub fn hold(&mut self, quantity: i32) -> bool {
        let is_enough = !self.places.is_empty() && i64::from(quantity) <= self.after().orderable();
        if is_enough {
            self.reserve(quantity);
        }
        is_enough
    }

    /// Goes on holding pieces that were held before.
    pub fn reserve(&mut self, quantity: i32) {
        self.reserved.after += i64::from(quantity);
    }

    /// Pieces are held no longer.
    pub fn let_go(&mut self, quantity: i32) {
        self.reserved.after -= i64::from(quantity);
    }

    /// So many pieces are held, whatever was counted.
    pub fn recount(&mut self, held: i64) {
        self.reserved.after = held;
    }

    /// The levels that are not what they were.
    pub fn steps(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.before != place.after)
    }

    /// What moved where and why.
    pub fn movements(&self) -> impl Iterator<Item = (Id<Location>, MovementReason, i64)> {
        self.moved
            .iter()
            .filter(|(_, delta)| **delta != 0)
            .map(|((location, reason), delta)| (*location, *reason, *delta))
    }

    /// Pieces that lie at a location.
    pub fn on_hand(&self, location: Id<Location>) -> i64 {
        let there = self.places.iter().find(|place| place.location == location);
        there.map_or(0, |place| place.after.max(0))
    }

    /// Whether so many pieces more fit to a location.
    pub fn has_room(&self, location: Id<Location>, quantity: i32) -> bool {
        self.on_hand(location) + i64::from(quantity) <= i64::from(MAXIMUM_ON_HAND)
    }

    /// Sells pieces: from the default location, then from the others in their order; what is not there is owed. False, and
    /// nothing has moved, if fewer can be ordered.
    pub fn sell(&mut self, quantity: i32) -> bool {
        let mut rest = i64::from(quantity);
        if rest > self.after().orderable() {
            return false;
        }
        let default = self.terms.default_location;
        let mut order: Vec<Id<Location>> = self.places.iter().map(|place| place.location).collect();
        order.sort_by_key(|location| Some(*location) != default);
        for location in &order {
            let taken = self.on_hand(*location).min(rest);
            self.shift(*location, -taken, MovementReason::Sold);
            rest -= taken;
        }
        if let Some(location) = order.first() {
            self.shift(*location, -rest, MovementReason::Sold);
        }
        true
    }

    /// Takes pieces from a location. False, and nothing has moved, if fewer lie there.
    pub fn remove(&mut self, location: Id<Location>, quantity: i32, reason: MovementReason) -> bool {
        let is_enough = self.on_hand(location) >= i64::from(quantity);
        if is_enough {
            self.shift(location, -i64::from(quantity), reason);
        }
        is_enough
    }

    /// Pieces come in at a location. Those who are owed some get them, wherever these were sold from.
    pub fn put(&mut self, location: Id<Location>, quantity: i32, reason: MovementReason) {
        self.shift(location, i64::from(quantity), reason);
        let waiting: Vec<_> = self.places.iter().filter(|place| place.after < 0).map(|place| place.location).collect();
        for owing in waiting {
            let owed = self.places.iter().find(|place| place.location == owing).map_or(0, |place| -place.after);
            let paid = self.on_hand(location).min(owed);
            self.shift(location, -paid, MovementReason::Moved);
            self.shift(owing, paid, MovementReason::Moved);
        }
    }

    fn shift(&mut self, location: Id<Location>, delta: i64, reason: MovementReason) {
        if let Some(place) = self.places.iter_mut().find(|place| place.location == location) {
            place.after += delta;
            *self.moved.entry((location, reason)).or_default() += delta;
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::inventory::model::StockRule;

    fn location(number: u128) -> Id<Location> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    /// Levels at the locations 1, 2 and so on, of which the second is the default.
    fn shelf(nets: &[i32], backorder_limit: i32) -> Shelf {
        let nothing = || Uuid::from_u128(0);
        let terms = Terms {
            variant: Id::from_uuid(nothing()),
            product: Id::from_uuid(nothing()),
            shop: Id::from_uuid(nothing()),
            default_location: Some(location(2)),
            rule: StockRule { backorder_limit, low_stock_threshold: None },
        };
        let level = |(number, net): (u128, &i32)| StockLevel {
            variant_id: terms.variant,
            location_id: location(number),
            on_hand: (*net).max(0),
            backordered: (-*net).max(0),
        };
        Shelf::new(terms, (1..).zip(nets).map(level), 0)
    }

    fn nets(shelf: &Shelf) -> Vec<i64> {
        shelf.places.iter().map(|place| place.after).collect()
    }

    #[test]
    fn orders_take_from_the_default_location_first_and_owe_there() {
        let mut goods = shelf(&[3, 2, 4], 5);
        assert!(goods.sell(1));
        assert_eq!(nets(&goods), [3, 1, 4]);
        assert!(goods.sell(5));
        assert_eq!(nets(&goods), [0, 0, 3]);
        assert!(!goods.sell(9));
        assert_eq!(nets(&goods), [0, 0, 3]);
        assert!(goods.sell(8));
        assert_eq!(nets(&goods), [0, -5, 0]);
        assert!(!goods.sell(1));
        assert_eq!(goods.after().availability(), Availability::OutOfStock);
        let sold: i64 = goods.movements().map(|(_, _, delta)| delta).sum();
        assert_eq!((sold, goods.before().pieces, goods.after().pieces), (-14, 9, -5));
    }

    #[test]
    fn whatever_comes_in_goes_to_those_who_wait() {
        let mut goods = shelf(&[0, -5, 0], 5);
        goods.put(location(2), 2, MovementReason::Received);
        assert_eq!(nets(&goods), [0, -3, 0]);
        goods.put(location(3), 4, MovementReason::Returned);
        assert_eq!(nets(&goods), [0, 0, 1]);
        let moved: Vec<_> = goods.movements().collect();
        assert_eq!(
            moved,
            [
                (location(2), MovementReason::Received, 2),
                (location(2), MovementReason::Moved, 3),
                (location(3), MovementReason::Returned, 4),
                (location(3), MovementReason::Moved, -3),
            ]
        );
        // Who owed first is no matter, only that nobody is owed while something is there.
        let mut goods = shelf(&[-1, -1, 0], 5);
        goods.put(location(3), 1, MovementReason::Received);
        assert_eq!(nets(&goods), [0, -1, 0]);
    }

    #[test]
    fn what_is_not_there_is_not_taken() {
        let mut goods = shelf(&[3, -2], 5);
        assert!(!goods.remove(location(1), 4, MovementReason::Corrected));
        assert!(!goods.remove(location(2), 1, MovementReason::Corrected));
        assert!(!goods.remove(location(9), 1, MovementReason::Corrected));
        assert!(goods.remove(location(1), 3, MovementReason::Corrected));
        assert_eq!(nets(&goods), [0, -2]);
        assert!(!goods.has_room(location(1), i32::MAX) && goods.has_room(location(1), MAXIMUM_ON_HAND));
    }

    #[test]
    fn what_is_held_for_somebody_is_for_nobody_else() {
        let mut goods = shelf(&[3, 2], 1);
        assert!(goods.hold(4));
        assert_eq!((goods.after().told(), goods.after().availability()), (1, Availability::InStock));
        assert!(!goods.sell(3) && !goods.hold(3));
        assert!(goods.sell(2));
        assert_eq!((goods.after().availability(), goods.after().pieces), (Availability::OutOfStock, 3));
        goods.let_go(4);
        assert!(goods.sell(4));
        assert_eq!((goods.after().orderable(), goods.reserved_more()), (0, 0));
        // The shop counted fewer than are held: nothing can be ordered, and nobody loses what they hold.
        let mut counted = shelf(&[5], 0);
        assert!(counted.hold(5) && counted.remove(location(1), 3, MovementReason::Corrected));
        assert_eq!((counted.after().orderable(), counted.after().told()), (-3, 0));
        assert!(!shelf(&[], 5).hold(1));
    }

    #[test]
    fn everybody_is_told_of_so_many_pieces_and_no_more() {
        for (pieces, backorder_limit, told, availability) in [
            (1_000, 0, 100, Availability::InStock),
            (1, 0, 1, Availability::InStock),
            (0, 1, 0, Availability::Backorder),
            (-1, 1, 0, Availability::OutOfStock),
            (0, 0, 0, Availability::OutOfStock),
        ] {
            let left = Left { pieces, backorder_limit, reserved: 0 };
            assert_eq!((left.told(), left.availability()), (told, availability));
            assert_eq!(left.is_available(), availability != Availability::OutOfStock);
        }
    }
}
