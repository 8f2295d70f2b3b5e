//! What is learned of orders, in Postgres.

mod dismissals;
mod history;
mod home;
mod personal_data;
mod related;
mod trending;

pub use self::{dismissals::*, history::*, home::*, personal_data::*, related::*, trending::*};

use std::collections::BTreeMap;

use diesel::{
    ExpressionMethods, Insertable, PgArrayExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl,
    dsl::sql,
    sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Uuid as SqlUuid},
};

use super::model::{Basket, Candidate, Counts, Neighbor, PairCount, ProductCount};
use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::Order,
    platform::db::{Conn, Tx},
    products::model::Product,
    schema::{recommendation_baskets, recommendation_neighbors, recommendation_products},
    users::model::User,
};

/// What was learned of an order.
pub type Learned = Basket<Id<User>, Id<Product>>;

type BasketRow = (Id<Order>, Option<Id<User>>, Vec<Id<Product>>);

fn learned((order, person, products): BasketRow) -> (Id<Order>, Learned) {
    (order, Basket { person, products })
}

/// What was learned of some orders.
pub fn baskets(conn: &mut Conn, orders: &[Id<Order>]) -> Result<Vec<(Id<Order>, Learned)>, Failure> {
    let rows: Vec<BasketRow> =
        recommendation_baskets::table.filter(recommendation_baskets::order_id.eq_any(orders)).load(conn)?;
    Ok(rows.into_iter().map(learned).collect())
}

/// What was learned of other orders of the same people that have something of this.
pub fn other_baskets(
    conn: &mut Conn,
    people: &[Id<User>],
    products: &[Id<Product>],
    but: &[Id<Order>],
) -> Result<Vec<Learned>, Failure> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<BasketRow> = recommendation_baskets::table
        .filter(recommendation_baskets::person_id.eq_any(people))
        .filter(recommendation_baskets::products.overlaps_with(products))
        .filter(recommendation_baskets::order_id.ne_all(but))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| learned(row).1).collect())
}

/// Some of what was learned of somebody's orders.
pub fn baskets_of(conn: &mut Conn, person: Id<User>, limit: i64) -> Result<Vec<(Id<Order>, Learned)>, Failure> {
    let own = recommendation_baskets::table.filter(recommendation_baskets::person_id.eq(person));
    let rows: Vec<BasketRow> = own.order(recommendation_baskets::order_id).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(learned).collect())
}

#[derive(Insertable)]
#[diesel(table_name = recommendation_baskets, treat_none_as_default_value = false)]
struct NewBasket<'a> {
    order_id: Id<Order>,
    person_id: Option<Id<User>>,
    products: &'a [Id<Product>],
}

pub fn insert_baskets(tx: &mut Tx<'_>, baskets: &[(Id<Order>, Learned)]) -> Result<(), Failure> {
    let rows = baskets.iter().map(|(order, basket)| NewBasket {
        order_id: *order,
        person_id: basket.person,
        products: &basket.products,
    });
    let rows: Vec<NewBasket<'_>> = rows.collect();
    diesel::insert_into(recommendation_baskets::table).values(rows).execute(tx.conn())?;
    Ok(())
}

pub fn delete_baskets(tx: &mut Tx<'_>, orders: &[Id<Order>]) -> Result<(), Failure> {
    let rows = recommendation_baskets::table.filter(recommendation_baskets::order_id.eq_any(orders));
    diesel::delete(rows).execute(tx.conn())?;
    Ok(())
}

/// Whether counts go up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Up,
    Down,
}

