//! Rows of zones, methods and rates, and what can be chosen of them.

use diesel::{Queryable, Selectable};
use serde::Serialize;

use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        place::CountryCode,
    },
    schema::{shipping_methods, shipping_rates, shipping_zones},
    shops::model::Shop,
};

/// Zones of a shop, countries of a zone, methods of a zone and rates of a method at the most.
pub const MAXIMUM_ZONES: i64 = 50;
pub const MAXIMUM_COUNTRIES: usize = 250;
pub const MAXIMUM_METHODS: usize = 20;
pub const MAXIMUM_RATES: usize = 20;

/// The bounds of a method's weight at the most: a thousand tonnes.
pub const MAXIMUM_WEIGHT_GRAMS: i32 = 1_000_000_000;

/// Days that something is on its way at the most.
pub const MAXIMUM_DAYS: i32 = 365;

/// A zone without its countries.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shipping_zones)]
pub struct ZoneRow {
    pub id: Id<Zone>,
    pub shop_id: Id<Shop>,
    pub name: String,
    pub version: i32,
}

/// A part of the world to which a shop sends in ways of their own. Without a country it is all that lies in no other zone.
#[derive(Debug, Clone)]
pub struct Zone {
    pub id: Id<Self>,
    pub name: String,
    pub version: i32,
    /// By their codes.
    pub countries: Vec<CountryCode>,
}

impl Entity for Zone {
    const PREFIX: &'static str = "shippingzone";
}

/// A way in which things are sent to a zone. What is absent bounds nothing.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shipping_methods)]
pub struct Method {
    pub id: Id<Method>,
    pub zone_id: Id<Zone>,
    pub name: String,
    pub description: Option<String>,
    pub minimum_weight_grams: Option<i32>,
    pub maximum_weight_grams: Option<i32>,
    pub days_from: Option<i32>,
    pub days_until: Option<i32>,
    pub is_active: bool,
    pub version: i32,
}

impl Entity for Method {
    const PREFIX: &'static str = "shippingmethod";
}

impl Method {
    /// Whether a parcel of this weight can be sent so.
    #[must_use]
    pub fn takes(&self, grams: i64) -> bool {
        self.minimum_weight_grams.is_none_or(|minimum| i64::from(minimum) <= grams)
            && self.maximum_weight_grams.is_none_or(|maximum| grams <= i64::from(maximum))
    }
}

/// What a method costs in one currency, in its minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = shipping_rates)]
pub struct Rate {
    pub currency: CurrencyCode,
    pub price: i64,
    /// The first subtotal that it is for, and the first one after it that it is not for.
    pub minimum_subtotal: Option<i64>,
    pub maximum_subtotal: Option<i64>,
    /// From this subtotal on it costs nothing.
    pub free_from: Option<i64>,
}

impl Rate {
    /// What it costs to send things of this subtotal; none if it is not for that.
    #[must_use]
    pub fn price_for(&self, subtotal: i64) -> Option<i64> {
        let is_meant = self.minimum_subtotal.is_none_or(|minimum| minimum <= subtotal)
            && self.maximum_subtotal.is_none_or(|maximum| subtotal < maximum);
        let is_free = self.free_from.is_some_and(|from| from <= subtotal);
        is_meant.then_some(if is_free { 0 } else { self.price })
    }
}

/// A method with all its rates, by currency.
#[derive(Debug, Clone)]
pub struct RatedMethod {
    pub method: Method,
    pub rates: Vec<Rate>,
}

/// A rate as somebody gives it; all of it in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GivenRate {
    pub price: Money,
    pub minimum_subtotal: Option<Money>,
    pub maximum_subtotal: Option<Money>,
    pub free_from: Option<Money>,
}

/// What a shop would send at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel {
    pub shop: Id<Shop>,
    /// What weighs an unknown amount counts as nothing.
    pub weight_grams: i64,
    /// In minor units of the currency that is asked for, before discounts.
    pub subtotal: i64,
}

/// How many days something is on its way, as its shop says; both count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryDays {
    pub from: Option<i32>,
    pub until: Option<i32>,
}

/// A method that can be chosen for a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub method: Id<Method>,
    pub name: String,
    pub description: Option<String>,
    /// In minor units of the currency that was asked for.
    pub price: i64,
    pub days: DeliveryDays,
}

/// How a shop would send a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offers {
    /// The shop says nothing of how it sends: anywhere, for nothing.
    Unsaid,
    /// What can be chosen, the cheapest first, then as the shop has them in order. None: it does not send this there.
    Of(Vec<Offer>),
}

