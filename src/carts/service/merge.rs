//! A guest's cart becomes a person's.

use chrono::TimeDelta;

use super::{keep_held, named, open, raise, remember, tell};
use crate::{
    carts::{
        error::CartError,
        model::{Cart, Merging, Prices, merging},
        queries,
    },
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, db::Tx},
    products::model::Variant,
    users::{
        self,
        model::{User, signed_in},
    },
};

/// A person's cart, into which a guest's was merged.
#[derive(Debug, Default)]
pub struct Merged {
    /// None if there was neither the one nor the other.
    pub cart: Option<Id<Cart>>,
    /// What there was no room for.
    pub left_out: Vec<Id<Variant>>,
}

/// Merges a guest's cart into the caller's own, and the guest's is no more. Of a variant in both, the larger quantity counts; the others
/// come after the caller's own, as long as there is room; the caller's currency stays. A repeat changes nothing.
pub async fn merge_cart(app: &App, caller: &Caller, token: &str) -> Result<Merged, CartError> {
    let user = signed_in(caller)?;
    let guest = named(app, token)?;
    let lasting = app.market.checkout.reserved_for;
    app.db.write(caller, move |tx| merge(tx, user, guest, lasting)).await
}

fn merge(tx: &mut Tx<'_>, user: Id<User>, guest: Id<Cart>, lasting: TimeDelta) -> Result<Merged, CartError> {
    // First, so that nobody opens a cart of theirs meanwhile.
    users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
    let own = queries::of_person(tx.conn(), user)?.map(|cart| cart.id);
    let locked = queries::lock_all(tx, &own.into_iter().chain([guest]).collect::<Vec<_>>())?;
    let (of_person, of_guest): (Vec<_>, Vec<_>) = locked.into_iter().partition(|cart| cart.owner_id == Some(user));
    let of_guest = of_guest.into_iter().find(|cart| cart.owner_id.is_none());
    // Somebody else may have been faster.
    let Some(of_guest) = of_guest else { return Ok(Merged { cart: own, left_out: Vec::new() }) };
    let own = match of_person.into_iter().next() {
        Some(own) => own,
        None => open(tx, Some(user), of_guest.currency)?,
    };
    let prices = if own.currency == of_guest.currency { Prices::OfGuest } else { Prices::Unknown };
    let (lines, theirs) = (queries::lines(tx.conn(), own.id)?, queries::lines(tx.conn(), guest)?);
    let Merging { changed, left_out } = merging(own.id, &lines, &theirs, prices);
    if !changed.is_empty() {
        queries::put_lines(tx, &changed)?;
        if prices == Prices::Unknown {
            remember(tx, own.id, |offered| offered.line.unit_price.or(offered.price))?;
        }
    }
    // Though nothing was put in, what is held for it may have become more.
    let lines = queries::lines(tx.conn(), own.id)?;
    raise(tx, &own, lines.len())?;
    keep_held(tx, own.id, &[guest.uuid()], &lines, lasting)?;
    queries::delete_carts(tx, &[guest])?;
    tell(tx, guest, of_guest.version.saturating_add(1))?;
    Ok(Merged { cart: Some(own.id), left_out })
}
