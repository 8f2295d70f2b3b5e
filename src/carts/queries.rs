//! Carts in Postgres.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, SelectableHelper, upsert::excluded,
};

use super::model::{Cart, Line, OfferedLine};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{MAXIMUM_PRICE, ProductStatus, Variant},
    schema::{cart_lines, carts, product_variants, products, shop_profiles, variant_prices},
    shops::model::{HolidayColumns, Shop},
    users::model::User,
};

pub fn by_ids(conn: &mut Conn, ids: &[Id<Cart>]) -> Result<Vec<Cart>, Failure> {
    Ok(carts::table.filter(carts::id.eq_any(ids)).select(Cart::as_select()).load(conn)?)
}

/// The cart of somebody.
pub fn of_person(conn: &mut Conn, owner: Id<User>) -> Result<Option<Cart>, Failure> {
    Ok(carts::table.filter(carts::owner_id.eq(owner)).select(Cart::as_select()).first(conn).optional()?)
}

/// A cart, if it is a guest's.
pub fn of_guest(conn: &mut Conn, id: Id<Cart>) -> Result<Option<Cart>, Failure> {
    let of_guest = carts::table.find(id).filter(carts::owner_id.is_null());
    Ok(of_guest.select(Cart::as_select()).first(conn).optional()?)
}

/// Locks the cart of somebody: taken before everything else that belongs to it.
pub fn lock_of_person(tx: &mut Tx<'_>, owner: Id<User>) -> Result<Option<Cart>, Failure> {
    let own = carts::table.filter(carts::owner_id.eq(owner)).select(Cart::as_select());
    Ok(own.for_no_key_update().first(tx.conn()).optional()?)
}

/// Locks a cart, if it is a guest's.
pub fn lock_of_guest(tx: &mut Tx<'_>, id: Id<Cart>) -> Result<Option<Cart>, Failure> {
    let of_guest = carts::table.find(id).filter(carts::owner_id.is_null()).select(Cart::as_select());
    Ok(of_guest.for_no_key_update().first(tx.conn()).optional()?)
}

