//! How people rate what is sold, in Postgres.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, sql_types};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    products::model::{
        Product,
        rating::{RatingChange, Ratings},
    },
    schema::{products, shop_ratings},
    shops::model::Shop,
};

/// Sets the ratings of a locked product, and what follows from them.
pub fn set(tx: &mut Tx<'_>, product: Id<Product>, ratings: &Ratings) -> Result<(), Failure> {
    diesel::update(products::table.find(product))
        .set((
            products::rating_counts.eq(ratings.counts().as_slice()),
            products::rating_average.eq(ratings.average().unwrap_or_default()),
            products::rating_rank.eq(ratings.rank()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Counts for a shop what changes for one of its products.
pub fn change_of_shop(tx: &mut Tx<'_>, shop: Id<Shop>, change: RatingChange) -> Result<(), Failure> {
    let none = Ratings::default();
    let row = (shop_ratings::shop_id.eq(shop), shop_ratings::counts.eq(none.counts().as_slice()));
    diesel::insert_into(shop_ratings::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    diesel::sql_query(
        "UPDATE shop_ratings SET counts = (SELECT array_agg(have + more ORDER BY place) \
             FROM unnest(counts, $2) WITH ORDINALITY AS pairs (have, more, place)) WHERE shop_id = $1",
    )
    .bind::<sql_types::Uuid, _>(shop)
    .bind::<sql_types::Array<sql_types::Int4>, _>(change.by().counts().as_slice())
    .execute(tx.conn())?;
    Ok(())
}

/// The ratings of shops of which some product was rated.
pub fn of_shops(conn: &mut Conn, shops: &[Id<Shop>]) -> Result<Vec<(Id<Shop>, Ratings)>, Failure> {
    let rows = shop_ratings::table.filter(shop_ratings::shop_id.eq_any(shops));
    let rows: Vec<(Id<Shop>, Vec<i32>)> = rows.select((shop_ratings::shop_id, shop_ratings::counts)).load(conn)?;
    Ok(rows.into_iter().map(|(shop, counts)| (shop, Ratings::of(&counts))).collect())
}
