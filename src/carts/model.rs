//! Rows of carts and their lines.

use chrono::TimeDelta;
use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    inventory::model::Left,
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        place::CountryCode,
    },
    platform::{caller::Origin, clock::Time, events::EventBody},
    products::model::{ProductStatus, Variant},
    schema::{cart_lines, carts},
    shops::model::{HolidayColumns, Shop},
    users::model::User,
};

/// Lines of one cart at the most.
pub const MAXIMUM_LINES: usize = 100;
/// Pieces of one line, of a cart or an order, at the most.
pub const MAXIMUM_QUANTITY: i32 = 10_000;

/// Pieces that are held for a person's cart at the most, and for a guest's, who may have any number of carts.
const MAXIMUM_RESERVED: i32 = 1_000;
const MAXIMUM_RESERVED_FOR_GUESTS: i32 = 100;
/// Pieces that are held at the most for all carts of guests from one line, behind which there may be an office; and from a machine that does not say
/// for whom it asks.
const MAXIMUM_RESERVED_FROM_LINE: i64 = 500;
const MAXIMUM_RESERVED_FROM_MACHINE: i64 = 5_000;

/// What somebody means to buy.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Cart {
    pub id: Id<Cart>,
    /// None of a guest's.
    pub owner_id: Option<Id<User>>,
    pub currency: CurrencyCode,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Entity for Cart {
    const PREFIX: &'static str = "cart";
}

impl Cart {
    const KEPT_FOR_PEOPLE: TimeDelta = TimeDelta::days(180);
    const KEPT_FOR_GUESTS: TimeDelta = TimeDelta::days(30);
    /// Anybody may open as many as they like, and most are never filled.
    const KEPT_EMPTY_FOR_GUESTS: TimeDelta = TimeDelta::days(1);

    /// How many pieces are held for it at the most.
    pub const fn maximum_reserved(&self) -> i32 {
        if self.owner_id.is_some() { MAXIMUM_RESERVED } else { MAXIMUM_RESERVED_FOR_GUESTS }
    }

    /// How many pieces are held at the most for all carts of guests who ask from there.
    pub const fn maximum_reserved_from(origin: Origin) -> i64 {
        match origin {
            Origin::Line(_) => MAXIMUM_RESERVED_FROM_LINE,
            Origin::Machine(_) | Origin::Unknown => MAXIMUM_RESERVED_FROM_MACHINE,
        }
    }

    /// How long a cart with so many lines is kept that nobody changes.
    pub const fn kept_for(owner: Option<Id<User>>, lines: usize) -> TimeDelta {
        match (owner, lines) {
            (Some(_), _) => Self::KEPT_FOR_PEOPLE,
            (None, 0) => Self::KEPT_EMPTY_FOR_GUESTS,
            (None, _) => Self::KEPT_FOR_GUESTS,
        }
    }
}

/// Some pieces of a variant in a cart.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = cart_lines, treat_none_as_default_value = false)]
pub struct Line {
    pub cart_id: Id<Cart>,
    pub variant_id: Id<Variant>,
    /// Rises in the order in which they were added.
    pub ordinal: i32,
    pub quantity: i32,
    /// What one cost when it was added, or when its price was accepted; none if it had no price in the cart's currency.
    pub unit_price: Option<i64>,
    pub added_at: Time,
}

/// A line, and what is offered for it now.
#[derive(Debug, Clone)]
pub struct OfferedLine {
    pub line: Line,
    pub currency: CurrencyCode,
    pub shop: Id<Shop>,
    pub status: ProductStatus,
    pub holiday: Option<HolidayColumns>,
    /// What one costs in the cart's currency; none if its shop has set no price in it.
    pub price: Option<i64>,
}

