//! The address book.

use serde::Serialize;

use crate::users::{
    error::AccountError,
    model::{SavedAddress, User, signed_in},
    queries::{self, NewSavedAddress, SavedAddressUpdate},
};
use crate::{
    kernel::{address::Address, error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
};

/// An address to keep.
#[derive(Debug, Clone, Serialize)]
pub struct KeptAddress {
    pub address: Address,
    pub is_default_shipping: bool,
    pub is_default_billing: bool,
}

/// Keeps an address. The first one is the default for everything.
pub async fn create_saved_address(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: KeptAddress,
) -> Result<Id<SavedAddress>, AccountError> {
    let user = signed_in(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createSavedAddress", key, &input, Retention::Day)).transpose()?;
    let address = serde_json::to_value(input.address.checked()?).map_err(Failure::internal)?;
    app.once(caller, key, move |tx| {
        queries::lock_user(tx, user)?;
        let count = queries::count_saved_addresses(tx.conn(), user)?;
        if count >= SavedAddress::MAXIMUM {
            return Err(AccountError::TooManyAddresses);
        }
        let is_default_shipping = input.is_default_shipping || count == 0;
        let is_default_billing = input.is_default_billing || count == 0;
        make_room(tx, user, is_default_shipping, is_default_billing)?;
        let (id, now) = (tx.new_id(), tx.now());
        let row = NewSavedAddress {
            id,
            user_id: user,
            address: address.clone(),
            is_default_shipping,
            is_default_billing,
            created_at: now,
            updated_at: now,
        };
        queries::insert_saved_address(tx, &row)?;
        Ok(id)
    })
    .await
}

/// A change of an address; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct SavedAddressChange {
    pub address: Option<Address>,
    pub is_default_shipping: Option<bool>,
    pub is_default_billing: Option<bool>,
}

pub async fn update_saved_address(
    app: &App,
    caller: &Caller,
    id: Id<SavedAddress>,
    change: SavedAddressChange,
) -> Result<SavedAddress, AccountError> {
    let user = signed_in(caller)?;
    let SavedAddressChange { address, is_default_shipping, is_default_billing } = change;
    let address = address.map(Address::checked).transpose()?;
    let address = address.map(serde_json::to_value).transpose().map_err(Failure::internal)?;
    app.db
        .write(caller, move |tx| {
            queries::lock_user(tx, user)?;
            make_room(tx, user, is_default_shipping == Some(true), is_default_billing == Some(true))?;
            let updated_at = tx.now();
            let update =
                SavedAddressUpdate { address: address.clone(), is_default_shipping, is_default_billing, updated_at };
            queries::set_saved_address(tx, user, id, &update)?.ok_or(AccountError::NoSuchAddress)
        })
        .await
}

/// A step, under the person's lock: there is one default of each kind at the most.
fn make_room(tx: &mut Tx<'_>, user: Id<User>, for_shipping: bool, for_billing: bool) -> Result<(), Failure> {
    if for_shipping {
        queries::clear_default_shipping(tx, user)?;
    }
    if for_billing {
        queries::clear_default_billing(tx, user)?;
    }
    Ok(())
}

/// Forgets an address. If it was a default, none is, until the person says which.
pub async fn delete_saved_address(app: &App, caller: &Caller, id: Id<SavedAddress>) -> Result<(), AccountError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            if queries::delete_saved_address(tx, user, id)? { Ok(()) } else { Err(AccountError::NoSuchAddress) }
        })
        .await
}

/// The caller's addresses, the newest first.
pub async fn saved_addresses(app: &App, caller: &Caller) -> Result<Vec<SavedAddress>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::saved_addresses(conn, user)).await
}
