//! Movements in Postgres: written once, and read newest first.

use std::collections::BTreeMap;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, QueryDsl, Queryable, QueryableByName, RunQueryDsl, Selectable,
    SelectableHelper,
    sql_types::{Array, BigInt, Bool, Int4, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    inventory::model::{Location, Movement, MovementFilter, MovementKey, MovementReason},
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
    schema::{locations, stock_movements},
    shops::model::Shop,
    users::model::User,
};

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

pub fn insert(tx: &mut Tx<'_>, rows: &[NewMovement]) -> Result<(), Failure> {
    diesel::insert_into(stock_movements::table).values(rows).execute(tx.conn())?;
    Ok(())
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stock_movements)]
struct Moved {
    variant_id: Id<Variant>,
    location_id: Id<Location>,
    delta: i32,
}

/// What an order holds: what it took and did not give back.
pub fn held_by(conn: &mut Conn, order: Uuid) -> Result<Vec<Held>, Failure> {
    let rows: Vec<Moved> = stock_movements::table
        .filter(stock_movements::cause_id.eq(order))
        .filter(stock_movements::reason.eq_any([
            MovementReason::Sold,
            MovementReason::Restocked,
            MovementReason::Returned,
        ]))
        .select(Moved::as_select())
        .load(conn)?;
    let mut held: BTreeMap<_, i32> = BTreeMap::new();
    for row in rows {
        *held.entry((row.variant_id, row.location_id)).or_default() -= row.delta;
    }
    // What went back to another place than it came from is held no longer, either.
    let mut elsewhere: BTreeMap<Id<Variant>, i32> = BTreeMap::new();
    for ((variant, _), quantity) in held.iter().filter(|(_, quantity)| **quantity < 0) {
        *elsewhere.entry(*variant).or_default() -= quantity;
    }
    let left = held.into_iter().filter(|(_, quantity)| *quantity > 0).map(|((variant, location), quantity)| {
        let elsewhere = elsewhere.entry(variant).or_default();
        let gone = quantity.min(*elsewhere);
        *elsewhere -= gone;
        Held { variant, location, quantity: quantity - gone }
    });
    Ok(left.filter(|held| held.quantity > 0).collect())
}

/// Pieces that came from a place.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub variant: Id<Variant>,
    pub location: Id<Location>,
    pub quantity: i32,
}

#[derive(QueryableByName)]
#[allow(clippy::struct_field_names, reason = "as the columns are called")]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    variant_id: Id<Variant>,
    #[diesel(sql_type = Int4)]
    delta: i32,
    #[diesel(sql_type = Text)]
    reason: MovementReason,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    cause_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    actor_id: Option<Id<User>>,
    #[diesel(sql_type = Timestamptz)]
    created_at: Time,
    #[diesel(sql_type = SqlUuid)]
    location_id: Id<Location>,
    #[diesel(sql_type = SqlUuid)]
    shop_id: Id<Shop>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_default: bool,
    #[diesel(sql_type = Bool)]
    is_active: bool,
}

impl From<Row> for Movement {
    fn from(row: Row) -> Self {
        let Row { id, variant_id: variant, delta, reason, cause_id: cause, actor_id: actor, created_at, .. } = row;
        let Row { location_id, shop_id, name, is_default, is_active, .. } = row;
        let location = Location { id: location_id, shop_id, name, is_default, is_active };
        Self { id, variant, location, delta, reason, cause, actor, created_at }
    }
}

/// A page of a shop's movements, the newest first.
///
/// It is made of the newest of each location and each reason there: so many rows of an index, however many movements the shop has.
/// Those of one variant are fewer, and told apart by their reasons as they are read.
pub fn page(
    conn: &mut Conn,
    shop: Id<Shop>,
    filter: &MovementFilter,
    page: &Page<MovementKey>,
) -> Result<Slice<Movement>, Failure> {
    let (order, beyond) = match page.direction {
        Direction::Forward => ("DESC", "<"),
        Direction::Backward => ("ASC", ">"),
    };
    let (each, narrowed) = match filter.variant {
        Some(_) => ("", "movement.variant_id = $4 AND movement.reason = ANY($2)"),
        None => ("CROSS JOIN unnest($2) AS each (reason)", "movement.reason = each.reason AND $4 IS NULL"),
    };
    let from = match page.from {
        Some(_) => format!("(movement.created_at, movement.id) {beyond} ($6, $7)"),
        None => "$6 IS NULL AND $7 IS NULL".into(),
    };
    let location = if filter.location.is_some() { "locations.id = $5" } else { "$5 IS NULL" };
    let reasons = filter.reason.map_or(MovementReason::ALL.to_vec(), |reason| vec![reason]);
    let query = diesel::sql_query(format!(
        "SELECT moved.*, locations.shop_id, locations.name, locations.is_default, locations.is_active \
           FROM locations {each} CROSS JOIN LATERAL ( \
                SELECT movement.* FROM stock_movements movement \
                 WHERE movement.location_id = locations.id AND {narrowed} AND {from} \
                 ORDER BY movement.created_at {order}, movement.id {order} LIMIT $3) AS moved \
          WHERE locations.shop_id = $1 AND {location} \
          ORDER BY moved.created_at {order}, moved.id {order} LIMIT $3"
    ));
    let rows: Vec<Row> = query
        .bind::<SqlUuid, _>(shop)
        .bind::<Array<Text>, _>(reasons)
        .bind::<BigInt, _>(page.fetch_limit())
        .bind::<Nullable<SqlUuid>, _>(filter.variant)
        .bind::<Nullable<SqlUuid>, _>(filter.location)
        .bind::<Nullable<Timestamptz>, _>(page.from.map(|(at, _)| at))
        .bind::<Nullable<SqlUuid>, _>(page.from.map(|(_, id)| id))
        .load(conn)?;
    Ok(page.slice(rows.into_iter().map(Movement::from).collect()))
}

/// How many movements of a shop there are, counted to one more than [`COUNT_LIMIT`].
pub fn count(conn: &mut Conn, shop: Id<Shop>, filter: &MovementFilter) -> Result<i64, Failure> {
    let mut query = stock_movements::table
        .inner_join(locations::table.on(locations::id.eq(stock_movements::location_id)))
        .filter(locations::shop_id.eq(shop))
        .select(stock_movements::id)
        .into_boxed();
    if let Some(variant) = filter.variant {
        query = query.filter(stock_movements::variant_id.eq(variant));
    }
    if let Some(location) = filter.location {
        query = query.filter(stock_movements::location_id.eq(location));
    }
    if let Some(reason) = filter.reason {
        query = query.filter(stock_movements::reason.eq(reason));
    }
    Ok(Counted(query.limit(COUNT_LIMIT + 1)).get_result(conn)?)
}
