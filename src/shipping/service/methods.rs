//! The methods by which shops send to their zones.

use serde::Serialize;

use super::{check, set_up, zones};
use crate::{
    kernel::id::Id,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    shipping::{
        error::ShippingError,
        model::{GivenRate, MAXIMUM_METHODS, Method, Zone},
        queries::methods::{self, MethodColumns},
    },
    users::model::{User, signed_in},
};

/// A new method.
#[derive(Debug, Serialize)]
pub struct CreateMethod {
    pub zone: Id<Zone>,
    pub name: String,
    pub description: Option<String>,
    pub minimum_weight_grams: Option<i32>,
    pub maximum_weight_grams: Option<i32>,
    pub days_from: Option<i32>,
    pub days_until: Option<i32>,
    pub is_active: bool,
    pub rates: Vec<GivenRate>,
}

/// Makes a method on behalf of a member of the zone's shop.
pub async fn create_method(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateMethod,
) -> Result<Id<Method>, ShippingError> {
    let user = signed_in(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createShippingMethod", key, &input, Retention::Day)).transpose()?;
    let name = check::name(&input.name)?;
    let description = check::description(input.description.as_deref().unwrap_or_default())?;
    let rates = check::rates(&input.rates)?;
    check::bounds(&columns(&input, &name, description.as_deref()), [true; 2])?;
    app.once(caller, key, move |tx| {
        zones::open(tx, user, input.zone)?;
        let ordinals = methods::ordinals(tx.conn(), input.zone)?;
        if ordinals.len() >= MAXIMUM_METHODS {
            return Err(ShippingError::TooMany { field: "shippingZoneId".into() });
        }
        let ordinal = ordinals.last().map_or(0, |last| last + 1);
        let (id, created_at) = (tx.new_id(), tx.now());
        let columns = columns(&input, &name, description.as_deref());
        methods::insert(tx, id, input.zone, ordinal, &columns, created_at)?;
        methods::set_rates(tx, id, &rates)?;
        Ok(id)
    })
    .await
}

const fn columns<'a>(input: &CreateMethod, name: &'a str, description: Option<&'a str>) -> MethodColumns<'a> {
    MethodColumns {
        name,
        description,
        minimum_weight_grams: input.minimum_weight_grams,
        maximum_weight_grams: input.maximum_weight_grams,
        days_from: input.days_from,
        days_until: input.days_until,
        is_active: input.is_active,
    }
}

/// A change of a method. The outer `None` leaves a value as it is, the inner one clears it.
#[derive(Debug, Default)]
pub struct MethodChange {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub minimum_weight_grams: Option<Option<i32>>,
    pub maximum_weight_grams: Option<Option<i32>>,
    pub days_from: Option<Option<i32>>,
    pub days_until: Option<Option<i32>>,
    pub is_active: Option<bool>,
    /// All of them.
    pub rates: Option<Vec<GivenRate>>,
}

/// Changes a method that nobody else has changed since `expected_version`, on behalf of a member of its shop.
pub async fn update_method(
    app: &App,
    caller: &Caller,
    id: Id<Method>,
    expected_version: i32,
    change: MethodChange,
) -> Result<Id<Method>, ShippingError> {
    let user = signed_in(caller)?;
    let name = change.name.as_deref().map(check::name).transpose()?;
    let described = change.description.as_ref();
    let description = described.map(|given| check::description(given.as_deref().unwrap_or_default())).transpose()?;
    let rates = change.rates.as_deref().map(check::rates).transpose()?;
    app.db
        .write(caller, move |tx| {
            let current = lock(tx, user, id, expected_version)?;
            let columns = MethodColumns {
                name: name.as_deref().unwrap_or(&current.name),
                description: match &description {
                    Some(description) => description.as_deref(),
                    None => current.description.as_deref(),
                },
                minimum_weight_grams: change.minimum_weight_grams.unwrap_or(current.minimum_weight_grams),
                maximum_weight_grams: change.maximum_weight_grams.unwrap_or(current.maximum_weight_grams),
                days_from: change.days_from.unwrap_or(current.days_from),
                days_until: change.days_until.unwrap_or(current.days_until),
                is_active: change.is_active.unwrap_or(current.is_active),
            };
            check::bounds(&columns, [change.maximum_weight_grams.is_some(), change.days_until.is_some()])?;
            methods::set(tx, id, &columns)?;
            if let Some(rates) = &rates {
                methods::set_rates(tx, id, rates)?;
            }
            Ok(id)
        })
        .await
}

/// Deletes a method that nobody else has changed since `expected_version`, on behalf of a member of its shop.
pub async fn delete_method(
    app: &App,
    caller: &Caller,
    id: Id<Method>,
    expected_version: i32,
) -> Result<Id<Method>, ShippingError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            lock(tx, user, id, expected_version)?;
            methods::delete(tx, id)?;
            Ok(id)
        })
        .await
}

/// A method whose shop somebody may set up; neither changes until the transaction ends.
fn lock(tx: &mut Tx<'_>, user: Id<User>, id: Id<Method>, expected_version: i32) -> Result<Method, ShippingError> {
    const FIELD: &str = "shippingMethodId";
    let shop = methods::shop_of(tx.conn(), id)?.ok_or_else(|| ShippingError::not_found(FIELD))?;
    set_up(tx, user, shop, FIELD)?;
    // Read under the lock: it may have gone meanwhile.
    let method = methods::by_id(tx.conn(), id)?.ok_or_else(|| ShippingError::not_found(FIELD))?;
    if method.version != expected_version {
        return Err(ShippingError::StaleVersion { current: method.version });
    }
    Ok(method)
}
