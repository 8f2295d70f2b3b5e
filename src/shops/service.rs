//! Opening a shop, changing it, and who works for it.

mod commission;
mod following;
mod members;
mod privacy;
mod profile;

pub use self::{commission::*, following::*, members::*, privacy::*, profile::*};
use serde::Serialize;

use super::{
    error::{ImportError, ShopError},
    model::{Desk, MAXIMUM_MEMBERS, Permission, Shop, ShopRole, Worker},
    queries::{self, NewMember, NewShop},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        place::CountryCode,
        text::{self, TextError},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    users::{
        self,
        model::{User, signed_in},
    },
};

/// What somebody gives to open a shop.
#[derive(Debug, Serialize)]
pub struct OpenShop {
    pub name: String,
    /// Made from the name if absent.
    pub handle: Option<String>,
    pub description: String,
    pub currency: CurrencyCode,
    pub country: CountryCode,
}

/// Opens a shop, whose owner is the caller.
pub async fn open_shop(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: OpenShop,
) -> Result<Id<Shop>, ShopError> {
    let owner = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&owner, "openShop", key, &input, Retention::Day)).transpose()?;
    let input = OpenShop { name: name(&input.name)?, description: description(&input.description)?, ..input };
    if input.handle.as_deref().is_some_and(|handle| !text::is_slug(handle)) {
        return Err(ShopError::InvalidHandle);
    }
    app.once(caller, key, move |tx| add_shop(tx, owner, &input)).await
}

/// A step: a shop with its first owner. Texts are taken as they are.
pub fn add_shop(tx: &mut Tx<'_>, owner: Id<User>, input: &OpenShop) -> Result<Id<Shop>, ShopError> {
    users::service::lock_person(tx, owner)?;
    if queries::count_shops(tx.conn(), owner, true)? >= MAXIMUM_MEMBERS {
        return Err(ShopError::TooMany);
    }
    let id = insert(tx, input)?;
    let created_at = tx.now();
    let member = NewMember { shop_id: id, user_id: owner, role: ShopRole::Owner, created_at, is_accepted: true };
    queries::insert_member(tx, &member)?;
    users::service::tell_of_access(tx, owner)?;
    Ok(id)
}

fn insert(tx: &mut Tx<'_>, input: &OpenShop) -> Result<Id<Shop>, ShopError> {
    let (id, created_at) = (tx.new_id(), tx.now());
    let candidates = match &input.handle {
        Some(handle) => vec![handle.clone()],
        None => text::slug_candidates(&text::slug(&input.name), tx.generator().bytes()),
    };
    let mut is_inserted = false;
    for handle in &candidates {
        let shop = NewShop {
            id,
            handle,
            name: &input.name,
            description: &input.description,
            currency: input.currency,
            country: input.country,
            created_at,
        };
        is_inserted = queries::insert_shop(tx, &shop)?;
        if is_inserted {
            break;
        }
    }
    if !is_inserted {
        return Err(ShopError::HandleTaken);
    }
    Ok(id)
}

/// A step: who has owned a shop for longest.
pub fn first_owner(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<Id<User>>, Failure> {
    Ok(queries::owners_of(conn, shop)?.into_iter().next())
}

/// Opens the shop that an import goes into, unless it is there. Without an owner it has no members, and nobody but the
/// market's staff sees its orders, until a later import names one. Tells whether it is new.
pub async fn shop_for_import(
    app: &App,
    caller: &Caller,
    handle: &str,
    owner: Option<&str>,
    (currency, country): (CurrencyCode, CountryCode),
) -> Result<(Shop, bool), ImportError> {
    let (handle, owner) = (handle.to_owned(), owner.map(str::to_owned));
    app.db.write(caller, move |tx| open_for_import(tx, &handle, owner.as_deref(), (currency, country))).await
}

/// A shop by its handle.
pub async fn shop_by_handle(app: &App, handle: &str) -> Result<Option<Shop>, Failure> {
    let handles = [handle.to_owned()];
    app.db.read(move |conn| Ok(queries::by_handles(conn, &handles)?.pop())).await
}

/// A step: as [`shop_for_import`].
pub fn open_for_import(
    tx: &mut Tx<'_>,
    handle: &str,
    owner: Option<&str>,
    (currency, country): (CurrencyCode, CountryCode),
) -> Result<(Shop, bool), ImportError> {
    let owner = match owner {
        None => None,
        Some(email) => {
            let found = users::service::person_by_email(tx.conn(), email)?;
            Some(found.ok_or_else(|| ImportError::Owner(email.to_owned()))?)
        }
    };
    Ok(open_with(tx, handle, owner, currency, country)?)
}

fn open_with(
    tx: &mut Tx<'_>,
    handle: &str,
    owner: Option<Id<User>>,
    currency: CurrencyCode,
    country: CountryCode,
) -> Result<(Shop, bool), ShopError> {
    if !text::is_slug(handle) {
        return Err(ShopError::InvalidHandle);
    }
    let handles = [handle.to_owned()];
    let found = queries::by_handles(tx.conn(), &handles)?.pop();
    let is_new = found.is_none();
    if is_new {
        let name = text::title_case(handle);
        let handle = Some(handle.to_owned());
        insert(tx, &OpenShop { name, handle, description: String::new(), currency, country })?;
    }
    let shop = queries::by_handles(tx.conn(), &handles)?.pop().ok_or_else(|| not_found("shop"))?;
    if let Some(user_id) = owner
        && membership(tx.conn(), user_id, shop.id)? != Some(ShopRole::Owner)
    {
        queries::lock_shop(tx, shop.id)?;
        users::service::lock_person(tx, user_id)?;
        let created_at = tx.now();
        let member = NewMember { shop_id: shop.id, user_id, role: ShopRole::Owner, created_at, is_accepted: true };
        if queries::insert_member(tx, &member)?.is_none() {
            queries::set_role(tx, shop.id, user_id, (ShopRole::Owner, true))?;
        }
        users::service::tell_of_access(tx, user_id)?;
        let is_full = queries::count_members(tx.conn(), shop.id)? > MAXIMUM_MEMBERS
            || queries::count_shops(tx.conn(), user_id, true)? > MAXIMUM_MEMBERS;
        if is_full {
            return Err(ShopError::TooMany);
        }
    }
    Ok((shop, is_new))
}

/// A change of what everybody sees of a shop; what is absent stays.
pub struct ShopChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub country: Option<CountryCode>,
    pub profile: ProfileChange,
}

