//! Stock in Postgres.

use diesel::{
    ExpressionMethods, Insertable, IntoSql, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable,
    SelectableHelper,
    sql_types::{Record, Text},
    upsert::excluded,
};
use uuid::Uuid;

use super::model::{Location, MAXIMUM_ON_HAND, MovementReason, Stock, StockLevel};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
    },
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    products::model::Variant,
    schema::{locations, product_variants, shop_members, stock_levels, stock_movements},
    shops::model::Shop,
    users::model::User,
};

pub fn default_location(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<Location>, Failure> {
    Ok(locations::table
        .filter(locations::shop_id.eq(shop))
        .filter(locations::is_default)
        .select(Location::as_select())
        .first(conn)
        .optional()?)
}

pub fn location(conn: &mut Conn, shop: Id<Shop>, id: Id<Location>) -> Result<Option<Location>, Failure> {
    let of_shop = locations::table.find(id).filter(locations::shop_id.eq(shop));
    Ok(of_shop.select(Location::as_select()).first(conn).optional()?)
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

/// Does nothing if the shop has a default location already.
pub fn insert_location(tx: &mut Tx<'_>, location: &NewLocation<'_>) -> Result<(), Failure> {
    diesel::insert_into(locations::table).values(location).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = stock_levels)]
pub struct NewLevel {
    pub variant_id: Id<Variant>,
    pub location_id: Id<Location>,
    pub on_hand: i32,
}

/// Adds to levels, and makes those that are missing. Rows come in the order of their variants.
pub fn add_to_levels(tx: &mut Tx<'_>, rows: &[NewLevel]) -> Result<(), Failure> {
    diesel::insert_into(stock_levels::table)
        .values(rows)
        .on_conflict((stock_levels::variant_id, stock_levels::location_id))
        .do_update()
        .set(stock_levels::on_hand.eq(stock_levels::on_hand + excluded(stock_levels::on_hand)))
        .execute(tx.conn())?;
    Ok(())
}

/// Makes an empty level if there is none.
pub fn ensure_level(tx: &mut Tx<'_>, variant_id: Id<Variant>, location_id: Id<Location>) -> Result<(), Failure> {
    let row = NewLevel { variant_id, location_id, on_hand: 0 };
    diesel::insert_into(stock_levels::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// Moves a level by `delta`; false if it would leave its range.
pub fn move_level(tx: &mut Tx<'_>, variant: Id<Variant>, location: Id<Location>, delta: i32) -> Result<bool, Failure> {
    let least = 0_i32.saturating_sub(delta).max(0);
    let most = MAXIMUM_ON_HAND.saturating_sub(delta.max(0));
    let level = stock_levels::table.find((variant, location)).filter(stock_levels::on_hand.between(least, most));
    let moved = diesel::update(level).set(stock_levels::on_hand.eq(stock_levels::on_hand + delta));
    Ok(moved.execute(tx.conn())? == 1)
}

/// Sets a level; false if it is not the expected one.
pub fn set_level(
    tx: &mut Tx<'_>,
    variant: Id<Variant>,
    location: Id<Location>,
    expected: i32,
    quantity: i32,
) -> Result<bool, Failure> {
    let level = stock_levels::table.find((variant, location)).filter(stock_levels::on_hand.eq(expected));
    Ok(diesel::update(level).set(stock_levels::on_hand.eq(quantity)).execute(tx.conn())? == 1)
}

/// The levels of variants at the default locations of their shops, in no order.
pub fn default_levels(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<Vec<StockLevel>, Failure> {
    Ok(stock_levels::table
        .inner_join(locations::table.on(locations::id.eq(stock_levels::location_id)))
        .filter(stock_levels::variant_id.eq_any(variants))
        .filter(locations::is_default)
        .select(StockLevel::as_select())
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = stock_movements)]
pub struct NewMovement {
    pub id: Uuid,
    pub variant_id: Id<Variant>,
    pub location_id: Id<Location>,
    pub delta: i32,
    pub reason: MovementReason,
    pub cause_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    pub created_at: Time,
}

/// What a movement moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable)]
#[diesel(table_name = stock_movements)]
pub struct Moved {
    pub variant_id: Id<Variant>,
    pub location_id: Id<Location>,
    pub delta: i32,
}

/// What was written: a movement that its cause has made already is left out.
pub fn insert_movements(tx: &mut Tx<'_>, rows: &[NewMovement]) -> Result<Vec<Moved>, Failure> {
    Ok(diesel::insert_into(stock_movements::table)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(Moved::as_returning())
        .get_results(tx.conn())?)
}

/// What a cause moved for a reason.
pub fn movements_by_cause(conn: &mut Conn, cause: Uuid, reason: MovementReason) -> Result<Vec<Moved>, Failure> {
    Ok(stock_movements::table
        .filter(stock_movements::cause_id.eq(cause))
        .filter(stock_movements::reason.eq(reason))
        .select(Moved::as_select())
        .load(conn)?)
}

/// A level with what it is a level of, if `user` works for its shop.
pub fn stock(
    conn: &mut Conn,
    user: Id<User>,
    variant: Id<Variant>,
    location: Id<Location>,
) -> Result<Option<Stock>, Failure> {
    Ok(stock_levels::table
        .inner_join(locations::table.on(locations::id.eq(stock_levels::location_id)))
        .inner_join(product_variants::table.on(product_variants::id.eq(stock_levels::variant_id)))
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(locations::shop_id)))
        .filter(stock_levels::variant_id.eq(variant))
        .filter(stock_levels::location_id.eq(location))
        .filter(shop_members::user_id.eq(user))
        .select(Stock::as_select())
        .first(conn)
        .optional()?)
}

/// A page of a shop's levels by SKU, then location.
pub fn page(conn: &mut Conn, shop: Id<Shop>, page: &Page<(String, Id<Location>)>) -> Result<Slice<Stock>, Failure> {
    let query = product_variants::table
        .inner_join(stock_levels::table.on(stock_levels::variant_id.eq(product_variants::id)))
        .inner_join(locations::table.on(locations::id.eq(stock_levels::location_id)))
        .filter(product_variants::shop_id.eq(shop))
        .select(Stock::as_select())
        .limit(page.fetch_limit())
        .into_boxed();
    let key = (product_variants::sku, stock_levels::location_id).into_sql::<Record<(Text, diesel::sql_types::Uuid)>>();
    // The bound of the SKU alone is what the index of SKUs can start from.
    let query = match (&page.from, page.direction) {
        (Some((sku, location)), Direction::Forward) => {
            query.filter(product_variants::sku.ge(sku)).filter(key.gt((sku, *location)))
        }
        (Some((sku, location)), Direction::Backward) => {
            query.filter(product_variants::sku.le(sku)).filter(key.lt((sku, *location)))
        }
        (None, _) => query,
    };
    let query = match page.direction {
        Direction::Forward => query.order((product_variants::sku.asc(), stock_levels::location_id.asc())),
        Direction::Backward => query.order((product_variants::sku.desc(), stock_levels::location_id.desc())),
    };
    Ok(page.slice(query.load(conn)?))
}

/// How many levels a shop has, counted to one more than [`COUNT_LIMIT`].
pub fn count(conn: &mut Conn, shop: Id<Shop>) -> Result<i64, Failure> {
    let rows = product_variants::table
        .inner_join(stock_levels::table.on(stock_levels::variant_id.eq(product_variants::id)))
        .filter(product_variants::shop_id.eq(shop))
        .select(stock_levels::location_id);
    Ok(Counted(rows.limit(COUNT_LIMIT + 1)).get_result(conn)?)
}
