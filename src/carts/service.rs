//! Opening carts, and finding them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use uuid::Uuid;

mod change;
mod merge;
mod privacy;
mod reserve;
mod take;

pub use self::{change::*, merge::*, privacy::*, reserve::*, take::*};
use super::{
    error::CartError,
    model::{Cart, CartChanged, Line, OfferedLine},
    policy::{self, Way},
    queries::{self, NewCart},
};
use crate::{
    inventory,
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    products::model::Variant,
    users::{
        self,
        model::{User, signed_in},
    },
};

/// What the tokens of guests' carts are for.
const OPEN: &str = "open";
/// Carts that are swept by one transaction.
const BATCH: i64 = 500;

/// Whose cart somebody means.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Person(Id<User>),
    /// That of a guest who has shown its token.
    Guest(Id<Cart>),
}

/// The cart that a token names; without one, that of whoever is signed in. A guest has to show a token.
fn whose(app: &App, caller: &Caller, token: Option<&str>) -> Result<Whose, CartError> {
    match token {
        Some(token) => Ok(Whose::Guest(named(app, token)?)),
        None => signed_in(caller).map(Whose::Person).map_err(|_| CartError::not_found("token")),
    }
}

/// The guest's cart that a token names, be it there or no more.
pub fn named(app: &App, token: &str) -> Result<Id<Cart>, CartError> {
    app.master.row_of(OPEN, token).ok_or_else(|| CartError::not_found("token"))
}

/// What opens a guest's cart.
pub fn token(app: &App, id: Id<Cart>) -> String {
    app.master.row_token(OPEN, id)
}

/// The cart to which a token leads; without one, the caller's own.
pub async fn cart(app: &App, caller: &Caller, token: Option<&str>) -> Result<Option<Cart>, Failure> {
    let Ok(whose) = whose(app, caller, token) else { return Ok(None) };
    let viewer = signed_in(caller).ok();
    let found = app.db.read(move |conn| match whose {
        Whose::Person(owner) => queries::of_person(conn, owner),
        Whose::Guest(id) => queries::of_guest(conn, id),
    });
    Ok(found.await?.filter(|cart| policy::may_see(cart, viewer, Way::Token)))
}

/// What is in a cart, in the order in which it was added.
pub fn lines_of(conn: &mut Conn, id: Id<Cart>) -> Result<Vec<Line>, Failure> {
    queries::lines(conn, id)
}

/// Opens a cart, or locks the one that its owner has: whose row is locked first.
fn open(tx: &mut Tx<'_>, owner: Option<Id<User>>, currency: CurrencyCode) -> Result<Cart, CartError> {
    if let Some(owner) = owner {
        users::service::lock_person(tx, owner)?.ok_or(Failure::Unauthenticated(None))?;
        if let Some(cart) = queries::lock_of_person(tx, owner)? {
            return Ok(cart);
        }
    }
    let (id, now) = (tx.new_id(), tx.now());
    let expires_at = now + Cart::kept_for(owner, 0);
    queries::insert_cart(tx, &NewCart { id, owner_id: owner, currency, created_at: now, updated_at: now, expires_at })?;
    Ok(Cart { id, owner_id: owner, currency, version: 1, created_at: now, updated_at: now })
}

fn lock(tx: &mut Tx<'_>, whose: Whose) -> Result<Cart, CartError> {
    match whose {
        Whose::Person(owner) => queries::lock_of_person(tx, owner)?.ok_or(CartError::NoCart),
        Whose::Guest(id) => queries::lock_of_guest(tx, id)?.ok_or_else(|| CartError::not_found("token")),
    }
}

/// Notes that a locked cart, which has so many lines by now, or what is held for it has changed, and tells whoever looks at it.
fn raise(tx: &mut Tx<'_>, cart: &Cart, lines: usize) -> Result<(), Failure> {
    let expires_at = tx.now() + Cart::kept_for(cart.owner_id, lines);
    let version = queries::set_changed(tx, cart.id, expires_at)?;
    tell(tx, cart.id, version)
}

/// Notes that something was done to what is in a locked cart. What is held for it is held for longer, as far as it is in it.
fn note_change(tx: &mut Tx<'_>, cart: &Cart, lasting: TimeDelta) -> Result<(), Failure> {
    let lines = queries::lines(tx.conn(), cart.id)?;
    raise(tx, cart, lines.len())?;
    keep_held(tx, cart.id, &[], &lines, lasting)
}

/// Goes on holding what is held for a cart and for others, as far as it is in the cart.
fn keep_held(
    tx: &mut Tx<'_>,
    id: Id<Cart>,
    others: &[Uuid],
    lines: &[Line],
    lasting: TimeDelta,
) -> Result<(), Failure> {
    let turns = inventory::service::keep(tx, id.uuid(), others, &pieces(lines), lasting)?;
    inventory::service::settle(tx, &turns)
}

/// How many of what is in a cart.
fn pieces(lines: &[Line]) -> BTreeMap<Id<Variant>, i32> {
    lines.iter().map(|line| (line.variant_id, line.quantity)).collect()
}

fn tell(tx: &mut Tx<'_>, id: Id<Cart>, version: i32) -> Result<(), Failure> {
    tx.emit(&CartChanged { cart: id.uuid(), version }, &[id.uuid()])
}

/// Has the lines of a locked cart remember other prices. Returns those that did not do so before.
fn remember(tx: &mut Tx<'_>, id: Id<Cart>, price: impl Fn(&OfferedLine) -> Option<i64>) -> Result<Vec<Line>, Failure> {
    let offered = queries::offered(tx.conn(), &[id])?;
    let lines = offered.into_iter().filter_map(|offered| {
        let unit_price = price(&offered);
        (unit_price != offered.line.unit_price).then_some(Line { unit_price, ..offered.line })
    });
    let lines: Vec<_> = lines.collect();
    queries::put_lines(tx, &lines)?;
    Ok(lines)
}

/// Forgets carts that nobody has changed for long. Who still looks at one finds none, and is not told: nothing has happened.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn sweep(app: &App, caller: &Caller) -> Result<(), Failure> {
    let forget = |tx: &mut Tx<'_>| -> Result<usize, Failure> {
        let now = tx.now();
        let old = queries::lock_expired(tx, now, BATCH)?;
        queries::delete_carts(tx, &old)?;
        Ok(old.len())
    };
    app.db.write_in_batches(caller, forget).await
}
