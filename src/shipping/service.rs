//! What shops set up of how they send, and what can be chosen of it.

mod check;
mod methods;
mod zones;

pub use self::{
    methods::{CreateMethod, MethodChange, create_method, delete_method, update_method},
    zones::{CreateZone, ZoneChange, create_zone, delete_zone, update_zone},
};

use std::collections::{BTreeMap, HashMap};

use super::{
    error::ShippingError,
    model::{Offers, Parcel, offered},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode, place::CountryCode},
    platform::db::{Conn, Tx},
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::User,
};

/// A step: how shops would send parcels to a country, one of each shop, at prices in a currency. There is an entry for each parcel's
/// shop.
///
/// # Errors
/// If the database fails.
pub fn offers(
    conn: &mut Conn,
    parcels: &[Parcel],
    to: CountryCode,
    currency: CurrencyCode,
) -> Result<BTreeMap<Id<Shop>, Offers>, Failure> {
    let shops: Vec<_> = parcels.iter().map(|parcel| parcel.shop).collect();
    let serving = queries::zones::serving(conn, &shops, to)?;
    let zones: Vec<_> = serving.values().copied().flatten().collect();
    let mut methods = HashMap::<_, Vec<_>>::new();
    if !zones.is_empty() {
        for rated in queries::methods::on_offer(conn, &zones, currency)? {
            methods.entry(rated.0.zone_id).or_default().push(rated);
        }
    }
    let offers = |parcel: &Parcel| match serving.get(&parcel.shop) {
        None => Offers::Unsaid,
        Some(zone) => {
            let methods = zone.and_then(|zone| methods.get(&zone));
            Offers::Of(methods.map(|methods| offered(parcel, methods)).unwrap_or_default())
        }
    };
    Ok(parcels.iter().map(|parcel| (parcel.shop, offers(parcel))).collect())
}

/// Lets somebody change what a shop has set up, and nobody else until the transaction ends.
fn set_up(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>, field: &str) -> Result<(), ShippingError> {
    shops::service::lock_permitted(tx, user, shop, (Permission::EditShop, field))?;
    Ok(())
}
