//! Methods and their rates in Postgres.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};

use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{shipping_methods, shipping_rates, shipping_zones, shop_members},
    shipping::model::{Method, Rate, RatedMethod, Zone},
    shops::model::Shop,
    users::model::User,
};

/// The methods of those of the zones whose shops somebody works for, each zone's in their order.
pub fn of_zones(conn: &mut Conn, user: Id<User>, zones: &[Id<Zone>]) -> Result<Vec<RatedMethod>, Failure> {
    let methods: Vec<Method> = shipping_methods::table
        .inner_join(shipping_zones::table.on(shipping_zones::id.eq(shipping_methods::zone_id)))
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(shipping_zones::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(shipping_methods::zone_id.eq_any(zones))
        .order((shipping_methods::zone_id, shipping_methods::ordinal))
        .select(Method::as_select())
        .load(conn)?;
    with_rates(conn, methods)
}

/// Those of the methods whose shops somebody works for.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<Method>]) -> Result<Vec<RatedMethod>, Failure> {
    let methods: Vec<Method> = shipping_methods::table
        .inner_join(shipping_zones::table.on(shipping_zones::id.eq(shipping_methods::zone_id)))
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(shipping_zones::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(shipping_methods::id.eq_any(ids))
        .select(Method::as_select())
        .load(conn)?;
    with_rates(conn, methods)
}

fn with_rates(conn: &mut Conn, methods: Vec<Method>) -> Result<Vec<RatedMethod>, Failure> {
    let ids: Vec<_> = methods.iter().map(|method| method.id).collect();
    let rows: Vec<(Id<Method>, Rate)> = shipping_rates::table
        .filter(shipping_rates::method_id.eq_any(ids))
        .order((shipping_rates::method_id, shipping_rates::currency))
        .select((shipping_rates::method_id, Rate::as_select()))
        .load(conn)?;
    let mut by_method = HashMap::<_, Vec<_>>::new();
    for (method, rate) in rows {
        by_method.entry(method).or_default().push(rate);
    }
    let rated = |method: Method| {
        let rates = by_method.remove(&method.id).unwrap_or_default();
        RatedMethod { method, rates }
    };
    Ok(methods.into_iter().map(rated).collect())
}

/// What zones offer in a currency, each zone's methods in their order.
pub fn on_offer(conn: &mut Conn, zones: &[Id<Zone>], currency: CurrencyCode) -> Result<Vec<(Method, Rate)>, Failure> {
    let in_currency = shipping_rates::method_id.eq(shipping_methods::id).and(shipping_rates::currency.eq(currency));
    Ok(shipping_methods::table
        .inner_join(shipping_rates::table.on(in_currency))
        .filter(shipping_methods::zone_id.eq_any(zones))
        .filter(shipping_methods::is_active)
        .order((shipping_methods::zone_id, shipping_methods::ordinal))
        .select((Method::as_select(), Rate::as_select()))
        .load(conn)?)
}

pub fn by_id(conn: &mut Conn, id: Id<Method>) -> Result<Option<Method>, Failure> {
    Ok(shipping_methods::table.find(id).select(Method::as_select()).first(conn).optional()?)
}

/// The shop of a method.
pub fn shop_of(conn: &mut Conn, id: Id<Method>) -> Result<Option<Id<Shop>>, Failure> {
    let zone = shipping_zones::table.on(shipping_zones::id.eq(shipping_methods::zone_id));
    let own = shipping_methods::table.inner_join(zone).filter(shipping_methods::id.eq(id));
    Ok(own.select(shipping_zones::shop_id).first(conn).optional()?)
}

/// The places of a zone's methods in their order.
pub fn ordinals(conn: &mut Conn, zone: Id<Zone>) -> Result<Vec<i32>, Failure> {
    let of_zone = shipping_methods::table.filter(shipping_methods::zone_id.eq(zone));
    Ok(of_zone.order(shipping_methods::ordinal).select(shipping_methods::ordinal).load(conn)?)
}

/// What a method says, besides its rates.
#[derive(Debug, Clone, Copy)]
pub struct MethodColumns<'a> {
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub minimum_weight_grams: Option<i32>,
    pub maximum_weight_grams: Option<i32>,
    pub days_from: Option<i32>,
    pub days_until: Option<i32>,
    pub is_active: bool,
}

/// Makes a method of a zone whose shop is locked.
pub fn insert(
    tx: &mut Tx<'_>,
    id: Id<Method>,
    zone: Id<Zone>,
    ordinal: i32,
    columns: &MethodColumns<'_>,
    created_at: Time,
) -> Result<(), Failure> {
    let row = (
        shipping_methods::id.eq(id),
        shipping_methods::zone_id.eq(zone),
        shipping_methods::ordinal.eq(ordinal),
        shipping_methods::name.eq(columns.name),
        shipping_methods::description.eq(columns.description),
        shipping_methods::minimum_weight_grams.eq(columns.minimum_weight_grams),
        shipping_methods::maximum_weight_grams.eq(columns.maximum_weight_grams),
        shipping_methods::days_from.eq(columns.days_from),
        shipping_methods::days_until.eq(columns.days_until),
        shipping_methods::is_active.eq(columns.is_active),
        shipping_methods::created_at.eq(created_at),
    );
    diesel::insert_into(shipping_methods::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Changes a method of a locked shop.
pub fn set(tx: &mut Tx<'_>, id: Id<Method>, columns: &MethodColumns<'_>) -> Result<(), Failure> {
    let changes = (
        shipping_methods::version.eq(shipping_methods::version + 1),
        shipping_methods::name.eq(columns.name),
        shipping_methods::description.eq(columns.description),
        shipping_methods::minimum_weight_grams.eq(columns.minimum_weight_grams),
        shipping_methods::maximum_weight_grams.eq(columns.maximum_weight_grams),
        shipping_methods::days_from.eq(columns.days_from),
        shipping_methods::days_until.eq(columns.days_until),
        shipping_methods::is_active.eq(columns.is_active),
    );
    diesel::update(shipping_methods::table.find(id)).set(changes).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = shipping_rates)]
struct NewRate {
    method_id: Id<Method>,
    currency: CurrencyCode,
    price: i64,
    minimum_subtotal: Option<i64>,
    maximum_subtotal: Option<i64>,
    free_from: Option<i64>,
}

/// A method of a locked shop has these rates, and no others.
pub fn set_rates(tx: &mut Tx<'_>, method: Id<Method>, rates: &[Rate]) -> Result<(), Failure> {
    diesel::delete(shipping_rates::table.filter(shipping_rates::method_id.eq(method))).execute(tx.conn())?;
    let row = |rate: &Rate| NewRate {
        method_id: method,
        currency: rate.currency,
        price: rate.price,
        minimum_subtotal: rate.minimum_subtotal,
        maximum_subtotal: rate.maximum_subtotal,
        free_from: rate.free_from,
    };
    let rows: Vec<_> = rates.iter().map(row).collect();
    if !rows.is_empty() {
        diesel::insert_into(shipping_rates::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// Deletes a method with its rates.
pub fn delete(tx: &mut Tx<'_>, id: Id<Method>) -> Result<(), Failure> {
    diesel::delete(shipping_methods::table.find(id)).execute(tx.conn())?;
    Ok(())
}
