//! How shops send, a fixed number of statements for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Method, RatedMethod, Zone},
    queries,
};
use crate::{
    kernel::{id::Id, place::CountryCode},
    platform::gql::{Reader, WireError},
    shops::model::Shop,
    users::model::signed_in,
};

/// That a shop sends something to a country. Public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShipsTo {
    pub shop: Id<Shop>,
    pub country: CountryCode,
}

impl Loader<ShipsTo> for Reader {
    type Value = ();
    type Error = WireError;

    async fn load(&self, keys: &[ShipsTo]) -> Result<HashMap<ShipsTo, ()>, WireError> {
        let (shops, countries): (Vec<_>, Vec<_>) = keys.iter().map(|key| (key.shop, key.country)).unzip();
        let reached = self.app.db.read(move |conn| queries::zones::reached(conn, &shops, &countries)).await?;
        Ok(reached.into_iter().map(|(shop, country)| (ShipsTo { shop, country }, ())).collect())
    }
}

/// The zones of a shop, the oldest first, if the caller works for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZonesOf(pub Id<Shop>);

impl Loader<ZonesOf> for Reader {
    type Value = Vec<Zone>;
    type Error = WireError;

    async fn load(&self, keys: &[ZonesOf]) -> Result<HashMap<ZonesOf, Vec<Zone>>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let shops: Vec<_> = keys.iter().map(|key| key.0).collect();
        let zones = self.app.db.read(move |conn| queries::zones::of_shops(conn, user, &shops)).await?;
        let mut by_shop = HashMap::<_, Vec<_>>::new();
        for (shop, zone) in zones {
            by_shop.entry(ZonesOf(shop)).or_default().push(zone);
        }
        Ok(by_shop)
    }
}

/// A zone, if the caller works for its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZoneById(pub Id<Zone>);

impl Loader<ZoneById> for Reader {
    type Value = Zone;
    type Error = WireError;

    async fn load(&self, keys: &[ZoneById]) -> Result<HashMap<ZoneById, Zone>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let zones = self.app.db.read(move |conn| queries::zones::by_ids(conn, user, &ids)).await?;
        Ok(zones.into_iter().map(|(_, zone)| (ZoneById(zone.id), zone)).collect())
    }
}

/// The methods of a zone in their order, if the caller works for its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MethodsOf(pub Id<Zone>);

impl Loader<MethodsOf> for Reader {
    type Value = Vec<RatedMethod>;
    type Error = WireError;

    async fn load(&self, keys: &[MethodsOf]) -> Result<HashMap<MethodsOf, Vec<RatedMethod>>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let zones: Vec<_> = keys.iter().map(|key| key.0).collect();
        let methods = self.app.db.read(move |conn| queries::methods::of_zones(conn, user, &zones)).await?;
        let mut by_zone = HashMap::<_, Vec<_>>::new();
        for rated in methods {
            by_zone.entry(MethodsOf(rated.method.zone_id)).or_default().push(rated);
        }
        Ok(by_zone)
    }
}

/// A method, if the caller works for its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MethodById(pub Id<Method>);

impl Loader<MethodById> for Reader {
    type Value = RatedMethod;
    type Error = WireError;

    async fn load(&self, keys: &[MethodById]) -> Result<HashMap<MethodById, RatedMethod>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let methods = self.app.db.read(move |conn| queries::methods::by_ids(conn, user, &ids)).await?;
        Ok(methods.into_iter().map(|rated| (MethodById(rated.method.id), rated)).collect())
    }
}
