//! Images that are still to be fetched, and what imports fill, in Postgres.

pub mod imports;

use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Integer, Text, Timestamptz, Uuid},
};

use super::model::WantedImage;
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Product,
    schema::{products, wanted_images},
    shops::model::Shop,
};

/// What an import fills and looks things up in.
pub const FILLED: [&str; 8] = [
    "import_keys",
    "product_attributes",
    "product_prices",
    "product_variants",
    "products",
    "stock_levels",
    "variant_prices",
    "wanted_images",
];

/// Has the planner count what is written by now. While it takes the tables for small, or for those of many small shops, it reads all
/// that a shop has for each row, be it for a foreign key. What somebody else counts is left to them.
pub fn analyze(tx: &mut Tx<'_>) -> Result<(), Failure> {
    FILLED.iter().try_for_each(|table| analyze_one(tx, table))
}

/// As [`analyze`], of one of [`FILLED`].
pub fn analyze_one(tx: &mut Tx<'_>, table: &str) -> Result<(), Failure> {
    diesel::sql_query(format!("ANALYZE (SKIP_LOCKED) {table}")).execute(tx.conn())?;
    Ok(())
}

/// What products still wait for, each product's in its order.
pub fn wanted_of(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<WantedImage>, Failure> {
    Ok(wanted_images::table
        .filter(wanted_images::product_id.eq_any(ids))
        .order((wanted_images::product_id, wanted_images::ordinal, wanted_images::url))
        .select(WantedImage::as_select())
        .load(conn)?)
}

/// What a product waits for at a URL.
pub fn wanted(conn: &mut Conn, product: Id<Product>, url: &str) -> Result<Option<WantedImage>, Failure> {
    let row = wanted_images::table.find((product, url)).select(WantedImage::as_select());
    Ok(row.first(conn).optional()?)
}

/// Wants images that products do not wait for yet, and those again that were given up.
pub fn want(tx: &mut Tx<'_>, rows: &[WantedImage]) -> Result<(), Failure> {
    use diesel::upsert::excluded;
    diesel::insert_into(wanted_images::table)
        .values(rows)
        .on_conflict((wanted_images::product_id, wanted_images::url))
        .do_update()
        .set((
            wanted_images::due_at.eq(excluded(wanted_images::due_at)),
            wanted_images::attempts.eq(0),
            wanted_images::alternative_text.eq(excluded(wanted_images::alternative_text)),
            wanted_images::skus.eq(excluded(wanted_images::skus)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Says other things of images that products wait for. When they are tried stays.
pub fn tell(tx: &mut Tx<'_>, rows: &[WantedImage]) -> Result<(), Failure> {
    use diesel::upsert::excluded;
    diesel::insert_into(wanted_images::table)
        .values(rows)
        .on_conflict((wanted_images::product_id, wanted_images::url))
        .do_update()
        .set((
            wanted_images::alternative_text.eq(excluded(wanted_images::alternative_text)),
            wanted_images::skus.eq(excluded(wanted_images::skus)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes at most `limit` images that are due; whoever has not told by `again` what became of one has died. One for which
/// that has happened too often is given up, and is told without a time.
pub fn take_due(tx: &mut Tx<'_>, now: Time, again: Time, limit: i64) -> Result<Vec<WantedImage>, Failure> {
    // Of a limit that is a parameter the planner makes a part of the table, which it then reads whole.
    Ok(diesel::sql_query(format!(
        "UPDATE wanted_images SET attempts = least(attempts + 1, $3), due_at = CASE WHEN attempts < $3 THEN $2 END, \
                failure = CASE WHEN attempts < $3 THEN failure ELSE $4 END WHERE (product_id, url) IN \
         (SELECT product_id, url FROM wanted_images WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT {limit} \
          FOR UPDATE SKIP LOCKED) RETURNING *",
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(again)
    .bind::<Integer, _>(WantedImage::MAXIMUM_ATTEMPTS)
    .bind::<Text, _>("the process ended whenever it was fetched")
    .load(tx.conn())?)
}

/// Has an image that was taken and not tried be due again.
pub fn give_back(tx: &mut Tx<'_>, image: &WantedImage, now: Time) -> Result<(), Failure> {
    let row = wanted_images::table.find((image.product_id, image.url.as_str()));
    diesel::update(row)
        .set((wanted_images::attempts.eq(image.attempts.saturating_sub(1)), wanted_images::due_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(())
}

/// Waits for an image no more.
pub fn forget(tx: &mut Tx<'_>, product: Id<Product>, url: &str) -> Result<(), Failure> {
    diesel::delete(wanted_images::table.find((product, url))).execute(tx.conn())?;
    Ok(())
}

/// Says why an image is not here, and when it is tried again, if it is.
pub fn set_failed(
    tx: &mut Tx<'_>,
    product: Id<Product>,
    url: &str,
    failure: &str,
    due_at: Option<Time>,
) -> Result<(), Failure> {
    let row = wanted_images::table.find((product, url));
    diesel::update(row)
        .set((wanted_images::failure.eq(failure), wanted_images::due_at.eq(due_at)))
        .execute(tx.conn())?;
    Ok(())
}

/// Images of a shop that are not here, after one of them if it is given, with the slugs of their products.
pub fn missing(
    conn: &mut Conn,
    shop: Id<Shop>,
    after: Option<(Id<Product>, String)>,
    limit: i64,
) -> Result<Vec<(String, WantedImage)>, Failure> {
    use diesel::{IntoSql, sql_types::Record};
    let rows = wanted_images::table
        .inner_join(products::table.on(products::id.eq(wanted_images::product_id)))
        .filter(products::shop_id.eq(shop))
        .select((products::slug, WantedImage::as_select()))
        .into_boxed();
    let key = (wanted_images::product_id, wanted_images::url).into_sql::<Record<(Uuid, Text)>>();
    let rows = match after {
        Some((product, url)) => rows.filter(key.gt((product, url))),
        None => rows,
    };
    Ok(rows.order((wanted_images::product_id, wanted_images::url)).limit(limit).load(conn)?)
}