/// What can be chosen for a parcel among the methods of the zone that it goes to, each with its rate in the currency of the parcel.
/// They come as the shop has them in order.
#[must_use]
pub fn offered(parcel: &Parcel, methods: &[(Method, Rate)]) -> Vec<Offer> {
    let offer = |(method, rate): &(Method, Rate)| {
        let price = rate.price_for(parcel.subtotal).filter(|_| method.takes(parcel.weight_grams))?;
        Some(Offer {
            method: method.id,
            name: method.name.clone(),
            description: method.description.clone(),
            price,
            days: DeliveryDays { from: method.days_from, until: method.days_until },
        })
    };
    let mut offers: Vec<_> = methods.iter().filter_map(offer).collect();
    // Of those that cost the same, the shop's first one stays first.
    offers.sort_by_key(|offer| offer.price);
    offers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn method(number: u128, weight: [Option<i32>; 2]) -> Method {
        Method {
            id: Id::from_uuid(Uuid::from_u128(number)),
            zone_id: Id::from_uuid(Uuid::nil()),
            name: format!("Method {number}"),
            description: None,
            minimum_weight_grams: weight[0],
            maximum_weight_grams: weight[1],
            days_from: Some(1),
            days_until: None,
            is_active: true,
            version: 1,
        }
    }

    fn rate(price: i64, subtotal: [Option<i64>; 2], free_from: Option<i64>) -> Rate {
        let [minimum_subtotal, maximum_subtotal] = subtotal;
        Rate { currency: CurrencyCode::GBP, price, minimum_subtotal, maximum_subtotal, free_from }
    }

    fn parcel(weight_grams: i64, subtotal: i64) -> Parcel {
        Parcel { shop: Id::from_uuid(Uuid::nil()), weight_grams, subtotal }
    }

    #[test]
    fn both_bounds_of_a_weight_count() {
        let takes = |weight, grams: [i64; 4]| grams.map(|grams| method(1, weight).takes(grams));
        assert_eq!(takes([Some(100), Some(200)], [99, 100, 200, 201]), [false, true, true, false]);
        assert_eq!(takes([None, Some(0)], [0, 1, 2, 3]), [true, false, false, false]);
        assert_eq!(takes([Some(1), None], [0, 1, 5_000_000_000, i64::MAX]), [false, true, true, true]);
        assert_eq!(takes([None, None], [0, 1, 2, i64::MAX]), [true; 4]);
    }

    #[test]
    fn a_subtotal_counts_from_its_minimum_to_below_its_maximum() {
        let price = |rate: Rate, subtotals: [i64; 4]| subtotals.map(|subtotal| rate.price_for(subtotal));
        let bounded = rate(5, [Some(10), Some(20)], None);
        assert_eq!(price(bounded, [9, 10, 19, 20]), [None, Some(5), Some(5), None]);
        let free = rate(5, [Some(10), None], Some(20));
        assert_eq!(price(free, [9, 10, 19, 20]), [None, Some(5), Some(5), Some(0)]);
        // What is not offered is not free either.
        assert_eq!(price(rate(5, [None, Some(20)], Some(15)), [14, 15, 19, 20]), [Some(5), Some(0), Some(0), None]);
    }

    #[test]
    fn the_cheapest_comes_first_and_then_the_shops_first() {
        let methods = [
            (method(1, [None, None]), rate(900, [None, None], None)),
            (method(2, [None, None]), rate(300, [None, None], None)),
            (method(3, [None, Some(1_000)]), rate(100, [None, None], None)),
            (method(4, [None, None]), rate(300, [None, None], None)),
            (method(5, [None, None]), rate(950, [None, None], Some(5_000))),
        ];
        let names = |parcel| {
            let offers = offered(&parcel, &methods);
            offers.iter().map(|offer| (offer.method.uuid().as_u128(), offer.price)).collect::<Vec<_>>()
        };
        assert_eq!(names(parcel(0, 0)), [(3, 100), (2, 300), (4, 300), (1, 900), (5, 950)]);
        assert_eq!(names(parcel(1_001, 5_000)), [(5, 0), (2, 300), (4, 300), (1, 900)]);
        assert!(offered(&parcel(0, 0), &[]).is_empty());
        let days = DeliveryDays { from: Some(1), until: None };
        assert!(offered(&parcel(0, 0), &methods).iter().all(|offer| offer.days == days));
    }

    fn any_method() -> impl Strategy<Value = (Method, Rate)> {
        let grams = || prop::option::of(0_i32..50);
        let amount = || prop::option::of(0_i64..50);
        (any::<u128>(), grams(), grams(), 0_i64..50, amount(), amount(), amount()).prop_map(
            |(number, lightest, heaviest, price, minimum, maximum, free_from)| {
                (method(number, [lightest, heaviest]), rate(price, [minimum, maximum], free_from))
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_offered_is_meant_for_the_parcel_and_costs_no_more_than_its_rate(
            methods in prop::collection::vec(any_method(), 0..20), grams in 0_i64..60, subtotal in 0_i64..60,
        ) {
            let offers = offered(&parcel(grams, subtotal), &methods);
            prop_assert!(offers.is_sorted_by_key(|offer| offer.price));
            for (method, rate) in &methods {
                let offer = offers.iter().find(|offer| offer.method == method.id);
                let is_meant = method.minimum_weight_grams.is_none_or(|bound| grams >= i64::from(bound))
                    && method.maximum_weight_grams.is_none_or(|bound| grams <= i64::from(bound))
                    && rate.minimum_subtotal.is_none_or(|bound| subtotal >= bound)
                    && rate.maximum_subtotal.is_none_or(|bound| subtotal < bound);
                prop_assert_eq!(offer.is_some(), is_meant);
                let is_free = rate.free_from.is_some_and(|from| subtotal >= from);
                let expected = if is_free { 0 } else { rate.price };
                prop_assert!(offer.is_none_or(|offer| offer.price == expected));
            }
        }
    }
}
