//! Zones and their countries in Postgres.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl,
    SelectableHelper,
    dsl::exists,
    select, sql_query,
    sql_types::{Array, Nullable, Text, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id, place::CountryCode},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{shipping_zone_countries, shipping_zones, shop_members},
    shipping::model::{Zone, ZoneRow},
    shops::model::Shop,
    users::model::User,
};

/// The zones of those of the shops that somebody works for, the oldest first.
pub fn of_shops(conn: &mut Conn, user: Id<User>, shops: &[Id<Shop>]) -> Result<Vec<(Id<Shop>, Zone)>, Failure> {
    let rows: Vec<ZoneRow> = shipping_zones::table
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(shipping_zones::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(shipping_zones::shop_id.eq_any(shops))
        .order((shipping_zones::created_at, shipping_zones::id))
        .select(ZoneRow::as_select())
        .load(conn)?;
    with_countries(conn, rows)
}

/// Those of the zones whose shops somebody works for.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<Zone>]) -> Result<Vec<(Id<Shop>, Zone)>, Failure> {
    let rows: Vec<ZoneRow> = shipping_zones::table
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(shipping_zones::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(shipping_zones::id.eq_any(ids))
        .select(ZoneRow::as_select())
        .load(conn)?;
    with_countries(conn, rows)
}

fn with_countries(conn: &mut Conn, rows: Vec<ZoneRow>) -> Result<Vec<(Id<Shop>, Zone)>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let lying: Vec<(Id<Zone>, CountryCode)> = shipping_zone_countries::table
        .filter(shipping_zone_countries::zone_id.eq_any(ids))
        .order((shipping_zone_countries::zone_id, shipping_zone_countries::country))
        .select((shipping_zone_countries::zone_id, shipping_zone_countries::country))
        .load(conn)?;
    let mut countries = HashMap::<_, Vec<_>>::new();
    for (zone, country) in lying {
        countries.entry(zone).or_default().push(country);
    }
    let whole = |ZoneRow { id, shop_id, name, version }| {
        (shop_id, Zone { id, name, version, countries: countries.remove(&id).unwrap_or_default() })
    };
    Ok(rows.into_iter().map(whole).collect())
}

pub fn by_id(conn: &mut Conn, id: Id<Zone>) -> Result<Option<ZoneRow>, Failure> {
    Ok(shipping_zones::table.find(id).select(ZoneRow::as_select()).first(conn).optional()?)
}

pub fn count(conn: &mut Conn, shop: Id<Shop>) -> Result<i64, Failure> {
    Ok(shipping_zones::table.filter(shipping_zones::shop_id.eq(shop)).count().get_result(conn)?)
}

/// Whether another zone of the shop is the rest of the world.
pub fn has_other_rest(conn: &mut Conn, shop: Id<Shop>, own: Id<Zone>) -> Result<bool, Failure> {
    let others = shipping_zones::table
        .filter(shipping_zones::shop_id.eq(shop))
        .filter(shipping_zones::is_rest_of_world)
        .filter(shipping_zones::id.ne(own));
    Ok(select(exists(others)).get_result(conn)?)
}

/// Those of the countries that lie in another zone of the shop.
pub fn in_others(
    conn: &mut Conn,
    shop: Id<Shop>,
    own: Id<Zone>,
    countries: &[CountryCode],
) -> Result<Vec<CountryCode>, Failure> {
    Ok(shipping_zone_countries::table
        .filter(shipping_zone_countries::shop_id.eq(shop))
        .filter(shipping_zone_countries::zone_id.ne(own))
        .filter(shipping_zone_countries::country.eq_any(countries))
        .select(shipping_zone_countries::country)
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = shipping_zones)]
pub struct NewZone<'a> {
    pub id: Id<Zone>,
    pub shop_id: Id<Shop>,
    pub name: &'a str,
    pub is_rest_of_world: bool,
    pub created_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, zone: &NewZone<'_>) -> Result<(), Failure> {
    diesel::insert_into(shipping_zones::table).values(zone).execute(tx.conn())?;
    Ok(())
}

