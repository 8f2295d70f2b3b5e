//! The places where a shop keeps stock.

use serde::Serialize;

use super::not_found;
use crate::{
    inventory::{
        error::StockError,
        model::{Location, MAXIMUM_LOCATIONS},
        queries::{
            self,
            locations::{LocationColumns, NewLocation},
        },
    },
    kernel::{error::Failure, id::Id, text},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::signed_in,
};

/// The locations of a shop, for its members: the default one first, then the oldest.
pub async fn locations(app: &App, shop: Id<Shop>) -> Result<Vec<Location>, Failure> {
    app.db.read(move |conn| queries::locations::of_shop(conn, shop)).await
}

/// A new place.
#[derive(Debug, Serialize)]
pub struct CreateLocation {
    pub shop: Id<Shop>,
    pub name: String,
}

/// Makes a location on behalf of a member of the shop.
pub async fn create_location(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateLocation,
) -> Result<Id<Location>, StockError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createLocation", key, &input, Retention::Day)).transpose()?;
    let name = named(&input.name)?;
    app.once(caller, key, move |tx| {
        shops::service::permit(tx.conn(), user, input.shop, Permission::EditShop, "shopId")?;
        add_location(tx, input.shop, &name)
    })
    .await
}

/// A step: one more location of a shop.
pub fn add_location(tx: &mut Tx<'_>, shop: Id<Shop>, name: &str) -> Result<Id<Location>, StockError> {
    default_location(tx, shop)?;
    let all = lock_all(tx, shop)?;
    if all.len() >= MAXIMUM_LOCATIONS {
        return Err(StockError::TooManyLocations);
    }
    free(&all, None, name)?;
    let (id, created_at) = (tx.new_id(), tx.now());
    queries::locations::insert(tx, &NewLocation { id, shop_id: shop, name, is_default: false, created_at })?;
    Ok(id)
}

/// A change of a location; what is absent stays.
#[derive(Debug, Default)]
pub struct LocationChange {
    pub name: Option<String>,
    pub is_default: Option<bool>,
    pub is_active: Option<bool>,
}

/// Changes a location on behalf of a member of the shop.
pub async fn update_location(
    app: &App,
    caller: &Caller,
    id: Id<Location>,
    change: LocationChange,
) -> Result<Location, StockError> {
    let user = signed_in(caller)?;
    let name = change.name.as_deref().map(named).transpose()?;
    app.db
        .write(caller, move |tx| {
            let found = queries::locations::by_id(tx.conn(), id)?.ok_or_else(|| not_found("locationId"))?;
            shops::service::permit(tx.conn(), user, found.shop_id, Permission::EditShop, "locationId")?;
            let all = lock_all(tx, found.shop_id)?;
            let current = all.iter().find(|location| location.id == id).ok_or_else(|| not_found("locationId"))?;
            if let Some(name) = &name {
                free(&all, Some(id), name)?;
            }
            let is_default = change.is_default.unwrap_or(current.is_default);
            let is_active = change.is_active.unwrap_or(current.is_active);
            // Another one becomes the default instead.
            if current.is_default && !is_default {
                return Err(StockError::Invalid { field: "isDefault".into() });
            }
            if !is_active && (is_default || queries::locations::is_used(tx.conn(), id)?) {
                return Err(StockError::InUse { field: "isActive".into() });
            }
            if let Some(former) = all.iter().find(|location| location.is_default && is_default && location.id != id) {
                let columns = LocationColumns { is_default: Some(false), ..LocationColumns::default() };
                queries::locations::set(tx, former.id, &columns)?;
            }
            let columns = LocationColumns {
                name: name.as_deref().or(Some(&current.name)),
                is_default: Some(is_default),
                is_active: Some(is_active),
            };
            Ok(queries::locations::set(tx, id, &columns)?)
        })
        .await
}

fn named(name: &str) -> Result<String, StockError> {
    text::line(name, 100).map_err(|error| StockError::Text { field: "name".into(), error })
}

/// All locations of a shop, which stand still until the transaction ends.
fn lock_all(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<Vec<Location>, Failure> {
    queries::locations::lock_all(tx, shop)?;
    // Read by a statement of its own: it sees those, too, that were made while this one waited for the locks of the others.
    queries::locations::of_shop(tx.conn(), shop)
}

/// Whether no other of a shop's locations, which are locked, has the name.
fn free(all: &[Location], own: Option<Id<Location>>, name: &str) -> Result<(), StockError> {
    let has_it = |location: &Location| Some(location.id) != own && text::fold(&location.name) == text::fold(name);
    if all.iter().any(has_it) { Err(StockError::NameTaken) } else { Ok(()) }
}

/// A step: the place that orders take from first, made if the shop has none yet.
pub fn default_location(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<Location, Failure> {
    if let Some(location) = queries::locations::default_location(tx.conn(), shop)? {
        return Ok(location);
    }
    let (id, created_at) = (tx.new_id(), tx.now());
    let new = NewLocation { id, shop_id: shop, name: "Default", is_default: true, created_at };
    queries::locations::insert(tx, &new)?;
    let made = queries::locations::default_location(tx.conn(), shop)?;
    made.ok_or_else(|| Failure::internal("a shop without a default location"))
}

/// A step: a place of the shop where pieces may come in stays in use until the transaction ends.
pub fn in_use(tx: &mut Tx<'_>, shop: Id<Shop>, id: Id<Location>, field: &str) -> Result<(), StockError> {
    let held = queries::locations::hold(tx, &[id])?.pop();
    held.filter(|location| location.shop_id == shop && location.is_active).ok_or_else(|| not_found(field))?;
    Ok(())
}
