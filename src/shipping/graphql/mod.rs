//! How shops send, on the wire.

mod methods;
mod zones;

pub use self::{methods::*, zones::*};

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::{
    loaders::{MethodsOf, ZonesOf},
    model::{self, RatedMethod},
};
use crate::{
    kernel::{id::Id, money, place::CountryCode},
    platform::gql::{Ask, Money, WireResult, list_size},
    shops::model::{Desk, Shop},
};

/// A part of the world to which a shop sends in ways of their own. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ShippingZone {
    /// Begins with `shippingzone_`.
    pub id: Id<model::Zone>,
    /// What the shop calls it, 1 to 80 characters.
    pub name: String,
    /// What lies in it, at most 250, by their codes; each country lies in one zone of a shop at the most. Empty: all that lies in no
    /// other zone of the shop. One zone of a shop at the most is that.
    pub countries: Vec<CountryCode>,
    /// Rises with every change of the name or the countries; goes into `updateShippingZone` as `expectedVersion`.
    pub version: i32,
}

#[ComplexObject]
impl ShippingZone {
    /// The ways in which things are sent there, at most 20, in the order in which they were made. Without any the shop sends nothing
    /// there.
    #[graphql(directive = list_size::apply(3))]
    async fn methods(&self, ctx: &Context<'_>) -> WireResult<Vec<ShippingMethod>> {
        let methods = ctx.loader().load_one(MethodsOf(self.id)).await?;
        Ok(methods.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

impl From<model::Zone> for ShippingZone {
    fn from(model::Zone { id, name, version, countries }: model::Zone) -> Self {
        Self { id, name, countries, version }
    }
}

/// A way in which a shop sends things to a zone. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShippingMethod {
    /// Begins with `shippingmethod_`.
    pub id: Id<model::Method>,
    /// What buyers choose it by, 1 to 80 characters.
    pub name: String,
    /// What buyers are told about it, up to 300 characters; null if nothing.
    pub description: Option<String>,
    /// What a parcel weighs at the least, in grams; null if there is no such bound.
    pub minimum_weight_grams: Option<i32>,
    /// What a parcel weighs at the most, in grams; null if there is no such bound.
    pub maximum_weight_grams: Option<i32>,
    /// How many days it takes at the least, 0 to 365; null if the shop does not say.
    pub minimum_delivery_days: Option<i32>,
    /// How many days it takes at the most, 0 to 365; null if the shop does not say.
    pub maximum_delivery_days: Option<i32>,
    /// Whether buyers can choose it.
    pub is_active: bool,
    /// What it costs, one rate for each currency in which it is offered, at most 20, by the currencies' codes.
    #[graphql(directive = list_size::apply(2))]
    pub rates: Vec<ShippingRate>,
    /// Rises with every change of the method; goes into `updateShippingMethod` as `expectedVersion`.
    pub version: i32,
}

impl From<RatedMethod> for ShippingMethod {
    fn from(RatedMethod { method, rates }: RatedMethod) -> Self {
        Self {
            id: method.id,
            name: method.name,
            description: method.description,
            minimum_weight_grams: method.minimum_weight_grams,
            maximum_weight_grams: method.maximum_weight_grams,
            minimum_delivery_days: method.days_from,
            maximum_delivery_days: method.days_until,
            is_active: method.is_active,
            rates: rates.into_iter().map(Into::into).collect(),
            version: method.version,
        }
    }
}

/// What a shipping method costs in one currency. A subtotal is the sum of what a buyer orders from the shop, before discounts.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShippingRate {
    /// What it costs.
    pub price: Money,
    /// The lowest subtotal for which it can be chosen; null if there is no such bound.
    pub minimum_subtotal: Option<Money>,
    /// From this subtotal on it cannot be chosen any more; null if there is no such bound.
    pub maximum_subtotal: Option<Money>,
    /// From this subtotal on it costs nothing; null if it always costs its price.
    pub free_from: Option<Money>,
}

impl From<model::Rate> for ShippingRate {
    fn from(row: model::Rate) -> Self {
        let money = |minor| Money::from(money::Money { minor, currency: row.currency });
        Self {
            price: money(row.price),
            minimum_subtotal: row.minimum_subtotal.map(money),
            maximum_subtotal: row.maximum_subtotal.map(money),
            free_from: row.free_from.map(money),
        }
    }
}

/// The part of a shop's desk that is about how it sends.
pub struct ShippingDesk(Id<Shop>);

impl From<&Desk> for ShippingDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl ShippingDesk {
    /// The parts into which the shop divides the world, at most 50, the oldest first. Without any it sends everywhere, for nothing; with
    /// some it sends nothing to where none of them lies.
    #[graphql(directive = list_size::apply(5))]
    async fn shipping_zones(&self, ctx: &Context<'_>) -> WireResult<Vec<ShippingZone>> {
        let zones = ctx.loader().load_one(ZonesOf(self.0)).await?;
        Ok(zones.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}