/// Changes a zone of a locked shop.
pub fn set(tx: &mut Tx<'_>, id: Id<Zone>, name: Option<&str>, is_rest_of_world: Option<bool>) -> Result<(), Failure> {
    let changes = (
        name.map(|name| shipping_zones::name.eq(name)),
        is_rest_of_world.map(|is_rest| shipping_zones::is_rest_of_world.eq(is_rest)),
    );
    diesel::update(shipping_zones::table.find(id))
        .set((shipping_zones::version.eq(shipping_zones::version + 1), changes))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = shipping_zone_countries)]
struct NewCountry {
    shop_id: Id<Shop>,
    country: CountryCode,
    zone_id: Id<Zone>,
}

/// These countries, and no others, lie in a zone of a locked shop.
pub fn set_countries(
    tx: &mut Tx<'_>,
    shop: Id<Shop>,
    zone: Id<Zone>,
    countries: &[CountryCode],
) -> Result<(), Failure> {
    let of_zone = shipping_zone_countries::table.filter(shipping_zone_countries::zone_id.eq(zone));
    diesel::delete(of_zone).execute(tx.conn())?;
    let row = |&country: &CountryCode| NewCountry { shop_id: shop, country, zone_id: zone };
    let rows: Vec<_> = countries.iter().map(row).collect();
    if !rows.is_empty() {
        diesel::insert_into(shipping_zone_countries::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// Deletes a zone with its methods.
pub fn delete(tx: &mut Tx<'_>, id: Id<Zone>) -> Result<(), Failure> {
    diesel::delete(shipping_zones::table.find(id)).execute(tx.conn())?;
    Ok(())
}

/// The zone of `wanted.shop_id` that `wanted.country` belongs to.
const SERVING: &str = "coalesce( \
    (SELECT named.zone_id FROM shipping_zone_countries named \
      WHERE named.shop_id = wanted.shop_id AND named.country = wanted.country), \
    (SELECT rest.id FROM shipping_zones rest WHERE rest.shop_id = wanted.shop_id AND rest.is_rest_of_world))";

#[derive(QueryableByName)]
struct Serving {
    #[diesel(sql_type = SqlUuid)]
    shop_id: Id<Shop>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    zone_id: Option<Id<Zone>>,
}

/// The zone that a country belongs to in each of the shops; none where it belongs to none. Shops without a zone are left out.
pub fn serving(
    conn: &mut Conn,
    shops: &[Id<Shop>],
    country: CountryCode,
) -> Result<HashMap<Id<Shop>, Option<Id<Zone>>>, Failure> {
    let query = format!(
        "SELECT wanted.shop_id, {SERVING} AS zone_id \
           FROM (SELECT shop_id, $2 AS country FROM unnest($1) AS shops (shop_id)) wanted \
          WHERE EXISTS (SELECT FROM shipping_zones z WHERE z.shop_id = wanted.shop_id)",
    );
    let rows: Vec<Serving> = sql_query(query).bind::<Array<SqlUuid>, _>(shops).bind::<Text, _>(country).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.shop_id, row.zone_id)).collect())
}

#[derive(QueryableByName)]
struct Reached {
    #[diesel(sql_type = SqlUuid)]
    shop_id: Id<Shop>,
    #[diesel(sql_type = Text)]
    country: CountryCode,
}

/// Those of the pairs of a shop and a country in which the shop sends something there, in some currency.
pub fn reached(
    conn: &mut Conn,
    shops: &[Id<Shop>],
    countries: &[CountryCode],
) -> Result<Vec<(Id<Shop>, CountryCode)>, Failure> {
    let query = format!(
        "SELECT wanted.shop_id, wanted.country FROM unnest($1, $2) AS wanted (shop_id, country) \
          WHERE NOT EXISTS (SELECT FROM shipping_zones z WHERE z.shop_id = wanted.shop_id) \
             OR EXISTS (SELECT FROM shipping_methods m JOIN shipping_rates r ON r.method_id = m.id \
                         WHERE m.zone_id = {SERVING} AND m.is_active)",
    );
    let rows: Vec<Reached> =
        sql_query(query).bind::<Array<SqlUuid>, _>(shops).bind::<Array<Text>, _>(countries).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.shop_id, row.country)).collect())
}
