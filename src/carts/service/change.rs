//! What people do to their carts.

use chrono::TimeDelta;
use serde::Serialize;

use super::{Whose, lock, note_change, open, remember, whose};
use crate::{
    carts::{
        error::CartError,
        model::{Cart, Line, MAXIMUM_LINES, MAXIMUM_QUANTITY, Wanted, next_ordinal},
        queries::{self, Offer},
    },
    kernel::{id::Id, money::CurrencyCode},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::Tx,
        idempotency::{Key, Retention},
    },
    users::{
        self,
        model::{User, signed_in},
    },
};

/// What a new cart shall be.
#[derive(Debug, Clone, Serialize)]
pub struct CreateCart {
    /// That of the request if absent.
    pub currency: Option<CurrencyCode>,
    pub lines: Vec<Wanted>,
}

/// Opens a cart with these lines. A guest gets another one each time; a person the one that they have, if they do, to which the lines are
/// added.
pub async fn create_cart(
    app: &App,
    caller: &Caller,
    input: CreateCart,
    key: Option<&str>,
) -> Result<Id<Cart>, CartError> {
    let owner = signed_in(caller).ok();
    // Guests are nobody in particular: the key of one must not answer with the cart of another.
    let key =
        key.zip(owner).map(|(key, owner)| Key::new(&owner, "createCart", key, &input, Retention::Day)).transpose()?;
    let CreateCart { currency, lines } = input;
    if lines.len() > MAXIMUM_LINES {
        return Err(CartError::TooMany);
    }
    let (preferred, lasting) =
        (users::service::surroundings(app, caller).await?.currency, app.market.checkout.reserved_for);
    let create = move |tx: &mut Tx<'_>| {
        let present = owner.map(|owner| queries::lock_of_person(tx, owner)).transpose()?.flatten();
        let cart = if let Some(cart) = present {
            cart
        } else {
            let currency = match currency {
                Some(currency) => currency,
                None => settled_in(tx, &lines, preferred)?,
            };
            open(tx, owner, currency)?
        };
        if add(tx, &cart, &lines, |line, error| CartError::OfLine { line, error: Box::new(error) })? == Effect::Changed
        {
            note_change(tx, &cart, lasting)?;
        }
        Ok(cart.id)
    };
    app.once(caller, key, create).await
}

/// Puts pieces of a variant into a cart; what is there already becomes more. A person who has no cart yet gets one: in the currency of the
/// request, if the variant has a price in it, else in its shop's.
pub async fn add_to_cart(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    key: Option<&str>,
    wanted: Wanted,
) -> Result<Id<Cart>, CartError> {
    let whose = whose(app, caller, token)?;
    let scope = match whose {
        Whose::Person(user) => user.to_string(),
        Whose::Guest(cart) => cart.to_string(),
    };
    let key = key.map(|key| Key::new(&scope, "addToCart", key, &wanted, Retention::Day)).transpose()?;
    let (preferred, lasting) =
        (users::service::surroundings(app, caller).await?.currency, app.market.checkout.reserved_for);
    let put_in = move |tx: &mut Tx<'_>| {
        let present = match whose {
            Whose::Person(owner) => queries::lock_of_person(tx, owner)?.ok_or(owner),
            guest @ Whose::Guest(_) => Ok(lock(tx, guest)?),
        };
        let cart = match present {
            Ok(cart) => cart,
            Err(owner) => {
                let currency = settled_in(tx, &[wanted], preferred)?;
                open(tx, Some(owner), currency)?
            }
        };
        add(tx, &cart, &[wanted], |_, error| error)?;
        note_change(tx, &cart, lasting)?;
        Ok(cart.id)
    };
    app.once(caller, key, put_in).await
}