/// Locks carts in the order of their ids; those that are gone are left out.
pub fn lock_all(tx: &mut Tx<'_>, ids: &[Id<Cart>]) -> Result<Vec<Cart>, Failure> {
    let carts = carts::table.filter(carts::id.eq_any(ids)).order(carts::id).select(Cart::as_select());
    Ok(carts.for_no_key_update().load(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = carts, treat_none_as_default_value = false)]
pub struct NewCart {
    pub id: Id<Cart>,
    pub owner_id: Option<Id<User>>,
    pub currency: CurrencyCode,
    pub created_at: Time,
    pub updated_at: Time,
    pub expires_at: Time,
}

pub fn insert_cart(tx: &mut Tx<'_>, cart: &NewCart) -> Result<(), Failure> {
    diesel::insert_into(carts::table).values(cart).execute(tx.conn())?;
    Ok(())
}

/// Notes that a locked cart has changed. Returns its new version.
pub fn set_changed(tx: &mut Tx<'_>, id: Id<Cart>, expires_at: Time) -> Result<i32, Failure> {
    let now = tx.now();
    Ok(diesel::update(carts::table.find(id))
        .set((carts::version.eq(carts::version + 1), carts::updated_at.eq(now), carts::expires_at.eq(expires_at)))
        .returning(carts::version)
        .get_result(tx.conn())?)
}

pub fn set_currency(tx: &mut Tx<'_>, id: Id<Cart>, currency: CurrencyCode) -> Result<(), Failure> {
    diesel::update(carts::table.find(id)).set(carts::currency.eq(currency)).execute(tx.conn())?;
    Ok(())
}

/// Deletes locked carts with what is in them.
pub fn delete_carts(tx: &mut Tx<'_>, ids: &[Id<Cart>]) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::delete(cart_lines::table.filter(cart_lines::cart_id.eq_any(ids))).execute(tx.conn())?;
    diesel::delete(carts::table.filter(carts::id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}

/// Locks some of the carts whose time is over.
pub fn lock_expired(tx: &mut Tx<'_>, now: Time, limit: i64) -> Result<Vec<Id<Cart>>, Failure> {
    let expired = carts::table.filter(carts::expires_at.le(now)).select(carts::id).limit(limit);
    Ok(expired.for_update().skip_locked().load(tx.conn())?)
}

/// The lines of a cart, in the order in which they were added.
pub fn lines(conn: &mut Conn, id: Id<Cart>) -> Result<Vec<Line>, Failure> {
    let lines = cart_lines::table.filter(cart_lines::cart_id.eq(id)).order(cart_lines::ordinal);
    Ok(lines.select(Line::as_select()).load(conn)?)
}

/// What a variant costs in its shop's currency, and what was written down of it in another one.
type Prices = (CurrencyCode, i64, Option<i64>);

/// None of a price of before there was a highest one, with which nothing could be counted.
fn price_in(currency: CurrencyCode, (own, amount, other): Prices) -> Option<i64> {
    let price = if own == currency { Some(amount) } else { other };
    price.filter(|price| *price <= MAXIMUM_PRICE)
}

type OfferedRow = (Line, CurrencyCode, Id<Shop>, ProductStatus, Option<HolidayColumns>, Prices);

/// The lines of carts with what is offered for them now, each cart's in the order in which they were added.
pub fn offered(conn: &mut Conn, ids: &[Id<Cart>]) -> Result<Vec<OfferedLine>, Failure> {
    let in_currency =
        variant_prices::variant_id.eq(product_variants::id).and(variant_prices::currency.eq(carts::currency));
    let rows: Vec<OfferedRow> = cart_lines::table
        .inner_join(carts::table.on(carts::id.eq(cart_lines::cart_id)))
        .inner_join(product_variants::table.on(product_variants::id.eq(cart_lines::variant_id)))
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .left_join(shop_profiles::table.on(shop_profiles::shop_id.eq(product_variants::shop_id)))
        .left_join(variant_prices::table.on(in_currency))
        .filter(cart_lines::cart_id.eq_any(ids))
        .order((cart_lines::cart_id, cart_lines::ordinal))
        .select((
            Line::as_select(),
            carts::currency,
            product_variants::shop_id,
            products::status,
            Option::<HolidayColumns>::as_select(),
            (product_variants::currency, product_variants::price, variant_prices::amount.nullable()),
        ))
        .load(conn)?;
    let offered = |(line, currency, shop, status, holiday, prices): OfferedRow| OfferedLine {
        line,
        currency,
        shop,
        status,
        holiday,
        price: price_in(currency, prices),
    };
    Ok(rows.into_iter().map(offered).collect())
}

/// What a variant costs.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// Its shop's, in which it has a price always.
    pub own_currency: CurrencyCode,
    /// In the currency that was asked for; none if its shop has set no price in it.
    pub price: Option<i64>,
}

/// What variants cost in a currency; none of those that are not for sale.
pub fn offers(
    conn: &mut Conn,
    variants: &[Id<Variant>],
    currency: CurrencyCode,
) -> Result<HashMap<Id<Variant>, Offer>, Failure> {
    let in_currency = variant_prices::variant_id.eq(product_variants::id).and(variant_prices::currency.eq(currency));
    let rows: Vec<(Id<Variant>, Prices)> = product_variants::table
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .left_join(variant_prices::table.on(in_currency))
        .filter(product_variants::id.eq_any(variants))
        .filter(products::status.eq(ProductStatus::Active))
        .select((
            product_variants::id,
            (product_variants::currency, product_variants::price, variant_prices::amount.nullable()),
        ))
        .load(conn)?;
    let offer = |prices: Prices| Offer { own_currency: prices.0, price: price_in(currency, prices) };
    Ok(rows.into_iter().map(|(variant, prices)| (variant, offer(prices))).collect())
}

/// Writes lines of locked carts: those that are there already get the quantity and the price.
pub fn put_lines(tx: &mut Tx<'_>, lines: &[Line]) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    diesel::insert_into(cart_lines::table)
        .values(lines)
        .on_conflict((cart_lines::cart_id, cart_lines::variant_id))
        .do_update()
        .set((
            cart_lines::quantity.eq(excluded(cart_lines::quantity)),
            cart_lines::unit_price.eq(excluded(cart_lines::unit_price)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn delete_line(tx: &mut Tx<'_>, id: Id<Cart>, variant: Id<Variant>) -> Result<(), Failure> {
    diesel::delete(cart_lines::table.find((id, variant))).execute(tx.conn())?;
    Ok(())
}

/// Returns how many there were.
pub fn delete_lines(tx: &mut Tx<'_>, id: Id<Cart>) -> Result<usize, Failure> {
    Ok(diesel::delete(cart_lines::table.filter(cart_lines::cart_id.eq(id))).execute(tx.conn())?)
}