/// Changes a shop that nobody else has changed since `expected_version`.
pub async fn update_shop(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    expected_version: i32,
    change: ShopChange,
) -> Result<Shop, ShopError> {
    let user = signed_in(caller)?;
    let new_name = change.name.as_deref().map(name).transpose()?;
    let new_description = change.description.as_deref().map(description).transpose()?;
    let profile = change.profile.checked()?;
    app.db
        .write(caller, move |tx| {
            let current = lock_permitted(tx, user, shop, (Permission::EditShop, "shopId"))?;
            if current.version != expected_version {
                return Err(ShopError::StaleVersion { current: current.version });
            }
            change_profile(tx, user, shop, &profile)?;
            Ok(queries::set_shop(tx, shop, new_name.as_deref(), new_description.as_deref(), change.country)?)
        })
        .await
}

/// A step: locks a shop, so that what it sets up for itself is changed by one at a time.
///
/// # Errors
/// [`ShopError::NotFound`] at `shopId`.
pub fn lock(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<Shop, ShopError> {
    queries::lock_shop(tx, shop)?.ok_or_else(|| not_found("shopId"))
}

/// A step: as [`lock`], for somebody who may act for the shop. Nobody whose shop it is not has others wait for it; and whoever waited may have lost
/// it meanwhile, so it is looked at before and after.
///
/// # Errors
/// As [`permit`].
pub fn lock_permitted(
    tx: &mut Tx<'_>,
    user: Id<User>,
    shop: Id<Shop>,
    (permission, field): (Permission, &str),
) -> Result<Shop, ShopError> {
    permit(tx.conn(), user, shop, permission, field)?;
    let locked = queries::lock_shop(tx, shop)?.ok_or_else(|| not_found(field))?;
    permit(tx.conn(), user, shop, permission, field)?;
    Ok(locked)
}

fn not_found(field: &str) -> ShopError {
    ShopError::NotFound { field: field.into() }
}

fn name(given: &str) -> Result<String, ShopError> {
    text::line(given, 80).map_err(|error| ShopError::Text { field: "name".into(), error })
}

fn description(given: &str) -> Result<String, ShopError> {
    match text::paragraph(given, 2_000) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ShopError::Text { field: "description".into(), error }),
    }
}

/// A step: lets somebody act for a shop.
///
/// # Errors
/// [`ShopError::NotFound`] at `field` for strangers, [`ShopError::NotPermitted`] for members whose role does not do.
pub fn permit(
    conn: &mut Conn,
    user: Id<User>,
    shop: Id<Shop>,
    permission: Permission,
    field: &str,
) -> Result<(), ShopError> {
    let role = membership(conn, user, shop)?.ok_or_else(|| not_found(field))?;
    if role.may(permission) { Ok(()) } else { Err(ShopError::NotPermitted) }
}

/// A step: locks a shop's row, which stands for what there is of it once or so many times. None if there is no such shop. New products
/// and orders do not wait for it.
pub fn lock_shop(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<Option<Shop>, Failure> {
    queries::lock_shop(tx, shop)
}

/// A step: what somebody does for a shop, if anything.
pub fn membership(conn: &mut Conn, user: Id<User>, shop: Id<Shop>) -> Result<Option<ShopRole>, Failure> {
    queries::role_of(conn, user, shop)
}

/// A step: who works for a shop, and as what.
pub fn people_of(conn: &mut Conn, shop: Id<Shop>) -> Result<Vec<(Id<User>, ShopRole)>, Failure> {
    queries::people_of(conn, shop)
}

/// A step: who is told of what somebody does for some shops: those who may do it and have accepted that they work there, with the shop,
/// those who work there longest first. Whom others have added, and nobody asked, is written to about their own account alone.
pub fn people_who_may(conn: &mut Conn, shops: &[Id<Shop>], permission: Permission) -> Result<Vec<Worker>, Failure> {
    let roles = ShopRole::ALL.into_iter().filter(|role| role.may(permission)).collect();
    queries::people_as(conn, shops, roles)
}

/// A step: who owns a shop, and has accepted that they do.
pub fn owners_of(conn: &mut Conn, shop: Id<Shop>) -> Result<Vec<Id<User>>, Failure> {
    queries::owners_of(conn, shop)
}

/// A step: the shops that somebody works for, longest first.
pub fn memberships_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<(Id<Shop>, ShopRole)>, Failure> {
    queries::roles_of(conn, user)
}

/// A step: shops by id, in no order.
pub fn shops_by_ids(conn: &mut Conn, ids: &[Id<Shop>]) -> Result<Vec<Shop>, Failure> {
    queries::by_ids(conn, ids)
}

/// The desks of the shops that the caller works for, longest first.
pub async fn desks(app: &App, caller: &Caller) -> Result<Vec<Desk>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::desks_of(conn, user)).await
}