/// Moves what is counted of pairs. One that nothing is left of goes.
fn move_pairs(
    tx: &mut Tx<'_>,
    way: Way,
    pairs: &BTreeMap<(Id<Product>, Id<Product>), PairCount>,
) -> Result<(), Failure> {
    const UP: &str = "INSERT INTO recommendation_pairs AS known (low_id, high_id, weight, people, strangers) \
        SELECT * FROM unnest($1, $2, $3, $4, $5) \
        ON CONFLICT (low_id, high_id) DO UPDATE SET weight = known.weight + excluded.weight, \
          people = known.people + excluded.people, strangers = known.strangers + excluded.strangers";
    const DOWN: &str = "UPDATE recommendation_pairs AS known SET weight = known.weight - gone.weight, \
          people = known.people - gone.people, strangers = known.strangers - gone.strangers \
        FROM unnest($1, $2, $3, $4, $5) AS gone (low_id, high_id, weight, people, strangers) \
        WHERE known.low_id = gone.low_id AND known.high_id = gone.high_id";
    const OVER: &str = "DELETE FROM recommendation_pairs AS known USING unnest($1, $2) AS gone (low_id, high_id) \
        WHERE known.low_id = gone.low_id AND known.high_id = gone.high_id AND known.weight = 0";
    let (low, high): (Vec<Id<Product>>, Vec<Id<Product>>) = pairs.keys().copied().unzip();
    let weights: Vec<i64> = pairs.values().map(|count| count.weight).collect();
    let people: Vec<i32> = pairs.values().map(|count| count.people).collect();
    let strangers: Vec<i32> = pairs.values().map(|count| count.strangers).collect();
    sql_query(if way == Way::Up { UP } else { DOWN })
        .bind::<Array<SqlUuid>, _>(&low)
        .bind::<Array<SqlUuid>, _>(&high)
        .bind::<Array<BigInt>, _>(weights)
        .bind::<Array<Integer>, _>(people)
        .bind::<Array<Integer>, _>(strangers)
        .execute(tx.conn())?;
    if way == Way::Down {
        sql_query(OVER).bind::<Array<SqlUuid>, _>(low).bind::<Array<SqlUuid>, _>(high).execute(tx.conn())?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Mass {
    #[diesel(sql_type = SqlUuid)]
    product_id: Id<Product>,
    #[diesel(sql_type = BigInt)]
    mass: i64,
}

/// Moves what is counted of products, whose neighbours are to be found anew thereby. Yields what they weigh now.
fn move_products(
    tx: &mut Tx<'_>,
    way: Way,
    products: &BTreeMap<Id<Product>, ProductCount>,
) -> Result<Vec<(Id<Product>, i64)>, Failure> {
    const UP: &str = "INSERT INTO recommendation_products AS known (product_id, mass, orders, staleness) \
        SELECT product_id, mass, orders, 2 FROM unnest($1, $2, $3) AS new (product_id, mass, orders) \
        ON CONFLICT (product_id) DO UPDATE SET mass = known.mass + excluded.mass, \
          orders = known.orders + excluded.orders, staleness = 2 \
        RETURNING product_id, mass";
    const DOWN: &str = "UPDATE recommendation_products AS known SET mass = known.mass - gone.mass, \
          orders = known.orders - gone.orders, staleness = 2 \
        FROM unnest($1, $2, $3) AS gone (product_id, mass, orders) WHERE known.product_id = gone.product_id \
        RETURNING known.product_id, known.mass";
    let ids: Vec<Id<Product>> = products.keys().copied().collect();
    let masses: Vec<i64> = products.values().map(|count| count.mass).collect();
    let orders: Vec<i64> = products.values().map(|count| count.orders).collect();
    let rows: Vec<Mass> = sql_query(if way == Way::Up { UP } else { DOWN })
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<BigInt>, _>(masses)
        .bind::<Array<BigInt>, _>(orders)
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|row| (row.product_id, row.mass)).collect())
}

/// Notes that the neighbours of products that may have one of these among them are to be found anew, after those of what was ordered itself.
pub fn set_partners_stale(tx: &mut Tx<'_>, products: &[Id<Product>]) -> Result<(), Failure> {
    sql_query(
        "UPDATE recommendation_products SET staleness = 1 WHERE staleness = 0 AND product_id IN \
           (SELECT high_id FROM recommendation_pairs \
             WHERE low_id = ANY ($1) AND people + least(strangers, 1) >= 5 \
            UNION \
            SELECT low_id FROM recommendation_pairs \
             WHERE high_id = ANY ($1) AND people + least(strangers, 1) >= 5)",
    )
    .bind::<Array<SqlUuid>, _>(products)
    .execute(tx.conn())?;
    Ok(())
}