/// The currency of a new cart for these lines: the preferred one, unless something has no price in it; then, that of its shop.
fn settled_in(tx: &mut Tx<'_>, wanted: &[Wanted], preferred: CurrencyCode) -> Result<CurrencyCode, CartError> {
    let variants: Vec<_> = wanted.iter().map(|wanted| wanted.variant).collect();
    let offers = queries::offers(tx.conn(), &variants, preferred)?;
    let offered = variants.iter().filter_map(|variant| offers.get(variant));
    let other = offered.filter(|offer| offer.price.is_none()).map(|offer| offer.own_currency).next();
    Ok(other.unwrap_or(preferred))
}

/// Puts pieces into a locked cart, at their prices of now. `at` says of what is wrong on which line it is.
fn add(tx: &mut Tx<'_>, cart: &Cart, wanted: &[Wanted], at: impl Fn(usize, CartError) -> CartError) -> Revised {
    if wanted.is_empty() {
        return Ok(Effect::Nothing);
    }
    let variants: Vec<_> = wanted.iter().map(|wanted| wanted.variant).collect();
    let offers = queries::offers(tx.conn(), &variants, cart.currency)?;
    let (mut lines, now) = (queries::lines(tx.conn(), cart.id)?, tx.now());
    for (place, wanted) in wanted.iter().enumerate() {
        put(&mut lines, cart.id, *wanted, offers.get(&wanted.variant), now).map_err(|error| at(place, error))?;
    }
    let changed: Vec<_> = lines.iter().filter(|line| variants.contains(&line.variant_id)).cloned().collect();
    queries::put_lines(tx, &changed)?;
    Ok(Effect::Changed)
}

/// What of something was put into a cart.
pub struct PutIn {
    pub cart: Id<Cart>,
    /// By its place, what was not, and why.
    pub left_out: Vec<(usize, CartError)>,
}

/// A step: puts pieces into somebody's cart, which they get if they have none, at their prices of now: what can be put in, and nothing else.
///
/// # Errors
/// If there is nobody, or the database fails.
pub fn put_what_can_be(
    tx: &mut Tx<'_>,
    owner: Id<User>,
    wanted: &[Wanted],
    preferred: CurrencyCode,
    lasting: TimeDelta,
) -> Result<PutIn, CartError> {
    let cart = if let Some(cart) = queries::lock_of_person(tx, owner)? {
        cart
    } else {
        let currency = settled_in(tx, wanted, preferred)?;
        open(tx, Some(owner), currency)?
    };
    let variants: Vec<_> = wanted.iter().map(|wanted| wanted.variant).collect();
    let offers = queries::offers(tx.conn(), &variants, cart.currency)?;
    let (mut lines, now) = (queries::lines(tx.conn(), cart.id)?, tx.now());
    let (mut put_in, mut left_out) = (Vec::new(), Vec::new());
    for (place, wanted) in wanted.iter().enumerate() {
        match put(&mut lines, cart.id, *wanted, offers.get(&wanted.variant), now) {
            Ok(()) => put_in.push(wanted.variant),
            Err(error) => left_out.push((place, error)),
        }
    }
    if !put_in.is_empty() {
        let changed: Vec<_> = lines.into_iter().filter(|line| put_in.contains(&line.variant_id)).collect();
        queries::put_lines(tx, &changed)?;
        note_change(tx, &cart, lasting)?;
    }
    Ok(PutIn { cart: cart.id, left_out })
}

/// Puts pieces to the lines of a cart, or changes nothing about them.
fn put(
    lines: &mut Vec<Line>,
    cart_id: Id<Cart>,
    Wanted { variant, quantity }: Wanted,
    offer: Option<&Offer>,
    added_at: Time,
) -> Result<(), CartError> {
    within(quantity)?;
    let price = offer.ok_or_else(|| CartError::not_found("variantId"))?.price.ok_or(CartError::Currency)?;
    if let Some(line) = lines.iter_mut().find(|line| line.variant_id == variant) {
        let all = line.quantity.saturating_add(quantity);
        within(all)?;
        (line.quantity, line.unit_price) = (all, Some(price));
        return Ok(());
    }
    if lines.len() >= MAXIMUM_LINES {
        return Err(CartError::TooMany);
    }
    let ordinal = next_ordinal(lines);
    lines.push(Line { cart_id, variant_id: variant, ordinal, quantity, unit_price: Some(price), added_at });
    Ok(())
}