/// What keeps a line from being ordered as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// There is no more of it, or its shop has taken it from the market.
    NotForSale,
    /// Its shop has set no price in the cart's currency.
    CurrencyMissing,
    PriceChanged {
        old: Money,
        new: Money,
    },
    /// Fewer pieces are left.
    OutOfStock {
        available: i32,
    },
    ShopOnHoliday {
        until: Option<Time>,
    },
    /// Its shop sends nothing there.
    CannotShip {
        country: CountryCode,
    },
}

impl OfferedLine {
    /// What one costs now; none if it is not for sale in the cart's currency.
    pub fn unit_price(&self) -> Option<Money> {
        let price = self.price.filter(|_| self.status == ProductStatus::Active);
        price.map(|minor| Money::new(minor, self.currency))
    }

    /// What one cost when it was added, or when its price was accepted.
    pub fn price_when_added(&self) -> Option<Money> {
        self.line.unit_price.map(|minor| Money::new(minor, self.currency))
    }

    /// What is in the way of ordering the line, if so much is left of its variant.
    pub fn problems(&self, left: Left, now: Time) -> Vec<Problem> {
        if self.status != ProductStatus::Active {
            return vec![Problem::NotForSale];
        }
        let mut problems = Vec::new();
        let holiday = self.holiday.and_then(|columns| columns.holiday(now)).filter(|holiday| holiday.is_on(now));
        problems.extend(holiday.map(|holiday| Problem::ShopOnHoliday { until: holiday.until }));
        match (self.price_when_added(), self.unit_price()) {
            (_, None) => problems.push(Problem::CurrencyMissing),
            (Some(old), Some(new)) if old != new => problems.push(Problem::PriceChanged { old, new }),
            _ => {}
        }
        if i64::from(self.line.quantity) > left.orderable() {
            problems.push(Problem::OutOfStock { available: left.orderable_told() });
        }
        problems
    }
}

/// What becomes of a person's cart when a guest's is merged into it.
#[derive(Debug, PartialEq, Eq)]
pub struct Merging {
    /// The lines that are to be written.
    pub changed: Vec<Line>,
    /// What there is no room for.
    pub left_out: Vec<Id<Variant>>,
}

/// Of a variant in both carts, the larger quantity counts; the others come after the person's own, as long as there is room.
pub fn merging(own: Id<Cart>, lines: &[Line], of_guest: &[Line], prices: Prices) -> Merging {
    let room = MAXIMUM_LINES.saturating_sub(lines.len());
    let is_own = |line: &&Line| lines.iter().any(|own| own.variant_id == line.variant_id);
    let more = lines.iter().filter_map(|line| {
        let theirs = of_guest.iter().find(|theirs| theirs.variant_id == line.variant_id)?;
        (theirs.quantity > line.quantity).then(|| Line { quantity: theirs.quantity, ..line.clone() })
    });
    let others = of_guest.iter().filter(|line| !is_own(line));
    let left_out = others.clone().skip(room).map(|line| line.variant_id).collect();
    let new = others.take(room);
    let new = (next_ordinal(lines)..).zip(new).map(|(ordinal, line)| Line {
        cart_id: own,
        ordinal,
        unit_price: line.unit_price.filter(|_| prices == Prices::OfGuest),
        ..line.clone()
    });
    Merging { changed: more.chain(new).collect(), left_out }
}

/// Which prices the lines that come from a guest's cart remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prices {
    /// Those that the guest saw: the carts have one currency.
    OfGuest,
    /// None yet.
    Unknown,
}

/// Where the next line of a cart stands.
pub fn next_ordinal(lines: &[Line]) -> i32 {
    lines.iter().map(|line| line.ordinal).max().map_or(1, |last| last.saturating_add(1))
}

/// How many of what somebody wants in a cart.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Wanted {
    pub variant: Id<Variant>,
    pub quantity: i32,
}

/// Something about a cart has changed; it says what by its version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CartChanged {
    pub cart: Uuid,
    pub version: i32,
}