/// Some products whose neighbours are to be found anew, the most urgent ones first, and what they weigh.
pub fn stale(conn: &mut Conn, limit: i64) -> Result<Vec<(Id<Product>, i64)>, Failure> {
    Ok(recommendation_products::table
        .filter(sql::<Bool>("staleness > 0"))
        .order((recommendation_products::staleness.desc(), recommendation_products::product_id))
        .limit(limit)
        .select((recommendation_products::product_id, recommendation_products::mass))
        .load(conn)?)
}

#[derive(QueryableByName)]
struct CandidateRow {
    #[diesel(sql_type = SqlUuid)]
    other_id: Id<Product>,
    #[diesel(sql_type = BigInt)]
    weight: i64,
    #[diesel(sql_type = Integer)]
    backers: i32,
    #[diesel(sql_type = BigInt)]
    mass: i64,
}

/// What may be a neighbour of a product: there are people enough behind it.
pub fn candidates(conn: &mut Conn, product: Id<Product>) -> Result<Vec<Candidate<Id<Product>>>, Failure> {
    let rows: Vec<CandidateRow> = sql_query(
        "SELECT pair.other_id, pair.weight, pair.backers, other.mass FROM \
           (SELECT high_id AS other_id, weight, people + least(strangers, 1) AS backers FROM recommendation_pairs \
             WHERE low_id = $1 AND people + least(strangers, 1) >= 5 \
            UNION ALL \
            SELECT low_id, weight, people + least(strangers, 1) FROM recommendation_pairs \
             WHERE high_id = $1 AND people + least(strangers, 1) >= 5) AS pair \
         JOIN recommendation_products AS other ON other.product_id = pair.other_id",
    )
    .bind::<SqlUuid, _>(product)
    .load(conn)?;
    let candidate =
        |CandidateRow { other_id, weight, backers, mass }| Candidate { other: other_id, weight, backers, mass };
    Ok(rows.into_iter().map(candidate).collect())
}

#[derive(Insertable)]
#[diesel(table_name = recommendation_neighbors)]
struct NewNeighbor {
    product_id: Id<Product>,
    rank: i16,
    other_id: Id<Product>,
    score: f64,
    weight: i64,
    backers: i32,
}

/// Says which the neighbours of a product are. They are found anew when something has changed, not before.
pub fn set_neighbors(
    tx: &mut Tx<'_>,
    product: Id<Product>,
    neighbors: &[Neighbor<Id<Product>>],
) -> Result<(), Failure> {
    let before = recommendation_neighbors::table.filter(recommendation_neighbors::product_id.eq(product));
    diesel::delete(before).execute(tx.conn())?;
    let row = |(neighbor, rank): (&Neighbor<Id<Product>>, i16)| NewNeighbor {
        product_id: product,
        rank,
        other_id: neighbor.other,
        score: neighbor.score,
        weight: neighbor.weight,
        backers: neighbor.backers,
    };
    let rows: Vec<NewNeighbor> = neighbors.iter().zip(1_i16..).map(row).collect();
    diesel::insert_into(recommendation_neighbors::table).values(rows).execute(tx.conn())?;
    diesel::update(recommendation_products::table.find(product))
        .set(recommendation_products::staleness.eq(0_i16))
        .execute(tx.conn())?;
    Ok(())
}

/// Moves what is counted by what baskets come to. Yields the products with what they weigh now.
pub fn move_counts(
    tx: &mut Tx<'_>,
    way: Way,
    counts: &Counts<Id<Product>>,
) -> Result<Vec<(Id<Product>, i64)>, Failure> {
    move_pairs(tx, way, &counts.pairs)?;
    move_products(tx, way, &counts.products)
}