fn within(quantity: i32) -> Result<(), CartError> {
    if (1..=MAXIMUM_QUANTITY).contains(&quantity) { Ok(()) } else { Err(CartError::Quantity) }
}

/// Says how many of what is in a cart there are to be; of none the line goes.
pub async fn set_cart_line(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    expected_version: i32,
    wanted: Wanted,
) -> Result<Id<Cart>, CartError> {
    let Wanted { variant, quantity } = wanted;
    if quantity != 0 {
        within(quantity)?;
    }
    let set = move |tx: &mut Tx<'_>, cart: &Cart| -> Revised {
        let lines = queries::lines(tx.conn(), cart.id)?;
        let line = lines.iter().find(|line| line.variant_id == variant);
        let line = line.ok_or_else(|| CartError::not_found("variantId"))?;
        if quantity == 0 {
            queries::delete_line(tx, cart.id, variant)?;
            return Ok(Effect::Changed);
        }
        if quantity == line.quantity {
            return Ok(Effect::Nothing);
        }
        queries::put_lines(tx, &[Line { quantity, ..line.clone() }])?;
        Ok(Effect::Changed)
    };
    revise(app, caller, token, expected_version, set).await
}

/// Has a cart remember what is in it as it costs now. What has no price now keeps the one that it had.
pub async fn accept_cart_prices(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    expected_version: i32,
) -> Result<Id<Cart>, CartError> {
    let accept = |tx: &mut Tx<'_>, cart: &Cart| -> Revised {
        let changed = remember(tx, cart.id, |offered| offered.price.or(offered.line.unit_price))?;
        Ok(if changed.is_empty() { Effect::Nothing } else { Effect::Changed })
    };
    revise(app, caller, token, expected_version, accept).await
}

/// Takes everything out of a cart.
pub async fn clear_cart(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    expected_version: i32,
) -> Result<Id<Cart>, CartError> {
    let clear = |tx: &mut Tx<'_>, cart: &Cart| -> Revised {
        let deleted = queries::delete_lines(tx, cart.id)?;
        Ok(if deleted == 0 { Effect::Nothing } else { Effect::Changed })
    };
    revise(app, caller, token, expected_version, clear).await
}

/// Changes the currency of a cart, and has it remember what is in it as it costs in that one.
pub async fn set_cart_currency(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    expected_version: i32,
    currency: CurrencyCode,
) -> Result<Id<Cart>, CartError> {
    let set = move |tx: &mut Tx<'_>, cart: &Cart| -> Revised {
        if cart.currency == currency {
            return Ok(Effect::Nothing);
        }
        queries::set_currency(tx, cart.id, currency)?;
        remember(tx, cart.id, |offered| offered.price)?;
        Ok(Effect::Changed)
    };
    revise(app, caller, token, expected_version, set).await
}

/// Whether there was anything to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Changed,
    Nothing,
}

type Revised = Result<Effect, CartError>;

/// Changes a cart that nobody else has changed since `expected_version`. Of what changes nothing, nothing is written.
async fn revise(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    expected_version: i32,
    mut change: impl FnMut(&mut Tx<'_>, &Cart) -> Revised + Send + 'static,
) -> Result<Id<Cart>, CartError> {
    let (whose, lasting) = (whose(app, caller, token)?, app.market.checkout.reserved_for);
    app.db
        .write(caller, move |tx| {
            let cart = lock(tx, whose)?;
            if cart.version != expected_version {
                return Err(CartError::StaleVersion { current: cart.version });
            }
            if change(tx, &cart)? == Effect::Changed {
                note_change(tx, &cart, lasting)?;
            }
            Ok(cart.id)
        })
        .await
}
