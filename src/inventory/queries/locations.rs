//! Locations in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper, dsl::exists, select,
};

use crate::{
    inventory::model::Location,
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{locations, stock_levels},
    shops::model::Shop,
};

pub fn default_location(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<Location>, Failure> {
    Ok(locations::table
        .filter(locations::shop_id.eq(shop))
        .filter(locations::is_default)
        .select(Location::as_select())
        .first(conn)
        .optional()?)
}

/// Locations in their order, none of which goes out of use until the transaction ends.
pub fn hold(tx: &mut Tx<'_>, ids: &[Id<Location>]) -> Result<Vec<Location>, Failure> {
    Ok(locations::table
        .filter(locations::id.eq_any(ids))
        .order(locations::id)
        .select(Location::as_select())
        .for_share()
        .load(tx.conn())?)
}

/// Locks all locations of a shop in their order.
pub fn lock_all(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<(), Failure> {
    let all = locations::table.filter(locations::shop_id.eq(shop)).order(locations::id).select(locations::id);
    all.for_no_key_update().load::<Id<Location>>(tx.conn())?;
    Ok(())
}

/// All locations of a shop: the default one first, then the oldest.
pub fn of_shop(conn: &mut Conn, shop: Id<Shop>) -> Result<Vec<Location>, Failure> {
    Ok(locations::table
        .filter(locations::shop_id.eq(shop))
        .order((locations::is_default.desc(), locations::created_at, locations::id))
        .select(Location::as_select())
        .load(conn)?)
}

pub fn by_id(conn: &mut Conn, id: Id<Location>) -> Result<Option<Location>, Failure> {
    Ok(locations::table.find(id).select(Location::as_select()).first(conn).optional()?)
}

/// Whether something lies at a location, or is owed there.
pub fn is_used(conn: &mut Conn, id: Id<Location>) -> Result<bool, Failure> {
    let holds = stock_levels::on_hand.gt(0).or(stock_levels::backordered.gt(0));
    let levels = stock_levels::table.filter(stock_levels::location_id.eq(id)).filter(holds);
    Ok(select(exists(levels)).get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = locations)]
pub struct NewLocation<'a> {
    pub id: Id<Location>,
    pub shop_id: Id<Shop>,
    pub name: &'a str,
    pub is_default: bool,
    pub created_at: Time,
}

/// Does nothing if it would be the shop's second default location.
pub fn insert(tx: &mut Tx<'_>, location: &NewLocation<'_>) -> Result<(), Failure> {
    diesel::insert_into(locations::table).values(location).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// What changes about a location.
#[derive(Default, AsChangeset)]
#[diesel(table_name = locations)]
pub struct LocationColumns<'a> {
    pub name: Option<&'a str>,
    pub is_default: Option<bool>,
    pub is_active: Option<bool>,
}

pub fn set(tx: &mut Tx<'_>, id: Id<Location>, columns: &LocationColumns<'_>) -> Result<Location, Failure> {
    let changed = diesel::update(locations::table.find(id)).set(columns).returning(Location::as_returning());
    Ok(changed.get_result(tx.conn())?)
}
