//! Tax classes, which the market's administrators make.

use serde::Serialize;

use super::{check, names};
use crate::{
    kernel::{error::Failure, id::Id, text},
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    products::{
        error::ProductError,
        model::taxes::{MAXIMUM_TAX_CLASSES, TaxClass},
        queries::taxes::{self, NewTaxClass},
    },
    users::model::signed_in,
};

/// What a tax class is made of.
#[derive(Debug, Serialize)]
pub struct CreateTaxClass {
    pub name: String,
    /// Made from the name if absent.
    pub handle: Option<String>,
}

/// Makes a tax class. The face lets staff in alone.
pub async fn create_tax_class(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateTaxClass,
) -> Result<Id<TaxClass>, ProductError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createTaxClass", key, &input, Retention::Day)).transpose()?;
    let name = check::line(&input.name, 80, "name")?;
    if input.handle.as_deref().is_some_and(|handle| !text::is_slug(handle)) {
        return Err(ProductError::InvalidHandle);
    }
    app.once(caller, key, move |tx| Ok(add_tax_class(tx, &name, input.handle.as_deref())?.id)).await
}

/// A step: a tax class.
pub fn add_tax_class(tx: &mut Tx<'_>, name: &str, given_handle: Option<&str>) -> Result<TaxClass, ProductError> {
    if taxes::count_locked(tx)? >= MAXIMUM_TAX_CLASSES {
        return Err(ProductError::TooMany { field: "name".into() });
    }
    let (id, created_at) = (tx.new_id(), tx.now());
    let candidates = names::candidates(tx, given_handle, name);
    let inserted =
        names::under_first(&candidates, |handle| taxes::insert(tx, &NewTaxClass { id, handle, name, created_at }));
    inserted?.ok_or(ProductError::HandleTaken)
}

/// Changes a tax class that nobody else has changed since `expected_version`; what is absent stays. The face lets staff in alone.
pub async fn update_tax_class(
    app: &App,
    caller: &Caller,
    id: Id<TaxClass>,
    expected_version: i32,
    name: Option<String>,
) -> Result<TaxClass, ProductError> {
    let name = name.as_deref().map(|name| check::line(name, 80, "name")).transpose()?;
    app.db
        .write(caller, move |tx| {
            let current = taxes::lock(tx, id)?.ok_or_else(|| ProductError::not_found("taxClassId"))?;
            if current.version != expected_version {
                return Err(ProductError::StaleVersion { current: current.version });
            }
            Ok(taxes::set(tx, id, name.as_deref())?)
        })
        .await
}

/// A step: those of the tax classes that there are, in no order.
pub fn tax_classes_by_ids(conn: &mut Conn, ids: &[Id<TaxClass>]) -> Result<Vec<TaxClass>, Failure> {
    taxes::by_ids(conn, ids)
}

/// All tax classes, by name.
pub async fn tax_classes(app: &App) -> Result<Vec<TaxClass>, Failure> {
    app.db.read(taxes::all).await
}