impl EventBody for CartChanged {
    const KIND: &'static str = "carts.changed";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(variant: u128, quantity: i32, ordinal: i32) -> Line {
        let (cart_id, variant_id) = (Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::from_u128(variant)));
        Line { cart_id, variant_id, ordinal, quantity, unit_price: Some(500), added_at: Time::UNIX_EPOCH }
    }

    fn offered(price: Option<i64>) -> OfferedLine {
        OfferedLine {
            line: line(1, 3, 1),
            currency: CurrencyCode::GBP,
            shop: Id::from_uuid(Uuid::nil()),
            status: ProductStatus::Active,
            holiday: None,
            price,
        }
    }

    const fn left(pieces: i64, backorder_limit: i32) -> Left {
        Left { pieces, backorder_limit, reserved: 0 }
    }

    #[test]
    fn a_line_that_can_be_ordered_has_no_problem() {
        let now = Time::UNIX_EPOCH;
        for enough in [left(3, 0), left(0, 3), left(-1, 4)] {
            assert_eq!(offered(Some(500)).problems(enough, now), []);
        }
        let unknown = OfferedLine { line: Line { unit_price: None, ..line(1, 3, 1) }, ..offered(Some(500)) };
        assert_eq!(unknown.problems(left(3, 0), now), []);
    }

    #[test]
    fn what_is_in_the_way_is_all_told_but_of_what_is_not_for_sale() {
        let now = Time::UNIX_EPOCH;
        let [old, new] = [500, 600].map(|minor| Money::new(minor, CurrencyCode::GBP));
        let short = Problem::OutOfStock { available: 2 };
        assert_eq!(offered(Some(600)).problems(left(2, 0), now), [Problem::PriceChanged { old, new }, short]);
        assert_eq!(
            offered(None).problems(left(-5, 0), now),
            [Problem::CurrencyMissing, Problem::OutOfStock { available: 0 }]
        );
        let gone = OfferedLine { status: ProductStatus::Archived, ..offered(Some(600)) };
        assert_eq!(gone.problems(left(0, 0), now), [Problem::NotForSale]);
        assert_eq!(gone.unit_price(), None);
        let until = now + TimeDelta::days(1);
        let columns = HolidayColumns { holiday_from: Some(now), holiday_until: Some(until) };
        let closed = OfferedLine { holiday: Some(columns), ..offered(Some(500)) };
        assert_eq!(closed.problems(left(3, 0), now), [Problem::ShopOnHoliday { until: Some(until) }]);
        assert_eq!(closed.problems(left(3, 0), until), []);
    }

    #[test]
    fn of_two_carts_the_larger_quantity_counts_and_the_rest_comes_after() {
        let own = Id::from_uuid(Uuid::from_u128(9));
        let (lines, of_guest) = ([line(1, 2, 4), line(2, 5, 7)], [line(2, 3, 1), line(3, 1, 2), line(1, 6, 3)]);
        let Merging { changed, left_out } = merging(own, &lines, &of_guest, Prices::Unknown);
        assert_eq!(
            changed,
            [Line { quantity: 6, ..line(1, 2, 4) }, Line { cart_id: own, unit_price: None, ..line(3, 1, 8) }]
        );
        assert_eq!(left_out, []);
        let nothing = Merging { changed: Vec::new(), left_out: Vec::new() };
        assert_eq!(merging(own, &lines, &[line(1, 2, 1)], Prices::OfGuest), nothing);
    }

    #[test]
    fn what_there_is_no_room_for_stays_out() {
        let own = Id::from_uuid(Uuid::from_u128(9));
        let lines: Vec<_> = (1..=99).map(|number| line(number, 1, 1)).collect();
        let Merging { changed, left_out } =
            merging(own, &lines, &[line(200, 1, 1), line(201, 1, 2), line(1, 2, 3)], Prices::OfGuest);
        let variants: Vec<_> = changed.iter().map(|line| line.variant_id.uuid().as_u128()).collect();
        assert_eq!(variants, [1, 200]);
        assert_eq!(left_out, [Id::from_uuid(Uuid::from_u128(201))]);
    }
}
