//! The zones into which shops divide the world.

use serde::Serialize;

use super::{check, set_up};
use crate::{
    kernel::{id::Id, place::CountryCode},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    shipping::{
        error::ShippingError,
        model::{MAXIMUM_ZONES, Zone, ZoneRow},
        queries::zones::{self, NewZone},
    },
    shops::model::Shop,
    users::model::{User, signed_in},
};

/// A new zone; without a country the rest of the world.
#[derive(Debug, Serialize)]
pub struct CreateZone {
    pub shop: Id<Shop>,
    pub name: String,
    pub countries: Vec<CountryCode>,
}

/// Makes a zone on behalf of a member of the shop.
pub async fn create_zone(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateZone,
) -> Result<Id<Zone>, ShippingError> {
    let user = signed_in(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createShippingZone", key, &input, Retention::Day)).transpose()?;
    let name = check::name(&input.name)?;
    check::countries(&input.countries)?;
    app.once(caller, key, move |tx| {
        set_up(tx, user, input.shop, "shopId")?;
        if zones::count(tx.conn(), input.shop)? >= MAXIMUM_ZONES {
            return Err(ShippingError::TooMany { field: "shopId".into() });
        }
        let (id, created_at) = (tx.new_id(), tx.now());
        free(tx, input.shop, id, &input.countries)?;
        let is_rest_of_world = input.countries.is_empty();
        zones::insert(tx, &NewZone { id, shop_id: input.shop, name: &name, is_rest_of_world, created_at })?;
        zones::set_countries(tx, input.shop, id, &input.countries)?;
        Ok(id)
    })
    .await
}

/// A change of a zone; what is absent stays.
#[derive(Debug, Default)]
pub struct ZoneChange {
    pub name: Option<String>,
    /// All of them.
    pub countries: Option<Vec<CountryCode>>,
}

/// Changes a zone that nobody else has changed since `expected_version`, on behalf of a member of its shop.
pub async fn update_zone(
    app: &App,
    caller: &Caller,
    id: Id<Zone>,
    expected_version: i32,
    change: ZoneChange,
) -> Result<Id<Zone>, ShippingError> {
    let user = signed_in(caller)?;
    let name = change.name.as_deref().map(check::name).transpose()?;
    let countries = change.countries;
    countries.as_deref().map(check::countries).transpose()?;
    app.db
        .write(caller, move |tx| {
            let zone = lock(tx, user, id, expected_version)?;
            if let Some(countries) = &countries {
                free(tx, zone.shop_id, id, countries)?;
            }
            zones::set(tx, id, name.as_deref(), countries.as_ref().map(Vec::is_empty))?;
            if let Some(countries) = &countries {
                zones::set_countries(tx, zone.shop_id, id, countries)?;
            }
            Ok(id)
        })
        .await
}

/// Deletes a zone with its methods, if nobody else has changed it since `expected_version`, on behalf of a member of its shop.
pub async fn delete_zone(
    app: &App,
    caller: &Caller,
    id: Id<Zone>,
    expected_version: i32,
) -> Result<Id<Zone>, ShippingError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            lock(tx, user, id, expected_version)?;
            zones::delete(tx, id)?;
            Ok(id)
        })
        .await
}

fn lock(tx: &mut Tx<'_>, user: Id<User>, id: Id<Zone>, expected_version: i32) -> Result<ZoneRow, ShippingError> {
    let zone = open(tx, user, id)?;
    if zone.version != expected_version {
        return Err(ShippingError::StaleVersion { current: zone.version });
    }
    Ok(zone)
}

/// A zone whose shop somebody may set up; neither changes until the transaction ends.
pub(super) fn open(tx: &mut Tx<'_>, user: Id<User>, id: Id<Zone>) -> Result<ZoneRow, ShippingError> {
    const FIELD: &str = "shippingZoneId";
    let zone = zones::by_id(tx.conn(), id)?.ok_or_else(|| ShippingError::not_found(FIELD))?;
    set_up(tx, user, zone.shop_id, FIELD)?;
    // Read anew under the lock: it may have gone meanwhile.
    zones::by_id(tx.conn(), id)?.ok_or_else(|| ShippingError::not_found(FIELD))
}

/// Whether countries, or the rest of the world, lie in no other zone of a locked shop.
fn free(tx: &mut Tx<'_>, shop: Id<Shop>, own: Id<Zone>, countries: &[CountryCode]) -> Result<(), ShippingError> {
    if countries.is_empty() {
        let is_taken = zones::has_other_rest(tx.conn(), shop, own)?;
        return if is_taken { Err(ShippingError::Taken { field: "countries".into() }) } else { Ok(()) };
    }
    let taken = zones::in_others(tx.conn(), shop, own, countries)?;
    match countries.iter().position(|country| taken.contains(country)) {
        Some(place) => Err(ShippingError::Taken { field: format!("countries.{place}") }),
        None => Ok(()),
    }
}
